import { PostgresAdapter, sql, type Kysely, type Migration } from "kysely";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type { Tables } from "./tables.js";

/** Any number, as long as every process takes the same one. */
const migrationLock = 3_853_314_791;

const isPostgres = <Schema>(db: Kysely<Schema>): boolean => db.getExecutor().adapter instanceof PostgresAdapter;

/**
 * Every step may meet its own work: on SQLite a step that is cut short is not undone, and the next process repeats it.
 * A step that has been released is never changed; what comes later is a new step.
 */
export const migrations: Readonly<Record<string, Migration>> = {
  "0001_accounts": {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable("gitlab_accounts")
        .ifNotExists()
        .addColumn("id", "text", (column) => column.primaryKey())
        .addColumn("connection_name", "text", (column) => column.notNull())
        .addColumn("identifier", "text", (column) => column.notNull())
        .addColumn("status", "text", (column) => column.notNull())
        .addColumn("scopes", "text", (column) => column.notNull())
        .addColumn("base_url", "text")
        .addColumn("gitlab_user_id", "bigint")
        .addColumn("gitlab_username", "text")
        .addColumn("secret", "text")
        .addColumn("refreshable", "integer", (column) => column.notNull())
        .addColumn("expires_at", "bigint")
        .addColumn("created_at", "bigint", (column) => column.notNull())
        .addColumn("updated_at", "bigint", (column) => column.notNull())
        .addColumn("version", "integer", (column) => column.notNull())
        .addColumn("claimed_until", "bigint", (column) => column.notNull().defaultTo(0))
        .addUniqueConstraint("gitlab_accounts_key", ["connection_name", "identifier"])
        .execute();
      await db.schema
        .createIndex("gitlab_accounts_due")
        .ifNotExists()
        .on("gitlab_accounts")
        .columns(["status", "refreshable", "expires_at"])
        .execute();
      await db.schema
        .createTable("gitlab_authorizations")
        .ifNotExists()
        .addColumn("state_hash", "text", (column) => column.primaryKey())
        .addColumn("account_id", "text", (column) => column.notNull())
        .addColumn("connection_name", "text", (column) => column.notNull())
        .addColumn("identifier", "text", (column) => column.notNull())
        .addColumn("secret", "text", (column) => column.notNull())
        .addColumn("redirect_uri", "text", (column) => column.notNull())
        .addColumn("scopes", "text", (column) => column.notNull())
        .addColumn("return_to", "text")
        .addColumn("expires_at", "bigint", (column) => column.notNull())
        .addColumn("used_at", "bigint")
        .execute();
      await db.schema
        .createTable("gitlab_connections")
        .ifNotExists()
        .addColumn("name", "text", (column) => column.primaryKey())
        .addColumn("config", "text", (column) => column.notNull())
        .addColumn("secret", "text")
        .addColumn("updated_at", "bigint", (column) => column.notNull())
        .execute();
      await db.schema
        .createTable("gitlab_settings")
        .ifNotExists()
        .addColumn("name", "text", (column) => column.primaryKey())
        .addColumn("value", "text", (column) => column.notNull())
        .execute();
    },
  },
  "0002_leases": {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable("gitlab_leases")
        .ifNotExists()
        .addColumn("name", "text", (column) => column.primaryKey())
        .addColumn("owner", "text", (column) => column.notNull())
        .addColumn("expires_at", "bigint", (column) => column.notNull())
        .execute();
    },
  },
  "0003_authorizations_by_account": {
    async up(db: Kysely<unknown>) {
      for (const [name, column] of [
        ["gitlab_authorizations_account", "account_id"],
        ["gitlab_authorizations_end", "expires_at"],
      ] as const) {
        await db.schema.createIndex(name).ifNotExists().on("gitlab_authorizations").column(column).execute();
      }
    },
  },
  "0004_long_names": {
    async up(db: Kysely<unknown>) {
      // SQLite's indexes take rows of any length, and the older constraint stays.
      if (!isPostgres(db)) return;
      // A pair of long names is too long for an ordered index. A hash finds it, and is never taken for the pair itself;
      // chr(1) is in no name.
      await sql`alter table gitlab_accounts drop constraint if exists gitlab_accounts_key`.execute(db);
      await sql`alter table gitlab_accounts add constraint gitlab_accounts_pair
        exclude using hash ((connection_name || chr(1) || identifier) with =)`.execute(db);
      await sql`create index if not exists gitlab_accounts_order
        on gitlab_accounts (connection_name, left(identifier, 256))`.execute(db);
    },
  },
  "0005_rows": {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable("gitlab_rows")
        .ifNotExists()
        .addColumn("kind", "text", (column) => column.notNull())
        .addColumn("id", "text", (column) => column.notNull())
        .addColumn("value", "text", (column) => column.notNull())
        .addColumn("expires_at", "bigint", (column) => column.notNull())
        .addPrimaryKeyConstraint("gitlab_rows_key", ["kind", "id"])
        .execute();
      await db.schema.createIndex("gitlab_rows_end").ifNotExists().on("gitlab_rows").column("expires_at").execute();
    },
  },
};

/** Names of the steps that a database has behind it. */
async function stepsOf(db: Kysely<Tables>): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`select name from gitlab_migrations`.execute(db);
  return rows.map(({ name }) => name);
}

/** Whether there is nothing to migrate: one look, which takes no lock. */
export async function isUpToDate(db: Kysely<Tables>): Promise<boolean> {
  const done = await stepsOf(db).catch((error: unknown) => {
    if (/no such table|does not exist/.test(String(error))) return [];
    throw error;
  });
  return JSON.stringify(done.sort()) === JSON.stringify(Object.keys(migrations));
}

/**
 * Brings the tables up to date. Safe to run again, and from any older version. On PostgreSQL it is one transaction with a
 * lock that ends with it: a session's lock would be lost behind a proxy that pools transactions. On SQLite the caller
 * holds the write lock.
 */
export async function migrate(
  db: Kysely<Tables>,
  steps: Readonly<Record<string, Migration>> = migrations,
): Promise<void> {
  if (!isPostgres(db)) return await run(db, steps);
  await db.transaction().execute(async (transaction) => {
    await sql`select pg_advisory_xact_lock(${sql.lit(migrationLock)})`.execute(transaction);
    await run(transaction, steps);
  });
}

async function run(db: Kysely<Tables>, steps: Readonly<Record<string, Migration>>): Promise<void> {
  // The table that Kysely's own migrator made: the first versions used it.
  await sql`create table if not exists gitlab_migrations
    (name varchar(255) not null primary key, timestamp varchar(255) not null)`.execute(db);
  const done = await stepsOf(db);
  if (done.some((name) => !(name in steps))) throw newer();
  for (const [name, step] of Object.entries(steps)) {
    if (done.includes(name)) continue;
    await step.up(db);
    await sql`insert into gitlab_migrations values (${name}, ${new Date().toISOString()})`.execute(db);
  }
}

function newer(): GitLabToolError {
  return new GitLabToolError({
    code: "connection_misconfigured",
    message: "The account store was written by a newer version of gitlab-agent-tools.",
    hint: "Use that version or a later one with this store.",
  });
}
