import { existsSync } from "node:fs";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { createAccounts } from "../../src/accounts/accounts.js";
import { MemoryStore } from "../../src/stores/memory-store.js";
import { ada, setUpAccounts, newKey } from "../support/accounts.js";
import { OAuthServer } from "../support/oauth-server.js";

describe("getOrCreate", () => {
  test("is one account, however often and at once", async () => {
    const { accounts } = await setUpAccounts();
    const all = await Promise.all(Array.from({ length: 100 }, () => accounts.getOrCreate(ada)));
    expect(new Set(all.map(({ id }) => id)).size).toBe(1);
    expect(await accounts.list()).toHaveLength(1);
  });

  test("needs a connection that exists, and keeps the names of others to itself", async () => {
    const { accounts, server } = await setUpAccounts();
    for (const customer of ["initech", "hooli"]) await accounts.connections.set(customer, server.connection);
    const refused: unknown = await accounts
      .getOrCreate({ ...ada, connectionName: "initeck" })
      .catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "connection_not_found", details: { connectionName: "initeck" } });
    expect(inspect(refused, { depth: 9 }) + JSON.stringify(refused)).not.toMatch(/initech|hooli/);
  });

  test.each([
    ["", "empty"],
    ["  ", "empty"],
    ["a\u0000b", "control"],
    ["\ud800", "Unicode"],
    ["x".repeat(600), "longer"],
  ])("refuses %j as an identifier", async (identifier, because) => {
    const { accounts } = await setUpAccounts();
    await expect(accounts.getOrCreate({ ...ada, identifier })).rejects.toMatchObject({
      code: "invalid_input",
      message: expect.stringContaining(because) as string,
    });
  });
});

test("lists by connection, identifier and status", async () => {
  const { server, accounts, connect } = await setUpAccounts();
  await accounts.connections.set("other", server.connection);
  await connect();
  await accounts.getOrCreate({ connectionName: "gitlab", identifier: "user_ben" });
  await accounts.getOrCreate({ connectionName: "other", identifier: "user_ada" });
  const names = async (filter: Parameters<typeof accounts.list>[0]): Promise<string[]> =>
    (await accounts.list(filter)).map(({ connectionName, identifier }) => `${connectionName}/${identifier}`);
  expect(await names({})).toEqual(["gitlab/user_ada", "gitlab/user_ben", "other/user_ada"]);
  expect(await names({ connectionName: "gitlab" })).toEqual(["gitlab/user_ada", "gitlab/user_ben"]);
  expect(await names({ identifier: "user_ada" })).toEqual(["gitlab/user_ada", "other/user_ada"]);
  expect(await names({ status: "ACTIVE" })).toEqual(["gitlab/user_ada"]);
  expect(await names({ after: ada, limit: 1 })).toEqual(["gitlab/user_ben"]);
});

describe("connectWithToken", () => {
  test("stores nothing when GitLab refuses the token", async () => {
    const { accounts } = await setUpAccounts();
    await expect(accounts.connectWithToken({ ...ada, token: "glpat-wrong" })).rejects.toMatchObject({
      code: "account_not_connected",
      hint: expect.stringMatching(/^Create a valid token/) as string,
      details: { reason: "token_refused" },
    });
    expect(await accounts.get(ada)).toBeUndefined();
  });

  test.each([404, 500])("connects when GitLab answers %i to the question whose it is", async (status) => {
    const { server, accounts } = await setUpAccounts();
    server.api = (_, response) => Boolean(response.writeHead(status).end());
    expect(await accounts.connectWithToken({ ...ada, token: "glpat-x" })).toMatchObject({
      status: "ACTIVE",
      scopes: [],
    });
    expect((await accounts.credentials(ada)).token).toBe("glpat-x");
  });

  test("connects when GitLab cannot be reached just now", async () => {
    const { server, accounts } = await setUpAccounts();
    server.api = (_, response) => Boolean(response.destroy());
    expect((await accounts.connectWithToken({ ...ada, token: "glpat-x" })).status).toBe("ACTIVE");
  });

  test("refuses the token of a blocked user", async () => {
    const { server, accounts } = await setUpAccounts();
    server.api = (_, response) =>
      Boolean(response.writeHead(403).end('{"message":"403 Forbidden - Your account has been blocked."}'));
    await expect(accounts.connectWithToken({ ...ada, token: "x" })).rejects.toMatchObject({ code: "account_blocked" });
  });

  test.each(["", "two words", "line\nbreak", "glpat-ü"])("refuses %j before any request", async (token) => {
    const { server, accounts } = await setUpAccounts();
    await expect(accounts.connectWithToken({ ...ada, token })).rejects.toMatchObject({ code: "invalid_input" });
    expect(server.apiTokens).toEqual([]);
  });

  test("says that there is no token, where a variable that should have it is not set", async () => {
    const { accounts } = await setUpAccounts();
    await expect(accounts.connectWithToken({ ...ada, token: "" })).rejects.toMatchObject({
      code: "invalid_input",
      message: "token is empty: it must be a GitLab access token.",
    });
  });

  test("reads scopes and end of an OAuth token from its introspection", async () => {
    const { server, accounts, clock } = await setUpAccounts();
    server.api = (request, response) =>
      request.url === "/oauth/token/info" && Boolean(response.end('{"scope":["api"],"expires_in":60}'));
    const account = await accounts.connectWithToken({ ...ada, token: server.personalToken("ada") });
    expect(account).toMatchObject({ scopes: ["api"], expiresAt: new Date(clock.now + 60_000).toISOString() });
  });

  test("puts a new token in place of the old one, at once", async () => {
    const { server, accounts } = await setUpAccounts();
    const [first, second] = [server.personalToken("ada"), server.personalToken("ada")];
    const { id } = await accounts.connectWithToken({ ...ada, token: first });
    await accounts.credentials(ada);
    expect((await accounts.connectWithToken({ ...ada, token: second })).id).toBe(id);
    expect((await accounts.credentials(ada)).token).toBe(second);
  });
});

describe("delete", () => {
  test("revokes at GitLab and deletes", async () => {
    const { server, accounts, connect } = await setUpAccounts();
    await connect();
    const { token } = await accounts.credentials(ada);
    expect(await accounts.delete(ada)).toMatchObject({ revocation: "revoked", connectedAccount: ada });
    expect(server.revocations).toEqual([token]);
    expect(await accounts.get(ada)).toBeUndefined();
    await expect(accounts.credentials(ada)).rejects.toMatchObject({ code: "account_not_found" });
    expect(await accounts.delete(ada)).toBeUndefined();
  });

  test("deletes although GitLab is away, and says what is left to do", async () => {
    const { server, accounts, connect } = await setUpAccounts();
    await connect();
    await server.stop();
    expect(await accounts.delete(ada)).toMatchObject({
      revocation: "failed",
      warning: expect.stringContaining("Applications") as string,
    });
    expect(await accounts.get(ada)).toBeUndefined();
  });

  test("leaves a pasted token alone, and has nothing to revoke of an account that never was connected", async () => {
    const { server, accounts } = await setUpAccounts();
    await accounts.connectWithToken({ ...ada, token: server.personalToken("ada") });
    expect(await accounts.delete(ada)).toMatchObject({ revocation: "kept" });
    await accounts.getOrCreate(ada);
    expect(await accounts.delete(ada)).toMatchObject({ revocation: "none" });
    expect(server.revocations).toEqual([]);
  });

  test("while a refresh is under way revokes the pair that comes out of it", async () => {
    const { server, accounts, clock, connect } = await setUpAccounts();
    await connect();
    clock.now += 7_201_000;
    let deleted: Promise<unknown> | undefined;
    server.before = () => void (deleted ??= accounts.delete(ada));
    const { token } = await accounts.credentials(ada);
    expect(await deleted).toMatchObject({ revocation: "revoked" });
    expect(server.revocations).toEqual([token]);
    await expect(accounts.credentials(ada)).rejects.toMatchObject({ code: "account_not_found" });
  });
});

describe("configuration", () => {
  test.each([
    ["a URL that is none", { baseUrl: "gitlab.com" }],
    ["plain http", { baseUrl: "http://gitlab.example.com" }],
    ["plain http to a host that only looks local", { baseUrl: "http://127.0.0.1.example.com" }],
    ["plain http to a name that only begins like an address", { baseUrl: "http://127.evil.example" }],
    ["credentials", { baseUrl: "https://user:secret@gitlab.example.com" }],
    ["a query", { baseUrl: "https://gitlab.example.com/?x=1" }],
    ["an empty query", { baseUrl: "https://gitlab.example.com/?" }],
    ["a fragment", { baseUrl: "https://gitlab.example.com/#x" }],
    ["another protocol", { baseUrl: "ftp://gitlab.example.com" }],
    ["the API's own path", { baseUrl: "https://gitlab.example.com/api/v4/" }],
    ["a redirect URI that is none", { redirectUri: "callback" }],
    ["scopes in one string", { scopes: ["api read_user"] }],
  ])("with %s is refused at once", (_, config) => {
    expect(() => createAccounts({ store: "memory:", connections: { acme: config } })).toThrow(
      expect.objectContaining({ code: "connection_misconfigured", message: expect.stringContaining("acme") as string }),
    );
  });

  test.each([
    ["https://gitlab.com", "https://gitlab.com", "gitlab.com"],
    ["https://GitLab.Example.com:8443/git/lab//", "https://gitlab.example.com:8443/git/lab", "self-managed"],
    ["https://gitlab.example.com:443", "https://gitlab.example.com", "self-managed"],
    ["http://localhost:3000", "http://localhost:3000", "self-managed"],
    ["http://127.0.0.1:3000/gitlab/", "http://127.0.0.1:3000/gitlab", "self-managed"],
    ["http://[::1]:3000", "http://[::1]:3000", "self-managed"],
  ])("takes %s as %s", async (baseUrl, written, instance) => {
    const accounts = createAccounts({ store: "memory:", connections: { acme: { baseUrl } } });
    expect(await accounts.connections.get("acme")).toMatchObject({ baseUrl: written, instance });
  });

  test("allows plain http by hand", () => {
    const connections = { acme: { baseUrl: "http://gitlab.intern", allowHttp: true } };
    expect(() => createAccounts({ store: "memory:", connections })).not.toThrow();
  });

  test("refuses stores of unknown kinds, without repeating a password", () => {
    expect(() => createAccounts({ store: "mysql://u:secret@host/db", encryptionKey: newKey() })).toThrow(
      expect.objectContaining({
        code: "connection_misconfigured",
        message: expect.not.stringContaining("secret") as string,
      }),
    );
  });

  test("wants a key for every store that lasts, once it is used", async () => {
    for (const encryptionKey of [undefined, "", []]) {
      await expect(createAccounts({ store: "sqlite:x.db", encryptionKey }).list()).rejects.toMatchObject({
        code: "connection_misconfigured",
        message: expect.stringContaining("key") as string,
      });
    }
    expect(existsSync("x.db")).toBe(false);
  });

  test("refuses a key that is none at once", () => {
    for (const key of ["short", `${newKey()}AA`, "*".repeat(44)]) {
      expect(() => createAccounts({ store: "memory:", encryptionKey: key })).toThrow(
        expect.objectContaining({ code: "connection_misconfigured" }),
      );
    }
  });

  test("does nothing before its first use", () => {
    expect(() =>
      createAccounts({ store: "postgres://nobody@127.0.0.1:1/none", encryptionKey: newKey() }),
    ).not.toThrow();
  });

  test("a store that cannot be reached is a retryable error", async () => {
    const accounts = createAccounts({ store: "postgres://nobody@127.0.0.1:1/none", encryptionKey: newKey() });
    await expect(accounts.get(ada)).rejects.toMatchObject({ code: "internal", retryable: true });
  });
});

describe("connections at run time", () => {
  test("are kept, shown without their secret, and usable", async () => {
    const { server, accounts, connect } = await setUpAccounts();
    await accounts.connections.set("acme", server.connection);
    const shown = await accounts.connections.get("acme");
    expect(shown).toMatchObject({ name: "acme", baseUrl: server.baseUrl, hasClientSecret: true, source: "store" });
    expect(JSON.stringify([shown, await accounts.connections.list()])).not.toContain(server.clientSecret);
    expect((await connect({ connectionName: "acme", identifier: "user_ada" })).status).toBe("ACTIVE");
    expect((await accounts.connections.list()).map(({ name }) => name)).toEqual(["acme", "gitlab"]);
    expect(await accounts.connections.delete("acme")).toBe(true);
    await expect(accounts.credentials({ connectionName: "acme", identifier: "user_ada" })).rejects.toMatchObject({
      code: "connection_not_found",
    });
  });

  test("cannot shadow the configuration", async () => {
    const { accounts } = await setUpAccounts();
    await expect(accounts.connections.set("gitlab", {})).rejects.toMatchObject({ code: "invalid_input" });
    await expect(accounts.connections.delete("gitlab")).rejects.toMatchObject({ code: "invalid_input" });
  });

  test.each([
    ["an error", () => Promise.reject(new Error("a private address"))],
    [
      "a throw",
      () => {
        throw new Error("a private address");
      },
    ],
  ])("are asked about, and refused by %s before anything is stored", async (_, refuse) => {
    const asked: string[] = [];
    const { server, accounts, connect } = await setUpAccounts({
      checkBaseUrl(url) {
        asked.push(url.href);
        return url.hostname === "169.254.169.254" ? refuse() : undefined;
      },
    });
    await expect(accounts.connections.set("acme", { baseUrl: "https://169.254.169.254/x/" })).rejects.toMatchObject({
      code: "connection_misconfigured",
      message: expect.stringContaining("a private address") as string,
    });
    expect(await accounts.connections.get("acme")).toBeUndefined();
    await accounts.connections.set("acme", server.connection);
    // What the configuration says is not a stranger's word.
    await connect();
    expect(asked).toEqual(["https://169.254.169.254/x", `${server.baseUrl}/`]);
  });

  test("that point elsewhere do not take the old accounts' tokens along", async () => {
    const { server, accounts, connect } = await setUpAccounts();
    const key = { connectionName: "acme", identifier: "user_ada" };
    await accounts.connections.set("acme", server.connection);
    await connect(key);
    await accounts.credentials(key);
    await accounts.connections.set("acme", {
      ...server.connection,
      baseUrl: "https://elsewhere.example",
      redirectUri: "https://app.example/elsewhere",
    });
    await expect(accounts.credentials(key)).rejects.toMatchObject({
      code: "account_not_connected",
      message: expect.stringContaining("elsewhere.example") as string,
    });
  });
});

test("a closed client says so, and does not open its store again", async () => {
  const { accounts } = await setUpAccounts();
  await accounts.getOrCreate(ada);
  await accounts.close();
  await expect(accounts.get(ada)).rejects.toMatchObject({ code: "internal", message: "The client has been closed." });
  await accounts.close();
});

describe("closing", () => {
  test("waits for a callback under way, whose account is connected", async () => {
    const order: string[] = [];
    class ClosingStore extends MemoryStore {
      override async updateAccount(...change: Parameters<MemoryStore["updateAccount"]>) {
        const updated = await super.updateAccount(...change);
        order.push(`written ${updated?.status ?? "nothing"}`);
        return updated;
      }

      override close(): Promise<void> {
        order.push("closed");
        return super.close();
      }
    }
    const store = new ClosingStore();
    const { server, accounts } = await setUpAccounts({ store, encryptionKey: newKey() });
    const { link } = await accounts.authorizationLink(ada);
    let closing: Promise<void> | undefined;
    server.after = () => void (closing ??= accounts.close());
    const { connectedAccount } = await accounts.handleCallback(server.authorize(link, "ada"));
    await closing;
    expect(connectedAccount.status).toBe("ACTIVE");
    expect(order).toEqual(["written ACTIVE", "closed"]);
  });

  test("does not wait for people", async () => {
    const connection = { redirectUri: "http://127.0.0.1/callback" };
    const server = await new OAuthServer().start();
    const { accounts } = await setUpAccounts(
      {
        connections: { gitlab: { ...server.connection, ...connection } },
        sleep: (_, signal) =>
          new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(new Error("aborted")))),
      },
      server,
    );
    const device = await accounts.startDeviceFlow(ada);
    const waiting = device.wait();
    let shown = (): void => undefined;
    const open = new Promise<void>((resolve) => (shown = resolve));
    const browser = accounts.authorizeInBrowser({ ...ada, open: () => shown() });
    await open;
    const ended = Promise.allSettled([waiting, browser]);
    await accounts.close();
    expect(await ended).toMatchObject([{ reason: { code: "aborted" } }, { reason: { code: "aborted" } }]);
  });
});
