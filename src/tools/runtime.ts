import type { Accounts } from "../accounts/accounts.js";
import type { AccountKey } from "../accounts/types.js";
import type { Hooks } from "../http/hooks.js";
import type { Limiter } from "../http/limiter.js";
import type { CallIdentity, Observer } from "../http/observer.js";
import type { Telemetry } from "../http/telemetry.js";
import type { Clock, Progress, RetrySettings } from "../http/wire.js";
import type { ToolDefinition } from "./definition.js";
import type { Policy, WriteApproval } from "../policy/policy.js";
import type { ProjectDirectory } from "../policy/project-directory.js";

/** What every call of one client shares. */
export interface Runtime {
  readonly accounts: Accounts;
  readonly timeoutMs: number;
  readonly maxResponseBytes: number;
  readonly fetch?: typeof globalThis.fetch;
  readonly clock: Clock;
  readonly limiter: Limiter;
  readonly retry: RetrySettings;
  readonly hooks: Hooks;
  /** Resolves to nothing where OpenTelemetry is not installed. */
  readonly telemetry: () => Promise<Telemetry | undefined>;
  readonly lookups: LookupSettings;
  /** All of them hold. */
  readonly policies: readonly Policy[];
  readonly onBeforeWrite?: WriteApproval;
  readonly projects: ProjectDirectory;
}

/** Requests that this library makes on its own to explain a refusal. */
export interface LookupSettings {
  readonly enabled: boolean;
  /** Whether a 404 may be followed by a question whether the iid is a global id. */
  readonly wrongIid: boolean;
  /** All lookups of one refusal together take no longer, in milliseconds. */
  readonly timeoutMs: number;
}

/** One call under way. */
export interface ToolCallContext {
  readonly runtime: Runtime;
  readonly key: AccountKey;
  readonly definition: ToolDefinition;
  readonly identity: CallIdentity;
  /** The client's, the account's and the call's own: all of them hold. */
  readonly policies: readonly Policy[];
  readonly observer: Observer;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly deadline: number;
}
