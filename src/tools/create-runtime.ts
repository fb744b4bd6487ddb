import { setTimeout as delay } from "node:timers/promises";
import type { Accounts } from "../accounts/accounts.js";
import type { Hooks } from "../http/hooks.js";
import { createLimiter } from "../http/limiter.js";
import { loadTelemetry } from "../http/telemetry.js";
import type { Clock } from "../http/wire.js";
import type { Policy, WriteApproval } from "../policy/policy.js";
import { createProjectDirectory } from "../policy/project-directory.js";
import type { Runtime } from "./runtime.js";

/** How much a client does at once, and how patient it is. */
export interface Limits {
  /** Requests under way per account. Default: 10. */
  readonly perAccount?: number;
  /** Requests under way per GitLab instance, of all accounts; accounts take turns. Default: 50. */
  readonly perInstance?: number;
  /** Attempts of one request, the first included. Default: 3; 1 never repeats. */
  readonly attempts?: number;
  /**
   * The longest wait before another attempt, or for a rate limit's next window, in milliseconds. Where GitLab asks for
   * more, the call ends in an error that says how long to wait. Default: 15,000.
   */
  readonly longestWaitMs?: number;
  /**
   * From which share of GitLab's rate limit on (`RateLimit-Remaining` of `RateLimit-Limit`) an account's requests are
   * spread over the rest of the window. Default: 0.1; 0 only waits when nothing is left.
   */
  readonly slowDownBelow?: number;
}

/** Requests that the client makes on its own to explain why GitLab refused a call. They are all reads. */
export interface Lookups {
  /** After a 404: whether the iid is a global id. Default: true. */
  readonly wrongIid?: boolean;
  /** How long they may hold up an error, in milliseconds. Default: 2000. */
  readonly timeoutMs?: number;
}

/** What a client's calls have in common. */
export interface CallSettings extends Hooks {
  /** A call's whole budget in milliseconds, waiting and retries included. Default 60,000; downloads 600,000. */
  readonly timeoutMs?: number;
  /** The most that is held of one answer, in bytes. Default 25 MiB. */
  readonly maxResponseBytes?: number;
  readonly limits?: Limits;
  /** Spans and metrics where `@opentelemetry/api` is installed. Default: true. */
  readonly telemetry?: boolean;
  /** What the client's calls may do; `policy` of a call can only narrow it. */
  readonly policy?: Policy;
  /** Asked before each change, with the request; `false` or an error refuses it. */
  readonly onBeforeWrite?: WriteApproval;
  /** Whether a 404 may be followed by one GraphQL query for a global id that was taken for an iid. Default: true. */
  readonly wrongIidLookup?: boolean;
  /** `false` explains refusals without any further request. */
  readonly lookups?: false | Lookups;
  /** The clock, in milliseconds since 1970. */
  readonly now?: () => number;
  readonly sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly fetch?: typeof fetch;
}

/** What every call of a client shares, made of settings that have been checked. */
export function createRuntime(accounts: Accounts, settings: CallSettings): Runtime {
  const { timeoutMs = 60_000, maxResponseBytes = 25 * 1024 * 1024, limits = {}, lookups = {} } = settings;
  const { perAccount = 10, perInstance = 50, attempts = 3, longestWaitMs = 15_000, slowDownBelow = 0.1 } = limits;
  const clock: Clock = {
    now: settings.now ?? Date.now,
    sleep: settings.sleep ?? ((ms, signal) => delay(ms, undefined, { signal })),
  };
  const explained = lookups === false ? {} : lookups;
  return {
    accounts,
    timeoutMs,
    maxResponseBytes,
    clock,
    limiter: createLimiter({ perAccount, perInstance, longestWaitMs, slowDownBelow }, clock),
    retry: { attempts, longestWaitMs },
    hooks: settings,
    telemetry: settings.telemetry === false ? () => Promise.resolve(undefined) : loadTelemetry,
    lookups: {
      enabled: lookups !== false,
      wrongIid: settings.wrongIidLookup ?? explained.wrongIid ?? true,
      timeoutMs: explained.timeoutMs ?? 2000,
    },
    policies: settings.policy ? [settings.policy] : [],
    projects: createProjectDirectory(clock.now),
    ...(settings.onBeforeWrite && { onBeforeWrite: settings.onBeforeWrite }),
    ...(settings.fetch && { fetch: settings.fetch }),
  };
}
