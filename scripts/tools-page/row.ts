import type { ToolDefinition } from "../../src/definition/definition.js";

/** A parameter: what it takes, what is said of it, and its marks (`!` required, `-` for code only). */
export type ParameterLine = readonly [name: string, type: string, marks: string, text?: string];

/** A tool as the page has it: what the search of discovery reads of a definition, and what is shown. */
export interface PageRow extends Pick<
  ToolDefinition,
  "name" | "title" | "description" | "keywords" | "area" | "curated" | "access" | "level" | "list" | "path" | "scopes"
> {
  readonly method: string;
  readonly tier?: string;
  readonly role?: number;
  /** The tools that it calls, where it is made of several calls. */
  readonly steps?: readonly string[];
  readonly lines: readonly ParameterLine[];
  readonly functionName: string;
  /** The least input that is taken. */
  readonly example: Readonly<Record<string, unknown>>;
  /** The request that the example makes; none where several calls are made. */
  readonly http?: { readonly url: string; readonly body?: unknown } | { readonly graphql: string };
  /** The compact answer, in a few signs. */
  readonly answer: string;
}
