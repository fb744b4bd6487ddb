import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import type { AccountStore } from "../../src/stores/account-store.js";
import { openStore } from "../../src/stores/open-store.js";
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

test("the lock of a process that died is free at once", async () => {
  const url = await postgres.createDatabase();
  const store = open(url);
  await store.open();
  const child = spawn(process.execPath, ["--import", "tsx", "test/support/lock-and-hang.ts", url], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  const waiting = store.withLock("name", () => Promise.resolve());
  const killed = performance.now();
  child.kill("SIGKILL");
  await waiting;
  expect(performance.now() - killed).toBeLessThan(2_000);
});

test("more locks than connections do not block each other or the store", async () => {
  const url = await postgres.createDatabase();
  const store = open(url);
  await store.open();
  const work = Array.from({ length: 40 }, (_, n) =>
    store.withLock(`lock ${n}`, () => store.addSetting(`setting ${n}`, "value")),
  );
  expect(await Promise.all(work)).toHaveLength(40);
});

test("work that is done counts although its lock was lost on the way", async () => {
  const url = await postgres.createDatabase();
  const store = open(url);
  await store.open();
  const result = await store.withLock("name", async () => {
    await postgres.query(
      url,
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and state = 'idle in transaction'",
    );
    return "done";
  });
  expect(result).toBe("done");
  expect(await store.withLock("name", () => Promise.resolve("again"))).toBe("again");
});

test("a server that goes away is an error now and fine later", async () => {
  const url = await postgres.createDatabase();
  const store = open(url);
  await store.open();
  await postgres.query(
    url,
    "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
  );
  await store.listConnections().catch(() => undefined);
  expect(await store.listConnections()).toEqual([]);
});
