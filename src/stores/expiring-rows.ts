import type { SqlDatabase } from "./sql-store.js";

/** A row that ends by itself: of somebody who is about to sign in, of a grant, of an answer that counts once. */
export interface ExpiringRow {
  /** What it is, such as `mcp code`. */
  readonly kind: string;
  /** Unique within the kind. Where the name is a secret, its hash. */
  readonly id: string;
  /** JSON; encrypted where it is secret. A store keeps it as it is. */
  readonly value: string;
  /** Milliseconds since 1970: from then on, there is no such row. */
  readonly expiresAt: number;
}

/** Which rows of a kind, in the order of their ids. */
export interface RowsPage {
  readonly now: number;
  /** Only rows behind this one. */
  readonly after?: string;
  readonly limit: number;
}

/** Rows that end by themselves. Every method is atomic, also against other processes that use the same store. */
export interface ExpiringRows {
  /** `false`, and nothing changed, where there is one with this id that has not ended. */
  add(row: ExpiringRow, now: number): Promise<boolean>;
  get(kind: string, id: string, now: number): Promise<ExpiringRow | undefined>;
  /** Compare and set: `false`, and nothing changed, unless the stored value is `value`. */
  replace(row: ExpiringRow, value: string): Promise<boolean>;
  /** Deletes the row and returns it: to one caller only, ever. */
  take(kind: string, id: string, now: number): Promise<ExpiringRow | undefined>;
  list(kind: string, page: RowsPage): Promise<ExpiringRow[]>;
  deleteEnded(now: number): Promise<void>;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** In this process. */
export function memoryRows(): ExpiringRows {
  const rows = new Map<string, ExpiringRow>();
  const key = (kind: string, id: string): string => JSON.stringify([kind, id]);
  const living = (kind: string, id: string, now: number): ExpiringRow | undefined => {
    const row = rows.get(key(kind, id));
    return row && row.expiresAt > now ? row : undefined;
  };
  return {
    add: async (row, now) => {
      if (living(row.kind, row.id, now)) return false;
      rows.set(key(row.kind, row.id), row);
      return true;
    },
    get: async (kind, id, now) => living(kind, id, now),
    replace: async (row, value) => {
      const at = key(row.kind, row.id);
      if (rows.get(at)?.value !== value) return false;
      rows.set(at, row);
      return true;
    },
    take: async (kind, id, now) => {
      const row = living(kind, id, now);
      if (row) rows.delete(key(kind, id));
      return row;
    },
    list: async (kind, { now, after, limit }) =>
      [...rows.values()]
        .filter((row) => row.kind === kind && row.expiresAt > now && (after === undefined || row.id > after))
        .sort((a, b) => compare(a.id, b.id))
        .slice(0, limit),
    deleteEnded: async (now) => {
      for (const [at, row] of rows) if (row.expiresAt <= now) rows.delete(at);
    },
  };
}

const columns = ["kind", "id", "value", "expires_at as expiresAt"] as const;

/** In an SQL database: every method is one statement. */
export function sqlRows(use: () => Promise<SqlDatabase>): ExpiringRows {
  return {
    async add({ kind, id, value, expiresAt }, now) {
      const { db } = await use();
      const row = { value, expires_at: expiresAt };
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

    async list(kind, { now, after, limit }) {
      const { db } = await use();
      let query = db.selectFrom("gitlab_rows").select(columns).where("kind", "=", kind).where("expires_at", ">", now);
      if (after !== undefined) query = query.where("id", ">", after);
      return await query.orderBy("id").limit(limit).execute();
    },

    async deleteEnded(now) {
      const { db } = await use();
      await db.deleteFrom("gitlab_rows").where("expires_at", "<=", now).execute();
    },
  };
}
