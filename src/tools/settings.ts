import type { Hooks } from "../http/hooks.js";
import type { CallOptions } from "./account.js";
import * as o from "./options.js";
import { policySchema } from "../policy/policy-schema.js";
import type { CallSettings, Limits, Lookups } from "./runtime.js";

const options = o.strict<CallOptions>({
  signal: o.maybe(o.abortSignal),
  timeoutMs: o.maybe(o.duration),
  view: o.maybe(o.choice(["full", "compact"])),
  fields: o.maybe(o.texts),
  dryRun: o.maybe(o.flag),
  policy: o.maybe(policySchema),
});

/** @throws {GitLabToolError} `invalid_input` */
export function checkCallOptions(toolName: string, given: unknown): void {
  o.checkOptions(options, given, { of: `The options of a call of ${toolName}`, toolName });
}

const share = (value: unknown): boolean => typeof value === "number" && value >= 0 && value <= 1;

const hooks: o.ShapeOf<Hooks> = {
  onRequest: o.maybe(o.func),
  onResponse: o.maybe(o.func),
  onRetry: o.maybe(o.func),
  onError: o.maybe(o.func),
};

/** What a client's calls have in common, option by option. */
export const callSettings: o.ShapeOf<CallSettings> = {
  ...hooks,
  timeoutMs: o.maybe(o.duration),
  maxResponseBytes: o.maybe(o.from(1)),
  limits: o.maybe(
    o.strict<Limits>({
      perAccount: o.maybe(o.from(1)),
      perInstance: o.maybe(o.from(1)),
      attempts: o.maybe(o.from(1)),
      longestWaitMs: o.maybe(o.from(0)),
      slowDownBelow: o.maybe(o.fitting(share, "a share between 0 and 1")),
    }),
  ),
  telemetry: o.maybe(o.flag),
  policy: o.maybe(policySchema),
  onBeforeWrite: o.maybe(o.func),
  retry: o.maybe(o.choice(["safe", "reads"])),
  wrongIidLookup: o.maybe(o.flag),
  lookups: o.maybe(
    o.falseOr(o.strict<Lookups>({ wrongIid: o.maybe(o.flag), timeoutMs: o.maybe(o.duration) }), "an object"),
  ),
  now: o.maybe(o.func),
  sleep: o.maybe(o.func),
  fetch: o.maybe(o.func),
};
