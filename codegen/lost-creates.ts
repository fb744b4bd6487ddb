import * as z from "zod";
import { lostCreate } from "./manifest-lost.js";
import { editorSchema, readSpecFile } from "./spec-file.js";
import { YamlSource } from "./yaml-source.js";

const lostFile = "spec/lost.yaml";

const toolName = z.string().regex(/^gitlab_[a-z0-9_]+$/, "has to be a tool");

const lostSchema = z.strictObject({
  found: z.record(toolName, lostCreate).describe("Tool → how what it makes is found again."),
  open: z
    .array(
      z.strictObject({
        why: z.string().trim().min(1).describe("Why nobody looks for it."),
        tools: z.record(toolName, toolName).describe("Tool → the tool that shows what became of the call."),
      }),
    )
    .describe("What is not looked for."),
});

/** What `spec/lost.yaml` says, and where. */
export interface LostCreates extends z.infer<typeof lostSchema> {
  readonly source: YamlSource;
}

/** A project that says nothing of them. */
export const noLostCreates: LostCreates = { source: new YamlSource(lostFile, "{}"), found: {}, open: [] };

/**
 * Reads `spec/lost.yaml`; a project without one says nothing of lost creates beside its manifest.
 *
 * @throws {ProblemsError} with all that is wrong with its form
 */
export async function readLostCreates(root: string): Promise<LostCreates> {
  const file = await readSpecFile(root, lostFile, lostSchema);
  return file ? { source: file.source, ...file.data } : noLostCreates;
}

/** The JSON Schema that editors check `spec/lost.yaml` with. */
export function lostCreatesJsonSchema(): object {
  return editorSchema("Lost creates", lostSchema);
}
