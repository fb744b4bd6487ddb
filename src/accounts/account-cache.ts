import type { AccountRecord } from "../stores/account-store.js";
import type { AccountsContext } from "./context.js";
import type { LoadedAccount } from "./due.js";
import { keyText } from "../stores/key-text.js";
import type { AccountKey, Credentials } from "./types.js";

interface Cached {
  readonly account: LoadedAccount;
  readonly credentials: Credentials;
  /** Until when its token is not refreshed, in milliseconds since 1970. */
  readonly until: number;
  /** Until when the store is not asked whether another process has changed the account, on the steady clock. */
  readonly checkedUntil: number;
}

const mostCached = 10_000;

/**
 * Decrypted accounts in memory, the most recently kept ones. Another process may disconnect an account or put another
 * person's token in its place while the old token goes on working at GitLab: nothing is believed for longer than
 * `trustMs` without a look at the store.
 */
export class AccountCache {
  readonly #entries = new Map<string, Cached>();
  readonly #trustMs: number;
  readonly #now: () => number;
  readonly #steady: () => number;
  readonly #closing: AbortSignal | undefined;
  /** Grows when something is forgotten: what was read before that is not kept. */
  epoch = 0;

  constructor({
    accountCacheMs,
    now,
    steady,
    lock,
  }: Pick<AccountsContext, "accountCacheMs" | "now" | "steady" | "lock">) {
    this.#closing = lock.signal;
    this.#trustMs = accountCacheMs;
    this.#now = now;
    this.#steady = steady;
  }

  /** By the account's {@link keyText}: what may be used without a look at the store. */
  fresh(text: string): Credentials | undefined {
    if (this.#closing?.aborted) return undefined;
    const cached = this.#entries.get(text);
    return cached && this.#now() < cached.until && this.#steady() < cached.checkedUntil
      ? cached.credentials
      : undefined;
  }

  /** What was last seen of this row, if it is still as it was then. */
  same(record: AccountRecord): Cached | undefined {
    const cached = this.#entries.get(keyText(record));
    return cached && isSameRow(cached.account.record, record) ? cached : undefined;
  }

  /** @param since the epoch in which `account` was read */
  keep(account: LoadedAccount, since: number, until: number): LoadedAccount {
    if (since !== this.epoch) return account;
    const text = keyText(account.record);
    this.#entries.delete(text);
    const checkedUntil = this.#steady() + this.#trustMs;
    this.#entries.set(text, { account, credentials: credentialsOf(account), until, checkedUntil });
    const oldest = this.#entries.keys().next();
    if (this.#entries.size > mostCached && !oldest.done) this.#entries.delete(oldest.value);
    return account;
  }

  drop(key: AccountKey): void {
    this.#entries.delete(keyText(key));
  }

  forget(key: AccountKey): void {
    this.epoch += 1;
    this.drop(key);
  }

  forgetConnection(connectionName: string): void {
    this.epoch += 1;
    for (const [text, { account }] of this.#entries) {
      if (account.record.connectionName === connectionName) this.#entries.delete(text);
    }
  }
}

/** Whether two readings are of one row, between which nobody has written it. */
export function isSameRow(one: AccountRecord, other: AccountRecord): boolean {
  return one.id === other.id && one.version === other.version;
}

/** What calls go out with. */
export function credentialsOf({ record, tokens, instance, networkSettings }: LoadedAccount): Credentials {
  return {
    baseUrl: record.baseUrl ?? "",
    instance,
    token: tokens.access.reveal(),
    scopes: record.scopes,
    ...(networkSettings && { network: networkSettings.reveal() }),
    ...(tokens.givenByPerson && { connectedWith: "token" as const }),
  };
}
