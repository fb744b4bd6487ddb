import { createConnection } from "node:net";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import type { AccountFilter, AccountRecord, ConnectionRecord } from "../../src/stores/account-store.js";
import { MemoryStore } from "../../src/stores/memory-store.js";
import type { GitLab } from "../../src/gitlab-types.js";
import { createGitLab } from "../../src/gitlab.js";
import { serveMcp } from "../../src/mcp/serve.js";
import { newKey } from "../support/accounts.js";

const end = "Connection: close\r\n";

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
  const { hostname, port, host } = new URL(server.url);
  const socket = createConnection({ host: hostname, port: Number(port) });
  // In one piece, so that all of them are there before the first is answered.
  const five = [1, 2, 3, 4, 5];
  socket.write(five.map((n) => `GET /healthz HTTP/1.1\r\nHost: ${host}\r\n${n === 5 ? end : ""}\r\n`).join(""));
  await expect.poll(() => limits.length).toBeGreaterThan(0);
  answer();
  expect((await text(socket)).match(/HTTP\/1\.1 \d+/g)).toEqual(five.map(() => "HTTP/1.1 200"));
  expect(limits).toEqual([1]);
  expect(connectionsRead).toBe(0);
});
