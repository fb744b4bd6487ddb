import { expect, onTestFinished, test } from "vitest";
import type { AccountFilter, AccountRecord, ConnectionRecord } from "../../src/stores/account-store.js";
import { MemoryStore } from "../../src/stores/memory-store.js";
import type { GitLab } from "../../src/gitlab-types.js";
import { createGitLab } from "../../src/gitlab.js";
import { serveMcp } from "../../src/mcp/serve.js";
import { newKey } from "../support/accounts.js";

function client(store: MemoryStore): GitLab {
  const gitlab = createGitLab({ store, encryptionKey: newKey(), connections: { gitlab: {} } });
  onTestFinished(() => gitlab.close());
  return gitlab;
}

test("a connection whose row is damaged hides no other, and says what is wrong where it is used", async () => {
  const store = new MemoryStore();
  const { connections, actions } = client(store);
  await connections.set("acme", { baseUrl: "https://gitlab.acme.example" });
  await connections.set("beta", { baseUrl: "https://gitlab.beta.example" });
  for (const [name, config] of [
    ["broken", '{"baseUrl": "https://secret'],
    ["empty", "null"],
    ["wrong", '{"baseUrl":"ftp://nowhere"}'],
  ] as const) {
    await store.putConnection({ name, config, secret: null, updatedAt: 1 });
  }
  expect((await connections.list()).map(({ name }) => name)).toEqual(["acme", "beta", "gitlab"]);
  const account = { connectionName: "broken", identifier: "ada" };
  await expect(actions.getOrCreateConnectedAccount(account)).rejects.toMatchObject({
    code: "connection_misconfigured",
    message: 'Connection "broken" is damaged in the store: set it again.',
  });
  await connections.set("broken", { baseUrl: "https://gitlab.acme.example" });
  await actions.getOrCreateConnectedAccount(account);
});

test("the health endpoint reads one row and no connections, and looks once for all who ask at the same time", async () => {
  const limits: number[] = [];
  let connectionsRead = 0;
  let answer = (): void => undefined;
  const asked = new Promise<void>((resolve) => (answer = resolve));
  class CountingStore extends MemoryStore {
    override async listAccounts(filter: AccountFilter): Promise<AccountRecord[]> {
      limits.push(filter.limit);
      await asked;
      return await super.listAccounts(filter);
    }
    override async listConnections(): Promise<ConnectionRecord[]> {
      connectionsRead += 1;
      return await super.listConnections();
    }
    override async getConnection(name: string): Promise<ConnectionRecord | undefined> {
      connectionsRead += 1;
      return await super.getConnection(name);
    }
  }
  const server = await serveMcp({ gitlab: client(new CountingStore()) });
  onTestFinished(() => server.close());
  const health = new URL("/healthz", server.url);
  const all = Promise.all(Array.from({ length: 5 }, () => fetch(health)));
  await expect.poll(() => limits.length).toBeGreaterThan(0);
  answer();
  expect((await all).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  expect(new Set(limits)).toEqual(new Set([1]));
  expect(limits.length).toBeLessThan(5);
  expect(connectionsRead).toBe(0);
});
