import { chmodSync, closeSync, existsSync, mkdirSync, openSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { Kysely, sql } from "kysely";
import Database from "libsql";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { withLease, type Clock } from "./lease.js";
import { migrate } from "./migrations.js";
import type { SqlDatabase } from "./sql-store.js";
import { patiently, PatientSqliteDialect } from "./sqlite-driver.js";
import { readWaitMs, withSafeWrites } from "./sqlite-writes.js";
import type { Tables } from "./tables.js";

const clock: Clock = sql<number>`cast((julianday('now') - 2440587.5) * 86400000 as integer)`;

const others = 0o077;

/** Creates the file, and its folder where there is none, for their owner only; closes a file that was open to others. */
function createFile(path: string): void {
  if (!existsSync(path)) {
    const folder = dirname(path);
    if (!existsSync(folder)) mkdirSync(folder, { recursive: true, mode: 0o700 });
    // SQLite gives its journal the permissions of the file itself.
    closeSync(openSync(path, "a", 0o600));
  }
  for (const file of [path, `${path}-wal`, `${path}-shm`]) closeToOthers(file);
}

function closeToOthers(file: string): void {
  const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? 0;
  if ((mode & others) === 0) return;
  try {
    chmodSync(file, 0o600);
  } catch (cause) {
    throw new GitLabToolError({
      code: "connection_misconfigured",
      message: "The account store's file is open to other users of this machine and belongs to one of them.",
      hint: "Make this process's user its owner, or use another file.",
      cause,
    });
  }
}

/** One SQLite file in WAL mode, shared by as many processes as like (https://www.sqlite.org/wal.html). */
export async function openSqlite(path: string): Promise<SqlDatabase> {
  const file = path === ":memory:" ? path : resolve(path);
  if (file !== ":memory:") createFile(file);
  // SQLite waits inside the call, and so would stop the event loop, and a holder of the lock in this very process.
  const database = new Database(file, { timeout: 0 });
  const db = new Kysely<Tables>({ dialect: new PatientSqliteDialect({ database: withSafeWrites(database) }) });
  try {
    await sql`pragma journal_mode = wal`.execute(db);
    // A pair that GitLab has rotated must survive a power cut as well.
    await sql`pragma synchronous = full`.execute(db);
    await patiently(() => migrateAlone(database, db));
    database.exec(`pragma busy_timeout = ${readWaitMs}`);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return {
    db,
    skipsLocked: false,
    withLock: (name, work, options) => withLease(db, clock, name, work, options),
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
