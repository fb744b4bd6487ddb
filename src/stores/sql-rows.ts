import type { ExpiringRows } from "./expiring-rows.js";
import type { SqlDatabase } from "./sql-database.js";
import { cleanupLimit } from "./cleanup.js";

const columns = ["kind", "id", "value", "expires_at as expiresAt"] as const;

/** In an SQL database: every method is one statement. */
export function sqlRows(use: () => Promise<Pick<SqlDatabase, "db" | "skipsLocked">>): ExpiringRows {
  return {
    async add({ kind, id, value, expiresAt, about = null }, now) {
      const { db } = await use();
      const row = { value, expires_at: expiresAt, about };
      // One that has ended, and has not been deleted yet, makes room.
      const added = await db
        .insertInto("gitlab_rows")
        .values({ kind, id, ...row })
        .onConflict((conflict) =>
          conflict.columns(["kind", "id"]).doUpdateSet(row).where("gitlab_rows.expires_at", "<=", now),
        )
        .returning("id")
        .executeTakeFirst();
      return added !== undefined;
    },

    async get(kind, id, now) {
      const { db } = await use();
      const query = db.selectFrom("gitlab_rows").select(columns).where("kind", "=", kind).where("id", "=", id);
      return await query.where("expires_at", ">", now).executeTakeFirst();
    },

    async replace({ kind, id, value, expiresAt }, expected) {
      const { db } = await use();
      const { numUpdatedRows } = await db
        .updateTable("gitlab_rows")
        .set({ value, expires_at: expiresAt })
        .where("kind", "=", kind)
        .where("id", "=", id)
        .where("value", "=", expected)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },

    async take(kind, id, now) {
      const { db } = await use();
      const query = db.deleteFrom("gitlab_rows").where("kind", "=", kind).where("id", "=", id);
      return await query.where("expires_at", ">", now).returning(columns).executeTakeFirst();
    },

    async list(kind, { now, after, about, limit }) {
      const { db } = await use();
      let query = db.selectFrom("gitlab_rows").select(columns).where("kind", "=", kind).where("expires_at", ">", now);
      if (after !== undefined) query = query.where("id", ">", after);
      if (about !== undefined) query = query.where("about", "=", about);
      return await query.orderBy("id").limit(limit).execute();
    },

    async deleteEnded(now) {
      const { db, skipsLocked } = await use();
      await db
        .deleteFrom("gitlab_rows")
        .where((eb) => {
          const ended = eb
            .selectFrom("gitlab_rows")
            .select(["kind", "id"])
            .where("expires_at", "<=", now)
            .orderBy("expires_at")
            .limit(cleanupLimit);
          const some = skipsLocked ? ended.forUpdate().skipLocked() : ended;
          return eb(eb.refTuple("kind", "id"), "in", some.$asTuple("kind", "id"));
        })
        .where("expires_at", "<=", now)
        .execute();
    },
  };
}
