/* oxlint-disable typescript/require-await -- the interface is asynchronous, this store need not be */
import { Budget, unlessAborted } from "../http/budget.js";
import type {
  AccountKey,
  AccountChanges,
  AccountFilter,
  AccountRecord,
  AccountStore,
  AuthorizationRecord,
  ConnectionRecord,
  DueAccounts,
  Lock,
  LockOptions,
} from "./account-store.js";
import { keyText } from "./key-text.js";
import { memoryRows } from "./memory-rows.js";
import { defaultWaitMs, lockNotFree } from "./lock-wait.js";

const order = (a: AccountKey, b: AccountKey): number =>
  compare(a.connectionName, b.connectionName) || compare(a.identifier, b.identifier);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Accounts that live as long as the process: for tests, and for one person with one token. */
export class MemoryStore implements AccountStore {
  readonly #accounts = new Map<string, AccountRecord>();
  readonly #claims = new Map<string, number>();
  readonly #authorizations = new Map<string, AuthorizationRecord>();
  readonly #connections = new Map<string, ConnectionRecord>();
  readonly #settings = new Map<string, string>();
  readonly #locks = new Map<string, Promise<unknown>>();

  readonly rows = memoryRows();

  async open(): Promise<void> {}

  async close(): Promise<void> {}

  async addAccount(account: AccountRecord): Promise<AccountRecord> {
    const stored = this.#accounts.get(keyText(account)) ?? account;
    this.#accounts.set(keyText(account), stored);
    return stored;
  }

  async getAccount(key: AccountKey): Promise<AccountRecord | undefined> {
    return this.#accounts.get(keyText(key));
  }

  async listAccounts(filter: AccountFilter): Promise<AccountRecord[]> {
    const { connectionName, identifier, identifierPrefix = "", after, limit } = filter;
    return [...this.#accounts.values()]
      .filter((account) => account.identifier.startsWith(identifierPrefix))
      .filter((account) => connectionName === undefined || account.connectionName === connectionName)
      .filter((account) => identifier === undefined || account.identifier === identifier)
      .filter((account) => after === undefined || order(account, after) > 0)
      .sort(order)
      .slice(0, limit);
  }

  async updateAccount(id: string, version: number, changes: AccountChanges): Promise<AccountRecord | undefined> {
    const stored = this.#byId(id);
    if (stored?.version !== version) return undefined;
    const updated = { ...stored, ...changes, version: version + 1 };
    this.#accounts.set(keyText(stored), updated);
    return updated;
  }

  async deleteAccount(id: string, version?: number): Promise<boolean> {
    const stored = this.#byId(id);
    if (!stored || (version !== undefined && stored.version !== version)) return false;
    for (const [hash, authorization] of this.#authorizations) {
      if (authorization.accountId === id) this.#authorizations.delete(hash);
    }
    this.#claims.delete(id);
    return this.#accounts.delete(keyText(stored));
  }

  async claimDueAccounts({ now, expiresBefore, claimUntil, limit }: DueAccounts): Promise<AccountRecord[]> {
    const due = [...this.#accounts.values()]
      .filter(({ status, refreshable }) => status === "ACTIVE" && refreshable)
      .filter(({ expiresAt }) => expiresAt !== null && expiresAt < expiresBefore)
      .filter(({ id }) => (this.#claims.get(id) ?? 0) <= now)
      .sort((a, b) => (a.expiresAt ?? 0) - (b.expiresAt ?? 0))
      .slice(0, limit);
    for (const { id } of due) this.#claims.set(id, claimUntil);
    return due;
  }

  async addAuthorization(authorization: AuthorizationRecord): Promise<void> {
    this.#authorizations.set(authorization.stateHash, authorization);
  }

  async useAuthorization(stateHash: string, now: number): Promise<AuthorizationRecord | undefined> {
    const stored = this.#authorizations.get(stateHash);
    if (stored?.usedAt === null) this.#authorizations.set(stateHash, { ...stored, usedAt: now });
    return stored;
  }

  async deleteAuthorizations(expiredBefore: number): Promise<void> {
    for (const [hash, { expiresAt }] of this.#authorizations) {
      if (expiresAt < expiredBefore) this.#authorizations.delete(hash);
    }
  }

  async listAuthorizations({ after, limit }: { after?: string; limit: number }): Promise<AuthorizationRecord[]> {
    return [...this.#authorizations.values()]
      .filter(({ stateHash }) => after === undefined || stateHash > after)
      .sort((a, b) => compare(a.stateHash, b.stateHash))
      .slice(0, limit);
  }

  async resealAuthorization(stateHash: string, secret: string): Promise<void> {
    const stored = this.#authorizations.get(stateHash);
    if (stored?.usedAt === null) this.#authorizations.set(stateHash, { ...stored, secret });
  }

  async getConnection(name: string): Promise<ConnectionRecord | undefined> {
    return this.#connections.get(name);
  }

  async listConnections(): Promise<ConnectionRecord[]> {
    return [...this.#connections.values()].sort((a, b) => compare(a.name, b.name));
  }

  async putConnection(connection: ConnectionRecord): Promise<void> {
    this.#connections.set(connection.name, connection);
  }

  async deleteConnection(name: string): Promise<boolean> {
    return this.#connections.delete(name);
  }

  async getSetting(name: string): Promise<string | undefined> {
    return this.#settings.get(name);
  }

  async addSetting(name: string, value: string): Promise<string> {
    const stored = this.#settings.get(name) ?? value;
    this.#settings.set(name, stored);
    return stored;
  }

  async putSetting(name: string, value: string): Promise<void> {
    this.#settings.set(name, value);
  }

  async deleteSetting(name: string): Promise<boolean> {
    return this.#settings.delete(name);
  }

  async withLock<Result>(
    name: string,
    work: (lock: Lock) => Promise<Result>,
    { waitMs = defaultWaitMs, signal }: LockOptions = {},
  ): Promise<Result> {
    const before = this.#locks.get(name) ?? Promise.resolve();
    const patience = new Budget(waitMs, signal);
    const turn = before.then(
      () => undefined,
      () => undefined,
    );
    const mine = turn.then(() =>
      patience.signal.aborted ? Promise.reject(lockNotFree()) : work({ abandoned: false }),
    );
    this.#locks.set(name, mine);
    const forget = (): void => {
      if (this.#locks.get(name) === mine) this.#locks.delete(name);
    };
    mine.then(forget, forget);
    try {
      await unlessAborted(turn, patience.signal);
    } catch (error) {
      throw signal?.aborted ? error : lockNotFree();
    } finally {
      patience.close();
    }
    return await mine;
  }

  #byId(id: string): AccountRecord | undefined {
    for (const account of this.#accounts.values()) if (account.id === id) return account;
    return undefined;
  }
}
