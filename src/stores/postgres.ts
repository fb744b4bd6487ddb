import { Kysely, PostgresDialect, sql } from "kysely";
import pg from "pg";
import { withLease, type Clock } from "./lease.js";
import { migrate } from "./migrations.js";
import type { SqlDatabase } from "./sql-store.js";
import type { Tables } from "./tables.js";

const bigint = 20;
const mostConnections = 10;
const connectMs = 15_000;
const clock: Clock = sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`;

function poolFor(url: string): pg.Pool {
  const types = {
    // Times and GitLab's ids fit in a double.
    getTypeParser: (oid: number, format?: "text" | "binary"): unknown =>
      oid === bigint && format !== "binary" ? Number : pg.types.getTypeParser(oid, format),
  };
  const pool = new pg.Pool({
    connectionString: url,
    max: mostConnections,
    connectionTimeoutMillis: connectMs,
    application_name: "gitlab-agent-tools",
    allowExitOnIdle: true,
    types,
  });
  // A connection that the server ends must not end the process; who uses it sees its query fail.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));
  return pool;
}

/** PostgreSQL for any number of replicas. Nothing holds a connection while it waits for GitLab. */
export async function openPostgres(url: string): Promise<SqlDatabase> {
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: poolFor(url) }) });
  try {
    await migrate(db);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return {
    db,
    skipsLocked: true,
    withLock: (name, work, options) => withLease(db, clock, name, work, options),
    close: () => db.destroy(),
  };
}
