import { createHash } from "node:crypto";
import type { Expression, ExpressionBuilder, Kysely, Selectable } from "kysely";
import type { AccountKey } from "../accounts/types.js";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type {
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
import { sqlRows } from "./sql-rows.js";
import type { AccountRow, AuthorizationRow, Tables } from "./tables.js";

/** What differs between databases. */
export interface SqlDatabase {
  readonly db: Kysely<Tables>;
  /** Whether `FOR UPDATE SKIP LOCKED` is there to spread work over several claimers. */
  readonly skipsLocked: boolean;
  /** Waited for before a query is built, where queries keep the event loop busy. */
  readonly turn?: () => Promise<void>;
  /** How many characters of an identifier the index has, where it cannot have all of them. */
  readonly indexed?: number;
  /** The most bytes that a name in a primary key may have. */
  readonly longestName?: number;
  withLock<Result>(name: string, work: (lock: Lock) => Promise<Result>, options?: LockOptions): Promise<Result>;
  close(): Promise<void>;
}

const words = (text: string): string[] => text.split(" ").filter(Boolean);

function accountFrom(row: Selectable<AccountRow>): AccountRecord {
  return {
    id: row.id,
    connectionName: row.connection_name,
    identifier: row.identifier,
    status: row.status,
    scopes: words(row.scopes),
    baseUrl: row.base_url,
    gitlabUserId: row.gitlab_user_id,
    gitlabUsername: row.gitlab_username,
    secret: row.secret,
    refreshable: row.refreshable === 1,
    expiresAt: row.expires_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    version: row.version,
  };
}

function authorizationFrom(row: Selectable<AuthorizationRow>): AuthorizationRecord {
  return {
    stateHash: row.state_hash,
    accountId: row.account_id,
    connectionName: row.connection_name,
    identifier: row.identifier,
    secret: row.secret,
    redirectUri: row.redirect_uri,
    scopes: words(row.scopes),
    returnTo: row.return_to,
    expiresAt: row.expires_at,
    usedAt: row.used_at,
  };
}

const connectionFrom = (row: Selectable<Tables["gitlab_connections"]>): ConnectionRecord => ({
  name: row.name,
  config: row.config,
  secret: row.secret,
  updatedAt: row.updated_at,
});

const left = (
  eb: ExpressionBuilder<Tables, "gitlab_accounts">,
  text: Expression<string>,
  length: number,
): Expression<string> => eb.fn<string>("left", [text, eb.lit(length)]);

/** The name, or where it is too long for the database what stands for it: still one for each. */
function shortened(name: string, { longestName = Infinity }: SqlDatabase): string {
  if (Buffer.byteLength(name) <= longestName) return name;
  return `sha256 ${createHash("sha256").update(name).digest("hex")}`;
}

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
    const { db } = await this.#use();
    await db
      .insertInto("gitlab_accounts")
      .values({
        id: account.id,
        connection_name: account.connectionName,
        identifier: account.identifier,
        status: account.status,
        scopes: account.scopes.join(" "),
        base_url: account.baseUrl,
        gitlab_user_id: account.gitlabUserId,
        gitlab_username: account.gitlabUsername,
        secret: account.secret,
        refreshable: account.refreshable ? 1 : 0,
        expires_at: account.expiresAt,
        created_at: account.createdAt,
        updated_at: account.updatedAt,
        version: account.version,
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    // Deleted by somebody else in between: then it is added again.
    return (await this.getAccount(account)) ?? (await this.addAccount(account));
  }

  async getAccount({ connectionName, identifier }: AccountKey): Promise<AccountRecord | undefined> {
    const { db, indexed } = await this.#use();
    let query = db
      .selectFrom("gitlab_accounts")
      .selectAll()
      .where("connection_name", "=", connectionName)
      .where("identifier", "=", identifier);
    if (indexed !== undefined) {
      query = query.where((eb) =>
        eb(left(eb, eb.ref("identifier"), indexed), "=", left(eb, eb.val(identifier), indexed)),
      );
    }
    const row = await query.executeTakeFirst();
    return row && accountFrom(row);
  }

  async listAccounts({ connectionName, identifier, after, limit }: AccountFilter): Promise<AccountRecord[]> {
    const { db, indexed } = await this.#use();
    let query = db.selectFrom("gitlab_accounts").selectAll();
    if (connectionName !== undefined) query = query.where("connection_name", "=", connectionName);
    if (identifier !== undefined) query = query.where("identifier", "=", identifier);
    if (after) {
      query = query.where((eb) => {
        const [name, last] = [eb.ref("identifier"), eb.val(after.identifier)];
        const [connection, lastConnection] = [eb.ref("connection_name"), eb.val(after.connectionName)];
        if (indexed === undefined) return eb(eb.tuple(connection, name), ">", eb.tuple(lastConnection, last));
        const [start, lastStart] = [left(eb, name, indexed), left(eb, last, indexed)];
        return eb(eb.tuple(connection, start, name), ">", eb.tuple(lastConnection, lastStart, last));
      });
    }
    query = query.orderBy("connection_name");
    if (indexed !== undefined) query = query.orderBy((eb) => left(eb, eb.ref("identifier"), indexed));
    const rows = await query.orderBy("identifier").limit(limit).execute();
    return rows.map(accountFrom);
  }

  async updateAccount(id: string, version: number, changes: AccountChanges): Promise<AccountRecord | undefined> {
    const { db } = await this.#use();
    const row = await db
      .updateTable("gitlab_accounts")
      .set({
        status: changes.status,
        scopes: changes.scopes?.join(" "),
        base_url: changes.baseUrl,
        gitlab_user_id: changes.gitlabUserId,
        gitlab_username: changes.gitlabUsername,
        secret: changes.secret,
        refreshable: changes.refreshable === undefined ? undefined : changes.refreshable ? 1 : 0,
        expires_at: changes.expiresAt,
        updated_at: changes.updatedAt,
        version: version + 1,
      })
      .where("id", "=", id)
      .where("version", "=", version)
      .returningAll()
      .executeTakeFirst();
    return row && accountFrom(row);
  }

  async deleteAccount(id: string, version?: number): Promise<boolean> {
    const { db } = await this.#use();
    let query = db.deleteFrom("gitlab_accounts").where("id", "=", id);
    if (version !== undefined) query = query.where("version", "=", version);
    const gone = await query.executeTakeFirst();
    if (version !== undefined && gone.numDeletedRows === 0n) return false;
    await db.deleteFrom("gitlab_authorizations").where("account_id", "=", id).execute();
    return gone.numDeletedRows > 0n;
  }

  async claimDueAccounts({ now, expiresBefore, claimUntil, limit }: DueAccounts): Promise<AccountRecord[]> {
    const { db, skipsLocked } = await this.#use();
    const rows = await db
      .with("due", (cte) => {
        const due = cte
          .selectFrom("gitlab_accounts")
          .select("id as due_id")
          .where("status", "=", "ACTIVE")
          .where("refreshable", "=", 1)
          .where("expires_at", "<", expiresBefore)
          .where("claimed_until", "<=", now)
          .orderBy("expires_at")
          .limit(limit);
        return skipsLocked ? due.forUpdate().skipLocked() : due;
      })
      .updateTable("gitlab_accounts")
      .set({ claimed_until: claimUntil })
      .where("id", "in", (eb) => eb.selectFrom("due").select("due_id"))
      .returningAll()
      .execute();
    return rows.map(accountFrom).sort((a, b) => (a.expiresAt ?? 0) - (b.expiresAt ?? 0));
  }

  async addAuthorization(authorization: AuthorizationRecord): Promise<void> {
    const { db } = await this.#use();
    await db
      .insertInto("gitlab_authorizations")
      .values({
        state_hash: authorization.stateHash,
        account_id: authorization.accountId,
        connection_name: authorization.connectionName,
        identifier: authorization.identifier,
        secret: authorization.secret,
        redirect_uri: authorization.redirectUri,
        scopes: authorization.scopes.join(" "),
        return_to: authorization.returnTo,
        expires_at: authorization.expiresAt,
        used_at: authorization.usedAt,
      })
      .execute();
  }

  async useAuthorization(stateHash: string, now: number): Promise<AuthorizationRecord | undefined> {
    const { db } = await this.#use();
    const first = await db
      .updateTable("gitlab_authorizations")
      .set({ used_at: now })
      .where("state_hash", "=", stateHash)
      .where("used_at", "is", null)
      .returningAll()
      .executeTakeFirst();
    if (first) return authorizationFrom({ ...first, used_at: null });
    const row = await db
      .selectFrom("gitlab_authorizations")
      .selectAll()
      .where("state_hash", "=", stateHash)
      .executeTakeFirst();
    return row && authorizationFrom(row);
  }

  async deleteAuthorizations(expiredBefore: number): Promise<void> {
    const { db } = await this.#use();
    await db.deleteFrom("gitlab_authorizations").where("expires_at", "<", expiredBefore).execute();
  }

  async listAuthorizations({ after, limit }: { after?: string; limit: number }): Promise<AuthorizationRecord[]> {
    const { db } = await this.#use();
    let query = db.selectFrom("gitlab_authorizations").selectAll();
    if (after !== undefined) query = query.where("state_hash", ">", after);
    return (await query.orderBy("state_hash").limit(limit).execute()).map(authorizationFrom);
  }

  async resealAuthorization(stateHash: string, secret: string): Promise<void> {
    const { db } = await this.#use();
    await db
      .updateTable("gitlab_authorizations")
      .set({ secret })
      .where("state_hash", "=", stateHash)
      .where("used_at", "is", null)
      .execute();
  }

  async getConnection(name: string): Promise<ConnectionRecord | undefined> {
    const { db } = await this.#use();
    const row = await db.selectFrom("gitlab_connections").selectAll().where("name", "=", name).executeTakeFirst();
    return row && connectionFrom(row);
  }

  async listConnections(): Promise<ConnectionRecord[]> {
    const { db } = await this.#use();
    const rows = await db.selectFrom("gitlab_connections").selectAll().orderBy("name").execute();
    return rows.map(connectionFrom);
  }

  async putConnection({ updatedAt, ...connection }: ConnectionRecord): Promise<void> {
    const { db } = await this.#use();
    const { name, config, secret } = connection;
    const row = { config, secret, updated_at: updatedAt };
    await db
      .insertInto("gitlab_connections")
      .values({ name, ...row })
      .onConflict((conflict) => conflict.column("name").doUpdateSet(row))
      .execute();
  }

  async deleteConnection(name: string): Promise<boolean> {
    const { db } = await this.#use();
    const gone = await db.deleteFrom("gitlab_connections").where("name", "=", name).executeTakeFirst();
    return gone.numDeletedRows > 0n;
  }

  async getSetting(name: string): Promise<string | undefined> {
    const database = await this.#use();
    const { db } = database;
    name = shortened(name, database);
    const row = await db.selectFrom("gitlab_settings").select("value").where("name", "=", name).executeTakeFirst();
    return row?.value;
  }

  async addSetting(name: string, value: string): Promise<string> {
    const database = await this.#use();
    const { db } = database;
    name = shortened(name, database);
    await db
      .insertInto("gitlab_settings")
      .values({ name, value })
      .onConflict((conflict) => conflict.column("name").doNothing())
      .execute();
    const row = await db.selectFrom("gitlab_settings").select("value").where("name", "=", name).executeTakeFirst();
    return row?.value ?? value;
  }

  async putSetting(name: string, value: string): Promise<void> {
    const database = await this.#use();
    const { db } = database;
    name = shortened(name, database);
    await db
      .insertInto("gitlab_settings")
      .values({ name, value })
      .onConflict((conflict) => conflict.column("name").doUpdateSet({ value }))
      .execute();
  }

  async withLock<Result>(name: string, work: (lock: Lock) => Promise<Result>, options?: LockOptions): Promise<Result> {
    const database = await this.#use();
    return await database.withLock(shortened(name, database), work, options);
  }
}
