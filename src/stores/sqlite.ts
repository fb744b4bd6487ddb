import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Kysely, sql, SqliteDialect } from "kysely";
import Database from "libsql";
import { withLease, type Clock } from "./lease.js";
import { migrate } from "./migrations.js";
import type { SqlDatabase } from "./sql-store.js";
import { withSafeWrites } from "./sqlite-writes.js";
import type { Tables } from "./tables.js";

const busyMs = 5_000;
const clock: Clock = sql<number>`cast((julianday('now') - 2440587.5) * 86400000 as integer)`;

/** Creates the file, and its folder where there is none, for their owner only. */
function createFile(path: string): void {
  if (existsSync(path)) return;
  const folder = dirname(path);
  if (!existsSync(folder)) mkdirSync(folder, { recursive: true, mode: 0o700 });
  // SQLite gives its journal the permissions of the file itself.
  closeSync(openSync(path, "a", 0o600));
  chmodSync(path, 0o600);
}

const isBusy = (error: unknown): boolean =>
  error instanceof Error && /busy|locked/i.test(`${"code" in error ? String(error.code) : ""} ${error.message}`);

/** Several processes at once may switch to WAL or migrate; SQLite does not queue them for that. */
async function patiently<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isBusy(error) || attempt === 100) throw error;
      await delay(20 + Math.random() * 60);
    }
  }
}

/** One SQLite file in WAL mode, shared by as many processes as like (https://www.sqlite.org/wal.html). */
export async function openSqlite(path: string): Promise<SqlDatabase> {
  const file = path === ":memory:" ? path : resolve(path);
  if (file !== ":memory:") createFile(file);
  // SQLite waits inside the call, and so would hold up a holder of the lock in this very process: while locks are held
  // over several statements, we wait.
  const database = new Database(file, { timeout: 0 });
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: withSafeWrites(database) }) });
  try {
    await patiently(async () => {
      await sql`pragma journal_mode = wal`.execute(db);
      // A pair that GitLab has rotated must survive a power cut as well.
      await sql`pragma synchronous = full`.execute(db);
    });
    await patiently(() => migrateAlone(database, db));
    // From here on every write is one statement: nobody holds the lock for longer than a moment.
    await sql`pragma busy_timeout = ${sql.lit(busyMs)}`.execute(db);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return {
    db,
    skipsLocked: false,
    withLock: (name, work) => withLease(db, clock, name, work),
    close: () => db.destroy(),
  };
}

/** Kysely takes no lock for migrations on SQLite, so the database's own write lock is held meanwhile. */
async function migrateAlone(database: Database.Database, db: Kysely<Tables>): Promise<void> {
  database.exec("begin immediate");
  try {
    await migrate(db);
    database.exec("commit");
  } catch (error) {
    database.exec("rollback");
    throw error;
  }
}
