import type { Expression, ExpressionBuilder, Selectable } from "kysely";
import type { AccountChanges, AccountKey, AccountFilter, AccountRecord, DueAccounts } from "./account-store.js";
import type { SqlDatabase } from "./sql-database.js";
import type { AccountRow, Tables } from "./tables.js";

/** Scopes, as a row has them. */
export const words = (text: string): string[] => text.split(" ").filter(Boolean);

export function accountFrom(row: Selectable<AccountRow>): AccountRecord {
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

/** What PostgreSQL says of a row that is too long for an index: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const isTooLong = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "54000";

/** Inserts the account unless (connection, identifier) has one. */
export async function insertAccount(database: SqlDatabase, account: AccountRecord): Promise<void> {
  try {
    await insert(database, account);
  } catch (error) {
    // The older constraint, kept for processes of the version before, has no room for two long names.
    if (!database.contract || !isTooLong(error)) throw error;
    await database.contract();
    await insert(database, account);
  }
}

async function insert({ db }: SqlDatabase, account: AccountRecord): Promise<void> {
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
}

const left = (
  eb: ExpressionBuilder<Tables, "gitlab_accounts">,
  text: Expression<string>,
  length: number,
): Expression<string> => eb.fn<string>("left", [text, eb.lit(length)]);

export async function findAccount(
  { db, queries, indexed }: SqlDatabase,
  { connectionName, identifier }: AccountKey,
): Promise<AccountRecord | undefined> {
  const build = () => {
    const query = db
      .selectFrom("gitlab_accounts")
      .selectAll()
      .where("connection_name", "=", connectionName)
      .where("identifier", "=", identifier);
    if (indexed === undefined) return query;
    return query.where((eb) => eb(left(eb, eb.ref("identifier"), indexed), "=", left(eb, eb.val(identifier), indexed)));
  };
  const parameters = [connectionName, identifier, ...(indexed === undefined ? [] : [identifier])];
  const [row] = (await queries.run("find account", parameters, build)).rows;
  return row && accountFrom(row);
}

export async function listAccounts(
  { db, indexed }: SqlDatabase,
  { connectionName, identifier, identifierPrefix, after, limit }: AccountFilter,
): Promise<AccountRecord[]> {
  let query = db.selectFrom("gitlab_accounts").selectAll();
  if (connectionName !== undefined) query = query.where("connection_name", "=", connectionName);
  if (identifier !== undefined) query = query.where("identifier", "=", identifier);
  // Not by LIKE, nor by the order, which are the database's collation's own.
  if (identifierPrefix !== undefined) {
    const length = [...identifierPrefix].length;
    query = query.where((eb) =>
      eb(eb.fn<string>("substr", [eb.ref("identifier"), eb.lit(1), eb.lit(length)]), "=", identifierPrefix),
    );
  }
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

/** The columns that changes name, in the order of this list, whichever order the changes have. */
export function columnsOf(changes: AccountChanges, version: number) {
  const { scopes, refreshable } = changes;
  return {
    ...(changes.status !== undefined && { status: changes.status }),
    ...(scopes !== undefined && { scopes: scopes.join(" ") }),
    ...(changes.baseUrl !== undefined && { base_url: changes.baseUrl }),
    ...(changes.gitlabUserId !== undefined && { gitlab_user_id: changes.gitlabUserId }),
    ...(changes.gitlabUsername !== undefined && { gitlab_username: changes.gitlabUsername }),
    ...(changes.secret !== undefined && { secret: changes.secret }),
    ...(refreshable !== undefined && { refreshable: refreshable ? 1 : 0 }),
    ...(changes.expiresAt !== undefined && { expires_at: changes.expiresAt }),
    updated_at: changes.updatedAt,
    version: version + 1,
  };
}

export async function deleteAccount({ db }: SqlDatabase, id: string, version?: number): Promise<boolean> {
  let query = db.deleteFrom("gitlab_accounts").where("id", "=", id);
  if (version !== undefined) query = query.where("version", "=", version);
  const gone = await query.executeTakeFirst();
  if (version !== undefined && gone.numDeletedRows === 0n) return false;
  await db.deleteFrom("gitlab_authorizations").where("account_id", "=", id).execute();
  return gone.numDeletedRows > 0n;
}

export async function claimDueAccounts(
  { db, skipsLocked }: SqlDatabase,
  { now, expiresBefore, claimUntil, limit }: DueAccounts,
): Promise<AccountRecord[]> {
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
