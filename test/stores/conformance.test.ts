import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGitLab } from "gitlab-agent-tools";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AccountStore } from "../../src/stores/account-store.js";
import { openStore } from "../../src/stores/open-store.js";
import { accountStoreChecks } from "../../src/stores/account-store-checks.js";
import { newKey } from "../support/accounts.js";
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

  test("lists the accounts of one product of several, whatever the database makes of signs", async () => {
    const gitlab = createGitLab({ store, encryptionKey: newKey(), connections: { products: {} } });
    const identifiers = ["acme:b", "acme:a", "acme-eu:a", "acmez", "ACME:a", "acme:%", "acme", "acme:ä😀", "zcme:a"];
    for (const identifier of identifiers)
      await gitlab.actions.getOrCreateConnectedAccount({ connectionName: "products", identifier });
    const list = async (identifierPrefix: string, limit?: number): Promise<string[]> => {
      const filter = { connectionName: "products", identifierPrefix, limit };
      const { connectedAccounts } = await gitlab.actions.listConnectedAccounts(filter);
      return connectedAccounts.map(({ identifier }) => identifier).toSorted();
    };
    expect(await list("acme:")).toEqual(["acme:%", "acme:a", "acme:b", "acme:ä😀"]);
    expect(await list("acme:", 2)).toHaveLength(2);
    expect(await list("acme:ä😀")).toEqual(["acme:ä😀"]);
    expect(await list("%")).toEqual([]);
  });
});
