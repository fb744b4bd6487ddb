import * as z from "zod";
import { matchesGlob } from "../src/policy/glob.js";
import type { Method } from "./openapi.js";
import { editorSchema, readSpecFile } from "./spec-file.js";

export const selectionFile = "spec/selection.yaml";

const globs = z.array(z.string().min(1)).describe("Globs of paths, or of a method and a path: `GET /api/v4/x/*`.");

const selectionSchema = z.strictObject({
  core: z
    .array(z.string().regex(/^gitlab_/))
    .optional()
    .describe("The tools that every agent gets by default; their names are fixed. Default: all of the manifest."),
  include: globs.optional().describe("The operations that become tools, beside those of the manifest. Default: none."),
  exclude: z
    .array(z.strictObject({ paths: globs, because: z.string().trim().min(1) }))
    .optional()
    .describe("What of it is not for agents, and why."),
});

/** Which operations of a document become tools, and which of them every agent gets. */
export interface Selection {
  /** Undefined: all tools of the manifest. */
  readonly core?: ReadonlySet<string>;
  readonly selects: (method: Method, path: string) => boolean;
}

/**
 * Reads `spec/selection.yaml`; a project without one has the operations that its manifest names.
 *
 * @throws {ProblemsError} with all that is wrong with its form
 */
export async function readSelection(root: string): Promise<Selection> {
  const file = await readSpecFile(root, selectionFile, selectionSchema);
  if (!file) return { selects: () => false };
  const { core, include = [], exclude = [] } = file.data;
  const without = exclude.flatMap(({ paths }) => paths);
  return { ...(core && { core: new Set(core) }), selects: selector(include, without) };
}

/** Whether an operation is among some globs and not among others. */
export function selector(include: readonly string[], exclude: readonly string[] = []): Selection["selects"] {
  const matches = (patterns: readonly string[], method: string, path: string): boolean =>
    patterns.some((glob) => matchesGlob(glob.startsWith("/") ? path : `${method.toUpperCase()} ${path}`, glob));
  return (method, path) => matches(include, method, path) && !matches(exclude, method, path);
}

/** The JSON Schema that editors check `spec/selection.yaml` with. */
export function selectionJsonSchema(): object {
  return editorSchema("Selection", selectionSchema);
}
