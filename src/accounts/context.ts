import type { SafeFetch } from "../http/safe-fetch.js";
import type { AccountStore } from "../stores/account-store.js";
import type { Cipher } from "./encryption.js";
import type { AccountStatusChange } from "./types.js";

/** What the parts of this room share. */
export interface AccountsContext {
  readonly store: AccountStore;
  readonly cipher: Cipher;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Follows no redirect; bodies are bounded, and end with the signal. */
  readonly fetch: SafeFetch;
  /** How long one request to GitLab may take, in milliseconds. */
  readonly requestTimeoutMs: number;
  /** How long a refresh may take: whoever gives up on one that GitLab carries out has lost the pair. */
  readonly refreshTimeoutMs: number;
  readonly refreshSkewMs: number;
  /** How long an account in memory is used without a look at the store. */
  readonly accountCacheMs: number;
  readonly notify: (change: AccountStatusChange) => void;
}
