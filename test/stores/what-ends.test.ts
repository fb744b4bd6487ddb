import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGitLab } from "gitlab-agent-tools";
import { createSigningToken, createWebhookReceiver, signWebhook } from "gitlab-agent-tools/webhooks";
import { Kysely, PostgresDialect, SqliteDialect } from "kysely";
import Database from "libsql";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { openStore } from "../../src/stores/open-store.js";
import type { Tables } from "../../src/stores/tables.js";
import { newKey } from "../support/accounts.js";
import { quietPool, startPostgres, type TestPostgres } from "../support/postgres.js";

const dayMs = 86_400_000;
/** More than one cleanup deletes. */
const many = 1_200;
const connections = {
  gitlab: { baseUrl: "https://gitlab.example", clientId: "a", redirectUri: "https://app.example/cb", scopes: ["api"] },
};

/** What becomes of what is in each table; `ended` makes rows of it that have ended. */
const rules: Readonly<
  Record<string, { readonly rule: string; readonly ended?: (db: Kysely<Tables>, now: number) => Promise<unknown> }>
> = {
  gitlab_accounts: { rule: "a person's, until it is deleted" },
  gitlab_connections: { rule: "an administrator's, until it is deleted" },
  gitlab_settings: { rule: "one for the store's key, and one for each person who was given a session, until deleted" },
  gitlab_steps: { rule: "one for each step of migrations" },
  gitlab_migrations: { rule: "one for each step of migrations that version 0.1 asks for" },
  gitlab_authorizations: {
    rule: "a day after its end",
    ended: (db, now) =>
      inBatches(
        (n) => ({
          ...{ state_hash: `ended ${n}`, account_id: "x", connection_name: "gitlab", identifier: "x", secret: "x" },
          ...{ redirect_uri: "x", scopes: "", return_to: null, expires_at: now - dayMs - 1, used_at: null },
        }),
        (rows) => db.insertInto("gitlab_authorizations").values(rows).execute(),
      ),
  },
  gitlab_rows: {
    rule: "from its end on",
    ended: (db, now) =>
      inBatches(
        (n) => ({ kind: `kind ${n % 7}`, id: `${n}`, value: "", expires_at: now }),
        (rows) => db.insertInto("gitlab_rows").values(rows).execute(),
      ),
  },
  gitlab_leases: {
    rule: "a month after its end, where the process died that had it",
    ended: (db) =>
      inBatches(
        (n) => ({ name: `abandoned ${n}`, owner: "{}", expires_at: Date.now() - 30 * dayMs - 60_000 }),
        (rows) => db.insertInto("gitlab_leases").values(rows).execute(),
      ),
  },
};

async function inBatches<Row>(row: (n: number) => Row, insert: (rows: Row[]) => Promise<unknown>): Promise<void> {
  const rows = Array.from({ length: many }, (_, n) => row(n));
  for (let from = 0; from < many; from += 50) await insert(rows.slice(from, from + 50));
}

let postgres: TestPostgres;
beforeAll(async () => void (postgres = await startPostgres()));
afterAll(() => postgres.stop());

describe.each(["SQLite", "PostgreSQL"])("%s", (kind) => {
  async function open(): Promise<{ url: string; db: Kysely<Tables> }> {
    const folder = await mkdtemp(join(tmpdir(), "what-ends-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const path = join(folder, "accounts.db");
    const url = kind === "SQLite" ? `sqlite:${path}` : await postgres.createDatabase();
    const store = openStore(url);
    await store.open();
    await store.close();
    const dialect =
      kind === "SQLite"
        ? new SqliteDialect({ database: new Database(path) })
        : new PostgresDialect({ pool: quietPool(url) });
    const db = new Kysely<Tables>({ dialect });
    onTestFinished(() => db.destroy());
    return { url, db };
  }

  const count = async (db: Kysely<Tables>, table: string): Promise<number> => {
    const counted = await db
      .selectFrom(table as keyof Tables)
      .select((eb) => eb.fn.countAll().as("count"))
      .executeTakeFirst();
    return Number(counted?.count);
  };

  test("every table has a rule for what becomes of its rows", async () => {
    const { db } = await open();
    const tables = (await db.introspection.getTables()).map(({ name }) => name);
    expect(tables.sort()).toEqual(Object.keys(rules).sort());
  });

  test("what has ended goes, some of it with each cleanup, whatever is written; the rest stays", async () => {
    const { url, db } = await open();
    let now = Date.now();
    const ending = Object.entries(rules).flatMap(([table, { ended }]) => (ended ? [{ table, ended }] : []));
    for (const { ended } of ending) await ended(db, now);
    const gitlab = createGitLab({ store: url, encryptionKey: newKey(), connections, now: () => now });
    onTestFinished(() => gitlab.close());
    const store = openStore(url);
    onTestFinished(() => store.close());
    await store.open();
    const lease = { name: "of a process that died lately", owner: "{}", expires_at: Date.now() - dayMs };
    await db.insertInto("gitlab_leases").values(lease).execute();
    await store.rows?.add({ kind: "kind", id: "alive", value: "", expiresAt: now + dayMs }, now);
    const { link: _ } = await gitlab.actions.getAuthorizationLink({ identifier: "ada" });
    const kept = { gitlab_authorizations: 1, gitlab_rows: 1, gitlab_leases: 1 };
    const left = async (): Promise<Record<string, number>> =>
      Object.fromEntries(await Promise.all(ending.map(async ({ table }) => [table, await count(db, table)] as const)));
    // Nothing is cleaned up with every write.
    expect(await left()).toEqual(Object.fromEntries(Object.entries(kept).map(([table, rest]) => [table, many + rest])));
    const minuteLater = async (): Promise<Record<string, number>> => {
      now += 60_001;
      await gitlab.actions.getAuthorizationLink({ identifier: "ada" });
      kept.gitlab_authorizations += 1;
      return await left();
    };
    await minuteLater();
    await expect
      .poll(left)
      .toEqual(Object.fromEntries(Object.entries(kept).map(([table, rest]) => [table, many - 1_000 + rest])));
    await minuteLater();
    await expect.poll(left).toEqual(kept);
  });

  test("a receiver of webhooks cleans up as it takes deliveries, however many come within a minute", async () => {
    const { url, db } = await open();
    const now = Date.now();
    await rules["gitlab_rows"]?.ended?.(db, now);
    const secret = createSigningToken();
    const receiver = createWebhookReceiver({ secrets: secret, store: url, now: () => now });
    receiver.on("*", () => undefined);
    const deliver = async (): Promise<unknown> => {
      const delivery = signWebhook({
        secret,
        body: { object_kind: "push", project: { id: 1 } },
        timestamp: new Date(now),
      });
      return (await receiver.handle(new Request("https://app.example/hooks", delivery))).status;
    };
    const statuses = await Promise.all(Array.from({ length: 500 }, deliver));
    expect(new Set(statuses)).toEqual(new Set([200]));
    await expect.poll(() => count(db, "gitlab_rows")).toBe(500 + many - 1_000);
  });
});
