import { GitLabToolError } from "../errors/gitlab-tool-error.js";
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
import type { ExpiringRows } from "./expiring-rows.js";
import { claimDueAccounts, deleteAccount, findAccount, insertAccount, listAccounts } from "./sql-accounts.js";
import {
  addAuthorization,
  deleteAuthorizations,
  listAuthorizations,
  resealAuthorization,
  useAuthorization,
} from "./sql-authorizations.js";
import { deleteConnection, getConnection, listConnections, putConnection } from "./sql-connections.js";
import type { SqlDatabase } from "./sql-database.js";
import { sqlRows } from "./sql-rows.js";
import { addSetting, deleteSetting, getSetting, putSetting, shortened } from "./sql-settings.js";

/**
 * Accounts in an SQL database. Every method is one statement, so that each is atomic without a transaction; only
 * deleting takes two, in an order that leaves nothing behind that matters.
 */
export class SqlStore implements AccountStore {
  readonly #connect: () => Promise<SqlDatabase>;
  #database: Promise<SqlDatabase> | undefined;
  #closed = false;

  readonly rows: ExpiringRows = sqlRows(() => this.#use());

  /** @param connect opens the database and brings its tables up to date */
  constructor(connect: () => Promise<SqlDatabase>) {
    this.#connect = connect;
  }

  async #use(): Promise<SqlDatabase> {
    if (this.#closed) {
      throw new GitLabToolError({
        code: "internal",
        message: "The account store has been closed.",
        hint: "Close a client, and the store with it, when nothing uses it any more.",
      });
    }
    this.#database ??= this.#connect().catch((error: unknown) => {
      this.#database = undefined;
      throw error;
    });
    const database = await this.#database;
    await database.turn?.();
    return database;
  }

  async open(): Promise<void> {
    this.#closed = false;
    await this.#use();
  }

  async close(): Promise<void> {
    const database = this.#database;
    this.#database = undefined;
    this.#closed = true;
    await (await database)?.close();
  }

  async addAccount(account: AccountRecord): Promise<AccountRecord> {
    await insertAccount(await this.#use(), account);
    // Deleted by somebody else in between: then it is added again.
    return (await this.getAccount(account)) ?? (await this.addAccount(account));
  }

  async getAccount(key: AccountKey): Promise<AccountRecord | undefined> {
    return await findAccount(await this.#use(), key);
  }

  async listAccounts(filter: AccountFilter): Promise<AccountRecord[]> {
    return await listAccounts(await this.#use(), filter);
  }

  async updateAccount(
    id: string,
    version: number,
    changes: AccountChanges,
    lock?: Lock,
  ): Promise<AccountRecord | undefined> {
    const database = await this.#use();
    // It knows leases, and with them kysely: a client that opens no database loads neither.
    const { updateAccount } = await import("./sql-update-account.js");
    return await updateAccount(database, id, version, changes, lock);
  }

  async deleteAccount(id: string, version?: number): Promise<boolean> {
    return await deleteAccount(await this.#use(), id, version);
  }

  async claimDueAccounts(due: DueAccounts): Promise<AccountRecord[]> {
    return await claimDueAccounts(await this.#use(), due);
  }

  async addAuthorization(authorization: AuthorizationRecord): Promise<void> {
    await addAuthorization(await this.#use(), authorization);
  }

  async useAuthorization(stateHash: string, now: number): Promise<AuthorizationRecord | undefined> {
    return await useAuthorization(await this.#use(), stateHash, now);
  }

  async deleteAuthorizations(expiredBefore: number): Promise<void> {
    await deleteAuthorizations(await this.#use(), expiredBefore);
  }

  async listAuthorizations(page: { after?: string; limit: number }): Promise<AuthorizationRecord[]> {
    return await listAuthorizations(await this.#use(), page);
  }

  async resealAuthorization(stateHash: string, secret: string): Promise<void> {
    await resealAuthorization(await this.#use(), stateHash, secret);
  }

  async getConnection(name: string): Promise<ConnectionRecord | undefined> {
    return await getConnection(await this.#use(), name);
  }

  async listConnections(): Promise<ConnectionRecord[]> {
    return await listConnections(await this.#use());
  }

  async putConnection(connection: ConnectionRecord): Promise<void> {
    await putConnection(await this.#use(), connection);
  }

  async deleteConnection(name: string): Promise<boolean> {
    return await deleteConnection(await this.#use(), name);
  }

  async getSetting(name: string): Promise<string | undefined> {
    return await getSetting(await this.#use(), name);
  }

  async addSetting(name: string, value: string): Promise<string> {
    return await addSetting(await this.#use(), name, value);
  }

  async putSetting(name: string, value: string): Promise<void> {
    await putSetting(await this.#use(), name, value);
  }

  async deleteSetting(name: string): Promise<boolean> {
    return await deleteSetting(await this.#use(), name);
  }

  async withLock<Result>(name: string, work: (lock: Lock) => Promise<Result>, options?: LockOptions): Promise<Result> {
    const database = await this.#use();
    return await database.withLock(shortened(name, database), work, options);
  }

  async deleteAbandonedLocks(agoMs: number): Promise<void> {
    await (await this.#use()).deleteAbandonedLocks(agoMs);
  }
}
