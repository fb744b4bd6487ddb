import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Kysely, PostgresDialect, sql, SqliteDialect } from "kysely";
import Database from "libsql";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { migrate } from "../../src/stores/migrate.js";
import { migrations } from "../../src/stores/migrations.js";
import { openStore } from "../../src/stores/open-store.js";
import type { ExpiringRows } from "../../src/stores/expiring-rows.js";
import type { Tables } from "../../src/stores/tables.js";
import { quietPool, startPostgres, type TestPostgres } from "../support/postgres.js";

let postgres: TestPostgres;
beforeAll(async () => void (postgres = await startPostgres()));
afterAll(() => postgres.stop());

const before = Object.fromEntries(Object.entries(migrations).filter(([name]) => name < "0006"));
const [now, expiresAt] = [1_000, 9_000];

/** A row as the version writes it that knows nothing of whom a row is about. */
const old = { kind: "audit", expires_at: expiresAt };
const entry = (identifier: string): string => JSON.stringify({ identifier, connectionName: "gitlab" });

describe.each(["SQLite", "PostgreSQL"])("on %s", (kind) => {
  async function database(): Promise<{ url: string; db: Kysely<Tables> }> {
    if (kind === "PostgreSQL") {
      const url = await postgres.createDatabase();
      const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: quietPool(url) }) });
      onTestFinished(() => db.destroy());
      return { url, db };
    }
    const folder = await mkdtemp(join(tmpdir(), "rows-about-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const path = join(folder, "accounts.db");
    const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: new Database(path) }) });
    onTestFinished(() => db.destroy());
    return { url: `sqlite:${path}`, db };
  }

  async function open(url: string): Promise<ExpiringRows> {
    const store = openStore(url);
    await store.open();
    onTestFinished(() => store.close());
    return store.rows ?? expect.fail("no rows");
  }

  test("what was written before is found too, and what writes without it goes on beside", async () => {
    const { url, db } = await database();
    await migrate(db, before);
    await db
      .insertInto("gitlab_rows")
      .values([
        { ...old, id: "1", value: entry("ada") },
        { ...old, id: "2", value: entry('"ben" \\ %') },
        { ...old, id: "3", kind: "account event", value: JSON.stringify({ account: { identifier: "ada" } }) },
        { ...old, id: "4", kind: "mcp grant", value: "sealed, and no JSON" },
      ])
      .execute();
    const rows = await open(url);
    const about = async (row: string, identifier: string): Promise<string[]> =>
      (await rows.list(row, { now, limit: 10, about: identifier })).map(({ id }) => id);
    expect(await about("audit", "ada")).toEqual(["1"]);
    expect(await about("audit", '"ben" \\ %')).toEqual(["2"]);
    expect(await about("account event", "ada")).toEqual(["3"]);
    expect(await about("mcp grant", "ada")).toEqual([]);
    await db
      .insertInto("gitlab_rows")
      .values({ ...old, id: "5", value: entry("ada") })
      .execute();
    expect(await rows.get("audit", "5", now)).toMatchObject({ id: "5" });
  });

  test("one person's rows are looked up, however many there are of others", async () => {
    const { url, db } = await database();
    const rows = await open(url);
    const others = Array.from({ length: 200 }, (_, n) => ({ ...old, id: `${n}`, value: "{}", about: `user ${n}` }));
    for (let batch = 0; batch < 20; batch += 1)
      await db
        .insertInto("gitlab_rows")
        .values(others.map((row) => ({ ...row, id: `${batch} ${row.id}` })))
        .execute();
    const mine = { kind: "audit", value: "{}", expiresAt, about: "ada" };
    for (const id of ["a", "b"]) await rows.add({ ...mine, id }, now);
    await sql`analyze`.execute(db);
    const page = { now, limit: 500, after: "0", about: "ada" };
    expect((await rows.list("audit", page)).map(({ id }) => id)).toEqual(["a", "b"]);
    const query = sql`select id from gitlab_rows where kind = ${"audit"} and expires_at > ${now} and id > ${"0"}
      and about = ${"ada"} order by id limit ${500}`;
    const explain = kind === "SQLite" ? sql`explain query plan` : sql`explain`;
    const plan = JSON.stringify((await sql`${explain} ${query}`.execute(db)).rows);
    expect(plan).toContain("gitlab_rows_about");
  });
});
