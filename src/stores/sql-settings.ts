import { createHash } from "node:crypto";
import type { SqlDatabase } from "./sql-database.js";

/** The name, or where it is too long for the database what stands for it: still one for each. */
export function shortened(name: string, { longestName = Infinity }: SqlDatabase): string {
  if (Buffer.byteLength(name) <= longestName) return name;
  return `sha256 ${createHash("sha256").update(name).digest("hex")}`;
}

export async function getSetting(database: SqlDatabase, name: string): Promise<string | undefined> {
  const row = await database.db
    .selectFrom("gitlab_settings")
    .select("value")
    .where("name", "=", shortened(name, database))
    .executeTakeFirst();
  return row?.value;
}

/** The first value stays. */
export async function addSetting(database: SqlDatabase, name: string, value: string): Promise<string> {
  await database.db
    .insertInto("gitlab_settings")
    .values({ name: shortened(name, database), value })
    .onConflict((conflict) => conflict.column("name").doNothing())
    .execute();
  return (await getSetting(database, name)) ?? value;
}

export async function putSetting(database: SqlDatabase, name: string, value: string): Promise<void> {
  await database.db
    .insertInto("gitlab_settings")
    .values({ name: shortened(name, database), value })
    .onConflict((conflict) => conflict.column("name").doUpdateSet({ value }))
    .execute();
}

export async function deleteSetting(database: SqlDatabase, name: string): Promise<boolean> {
  const gone = await database.db
    .deleteFrom("gitlab_settings")
    .where("name", "=", shortened(name, database))
    .executeTakeFirst();
  return gone.numDeletedRows > 0n;
}
