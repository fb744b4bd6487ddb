import type { CallOptions } from "./account.js";
import { abortSignal, checkOptions, choice, duration, flag, maybe, strict, texts } from "./options.js";
import { policySchema } from "../policy/policy-schema.js";

const schema = strict<CallOptions>({
  signal: maybe(abortSignal),
  timeoutMs: maybe(duration),
  view: maybe(choice(["full", "compact"])),
  fields: maybe(texts),
  dryRun: maybe(flag),
  policy: maybe(policySchema),
});

/** @throws {GitLabToolError} `invalid_input` */
export function checkCallOptions(toolName: string, options: unknown): void {
  checkOptions(schema, options, { of: `The options of a call of ${toolName}`, toolName });
}
