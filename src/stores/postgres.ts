import { Kysely, PostgresDialect, sql } from "kysely";
import type pg from "pg";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { CompiledQueries } from "./compiled-queries.js";
import { deleteAbandoned, withLease, type DatabaseTime } from "./lease.js";
import { isUpToDate, migrate } from "./migrate.js";
import { migrations } from "./migrations.js";
import { Pool, type PoolOptions, type Timeouts } from "./postgres-pool.js";
import type { SqlDatabase } from "./sql-database.js";
import type { Tables } from "./tables.js";

const clock: DatabaseTime = sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`;
const defaults: Timeouts = { connectMs: 10_000, queryMs: 10_000 };
/** An index on many accounts may take its time. */
const migrationMs = 600_000;

async function loadDriver(): Promise<typeof pg> {
  try {
    return (await import("pg")).default;
  } catch (cause) {
    throw new GitLabToolError({
      code: "connection_misconfigured",
      message: "A store in PostgreSQL needs the package pg, which is not installed.",
      hint: 'Run "npm install pg".',
      cause,
    });
  }
}

/**
 * `connect_timeout`, in seconds as libpq has it (https://www.postgresql.org/docs/current/libpq-connect.html), and
 * `query_timeout`, in milliseconds, of the store's URL. The driver would take the second for itself, and not the first.
 */
function timeoutsOf(text: string): Timeouts & { readonly url: string } {
  const url = new URL(text);
  const take = (name: string): number => {
    const value = Number(url.searchParams.get(name) ?? 0);
    url.searchParams.delete(name);
    return value > 0 ? value : 0;
  };
  return {
    connectMs: take("connect_timeout") * 1000 || defaults.connectMs,
    queryMs: take("query_timeout") || defaults.queryMs,
    url: url.href,
  };
}

const open = (options: PoolOptions): Kysely<Tables> =>
  new Kysely<Tables>({ dialect: new PostgresDialect({ pool: new Pool(options) }) });

/**
 * PostgreSQL for any number of replicas. Nothing holds a connection while it waits for GitLab, and nothing relies on a
 * connection being the same one as before: a proxy that pools transactions may stand in between.
 */
export async function openPostgres(text: string): Promise<SqlDatabase> {
  let settings = { ...timeoutsOf(text), driver: await loadDriver(), statementTimeout: true, retriesReads: true };
  let db = open(settings);
  try {
    try {
      if (!(await isUpToDate(db))) await migrateAlone(settings);
    } catch (error) {
      // PgBouncer refuses what it cannot keep per client: https://www.pgbouncer.org/config.html#ignore_startup_parameters
      if (!/unsupported startup parameter/.test(String(error))) throw error;
      await db.destroy();
      settings = { ...settings, statementTimeout: false };
      db = open(settings);
      if (!(await isUpToDate(db))) await migrateAlone(settings);
    }
  } catch (error) {
    await db.destroy();
    throw error;
  }
  const queries = new CompiledQueries(db);
  return {
    db,
    queries,
    skipsLocked: true,
    writesInWith: true,
    // A row of an index has at most 2,704 bytes, a name up to 1,536: https://www.postgresql.org/docs/current/btree.html
    indexed: 256,
    longestName: 2_600,
    contract: () => migrateAlone(settings, true),
    withLock: (name, work, options) => withLease({ db, queries, clock }, name, work, options),
    deleteAbandonedLocks: (agoMs) => deleteAbandoned({ db, clock }, agoMs),
    close: () => db.destroy(),
  };
}

async function migrateAlone(options: PoolOptions, contract = false): Promise<void> {
  const db = open({ ...options, queryMs: migrationMs, retriesReads: false });
  try {
    await migrate(db, migrations, contract);
  } finally {
    await db.destroy();
  }
}
