import { createGitLab, type AccountEvent } from "gitlab-agent-tools";
import { expect, onTestFinished, test } from "vitest";
import { MemoryStore } from "../../src/stores/memory-store.js";
import { ada, setUpAccounts, newKey } from "../support/accounts.js";
import { OAuthServer } from "../support/oauth-server.js";

const evilKey = { connectionName: "evil", identifier: "user_mallory" };

/** Options as callers without types write them. */
const untyped = (json: string): never => JSON.parse(json) as never;

async function withSecondInstance(options: Parameters<typeof setUpAccounts>[0] = {}) {
  const setup = await setUpAccounts(options);
  const evil = await new OAuthServer().start();
  onTestFinished(async () => void (await evil.stop()));
  await setup.accounts.connections.set("evil", evil.connection);
  return { ...setup, evil };
}

test("a code of the honest instance that comes to its own redirect URI is not given to the instance of the link", async () => {
  const { server, accounts, evil } = await withSecondInstance();
  const { link } = await accounts.authorizationLink(evilKey);
  const query = new URL(link).searchParams;
  // The evil instance sends the browser on to the honest one, with the state of its own link.
  const onward = new URL(`${server.baseUrl}/oauth/authorize`);
  onward.search = new URLSearchParams({ ...Object.fromEntries(query), redirect_uri: server.redirectUri }).toString();
  const callback = server.authorize(onward.href, "ada");
  await expect(accounts.handleCallback(callback)).rejects.toMatchObject({
    code: "forbidden",
    details: { reason: "redirect_uri_mismatch" },
  });
  expect(evil.tokenRequests).toEqual([]);
});

test("two instances cannot share a redirect URI; {connection} is the way out", async () => {
  const { server, accounts, evil } = await withSecondInstance();
  const { redirectUri } = server;
  await expect(accounts.connections.set("other", { ...evil.connection, redirectUri })).rejects.toMatchObject({
    code: "connection_misconfigured",
    hint: expect.stringContaining("{connection}") as string,
  });
  await expect(accounts.authorizationLink({ ...evilKey, redirectUri })).rejects.toMatchObject({
    code: "connection_misconfigured",
  });
  const connections = { a: server.connection, b: { ...evil.connection, redirectUri } };
  expect(() => createGitLab({ store: "memory:", connections })).toThrow(/redirect URI/);
  const set = await accounts.connections.set("other", {
    ...evil.connection,
    redirectUri: "https://app.example/{connection}",
  });
  expect(set.redirectUri).toBe("https://app.example/other");
});

test("the origin of a callback counts, and publicUrl says where an application behind a proxy is", async () => {
  const { server, accounts } = await setUpAccounts();
  const callback = async (): Promise<URL> =>
    new URL(server.authorize((await accounts.authorizationLink(ada)).link, "ada"));
  const { pathname, search } = await callback();
  await expect(accounts.handleCallback(`http://10.0.0.7:3000${pathname}${search}`)).rejects.toMatchObject({
    code: "forbidden",
    hint: expect.stringContaining("publicUrl") as string,
  });
  const proxied = await setUpAccounts({ publicUrl: "https://app.example" }, server);
  const link = (await proxied.accounts.authorizationLink(ada)).link;
  const url = new URL(server.authorize(link, "ada"));
  url.host = "10.0.0.7:3000";
  expect((await proxied.accounts.handleCallback(url)).connectedAccount.status).toBe("ACTIVE");
});

test.each(["localhost:3000/cb", "/callback", "javascript:alert(1)", "https://app.example/cb#x"])(
  "%s is no redirect URI",
  async (redirectUri) => {
    const { server, accounts } = await setUpAccounts();
    const refusal = { code: "connection_misconfigured" };
    await expect(accounts.connections.set("x", { ...server.connection, redirectUri })).rejects.toMatchObject(refusal);
    await expect(accounts.authorizationLink({ ...ada, redirectUri })).rejects.toMatchObject({ code: "invalid_input" });
    const connections = { gitlab: { ...server.connection, redirectUri } };
    expect(() => createGitLab({ store: "memory:", connections })).toThrow(expect.objectContaining(refusal));
  },
);

test("who can write the database can neither redirect a person nor extend a link", async () => {
  const store = new MemoryStore();
  const { server, accounts, clock } = await setUpAccounts({ store, encryptionKey: newKey() });
  const { link } = await accounts.authorizationLink({ ...ada, returnTo: "/settings" });
  const [row] = await store.listAuthorizations({ limit: 1 });
  if (!row) throw new Error("no row");
  await store.addAuthorization({ ...row, returnTo: "https://evil.example/", expiresAt: row.expiresAt + 86_400_000 });
  expect(await accounts.handleCallback(server.authorize(link, "ada"))).toMatchObject({ returnTo: "/settings" });
  const late = await accounts.authorizationLink(ada);
  for (const one of await store.listAuthorizations({ limit: 10 })) {
    if (one.usedAt === null) await store.addAuthorization({ ...one, expiresAt: one.expiresAt + 86_400_000 });
  }
  clock.now += 11 * 60_000;
  await expect(accounts.handleCallback(server.authorize(late.link, "ada"))).rejects.toMatchObject({
    details: { reason: "state_expired" },
  });
});

test("who can write the database cannot bring a session back to life, and verifying writes nothing", async () => {
  class ReadOnly extends MemoryStore {
    readOnly = false;
    override async putSetting(name: string, value: string): Promise<void> {
      if (this.readOnly) throw new Error("attempt to write a readonly database");
      await super.putSetting(name, value);
    }
    override async addSetting(name: string, value: string): Promise<string> {
      if (this.readOnly) throw new Error("attempt to write a readonly database");
      return await super.addSetting(name, value);
    }
  }
  const store = new ReadOnly();
  const gitlab = createGitLab({ store, encryptionKey: newKey() });
  onTestFinished(() => gitlab.close());
  const person = { identifier: "user_ada" };
  const { token, sessionId } = await gitlab.createSession(person);
  store.readOnly = true;
  expect(await gitlab.verifySession(token)).toMatchObject(person);
  store.readOnly = false;
  await gitlab.revokeSession({ ...person, sessionId });
  expect(await gitlab.verifySession(token)).toBeUndefined();
  const name = 'sessions ["gitlab","user_ada"]';
  const row = JSON.parse((await store.getSetting(name)) ?? "") as Record<string, unknown>;
  for (const forged of [
    { ...row, revoked: {} },
    { generation: row["generation"], revoked: {} },
  ]) {
    await store.putSetting(name, JSON.stringify(forged));
    expect(await gitlab.verifySession(token)).toBeUndefined();
  }
});

test("a rotation seals everything anew and says when the old key can go", async () => {
  const store = new MemoryStore();
  const [old, current] = [newKey(), newKey()];
  const setup = await setUpAccounts({ store, encryptionKey: old });
  await setup.connect();
  await setup.accounts.connections.set("other", { ...setup.server.connection });
  const { link } = await setup.accounts.authorizationLink(ada);
  const again = (encryptionKey: string | string[]) =>
    setUpAccounts({ store, encryptionKey, connections: { gitlab: setup.server.connection } }, setup.server);
  const seen: number[] = [];
  const rotating = await again([current, old]);
  const rotation = await rotating.accounts.rotateKeys({ onProgress: ({ checked }) => void seen.push(checked) });
  expect(rotation).toEqual({ checked: 3, resealed: 3, unreadable: 0, complete: true });
  expect(seen).toEqual([1, 3]);
  const rotated = await again(current);
  const { connectedAccount } = await rotated.accounts.handleCallback(setup.server.authorize(link, "ada"));
  expect(connectedAccount.status).toBe("ACTIVE");
  expect(await rotated.accounts.connections.get("other")).toMatchObject({ hasClientSecret: true });
});

test("a store of somebody's own that was made before rotation works, and says so when it is to be sealed anew", async () => {
  const store = new MemoryStore();
  const older = new Proxy(store, {
    get: (target, name) => {
      if (name === "listAuthorizations" || name === "resealAuthorization") return undefined;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
  const { accounts, connect } = await setUpAccounts({ store: older, encryptionKey: [newKey(), newKey()] });
  expect((await connect()).status).toBe("ACTIVE");
  await expect(accounts.rotateKeys()).rejects.toMatchObject({
    code: "connection_misconfigured",
    hint: expect.stringContaining("Implement") as string,
  });
  expect((await accounts.delete(ada))?.revocation).toBe("revoked");
});

test("a session is good only for the audience that it was minted for", async () => {
  const gitlab = createGitLab({ store: "memory:" });
  onTestFinished(() => gitlab.close());
  const audience = "https://mcp.example";
  const { token } = await gitlab.createSession({ identifier: "user_ada", audience });
  expect(await gitlab.verifySession(token, { audience })).toMatchObject({ audience });
  expect(await gitlab.verifySession(token)).toBeUndefined();
  expect(await gitlab.verifySession(token, { audience: "https://other.example" })).toBeUndefined();
});

test("an account that is authorized anew while it is deleted leaves no grant behind", async () => {
  const store = new MemoryStore();
  const { server, accounts, connect } = await setUpAccounts({ store, encryptionKey: newKey() });
  await connect();
  const { link } = await accounts.authorizationLink(ada);
  const callback = server.authorize(link, "ada");
  const remove = store.deleteAccount.bind(store);
  let raced = false;
  store.deleteAccount = async (id, version) => {
    if (!raced) {
      raced = true;
      await accounts.handleCallback(callback);
    }
    return await remove(id, version);
  };
  const deleted = await accounts.delete(ada);
  expect(deleted?.revocation).toBe("revoked");
  const granted = server.tokenRequests.filter(({ status }) => status === 200).length;
  expect(new Set(server.revocations).size).toBe(granted);
});

test("a clock that is set back does not make a replaced token be used on", async () => {
  const shared = { store: new MemoryStore(), encryptionKey: newKey() };
  const here = await setUpAccounts(shared);
  await here.connect();
  const { token } = await here.accounts.credentials(ada);
  await here.connect();
  const second = await setUpAccounts(
    { ...shared, now: () => here.clock.now, connections: { gitlab: here.server.connection } },
    here.server,
  );
  here.server.now = () => here.clock.now;
  const before = await second.accounts.credentials(ada);
  expect(before.token).not.toBe(token);
  await here.connect();
  here.clock.now -= 3_600_000;
  await second.accounts.credentials(ada);
  here.clock.now += 31_000;
  expect((await second.accounts.credentials(ada)).token).not.toBe(before.token);
});

test("a person who signs in gets the account that identify says; who is refused leaves nothing behind", async () => {
  const { server, accounts } = await setUpAccounts();
  const { link } = await accounts.signInLink({ connectionName: "gitlab", data: "cart 7" });
  expect(await accounts.list()).toEqual([]);
  const { connectedAccount, data } = await accounts.handleCallback(server.authorize(link, "ada"), {
    identify: ({ id, username }) => `gitlab-${id}-${username}`,
  });
  expect(connectedAccount).toMatchObject({ identifier: "gitlab-3-ada", status: "ACTIVE" });
  expect(data).toBe("cart 7");
  const again = await accounts.signInLink({ connectionName: "gitlab" });
  const refused = new Error("not one of ours");
  await expect(
    accounts.handleCallback(server.authorize(again.link, "eve"), { identify: () => Promise.reject(refused) }),
  ).rejects.toMatchObject({ cause: refused });
  expect(server.revocations).toHaveLength(1);
  expect(await accounts.list()).toHaveLength(1);
});

test("onAccountEvent tells what happens, never a token, and its failure stops nothing", async () => {
  const events: AccountEvent[] = [];
  const { server, accounts, clock, connect } = await setUpAccounts({
    onAccountEvent: (event) => {
      events.push(event);
      throw new Error("on purpose");
    },
  });
  await connect();
  clock.now += 7_201_000;
  await accounts.credentials(ada);
  server.before = (_, response) => response.writeHead(503).end();
  clock.now += 7_201_000;
  await expect(accounts.credentials(ada)).rejects.toMatchObject({ retryable: true });
  server.before = undefined;
  server.revoke("ada");
  await expect(accounts.credentials(ada)).rejects.toMatchObject({ code: "account_revoked" });
  await accounts.delete(ada);
  await expect
    .poll(() => events.map(({ type }) => type))
    .toEqual(["created", "connected", "refreshed", "refresh_failed", "revoked", "deleted"]);
  for (const secret of server.secrets) expect(JSON.stringify(events)).not.toContain(secret);
});

test("an instance cannot have itself polled without pause, nor its device code wait for ever", async () => {
  const { server, accounts, clock, slept } = await setUpAccounts({
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      if (!String(input instanceof Request ? input.url : input).endsWith("/oauth/authorize_device")) return response;
      const body = (await response.json()) as object;
      return Response.json({ ...body, interval: 0.001, expires_in: 1e15 });
    },
  });
  const device = await accounts.startDeviceFlow(ada);
  expect(device.intervalSeconds).toBe(1);
  expect(Date.parse(device.expiresAt) - clock.now).toBe(3_600_000);
  server.deviceAnswers.push("user:ada");
  await device.wait();
  expect(slept).toEqual([1000]);
});

test("a code whose exchange broke off is not offered for another try: the link is used up", async () => {
  const { server, accounts } = await setUpAccounts();
  const { link } = await accounts.authorizationLink(ada);
  server.before = (_, response) => response.destroy();
  await expect(accounts.handleCallback(server.authorize(link, "ada"))).rejects.toMatchObject({
    retryable: false,
    hint: expect.stringContaining("new authorization link") as string,
  });
});

test.each<readonly [string, (gitlab: ReturnType<typeof createGitLab>) => Promise<unknown>]>([
  ["handleCallback", (gitlab) => gitlab.handleCallback("/cb?state=x", { expectedIdentifier: undefined })],
  ["handleCallback", (gitlab) => gitlab.handleCallback("/cb?state=x", untyped('{"expected_identifier":"x"}'))],
  ["listConnectedAccounts", (gitlab) => gitlab.actions.listConnectedAccounts({ identifier: undefined })],
  ["listConnectedAccounts", (gitlab) => gitlab.actions.listConnectedAccounts(untyped('{"identifer":"x"}'))],
  [
    "connectWithToken",
    (gitlab) => gitlab.connectWithToken(untyped('{"identifier":"x","connection_name":"a","token":"t"}')),
  ],
  [
    "deleteConnectedAccount",
    (gitlab) => gitlab.actions.deleteConnectedAccount(untyped('{"identifier":"x","connection_name":"a"}')),
  ],
  [
    "getAuthorizationLink",
    (gitlab) => gitlab.actions.getAuthorizationLink(untyped('{"identifier":"x","scope":["api"]}')),
  ],
  [
    "getConnectedAccount",
    (gitlab) => gitlab.actions.getConnectedAccount({ identifier: "x", connectionName: undefined }),
  ],
  ["connections.set", (gitlab) => gitlab.connections.set("x", { baseUrl: undefined })],
])("%s refuses what it does not know, and what says who or where and is undefined", async (_, act) => {
  const gitlab = createGitLab({ store: "memory:", connections: { gitlab: { baseUrl: "http://127.0.0.1:9" } } });
  onTestFinished(() => gitlab.close());
  await expect(act(gitlab)).rejects.toMatchObject({ code: "invalid_input" });
});
