import { createHash } from "node:crypto";
import { Kysely, PostgresDialect, sql } from "kysely";
import pg from "pg";
import { migrate } from "./migrations.js";
import type { SqlDatabase } from "./sql-store.js";
import type { Tables } from "./tables.js";

const bigint = 20;
const mostConnections = 10;
/** One for every account whose refresh is under way here, or waited for; they are closed again when idle. */
const mostLocks = 20;
/** The longest that a lock is waited for, and that its holder may be silent before the server ends its session. */
const lockMs = 60_000;

function poolFor(url: string, max: number, connectionTimeoutMillis: number): pg.Pool {
  const types = {
    // Times and GitLab's ids fit in a double.
    getTypeParser: (oid: number, format?: "text" | "binary"): unknown =>
      oid === bigint && format !== "binary" ? Number : pg.types.getTypeParser(oid, format),
  };
  const pool = new pg.Pool({
    connectionString: url,
    max,
    connectionTimeoutMillis,
    application_name: "gitlab-agent-tools",
    allowExitOnIdle: true,
    types,
  });
  // A connection that the server ends must not end the process; who uses it sees its query fail.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));
  return pool;
}

/** PostgreSQL for any number of replicas. */
export async function openPostgres(url: string): Promise<SqlDatabase> {
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: poolFor(url, mostConnections, 15_000) }) });
  // Locks have connections of their own: whoever holds one still finds a connection for its reads and writes.
  const locks = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: poolFor(url, mostLocks, lockMs) }) });
  const close = async (): Promise<void> => {
    await Promise.all([db.destroy(), locks.destroy()]);
  };
  try {
    await migrate(db);
  } catch (error) {
    await close();
    throw error;
  }
  return { db, skipsLocked: true, withLock: (name, work) => withAdvisoryLock(locks, name, work), close };
}

/**
 * A transaction-level advisory lock: it also works through a pooler, and the server lets it go with the session of a
 * process that dies.
 */
async function withAdvisoryLock<Result>(
  locks: Kysely<unknown>,
  name: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const key = createHash("sha256").update(`gitlab-agent-tools ${name}`).digest().readBigInt64BE().toString();
  let outcome: { readonly value: Result } | { readonly error: unknown } | undefined;
  try {
    await locks.transaction().execute(async (transaction) => {
      await sql`
        select set_config('lock_timeout', ${String(lockMs)}, true),
               set_config('idle_in_transaction_session_timeout', ${String(lockMs)}, true)`.execute(transaction);
      await sql`select pg_advisory_xact_lock(${key}::bigint)`.execute(transaction);
      try {
        outcome = { value: await work() };
      } catch (error) {
        outcome = { error };
      }
    });
  } catch (error) {
    // A lock that is lost behind the work does not undo the work.
    outcome ??= { error };
  }
  if (outcome && "value" in outcome) return outcome.value;
  throw outcome?.error;
}
