import type { Lock } from "../stores/account-store.js";
import type { AccountCache } from "./account-cache.js";
import type { ConnectionDirectory } from "./connections.js";
import type { AccountsContext } from "./context.js";
import { dueAt, type LoadedAccount } from "./due.js";
import type { KeyedSemaphore } from "./keyed-semaphore.js";
import type { AccountRegistry } from "./registry.js";
import type { AccountKey } from "./types.js";

/** What a refresh works with. */
export interface RefreshParts {
  readonly context: AccountsContext;
  readonly connections: ConnectionDirectory;
  readonly registry: AccountRegistry;
  readonly cache: AccountCache;
  /** Limits how many accounts of one instance are refreshed at once. */
  readonly refreshPermits: KeyedSemaphore;
  /** Reads the account from the store. Tokens that are known already are not decrypted again. */
  readonly load: (key: AccountKey, known?: LoadedAccount) => Promise<LoadedAccount>;
}

/** The time under the account's lock. */
export interface Turn {
  readonly lock: Lock;
  /** The cache's epoch when the account was read. */
  readonly since: number;
}

/** Keeps the account in the cache, until its token is due where nothing else is said. */
export function keep(
  { cache, context }: Pick<RefreshParts, "cache" | "context">,
  account: LoadedAccount,
  since: number,
  until = dueAt(account, context.refreshSkewMs),
): LoadedAccount {
  return cache.keep(account, since, until);
}
