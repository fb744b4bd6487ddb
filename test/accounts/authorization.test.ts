import { describe, expect, test } from "vitest";
import { MemoryStore } from "../../src/stores/memory-store.js";
import { ada, setUpAccounts, newKey } from "../support/accounts.js";

const ben = { connectionName: "gitlab", identifier: "user_ben" };

describe("the link", () => {
  test("carries PKCE with S256, an unguessable state and the connection's scopes", async () => {
    const { server, accounts, clock } = await setUpAccounts();
    const { link, expiresAt } = await accounts.authorizationLink(ada);
    const url = new URL(link);
    expect(`${url.origin}${url.pathname}`).toBe(`${server.baseUrl}/oauth/authorize`);
    const { state, code_challenge, ...rest } = Object.fromEntries(url.searchParams);
    expect(rest).toEqual({
      client_id: server.clientId,
      redirect_uri: server.redirectUri,
      response_type: "code",
      scope: "api",
      code_challenge_method: "S256",
    });
    expect(state).toMatch(/^[\w-]{43}$/);
    expect(code_challenge).toMatch(/^[\w-]{43}$/);
    expect(expiresAt).toBe(new Date(clock.now + 600_000).toISOString());
    const again = new URL((await accounts.authorizationLink(ada)).link);
    expect(again.searchParams.get("state")).not.toBe(state);
    expect(again.searchParams.get("code_challenge")).not.toBe(code_challenge);
  });

  test("asks for the caller's scopes, or the least that tools need", async () => {
    const asked: (readonly string[])[] = [];
    const { accounts } = await setUpAccounts({
      leastScopes: (tools) => {
        asked.push(tools);
        return Promise.resolve(["read_api"]);
      },
    });
    const scope = async (more: object): Promise<string | null> =>
      new URL((await accounts.authorizationLink({ ...ada, ...more })).link).searchParams.get("scope");
    expect(await scope({ scopes: ["read_user", "read_api"] })).toBe("read_user read_api");
    expect(await scope({ tools: ["gitlab_issues_list"] })).toBe("read_api");
    expect(asked).toEqual([["gitlab_issues_list"]]);
  });

  test("refuses scopes that are not words", async () => {
    const { accounts } = await setUpAccounts();
    await expect(accounts.authorizationLink({ ...ada, scopes: ["api read_user"] })).rejects.toMatchObject({
      code: "invalid_input",
    });
  });

  test("names the group whose single sign-on has to be passed", async () => {
    const { accounts } = await setUpAccounts();
    const { link } = await accounts.authorizationLink({ ...ada, rootNamespaceId: 42 });
    expect(new URL(link).searchParams.get("root_namespace_id")).toBe("42");
  });

  test.each([
    "//evil.example",
    "/\\evil.example",
    "/\t/evil.example",
    "https://evil.example/",
    "https://app.example.evil.example/",
    "https://app.example@evil.example/",
    "javascript:alert(1)",
    "settings",
    "",
  ])("does not let returnTo leave for %j", async (returnTo) => {
    const { accounts } = await setUpAccounts({ allowedReturnOrigins: ["https://app.example"] });
    await expect(accounts.authorizationLink({ ...ada, returnTo })).rejects.toMatchObject({ code: "invalid_input" });
  });

  test.each(["/settings?tab=gitlab#top", "https://app.example/settings"])("returns to %s", async (returnTo) => {
    const { server, accounts } = await setUpAccounts({ allowedReturnOrigins: ["https://app.example"] });
    const { link } = await accounts.authorizationLink({ ...ada, returnTo });
    expect((await accounts.handleCallback(server.authorize(link, "ada"))).returnTo).toBe(returnTo);
  });

  test("cannot be made without an application or a redirect URI", async () => {
    const { server, accounts } = await setUpAccounts();
    await accounts.connections.set("bare", { baseUrl: server.baseUrl });
    await accounts.connections.set("no-redirect", { baseUrl: server.baseUrl, clientId: "x" });
    for (const connectionName of ["bare", "no-redirect"]) {
      await expect(accounts.authorizationLink({ ...ada, connectionName })).rejects.toMatchObject({
        code: "connection_misconfigured",
      });
    }
  });
});

describe("the callback", () => {
  test("makes the account ACTIVE with scopes, user and end", async () => {
    const { server, accounts, clock, changes } = await setUpAccounts();
    const pending = await accounts.getOrCreate(ada);
    expect(pending.status).toBe("PENDING");
    const { link } = await accounts.authorizationLink(ada);
    const { connectedAccount } = await accounts.handleCallback(server.authorize(link, "ada", "read_api read_user"), {
      expectedIdentifier: ada.identifier,
    });
    expect(connectedAccount).toEqual({
      ...pending,
      status: "ACTIVE",
      scopes: ["read_api", "read_user"],
      gitlabUser: { id: 3, username: "ada" },
      expiresAt: new Date(clock.now + 7_200_000).toISOString(),
    });
    expect(changes).toMatchObject([{ from: "PENDING", to: "ACTIVE", account: { gitlabUser: { username: "ada" } } }]);
  });

  test("may be given as a path", async () => {
    const { server, accounts } = await setUpAccounts();
    const { link } = await accounts.authorizationLink(ada);
    const { pathname, search } = new URL(server.authorize(link, "ada"));
    expect((await accounts.handleCallback(pathname + search)).connectedAccount.status).toBe("ACTIVE");
  });

  // RFC 9207: what is sent is compared, and a server that does not send it yet is no reason to refuse.
  test("that names its issuer is taken where that is the instance of the link", async () => {
    const { server, accounts } = await setUpAccounts();
    const { link } = await accounts.authorizationLink(ada);
    const callback = new URL(server.authorize(link, "ada"));
    callback.searchParams.set("iss", server.baseUrl);
    expect((await accounts.handleCallback(callback)).connectedAccount.status).toBe("ACTIVE");
  });

  test("of another issuer gives nobody the code, and no account", async () => {
    const { server, accounts } = await setUpAccounts();
    for (const iss of ["https://x.example", `${server.baseUrl}.x.example`]) {
      const { link } = await accounts.authorizationLink(ada);
      const callback = new URL(server.authorize(link, "ada"));
      callback.searchParams.set("iss", iss);
      await expect(accounts.handleCallback(callback)).rejects.toMatchObject({
        details: { reason: "invalid_callback" },
      });
    }
    expect(server.tokenRequests).toEqual([]);
  });

  test("with a code that another link has used up is refused for good", async () => {
    const { server, accounts } = await setUpAccounts();
    const [first, second] = [await accounts.authorizationLink(ada), await accounts.authorizationLink(ben)];
    const used = new URL(server.authorize(first.link, "ada"));
    await accounts.handleCallback(used);
    const callback = new URL(server.authorize(second.link, "ben"));
    callback.searchParams.set("code", used.searchParams.get("code") ?? "");
    await expect(accounts.handleCallback(callback)).rejects.toMatchObject({
      code: "account_not_connected",
      retryable: false,
      details: { reason: "code_refused" },
    });
    expect(await accounts.get(ben)).toMatchObject({ status: "PENDING" });
  });

  test("does no harm when it is delivered again, even at once", async () => {
    const { server, accounts } = await setUpAccounts();
    const { link } = await accounts.authorizationLink(ada);
    const callback = server.authorize(link, "ada");
    const results = await Promise.allSettled([1, 2, 3].map(() => accounts.handleCallback(callback)));
    expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected", "rejected"]);
    await expect(accounts.handleCallback(callback)).rejects.toMatchObject({ details: { reason: "state_used" } });
    expect(server.tokenRequests).toHaveLength(1);
    expect((await accounts.get(ada))?.status).toBe("ACTIVE");
  });

  test.each([
    ["an unknown state", "invalid_input", "state_unknown", (url: URL) => url.searchParams.set("state", "x")],
    ["no state", "invalid_input", "state_missing", (url: URL) => url.searchParams.delete("state")],
    [
      "a code that GitLab refuses",
      "account_not_connected",
      "code_refused",
      (url: URL) => url.searchParams.set("code", "x"),
    ],
    ["no code", "account_not_connected", "invalid_callback", (url: URL) => url.searchParams.delete("code")],
    [
      "another issuer",
      "account_not_connected",
      "invalid_callback",
      (url: URL) => url.searchParams.set("iss", "https://x.example"),
    ],
    [
      "error=access_denied",
      "account_not_connected",
      "access_denied",
      (url: URL) => {
        url.searchParams.delete("code");
        url.searchParams.set("error", "access_denied");
      },
    ],
  ])("with %s is refused and stores nothing", async (_, code, reason, change) => {
    const { server, accounts } = await setUpAccounts();
    const { link } = await accounts.authorizationLink(ada);
    const callback = new URL(server.authorize(link, "ada"));
    change(callback);
    await expect(accounts.handleCallback(callback)).rejects.toMatchObject({ code, details: { reason } });
    expect(await accounts.get(ada)).toMatchObject({ status: "PENDING", scopes: [] });
  });

  test("is refused when the link has expired", async () => {
    const { server, accounts, clock } = await setUpAccounts();
    const { link } = await accounts.authorizationLink(ada);
    const callback = server.authorize(link, "ada");
    clock.now += 600_000;
    await expect(accounts.handleCallback(callback)).rejects.toMatchObject({ details: { reason: "state_expired" } });
    expect(server.tokenRequests).toHaveLength(0);
  });

  test("is refused when somebody else completes the link, and the link is spent", async () => {
    const { server, accounts } = await setUpAccounts();
    const { link } = await accounts.authorizationLink(ada);
    const callback = server.authorize(link, "ben");
    await expect(accounts.handleCallback(callback, { expectedIdentifier: ben.identifier })).rejects.toMatchObject({
      code: "forbidden",
      details: { reason: "identifier_mismatch" },
    });
    await expect(accounts.handleCallback(callback)).rejects.toMatchObject({ details: { reason: "state_used" } });
    expect(server.tokenRequests).toHaveLength(0);
    expect(await accounts.get(ben)).toBeUndefined();
  });

  test("is refused when the account has been deleted meanwhile, also when it was made anew", async () => {
    const { server, accounts } = await setUpAccounts();
    const { link } = await accounts.authorizationLink(ada);
    const callback = server.authorize(link, "ada");
    await accounts.delete(ada);
    await accounts.getOrCreate(ada);
    await expect(accounts.handleCallback(callback)).rejects.toMatchObject({ code: "invalid_input" });
    expect((await accounts.get(ada))?.status).toBe("PENDING");
  });

  test("revokes what it got when the account is deleted while the code is exchanged", async () => {
    const { server, accounts } = await setUpAccounts();
    const { link } = await accounts.authorizationLink(ada);
    const callback = server.authorize(link, "ada");
    server.after = async () => void (await accounts.delete(ada));
    await expect(accounts.handleCallback(callback)).rejects.toMatchObject({ code: "account_not_found" });
    expect(server.revocations).toHaveLength(1);
    expect(await accounts.get(ada)).toBeUndefined();
  });

  test("that is denied leaves an account that works as it was", async () => {
    const { accounts, connect } = await setUpAccounts();
    await connect();
    const { token } = await accounts.credentials(ada);
    const { link } = await accounts.authorizationLink({ ...ada, scopes: ["api"] });
    const state = new URL(link).searchParams.get("state");
    await expect(accounts.handleCallback(`/callback?error=access_denied&state=${state}`)).rejects.toThrow();
    expect((await accounts.credentials(ada)).token).toBe(token);
  });

  test("connects although GitLab does not say who the user is", async () => {
    const { server, accounts } = await setUpAccounts();
    server.api = (_, response) => Boolean(response.writeHead(403).end('{"error":"insufficient_scope"}'));
    const { link } = await accounts.authorizationLink(ada);
    const { connectedAccount } = await accounts.handleCallback(server.authorize(link, "ada"));
    expect(connectedAccount.status).toBe("ACTIVE");
    expect(connectedAccount.gitlabUser).toBeUndefined();
  });

  test("connects although the store stumbles while the account is written", async () => {
    const store = new MemoryStore();
    const { server, accounts } = await setUpAccounts({ store, encryptionKey: newKey() });
    const { link } = await accounts.authorizationLink(ada);
    const update = store.updateAccount.bind(store);
    let failures = 2;
    store.updateAccount = (...change) => {
      failures -= 1;
      return failures >= 0 ? Promise.reject(new Error("connection terminated")) : update(...change);
    };
    const { connectedAccount } = await accounts.handleCallback(server.authorize(link, "ada"));
    expect(connectedAccount.status).toBe("ACTIVE");
    expect(server.revocations).toEqual([]);
  });
});
