import type { Selectable } from "kysely";
import type { ConnectionRecord } from "./account-store.js";
import type { SqlDatabase } from "./sql-database.js";
import type { Tables } from "./tables.js";

const connectionFrom = (row: Selectable<Tables["gitlab_connections"]>): ConnectionRecord => ({
  name: row.name,
  config: row.config,
  secret: row.secret,
  updatedAt: row.updated_at,
});

export async function getConnection({ db }: SqlDatabase, name: string): Promise<ConnectionRecord | undefined> {
  const row = await db.selectFrom("gitlab_connections").selectAll().where("name", "=", name).executeTakeFirst();
  return row && connectionFrom(row);
}

export async function listConnections({ db }: SqlDatabase): Promise<ConnectionRecord[]> {
  const rows = await db.selectFrom("gitlab_connections").selectAll().orderBy("name").execute();
  return rows.map(connectionFrom);
}

export async function putConnection(
  { db }: SqlDatabase,
  { name, config, secret, updatedAt }: ConnectionRecord,
): Promise<void> {
  const row = { config, secret, updated_at: updatedAt };
  await db
    .insertInto("gitlab_connections")
    .values({ name, ...row })
    .onConflict((conflict) => conflict.column("name").doUpdateSet(row))
    .execute();
}

export async function deleteConnection({ db }: SqlDatabase, name: string): Promise<boolean> {
  const gone = await db.deleteFrom("gitlab_connections").where("name", "=", name).executeTakeFirst();
  return gone.numDeletedRows > 0n;
}
