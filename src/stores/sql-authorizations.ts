import type { Selectable } from "kysely";
import type { AuthorizationRecord } from "./account-store.js";
import { words } from "./sql-accounts.js";
import type { SqlDatabase } from "./sql-database.js";
import { cleanupLimit } from "./cleanup.js";
import type { AuthorizationRow } from "./tables.js";

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

export async function addAuthorization({ db }: SqlDatabase, authorization: AuthorizationRecord): Promise<void> {
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

export async function useAuthorization(
  { db }: SqlDatabase,
  stateHash: string,
  now: number,
): Promise<AuthorizationRecord | undefined> {
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

export async function deleteAuthorizations({ db, skipsLocked }: SqlDatabase, expiredBefore: number): Promise<void> {
  await db
    .deleteFrom("gitlab_authorizations")
    .where("state_hash", "in", (eb) => {
      const ended = eb
        .selectFrom("gitlab_authorizations")
        .select("state_hash")
        .where("expires_at", "<", expiredBefore)
        .orderBy("expires_at")
        .limit(cleanupLimit);
      return skipsLocked ? ended.forUpdate().skipLocked() : ended;
    })
    .execute();
}

export async function listAuthorizations(
  { db }: SqlDatabase,
  { after, limit }: { readonly after?: string; readonly limit: number },
): Promise<AuthorizationRecord[]> {
  let query = db.selectFrom("gitlab_authorizations").selectAll();
  if (after !== undefined) query = query.where("state_hash", ">", after);
  return (await query.orderBy("state_hash").limit(limit).execute()).map(authorizationFrom);
}

export async function resealAuthorization({ db }: SqlDatabase, stateHash: string, secret: string): Promise<void> {
  await db
    .updateTable("gitlab_authorizations")
    .set({ secret })
    .where("state_hash", "=", stateHash)
    .where("used_at", "is", null)
    .execute();
}
