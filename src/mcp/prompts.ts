import { ProtocolError, ProtocolErrorCode, type GetPromptResult, type Prompt } from "@modelcontextprotocol/server";
import { prompts } from "../../generated/prompts.js";
import type { CompletionKind } from "./completion.js";

/** A prompt, as the generator writes it. */
export interface PromptRow {
  readonly title: string;
  readonly description: string;
  readonly arguments?: Readonly<Record<string, PromptArgumentRow>>;
  readonly text: string;
  /** The tools that its text names. */
  readonly tools: readonly string[];
}

export interface PromptArgumentRow {
  readonly description: string;
  readonly default?: string;
  readonly complete?: CompletionKind;
}

/** Prompts whose tools are all there. */
export function listPrompts(offers: (tool: string) => boolean): Prompt[] {
  return Object.entries(prompts).flatMap(([name, row]) =>
    row.tools.every(offers)
      ? [{ name, title: row.title, description: row.description, arguments: argumentsOf(row) }]
      : [],
  );
}

const argumentsOf = ({ arguments: args = {} }: PromptRow): NonNullable<Prompt["arguments"]> =>
  Object.entries(args).map(([name, { description, default: usual }]) => ({
    name,
    description: usual === undefined ? description : `${description} (default: ${usual})`,
    required: usual === undefined,
  }));

/** What an argument's values are looked up among. */
export const kindOfArgument = (prompt: string, name: string): CompletionKind | undefined =>
  Object.hasOwn(prompts, prompt) ? prompts[prompt]?.arguments?.[name]?.complete : undefined;

/** @throws {ProtocolError} for a prompt that is not offered, and for arguments that are missing */
export function getPrompt(
  name: string,
  values: Readonly<Record<string, string>>,
  offers: (tool: string) => boolean,
): GetPromptResult {
  const row = Object.hasOwn(prompts, name) ? prompts[name] : undefined;
  if (!row?.tools.every(offers))
    throw new ProtocolError(
      ProtocolErrorCode.InvalidParams,
      `There is no prompt ${JSON.stringify(name.slice(0, 100))}.`,
    );
  const args = row.arguments ?? {};
  const valueOf = (argument: string): string => values[argument]?.trim() || (args[argument]?.default ?? "");
  const missing = Object.keys(args).filter((argument) => valueOf(argument) === "");
  if (missing.length > 0)
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, `${name} needs ${missing.join(" and ")}.`);
  const text = row.text.replace(/\{(\w+)\}/g, (_, argument: string) => valueOf(argument));
  return { description: row.description, messages: [{ role: "user", content: { type: "text", text } }] };
}
