import type { Hooks } from "../http/hooks.js";
import * as o from "../options/words.js";
import { policySchema, policyWith } from "../policy/policy-schema.js";
import type { Named } from "../policy/glob.js";
import type { Policy, WriteApproval } from "../policy/policy.js";
import type { CallOptions } from "./account.js";

/** How much a client does at once, and how patient it is. */
export interface Limits {
  /** Requests under way per account. Default: 10. */
  readonly perAccount?: number | undefined;
  /** Requests under way per GitLab instance, of all accounts; accounts take turns. Default: 50. */
  readonly perInstance?: number | undefined;
  /** Attempts of one request, the first included. Default: 3; 1 never repeats. */
  readonly attempts?: number | undefined;
  /**
   * The longest wait before another attempt, or for a rate limit's next window, in milliseconds. Where GitLab asks for
   * more, the call ends in an error that says how long to wait. Default: 15,000.
   */
  readonly longestWaitMs?: number | undefined;
  /**
   * From which share of GitLab's rate limit on (`RateLimit-Remaining` of `RateLimit-Limit`) an account's requests are
   * spread over the rest of the window. Default: 0.1; 0 only waits when nothing is left.
   */
  readonly slowDownBelow?: number | undefined;
}

/** Requests that the client makes on its own to explain why GitLab refused a call. They are all reads. */
export interface Lookups {
  /** After a 404: whether the iid is a global id. Default: true. */
  readonly wrongIid?: boolean | undefined;
  /** How long they may hold up an error, in milliseconds. Default: 2000. */
  readonly timeoutMs?: number | undefined;
}

/** What a client's calls have in common. */
export interface CallSettings extends Hooks {
  /** A call's whole budget in milliseconds, waiting and retries included. Default 60,000; downloads 600,000. */
  readonly timeoutMs?: number | undefined;
  /** The most that is held of one answer, in bytes. Default 25 MiB. */
  readonly maxResponseBytes?: number | undefined;
  readonly limits?: Limits | undefined;
  /** Spans and metrics where `@opentelemetry/api` is installed. Default: true. */
  readonly telemetry?: boolean | undefined;
  /** What the client's calls may do; `policy` of a call can only narrow it. */
  readonly policy?: Policy;
  /** Asked before each change, with the request; `false` or an error refuses it. */
  readonly onBeforeWrite?: WriteApproval;
  /** @deprecated The same as {@link lookups} `{ wrongIid }`, which is the one switch for it. */
  readonly wrongIidLookup?: boolean | undefined;
  /** `false` explains refusals without any further request. */
  readonly lookups?: false | Lookups | undefined;
  /**
   * What is sent again after a failure that may have come after GitLab acted, such as a lost connection, 502 or 504.
   * `safe`: reads, and changes that leave GitLab the same when they are made twice. `reads`: reads only. Default: `safe`.
   *
   * What GitLab has certainly not acted on, after 429 or where no connection came about, is sent again either way.
   */
  readonly retry?: "safe" | "reads" | undefined;
  /** The clock, in milliseconds since 1970. */
  readonly now?: (() => number) | undefined;
  readonly sleep?: ((ms: number, signal?: AbortSignal) => Promise<void>) | undefined;
  /** Sends all requests in place of the library's own connections; `ca`, `clientCertificate` and `proxy` are then its own affair. */
  readonly fetch?: typeof fetch | undefined;
}

const call: o.ShapeOf<CallOptions> = {
  signal: o.maybe(o.abortSignal),
  timeoutMs: o.maybe(o.duration),
  view: o.maybe(o.choice(["full", "compact"])),
  fields: o.maybe(o.texts),
  dryRun: o.maybe(o.flag),
  onProgress: o.maybe(o.func),
  conversation: o.unlessUndefined(o.text),
  policy: o.maybe(policySchema),
};
const options = o.strict<CallOptions>(call);

/**
 * @param own the client's own tools, which a policy may take away
 * @throws {GitLabToolError} `invalid_input`
 */
export function checkCallOptions(toolName: string, value: unknown, own: readonly Named[] = []): void {
  const shape = own.length === 0 ? options : o.strict<CallOptions>({ ...call, policy: o.maybe(policyWith(own)) });
  o.checkOptions(shape, value, { of: `The options of a call of ${toolName}`, toolName });
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
  onBeforeWrite: o.unlessUndefined(o.func),
  retry: o.maybe(o.choice(["safe", "reads"])),
  wrongIidLookup: o.maybe(o.flag),
  lookups: o.maybe(
    o.falseOr(o.strict<Lookups>({ wrongIid: o.maybe(o.flag), timeoutMs: o.maybe(o.duration) }), "an object"),
  ),
  now: o.maybe(o.func),
  sleep: o.maybe(o.func),
  fetch: o.maybe(o.func),
};
