import type { Policy } from "./policy/policy.js";
import type { GitLab } from "./gitlab-types.js";
import type { MintedSession } from "./sessions/sessions.js";
import type { AccountStore } from "./stores/account-store.js";
import type { Cleanup } from "./stores/cleanup.js";

/** What the surfaces of this package need of the client beyond what everybody does. */
export interface GitLabParts {
  readonly store: AccountStore;
  /** Is told what is written to the store and ends by itself. */
  readonly cleanup: Cleanup;
  /** Opens the store. */
  readonly ready: () => Promise<void>;
  /** The current encryption key, then earlier ones, in base64. */
  readonly keys: readonly string[];
  /** What all calls are held to. */
  readonly policy?: Policy;
  /** Where the application is reached from outside. */
  readonly publicUrl?: string;
  /** Origins that people may be sent on to. */
  readonly allowedReturnOrigins: readonly string[];
  /** As the client's `createSession`, for a gateway's key: the session ends when the key does. */
  readonly mintSession: (params: Parameters<GitLab["createSession"]>[0], keyRow: string) => Promise<MintedSession>;
  /** The clock, in milliseconds since 1970. */
  readonly now: () => number;
}

const parts = new WeakMap<object, GitLabParts>();

export function keepParts(gitlab: object, value: GitLabParts): void {
  parts.set(gitlab, value);
}

/** `undefined` for a client that is not ours, or comes from another copy of the package. */
export const partsOf = (gitlab: object): GitLabParts | undefined => parts.get(gitlab);
