import { PostgresAdapter, sql, type Kysely, type Migration } from "kysely";

/** A step from one version's tables to the next one's. What `up` does only adds. */
export interface MigrationStep extends Migration {
  /**
   * Takes away what the version before still needs. Done at once in a new database, where no such version can be; in
   * others when it is in the way, or by a step of the next version.
   */
  readonly contract?: Migration["up"];
}

export const isPostgres = <Schema>(db: Kysely<Schema>): boolean => db.getExecutor().adapter instanceof PostgresAdapter;

/**
 * Every step may meet its own work: on SQLite a step that is cut short is not undone, and the next process repeats it.
 * A step that has been released is never changed; what comes later is a new step. `up` never takes away or narrows what
 * the version before reads or writes: while replicas are replaced, both are at work.
 */
export const migrations: Readonly<Record<string, MigrationStep>> = {
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
      await sql`create index if not exists gitlab_accounts_order
        on gitlab_accounts (connection_name, left(identifier, 256))`.execute(db);
    },
    async contract(db: Kysely<unknown>) {
      if (!isPostgres(db)) return;
      // A pair of long names is too long for an ordered index. A hash finds it, and is never taken for the pair itself;
      // chr(1) is in no name. Version 0.1 adds accounts by the older constraint alone.
      await sql`do $$ begin
        if not exists (select from pg_constraint where conname = 'gitlab_accounts_pair'
          and conrelid = 'gitlab_accounts'::regclass) then
          alter table gitlab_accounts add constraint gitlab_accounts_pair
            exclude using hash ((connection_name || chr(1) || identifier) with =);
        end if; end $$`.execute(db);
      await sql`alter table gitlab_accounts drop constraint if exists gitlab_accounts_key`.execute(db);
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
  "0006_rows_about": {
    async up(db: Kysely<unknown>) {
      const postgres = isPostgres(db);
      const { rows: there } = postgres
        ? { rows: [] }
        : await sql`select 1 from pragma_table_info('gitlab_rows') where name = 'about'`.execute(db);
      if (postgres) await sql`alter table gitlab_rows add column if not exists about text`.execute(db);
      else if (there.length === 0) await sql`alter table gitlab_rows add column about text`.execute(db);
      // What was written before says in its value whom it is about.
      for (const [kind, path] of [
        ["audit", ["identifier"]],
        ["account event", ["account", "identifier"]],
      ] as const) {
        const identifier = postgres
          ? sql`value::json #>> ${sql.lit(`{${path.join(",")}}`)}`
          : sql`json_extract(value, ${sql.lit(`$.${path.join(".")}`)})`;
        await sql`update gitlab_rows set about = ${identifier} where kind = ${sql.lit(kind)} and about is null`.execute(
          db,
        );
      }
      await sql`create index if not exists gitlab_rows_about on gitlab_rows (about, kind, id)
        where about is not null`.execute(db);
    },
  },
};
