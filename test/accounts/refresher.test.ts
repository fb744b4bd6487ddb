import { expect, test } from "vitest";
import { MemoryStore } from "../../src/stores/memory-store.js";
import { ada, setUpAccounts, newKey } from "../support/accounts.js";
import { OAuthServer } from "../support/oauth-server.js";

const people = (count: number): { connectionName: string; identifier: string }[] =>
  Array.from({ length: count }, (_, n) => ({ connectionName: "gitlab", identifier: `user_${n}` }));

test("renews idle accounts in batches, and only those that end soon", async () => {
  const { server, accounts, clock, connect } = await setUpAccounts();
  for (const key of people(12)) await connect(key, key.identifier);
  clock.now += 60 * 60_000;
  await connect(ada);
  clock.now += 55 * 60_000;
  expect(await accounts.refreshDue({ batchSize: 5 })).toEqual({ refreshed: 12, failed: 0 });
  expect(server.refreshes).toBe(12);
  expect(await accounts.refreshDue({ batchSize: 5 })).toEqual({ refreshed: 0, failed: 0 });
});

test("goes on past accounts that fail, and lets them rest", async () => {
  const { server, accounts, clock, changes, connect } = await setUpAccounts();
  for (const key of people(4)) await connect(key, key.identifier);
  server.revoke("user_1");
  clock.now += 116 * 60_000;
  expect(await accounts.refreshDue()).toEqual({ refreshed: 3, failed: 1 });
  expect(changes.at(-1)).toMatchObject({ to: "REVOKED", account: { identifier: "user_1" } });
});

test("leaves accounts alone that a call renews at the same time", async () => {
  const { server, accounts, clock, connect } = await setUpAccounts();
  for (const key of people(3)) await connect(key, key.identifier);
  clock.now += 121 * 60_000;
  await Promise.all([
    accounts.refreshDue(),
    accounts.refreshDue(),
    ...people(3).map((key) => accounts.credentials(key)),
  ]);
  expect(server.refreshes).toBe(3);
});

test("starts at once, stops when told, and with the accounts", async () => {
  const { server, accounts, clock, connect } = await setUpAccounts();
  await connect();
  clock.now += 116 * 60_000;
  const refresher = accounts.startRefresher();
  await expect.poll(() => server.refreshes).toBe(1);
  await refresher.stop();
  accounts.startRefresher();
  await accounts.close();
});

test("an account that is renewed in the background costs a call nothing", async () => {
  const { server, accounts, clock, connect } = await setUpAccounts();
  await connect();
  clock.now += 116 * 60_000;
  await accounts.refreshDue();
  const asked = server.tokenRequests.length;
  await accounts.credentials(ada);
  expect(server.tokenRequests.length).toBe(asked);
});

test("asks an instance that is away once, and renews the accounts of the others", async () => {
  const { server, accounts, clock, connect } = await setUpAccounts();
  const away = new OAuthServer();
  await away.start();
  await accounts.connections.set("away", away.connection);
  for (const { identifier } of people(3)) {
    const key = { connectionName: "away", identifier };
    const { link } = await accounts.authorizationLink(key);
    away.now = () => clock.now;
    await accounts.handleCallback(away.authorize(link, identifier));
    await connect({ connectionName: "gitlab", identifier }, identifier);
  }
  clock.now += 121 * 60_000;
  away.before = (_, response) => response.writeHead(503).end();
  expect(await accounts.refreshDue({ concurrency: 1 })).toEqual({ refreshed: 3, failed: 3 });
  expect(server.refreshes).toBe(3);
  expect(away.tokenRequests.filter(({ grantType }) => grantType === "refresh_token")).toHaveLength(1);
  expect(await accounts.list({ connectionName: "away", status: "ACTIVE" })).toHaveLength(3);
  await away.stop();
});

test("goes on past a row that does not open", async () => {
  const store = new MemoryStore();
  const { server, accounts, clock, connect } = await setUpAccounts({ store, encryptionKey: newKey() });
  for (const key of people(4)) await connect(key, key.identifier);
  // The first to be due: it was copied from another one.
  const [first, second] = [await store.getAccount(people(4)[0] ?? ada), await store.getAccount(people(4)[1] ?? ada)];
  const changes = { secret: second?.secret, expiresAt: 1, updatedAt: 1 };
  await store.updateAccount(first?.id ?? "", first?.version ?? 0, changes);
  clock.now += 116 * 60_000;
  expect(await accounts.refreshDue({ concurrency: 1 })).toEqual({ refreshed: 3, failed: 1 });
  expect(server.refreshes).toBe(3);
});

test("asks an instance that is away once while the tokens still work, and says that it failed", async () => {
  const { server, accounts, clock, connect } = await setUpAccounts();
  for (const key of people(3)) await connect(key, key.identifier);
  clock.now += 116 * 60_000;
  server.before = (_, response) => response.writeHead(503).end();
  expect(await accounts.refreshDue({ concurrency: 1 })).toEqual({ refreshed: 0, failed: 3 });
  expect(server.tokenRequests.filter(({ grantType }) => grantType === "refresh_token")).toHaveLength(1);
});

test("an instance that does not answer holds up nobody else's accounts", async () => {
  const { server, accounts, clock, connect } = await setUpAccounts();
  const hung = await new OAuthServer().start();
  hung.now = () => clock.now;
  await accounts.connections.set("hung", hung.connection);
  for (const { identifier } of people(6)) {
    const { link } = await accounts.authorizationLink({ connectionName: "hung", identifier });
    await accounts.handleCallback(hung.authorize(link, identifier));
  }
  clock.now += 1_000;
  for (const key of people(3)) await connect(key, key.identifier);
  clock.now += 116 * 60_000;
  let letGo = (): void => undefined;
  const held = new Promise<void>((resolve) => (letGo = resolve));
  hung.before = () => held;
  const pass = accounts.refreshDue();
  // The hung instance's accounts are due first.
  await expect.poll(() => server.refreshes).toBe(3);
  expect(hung.refreshes).toBe(0);
  letGo();
  expect(await pass).toEqual({ refreshed: 9, failed: 0 });
  await hung.stop();
});
