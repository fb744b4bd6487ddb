import { expect, test } from "vitest";
import { MemoryStore } from "../../src/stores/memory-store.js";
import { ada, setUpAccounts, newKey } from "../support/accounts.js";
import { OAuthServer } from "../support/oauth-server.js";

test("who authorizes again leaves no earlier grant alive", async () => {
  const { server, accounts, connect } = await setUpAccounts();
  await connect();
  const { token } = await accounts.credentials(ada);
  await connect(ada, "bob");
  expect(server.revocations).toEqual([token]);
  expect((await accounts.get(ada))?.gitlabUser?.username).toBe("bob");
  await accounts.credentials(ada, { rejected: { token: (await accounts.credentials(ada)).token, reason: "expired" } });
});

test("a pasted token in place of a grant ends the grant; a grant in place of a pasted token leaves it alone", async () => {
  const { server, accounts, connect } = await setUpAccounts();
  await connect();
  const { token } = await accounts.credentials(ada);
  await accounts.connectWithToken({ ...ada, token: server.personalToken("ada") });
  expect(server.revocations).toEqual([token]);
  await connect();
  expect(server.revocations).toEqual([token]);
});

test("nothing that happens to the revocation keeps an account from being connected", async () => {
  const { server, accounts, connect } = await setUpAccounts({
    fetch: (input, init) =>
      away && new Request(input).url.endsWith("/revoke") ? Promise.reject(new Error("away")) : fetch(input, init),
  });
  let away = false as boolean;
  await connect();
  away = true;
  expect((await connect(ada, "bob")).status).toBe("ACTIVE");
  expect(server.revocations).toEqual([]);
  expect((await accounts.credentials(ada)).token).toMatch(/^access-/);
});

test("a write that had to be repeated does not revoke what it wrote", async () => {
  const store = new MemoryStore();
  const { server, accounts, connect } = await setUpAccounts({ store, encryptionKey: newKey() });
  await connect();
  const { token } = await accounts.credentials(ada);
  const update = store.updateAccount.bind(store);
  let lost = false;
  store.updateAccount = async (...change) => {
    const updated = await update(...change);
    if (lost) return updated;
    lost = true;
    throw new Error("connection terminated");
  };
  await connect();
  expect(server.revocations).toEqual([token]);
});

test.each(["baseUrl", "clientId"] as const)(
  "a connection whose %s changes between link and callback sees neither code nor verifier",
  async (what) => {
    const { server, accounts } = await setUpAccounts();
    const elsewhere = await new OAuthServer().start();
    const key = { connectionName: "acme", identifier: "user_ada" };
    const connection = { ...server.connection, redirectUri: "https://app.example/acme" };
    await accounts.connections.set("acme", connection);
    const { link } = await accounts.authorizationLink(key);
    const moved = { baseUrl: elsewhere.baseUrl, clientId: "another" };
    await accounts.connections.set("acme", { ...connection, [what]: moved[what] });
    await expect(accounts.handleCallback(server.authorize(link, "ada"))).rejects.toMatchObject({
      code: "invalid_input",
      hint: expect.stringContaining("Start again") as string,
      details: { reason: "connection_changed" },
    });
    expect([...elsewhere.tokenRequests, ...server.tokenRequests]).toEqual([]);
    expect((await accounts.get(key))?.status).toBe("PENDING");
    await elsewhere.stop();
  },
);
