import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, test } from "vitest";
import type { AccountStore } from "../../src/stores/account-store.js";
import { openStore } from "../../src/stores/open-store.js";
import { accountStoreChecks } from "../../src/stores/account-store-checks.js";
import { startPostgres, type TestPostgres } from "../support/postgres.js";

let postgres: TestPostgres;
let folder: string;
const urls = new Map<string, string>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "stores-"));
  postgres = await startPostgres();
  urls.set("memory", "memory:");
  urls.set("SQLite", `sqlite:${join(folder, "accounts.db")}`);
  urls.set("PostgreSQL", await postgres.createDatabase());
});

afterAll(async () => {
  await postgres.stop();
  await rm(folder, { recursive: true });
});

describe.each(["memory", "SQLite", "PostgreSQL"])("%s store", (kind) => {
  let store: AccountStore;

  beforeAll(async () => {
    store = openStore(urls.get(kind) ?? "");
    await store.open();
  });

  afterAll(() => store.close());

  test.each(accountStoreChecks)("$name", (check) => check.run(store));
});
