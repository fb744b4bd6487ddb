import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import type { AccountRecord, AccountStore } from "../../src/stores/account-store.js";
import { migrate } from "../../src/stores/migrate.js";
import { migrations } from "../../src/stores/migrations.js";
import { openStore } from "../../src/stores/open-store.js";
import type { Tables } from "../../src/stores/tables.js";
import { createGitLab } from "../../src/gitlab.js";
import { serveMcp } from "../../src/mcp/serve.js";
import { scriptOf } from "../support/script.js";
import { newKey } from "../support/accounts.js";
import { accountStoreChecks } from "../../src/stores/account-store-checks.js";
import { startFreezingProxy, startTransactionPooler } from "../support/postgres-proxies.js";
import { deliverTwice } from "../support/deliver-twice.js";
import { startPostgres, type TestPostgres } from "../support/postgres.js";

let postgres: TestPostgres;

beforeAll(async () => {
  postgres = await startPostgres();
});

afterAll(() => postgres.stop());

function open(url: string): AccountStore {
  const store = openStore(url);
  onTestFinished(() => store.close());
  return store;
}

test("many stores on one new database migrate at once", async () => {
  const url = await postgres.createDatabase();
  const stores = Array.from({ length: 5 }, () => open(url));
  await Promise.all(stores.map((store) => store.open()));
  for (const store of stores) expect(await store.listAccounts({ limit: 1 })).toEqual([]);
});

test.each(
  Object.keys(migrations)
    .slice(0, -1)
    .map((_, index) => index + 1),
)("a database of version %i is brought up to date with its rows", async (version) => {
  const url = await postgres.createDatabase();
  const pool = new pg.Pool({ connectionString: url });
  const old = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  await migrate(old, Object.fromEntries(Object.entries(migrations).slice(0, version)));
  await old
    .insertInto("gitlab_connections")
    .values({ name: "acme", config: "{}", secret: null, updated_at: 1 })
    .execute();
  await old.destroy();
  const stores = [open(url), open(url)];
  await Promise.all(stores.map((store) => store.open()));
  for (const store of stores) {
    expect(await store.listConnections()).toEqual([{ name: "acme", config: "{}", secret: null, updatedAt: 1 }]);
  }
});

test("replicas that add one account at once, or claim what is due, do not get in each other's way", async () => {
  const url = await postgres.createDatabase();
  const stores = Array.from({ length: 4 }, () => open(url));
  await Promise.all(stores.map((store) => store.open()));
  const account = (identifier: string): AccountRecord => ({
    ...{ id: randomUUID(), connectionName: "gitlab", identifier, status: "ACTIVE", scopes: [], baseUrl: null },
    ...{ gitlabUserId: null, gitlabUsername: null, secret: "x", refreshable: true, expiresAt: 1 },
    ...{ createdAt: 1, updatedAt: 1, version: 1 },
  });
  const names = Array.from({ length: 25 }, (_, n) => `user ${n}`);
  const added = await Promise.all(stores.flatMap((store) => names.map((name) => store.addAccount(account(name)))));
  expect(new Set(added.map(({ id }) => id)).size).toBe(25);
  const claims = await Promise.all(
    stores.flatMap((store) =>
      [1, 2].map(() => store.claimDueAccounts({ now: 10, expiresBefore: 5, claimUntil: 20, limit: 4 })),
    ),
  );
  const claimed = claims.flat().map(({ identifier }) => identifier);
  expect(claimed).toHaveLength(new Set(claimed).size);
  expect(claims.filter((claim) => claim.length > 0).length).toBeGreaterThan(1);
});

test("the lock of a process that died is free at once", async () => {
  const url = await postgres.createDatabase();
  const store = open(url);
  await store.open();
  const child = spawn(process.execPath, [await scriptOf("lock-and-hang"), url], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  await expect(store.withLock("name", () => Promise.resolve(), { waitMs: 0 })).rejects.toMatchObject({
    code: "timeout",
  });
  child.kill("SIGKILL");
  await once(child, "exit");
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query("update gitlab_leases set expires_at = expires_at + 3600000");
  await client.end();
  expect(await store.withLock("name", ({ abandoned }) => Promise.resolve(abandoned))).toBe(true);
});

test("any number of locks, held for any time, leaves the connections to the others", async () => {
  const url = await postgres.createDatabase();
  const store = open(url);
  await store.open();
  let letGo = (): void => undefined;
  const held = new Promise<void>((resolve) => (letGo = resolve));
  let holders = 0;
  const work = Array.from({ length: 40 }, (_, n) =>
    store.withLock(`lock ${n}`, async () => {
      holders += 1;
      await held;
      return await store.addSetting(`setting ${n}`, "value");
    }),
  );
  await expect.poll(() => holders).toBe(40);
  expect(await store.withLock("another", () => Promise.resolve("done"))).toBe("done");
  const connections = await postgres.query(
    url,
    "select count(*)::int as count, count(*) filter (where state like 'idle in%')::int as held from pg_stat_activity where application_name = 'gitlab-agent-tools' and datname = current_database()",
  );
  expect(connections[0]).toMatchObject({ held: 0 });
  expect(Number(connections[0]?.["count"])).toBeLessThanOrEqual(10);
  letGo();
  expect(await Promise.all(work)).toHaveLength(40);
});

test("a lease that is given to an update goes with it in one statement, and stays where nothing is updated", async () => {
  const url = await postgres.createDatabase();
  const store = open(url);
  await store.open();
  const account = await store.addAccount({
    ...{ id: "account_1", connectionName: "gitlab", identifier: "ada", status: "ACTIVE", scopes: [], baseUrl: null },
    ...{ gitlabUserId: null, gitlabUsername: null, secret: "old", refreshable: true, expiresAt: 1 },
    ...{ createdAt: 1, updatedAt: 1, version: 1 },
  });
  const changes = { secret: "new", updatedAt: 2 };
  const leases = (): Promise<unknown[]> => postgres.query(url, "select 1 from gitlab_leases");
  await store.withLock("name", async (lock) => {
    expect(await store.updateAccount(account.id, 7, changes, lock)).toBeUndefined();
    expect(await leases()).toHaveLength(1);
    expect(await store.updateAccount(account.id, 1, changes, lock)).toMatchObject({ secret: "new", version: 2 });
    expect(await leases()).toEqual([]);
    expect(await store.withLock("name", ({ abandoned }) => Promise.resolve(abandoned))).toBe(false);
  });
});

test("work that is done counts although its lock was lost on the way", async () => {
  const url = await postgres.createDatabase();
  const store = open(url);
  await store.open();
  const result = await store.withLock("name", async () => {
    await postgres.query(url, "delete from gitlab_leases");
    return "done";
  });
  expect(result).toBe("done");
  expect(await store.withLock("name", () => Promise.resolve("again"))).toBe("again");
});

test("a lease goes by the clock of the database, not by that of a machine", async () => {
  const url = await postgres.createDatabase();
  const store = open(url);
  await store.open();
  const owner = JSON.stringify({ at: "another machine", pid: 1, id: "x" });
  const leaseFor = (seconds: number): Promise<unknown> =>
    postgres.query(
      url,
      `insert into gitlab_leases values ('name', '${owner}', (extract(epoch from now()) * 1000)::bigint + ${seconds * 1000})
       on conflict (name) do update set expires_at = excluded.expires_at, owner = excluded.owner`,
    );
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 3_600_000 });
  onTestFinished(() => void vi.useRealTimers());
  await leaseFor(60);
  let entered = false;
  const waiting = store.withLock("name", () => Promise.resolve((entered = true)));
  for (let look = 0; look < 3; look += 1) await store.getConnection("any");
  expect(entered).toBe(false);
  await leaseFor(-1);
  await waiting;
});

test("connections that the server has ended are replaced, all of them", async () => {
  const url = await postgres.createDatabase();
  const store = open(url);
  await store.open();
  await Promise.all(Array.from({ length: 10 }, () => store.listConnections()));
  await postgres.query(
    url,
    "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
  );
  // Nobody has told the pool yet: what only reads is sent again, what writes is the caller's to repeat.
  expect(await store.listConnections()).toEqual([]);
  await store.addSetting("name", "value");
  expect(await Promise.all(Array.from({ length: 10 }, () => store.listConnections()))).toHaveLength(10);
});

/** A store whose server stops answering in the middle, with little patience. */
async function frozen(): Promise<AccountStore & { thaw(): void }> {
  const proxy = await startFreezingProxy(await postgres.createDatabase());
  onTestFinished(() => proxy.close());
  const store = open(`${proxy.url}?connect_timeout=1&query_timeout=200`);
  await store.open();
  await store.listConnections();
  proxy.freeze();
  return Object.assign(store, { thaw: () => proxy.thaw() });
}

test("a server that stops answering is an error, and none when it answers again", async () => {
  const store = await frozen();
  const operations = [
    () => store.getAccount({ connectionName: "gitlab", identifier: "user" }),
    () => store.addSetting("name", "value"),
    () => store.withLock("name", () => Promise.resolve()),
  ];
  for (const result of await Promise.allSettled(operations.map((operation) => operation()))) {
    expect(result).toMatchObject({
      status: "rejected",
      reason: { message: expect.stringMatching(/timeout/) as string },
    });
  }
  store.thaw();
  expect(await store.addSetting("name", "value")).toBe("value");
});

test("the health endpoint says within its time that the store does not answer", async () => {
  const store = await frozen();
  const gitlab = createGitLab({ store, encryptionKey: newKey(), connections: { gitlab: {} } });
  const server = await serveMcp({ gitlab, healthTimeoutMs: 50 });
  onTestFinished(() => server.close());
  const ask = async (): Promise<unknown[]> => {
    const response = await fetch(new URL("/healthz", server.url));
    return [response.status, await response.json()];
  };
  expect(await ask()).toEqual([503, { status: "unavailable" }]);
  store.thaw();
  await expect.poll(ask, { timeout: 10_000 }).toEqual([200, { status: "ok" }]);
});

test("closing ends although the server does not answer", async () => {
  const store = await frozen();
  await store.close();
  await expect(store.listConnections()).rejects.toThrow(/has been closed/);
});

test("everything works through a proxy that pools transactions", async () => {
  const pooler = await startTransactionPooler(await postgres.createDatabase());
  onTestFinished(() => pooler.close());
  const stores = [open(pooler.url), open(pooler.url)];
  await Promise.all(stores.map((store) => store.open()));
  for (const check of accountStoreChecks) for (const store of stores.slice(0, 1)) await check.run(store);
  let inside = 0;
  const turns = stores.flatMap((store) =>
    [1, 2, 3].map(() =>
      store.withLock("shared", async () => {
        inside += 1;
        expect(inside).toBe(1);
        await store.listConnections();
        inside -= 1;
      }),
    ),
  );
  await Promise.all(turns);
  expect(pooler.transactions).toBeGreaterThan(100);
});

test("a machine of the same name does not take a live lease away", async () => {
  const url = await postgres.createDatabase();
  const store = open(url);
  await store.open();
  let owner: string | undefined;
  await store.withLock("name", async () => {
    const [row] = await postgres.query(url, "select owner from gitlab_leases");
    owner = String(row?.["owner"]);
  });
  // As a second machine would have written it: all the same but its start. No process here has that id.
  const other = owner?.replace(/[\da-f]{8}-[\da-f-]{27}(?= pid)/, randomUUID()).replace(/"pid":\d+/, '"pid":4194305');
  expect(other).not.toBe(owner);
  const end = "(extract(epoch from clock_timestamp()) * 1000)::bigint + 60000";
  await postgres.query(url, `insert into gitlab_leases values ('name', $1, ${end})`, [other]);
  await expect(store.withLock("name", () => Promise.resolve(), { waitMs: 50 })).rejects.toMatchObject({
    code: "timeout",
  });
});

test("receivers of webhooks with connections of their own handle a delivery once between them", async () => {
  const url = await postgres.createDatabase();
  const [one, other] = [open(url), open(url)];
  const { handled, outcomes } = await deliverTwice([one, other], ["a", "b", "c"]);
  expect(handled).toEqual({ a: 1, b: 1, c: 1 });
  expect(outcomes).toEqual([...Array<string>(9).fill("duplicate"), ...Array<string>(3).fill("handled")]);
  // What failed is let go, so that GitLab's next attempt is handled.
  expect((await deliverTwice([one, other], ["d"], "d")).handled).toEqual({ d: 1 });
});
