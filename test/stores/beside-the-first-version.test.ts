import { copyFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Kysely, Migrator, PostgresDialect, SqliteDialect } from "kysely";
import Database from "libsql";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { accountStoreChecks } from "../../src/stores/account-store-checks.js";
import { migrations } from "../../src/stores/migrations.js";
import { openStore } from "../../src/stores/open-store.js";
import type { AccountStore } from "../../src/stores/account-store.js";
import type { Tables } from "../../src/stores/tables.js";
import { quietPool, startPostgres, type TestPostgres } from "../support/postgres.js";

const fixture = new URL("../fixtures/store-0.1/", import.meta.url);

let postgres: TestPostgres;
beforeAll(async () => void (postgres = await startPostgres()));
afterAll(() => postgres.stop());

/** What version 0.1.0 does with a database: as its sources have it. */
const firstVersion = {
  async start(db: Kysely<Tables>): Promise<void> {
    const known = Object.fromEntries(Object.entries(migrations).slice(0, 3));
    const migrator = new Migrator({
      db,
      provider: { getMigrations: () => Promise.resolve(known) },
      migrationTableName: "gitlab_migrations",
      migrationLockTableName: "gitlab_migrations_lock",
    });
    const { error } = await migrator.migrateToLatest();
    if (error !== undefined) throw error instanceof Error ? error : new Error("The migration failed", { cause: error });
  },
  async addAccount(db: Kysely<Tables>, identifier: string): Promise<void> {
    const account = { id: identifier, connection_name: "gitlab", identifier, status: "PENDING", scopes: "" } as const;
    const rest = { base_url: null, gitlab_user_id: null, gitlab_username: null, secret: null, expires_at: null };
    await db
      .insertInto("gitlab_accounts")
      .values({ ...account, ...rest, refreshable: 0, created_at: 1, updated_at: 1, version: 1 })
      .onConflict((conflict) => conflict.columns(["connection_name", "identifier"]).doNothing())
      .execute();
  },
};

async function open(kind: string, old: boolean): Promise<{ store: AccountStore; db: Kysely<Tables> }> {
  const folder = await mkdtemp(join(tmpdir(), "first-version-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, "accounts.db");
  const url = kind === "SQLite" ? `sqlite:${path}` : await postgres.createDatabase();
  if (old && kind === "SQLite") await copyFile(new URL("accounts.db", fixture), path);
  if (old && kind !== "SQLite") await postgres.query(url, await readFile(new URL("accounts.sql", fixture), "utf8"));
  const store = openStore(url);
  await store.open();
  const dialect =
    kind === "SQLite"
      ? new SqliteDialect({ database: new Database(path) })
      : new PostgresDialect({ pool: quietPool(url) });
  const db = new Kysely<Tables>({ dialect });
  onTestFinished(async () => void (await Promise.all([store.close(), db.destroy()])));
  return { store, db };
}

test.each(["SQLite", "PostgreSQL"])("on %s, version 0.1.0 starts beside this one, and adds accounts", async (kind) => {
  const { store, db } = await open(kind, true);
  await firstVersion.start(db);
  await firstVersion.addAccount(db, "added by the older");
  await firstVersion.addAccount(db, "added by the older");
  const key = { connectionName: "gitlab", identifier: "added by the older" };
  expect(await store.getAccount(key)).toMatchObject({ ...key, id: "added by the older" });
});

test("names that an older index has no room for take it away, and version 0.1.0 does not start then", async () => {
  const { store, db } = await open("PostgreSQL", true);
  const long = accountStoreChecks.find(({ name }) => name.startsWith("names of 512 characters"));
  await Promise.all([long?.run(store), long?.run(store)]);
  await expect(firstVersion.start(db)).rejects.toThrow(/previously executed migration 0004_long_names is missing/);
});

test.each(["SQLite", "PostgreSQL"])(
  "on %s, version 0.1.0 does not start on a store that this one has made",
  async (kind) => {
    const { db } = await open(kind, false);
    await expect(firstVersion.start(db)).rejects.toThrow(/previously executed migration/);
  },
);
