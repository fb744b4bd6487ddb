import type { Policy } from "../policy/policy.js";
import type { ToolDefinition } from "../definition/definition.js";
import { invalid } from "./validate.js";

/**
 * A call by name may come from a model, which is not to write where it likes: it needs a folder. Code that calls the
 * typed function says itself where it writes.
 *
 * @throws {GitLabToolError} `invalid_input`
 */
export function checkSaving(definition: ToolDefinition, input: unknown, policies: readonly Policy[]): void {
  if (definition.answer !== "binary" || typeof input !== "object" || input === null || !("save_to" in input)) return;
  if (input.save_to === undefined || input.save_to === null || input.save_to === "") return;
  if (policies.some(({ downloads }) => downloads !== undefined)) return;
  const message = "is for code where a tool is called by name: set policy.downloads to a folder, or leave it out";
  throw invalid(definition, [{ field: "save_to", message }]);
}

/** What a call by name may read to upload it: nothing, unless a policy gives a folder. Typed functions read anywhere. */
export function withUploadPlace<Options extends { readonly policy?: Policy }>(
  { parameters }: ToolDefinition,
  options: Options,
  policies: readonly Policy[],
): Options {
  if (!Object.values(parameters).some(({ file }) => file) || policies.some(({ uploads }) => uploads !== undefined))
    return options;
  return { ...options, policy: { ...options.policy, uploads: false } };
}
