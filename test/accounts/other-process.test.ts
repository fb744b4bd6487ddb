import { createGitLab } from "gitlab-agent-tools";
import { currentUserGet } from "gitlab-agent-tools/tools";
import { expect, onTestFinished, test } from "vitest";
import { MemoryStore } from "../../src/stores/memory-store.js";
import { ada, setUpAccounts, newKey, type AccountsSetup } from "../support/accounts.js";
import { OAuthServer } from "../support/oauth-server.js";

class CountingStore extends MemoryStore {
  readonly asked: string[] = [];

  override getAccount(...key: Parameters<MemoryStore["getAccount"]>): ReturnType<MemoryStore["getAccount"]> {
    this.asked.push("getAccount");
    return super.getAccount(...key);
  }
}

/** Two processes on one store, with one clock. */
async function twoProcesses(): Promise<{
  here: AccountsSetup;
  there: AccountsSetup & { encryptionKey: string };
  store: CountingStore;
}> {
  const store = new CountingStore();
  const encryptionKey = newKey();
  const here = await setUpAccounts({ store, encryptionKey });
  const { server, clock } = here;
  const connections = { gitlab: server.connection };
  const there = await setUpAccounts({ store, encryptionKey, connections, now: () => clock.now }, server);
  server.now = () => clock.now;
  return { here, there: { ...there, encryptionKey }, store };
}

test("an account that another process deletes is used for half a minute at most, although its token still works", async () => {
  const { here, there } = await twoProcesses();
  await here.accounts.connectWithToken({ ...ada, token: here.server.personalToken("ada") });
  await there.accounts.credentials(ada);
  await here.accounts.delete(ada);
  here.clock.now += 30_000;
  await expect(there.accounts.credentials(ada)).rejects.toMatchObject({ code: "account_not_found" });
});

test("a token that another process puts in place of the old one is taken up, likewise", async () => {
  const { here, there } = await twoProcesses();
  const [first, second] = [here.server.personalToken("ada"), here.server.personalToken("ada")];
  await here.accounts.connectWithToken({ ...ada, token: first });
  expect((await there.accounts.credentials(ada)).token).toBe(first);
  await here.accounts.connectWithToken({ ...ada, token: second });
  here.clock.now += 30_000;
  expect((await there.accounts.credentials(ada)).token).toBe(second);
});

test("looking again costs one look-up, and nothing for another half minute", async () => {
  const { here, store } = await twoProcesses();
  await here.connect();
  await here.accounts.credentials(ada);
  here.clock.now += 30_000;
  store.asked.length = 0;
  for (let call = 0; call < 5; call += 1) await here.accounts.credentials(ada);
  expect(store.asked).toEqual(["getAccount"]);
});

test("a connection that another process moves takes no call to the old instance after half a minute", async () => {
  const { here, there } = await twoProcesses();
  const key = { connectionName: "acme", identifier: "user_ada" };
  await here.accounts.connections.set("acme", here.server.connection);
  await here.connect(key);
  await there.accounts.credentials(key);
  const elsewhere = await new OAuthServer().start();
  await here.accounts.connections.set("acme", elsewhere.connection);
  here.clock.now += 30_000;
  await expect(there.accounts.credentials(key)).rejects.toMatchObject({ code: "account_not_connected" });
  await elsewhere.stop();
});

test("with no time in memory every call looks", async () => {
  const store = new CountingStore();
  const { accounts, connect } = await setUpAccounts({ store, encryptionKey: newKey(), accountCacheSeconds: 0 });
  await connect();
  store.asked.length = 0;
  for (let call = 0; call < 3; call += 1) await accounts.credentials(ada);
  expect(store.asked).toHaveLength(3);
});

test("calls on a connection that was added at run time read it once, and another process's change ends that in half a minute", async () => {
  const { here, there, store } = await twoProcesses();
  const key = { connectionName: "acme", identifier: "user_ada" };
  await here.accounts.connections.set("acme", here.server.connection);
  await here.accounts.connectWithToken({ ...key, token: here.server.personalToken("ada") });
  const gitlab = createGitLab({ store, encryptionKey: there.encryptionKey, now: () => here.clock.now });
  onTestFinished(() => gitlab.close());
  const account = gitlab.as(key.identifier, { connectionName: key.connectionName });
  await currentUserGet(account, {});
  let reads = 0;
  const read = store.getConnection.bind(store);
  store.getConnection = (name) => {
    reads += 1;
    return read(name);
  };
  for (let call = 0; call < 5; call += 1) await currentUserGet(account, {});
  expect(reads).toBe(0);
  const elsewhere = await new OAuthServer().start();
  onTestFinished(async () => void (await elsewhere.stop()));
  await here.accounts.connections.set("acme", elsewhere.connection);
  here.clock.now += 30_000;
  await expect(currentUserGet(account, {})).rejects.toMatchObject({ code: "account_not_connected" });
  expect(elsewhere.apiTokens).toEqual([]);
});
