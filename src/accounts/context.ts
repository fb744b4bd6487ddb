import type { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type { SafeFetch } from "../http/safe-fetch.js";
import type { AccountRecord, AccountStore, LockOptions } from "../stores/account-store.js";
import type { Cleanup } from "../stores/cleanup.js";
import type { Cipher } from "./encryption.js";
import type { AccountEventType } from "./events.js";
import type { AccountStatusChange } from "./types.js";

/** What the parts of this room share. */
export interface AccountsContext {
  readonly store: AccountStore;
  readonly cipher: Cipher;
  readonly cleanup: Cleanup;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds that only ever grow, for durations: somebody may set the other clock back. */
  readonly steady: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Follows no redirect; bodies are bounded, and end with the signal. */
  readonly fetch: SafeFetch;
  /** How long one request to GitLab may take, in milliseconds. */
  readonly requestTimeoutMs: number;
  /** How long a refresh may take: whoever gives up on one that GitLab carries out has lost the pair. */
  readonly refreshTimeoutMs: number;
  /** How long an account's lock is waited for and held. */
  readonly lock: LockOptions;
  readonly refreshSkewMs: number;
  /** How long an account in memory is used without a look at the store. */
  readonly accountCacheMs: number;
  readonly notify: (change: AccountStatusChange) => void;
  /** Tells `onAccountEvent`. */
  readonly emit: (record: AccountRecord, type: AccountEventType) => void;
  readonly emitRefreshFailed: (record: AccountRecord, error: GitLabToolError) => void;
}
