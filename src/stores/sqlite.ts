import { chmodSync, closeSync, existsSync, mkdirSync, openSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { Kysely, sql } from "kysely";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { CompiledQueries } from "./compiled-queries.js";
import { deleteAbandoned, withLease, type DatabaseTime } from "./lease.js";
import { isUpToDate, migrate } from "./migrate.js";
import type { SqlDatabase } from "./sql-database.js";
import { sqliteDialect } from "./sqlite-dialect.js";
import { openEngine, type SqliteEngine } from "./sqlite-engine.js";
import { patiently, SqliteQueue } from "./sqlite-queue.js";
import type { Tables } from "./tables.js";

const clock: DatabaseTime = sql<number>`cast((julianday('now') - 2440587.5) * 86400000 as integer)`;

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

/** Fails once the file is another one, or none: what is written now would be lost when this process ends. */
function watch(path: string): () => void {
  if (path === ":memory:") return () => undefined;
  const opened = statSync(path);
  return () => {
    const now = statSync(path, { throwIfNoEntry: false });
    if (now?.ino === opened.ino && now.dev === opened.dev) return;
    throw new GitLabToolError({
      code: "internal",
      message: `The account store's file was ${now ? "replaced" : "deleted"} while it was in use.`,
      hint: "Put the file back where it has to be, then start this process again.",
    });
  };
}

/** One SQLite file in WAL mode, shared by as many processes as like (https://www.sqlite.org/wal.html). */
export async function openSqlite(path: string): Promise<SqlDatabase> {
  const file = path === ":memory:" ? path : resolve(path);
  if (file !== ":memory:") createFile(file);
  const engine = await openEngine(file);
  try {
    // SQLite waits inside the call, and so would stop the event loop, and a holder of the lock in this very process.
    engine.exec("pragma busy_timeout = 0");
    await patiently(() => engine.exec("pragma journal_mode = wal"));
    // A pair that GitLab has rotated must survive a power cut as well.
    engine.exec("pragma synchronous = full");
    await patiently(() => migrateAlone(engine));
  } catch (error) {
    engine.close();
    throw error;
  }
  const queue = new SqliteQueue(engine, watch(file));
  const db = new Kysely<Tables>({ dialect: sqliteDialect(engine, queue) });
  const queries = new CompiledQueries(db);
  return {
    db,
    queries,
    skipsLocked: false,
    writesInWith: false,
    turn: () => queue.turn(),
    withLock: (name, work, options) => withLease({ db, queries, clock }, name, work, options),
    deleteAbandonedLocks: (agoMs) => deleteAbandoned({ db, clock }, agoMs),
    async close() {
      await db.destroy();
      close(engine);
    },
  };
}

/** Leaves everything in the file itself, so that a copy of it is whole. Another process may still need the journal. */
function close(engine: SqliteEngine): void {
  try {
    engine.exec("pragma wal_checkpoint(truncate)");
  } catch {
    // Nothing is lost: whoever opens the file next finds the journal beside it.
  }
  engine.close();
}

/** Kysely takes no lock for migrations on SQLite, so the database's own write lock is held meanwhile. */
async function migrateAlone(engine: SqliteEngine): Promise<void> {
  const db = new Kysely<Tables>({ dialect: sqliteDialect(engine) });
  if (await isUpToDate(db)) return;
  engine.exec("begin immediate");
  try {
    await migrate(db);
    engine.exec("commit");
  } catch (error) {
    try {
      engine.exec("rollback");
    } catch {
      // SQLite has rolled back by itself; what went wrong first is what counts.
    }
    throw error;
  }
}
