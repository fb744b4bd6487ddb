import { expect, onTestFinished, test } from "vitest";
import { createAccounts } from "../../src/accounts/accounts.js";
import { MemoryStore } from "../../src/stores/memory-store.js";
import { ada, setUpAccounts, newKey } from "../support/accounts.js";

const minutes = (count: number): number => count * 60_000;

test("a token is used from memory until it is about to end, then renewed ahead of its end", async () => {
  const { server, accounts, clock, connect } = await setUpAccounts();
  await connect();
  const first = await accounts.credentials(ada);
  expect(first).toMatchObject({ baseUrl: server.baseUrl, scopes: ["api"] });
  clock.now += minutes(114);
  expect((await accounts.credentials(ada)).token).toBe(first.token);
  clock.now += minutes(1);
  const second = await accounts.credentials(ada);
  expect(second.token).not.toBe(first.token);
  expect(server.refreshes).toBe(1);
  const account = await accounts.get(ada);
  expect(account?.expiresAt).toBe(new Date(clock.now + minutes(120)).toISOString());
  const refresh = server.tokenRequests.at(-1)?.parameters;
  expect(refresh?.get("redirect_uri")).toBe(server.redirectUri);
});

test("a token that lives shorter than the skew is not renewed with every call", async () => {
  const { server, accounts, clock, connect } = await setUpAccounts();
  server.ttlSeconds = 120;
  await connect();
  await accounts.credentials(ada);
  clock.now += 50_000;
  await accounts.credentials(ada);
  expect(server.refreshes).toBe(0);
  clock.now += 10_000;
  await accounts.credentials(ada);
  expect(server.refreshes).toBe(1);
});

test("a hundred calls at the moment of expiry make one refresh", async () => {
  const { server, accounts, clock, connect } = await setUpAccounts();
  await connect();
  clock.now += minutes(121);
  const all = await Promise.all(Array.from({ length: 100 }, () => accounts.credentials(ada)));
  expect(new Set(all.map(({ token }) => token)).size).toBe(1);
  expect(server.refreshes).toBe(1);
});

test("a caller that gives up does not stop the refresh that others wait for", async () => {
  const { server, accounts, clock, connect } = await setUpAccounts();
  await connect();
  clock.now += minutes(121);
  const stop = new AbortController();
  server.before = () => stop.abort();
  const [gaveUp, waited] = await Promise.allSettled([
    accounts.credentials(ada, { signal: stop.signal }),
    accounts.credentials(ada),
  ]);
  expect(gaveUp).toMatchObject({ status: "rejected", reason: { code: "aborted" } });
  expect(waited.status).toBe("fulfilled");
  expect(server.refreshes).toBe(1);
});

test("a 401 'expired' makes one refresh for all who got it", async () => {
  const { server, accounts, connect } = await setUpAccounts();
  await connect();
  const { token } = await accounts.credentials(ada);
  const rejected = { token, reason: "expired" } as const;
  const renewed = await Promise.all(Array.from({ length: 20 }, () => accounts.credentials(ada, { rejected })));
  expect(new Set(renewed.map((credentials) => credentials.token)).size).toBe(1);
  expect(renewed[0]?.token).not.toBe(token);
  expect(server.refreshes).toBe(1);
  expect((await accounts.credentials(ada, { rejected })).token).toBe(renewed[0]?.token);
  expect(server.refreshes).toBe(1);
});

test("a 401 'revoked' moves the account to REVOKED; later calls fail without asking GitLab", async () => {
  const { server, accounts, changes, connect } = await setUpAccounts();
  const { id } = await connect();
  const { token } = await accounts.credentials(ada);
  server.revoke("ada");
  await expect(accounts.credentials(ada, { rejected: { token, reason: "revoked" } })).rejects.toMatchObject({
    code: "account_revoked",
    retryable: false,
    hint: expect.stringContaining("getAuthorizationLink") as string,
  });
  const asked = server.tokenRequests.length + server.apiTokens.length;
  await expect(accounts.credentials(ada)).rejects.toMatchObject({ code: "account_revoked" });
  expect(server.tokenRequests.length + server.apiTokens.length).toBe(asked);
  expect(await accounts.get(ada)).toMatchObject({ id, status: "REVOKED" });
  await connect();
  expect(await accounts.get(ada)).toMatchObject({ id, status: "ACTIVE" });
  expect(changes.map(({ from, to }) => `${from} → ${to}`)).toEqual([
    "PENDING → ACTIVE",
    "ACTIVE → REVOKED",
    "REVOKED → ACTIVE",
  ]);
  expect((await accounts.credentials(ada)).token).not.toBe(token);
});

test("a true invalid_grant is a revocation", async () => {
  const { server, accounts, clock, connect } = await setUpAccounts();
  await connect();
  server.revoke("ada");
  clock.now += minutes(121);
  await expect(accounts.credentials(ada)).rejects.toMatchObject({ code: "account_revoked" });
  expect((await accounts.get(ada))?.status).toBe("REVOKED");
});

test("a bare 401 asks GitLab about the token before it is blamed", async () => {
  const { server, accounts, connect } = await setUpAccounts();
  await connect();
  const { token } = await accounts.credentials(ada);
  const rejected = { token, reason: "unknown" } as const;
  // The route refused the person, the token itself is fine.
  expect((await accounts.credentials(ada, { rejected })).token).toBe(token);
  expect(server.refreshes).toBe(0);
  server.revoke("ada");
  await expect(accounts.credentials(ada, { rejected })).rejects.toMatchObject({ code: "account_revoked" });
});

test("a bare 401 about a pasted token that GitLab does not know any more is a revocation", async () => {
  const { server, accounts } = await setUpAccounts();
  const token = server.personalToken("ada");
  await accounts.connectWithToken({ ...ada, token });
  server.api = (_, response) => Boolean(response.writeHead(401).end('{"message":"401 Unauthorized"}'));
  const rejected = { token, reason: "unknown" } as const;
  await expect(accounts.credentials(ada, { rejected })).rejects.toMatchObject({ code: "account_revoked" });
});

test.each([
  ["500", (response: { writeHead(status: number): { end(): unknown } }) => response.writeHead(500).end()],
  ["429", (response: { writeHead(status: number): { end(): unknown } }) => response.writeHead(429).end()],
  ["a reset", (response: { destroy(): unknown }) => response.destroy()],
])("%s from the token endpoint is tried again with growing pauses", async (_, fail) => {
  const { server, accounts, clock, slept, connect } = await setUpAccounts();
  await connect();
  clock.now += minutes(121);
  let failures = 5;
  server.before = (_request, response) => {
    if (failures > 0) fail(response);
    failures -= 1;
  };
  await accounts.credentials(ada);
  expect(server.refreshes).toBe(1);
  expect(slept).toHaveLength(5);
  expect(slept.toSorted((a, b) => a - b).at(-1)).toBeGreaterThan(1_000);
});

test("Retry-After is honoured", async () => {
  const { server, accounts, clock, slept, connect } = await setUpAccounts();
  await connect();
  clock.now += minutes(121);
  let failed = false;
  server.before = (_request, response) => {
    if (!failed) response.writeHead(503, { "Retry-After": "7" }).end();
    failed = true;
  };
  await accounts.credentials(ada);
  expect(slept).toEqual([7_000]);
});

test("a token endpoint that stays away is a retryable error, and the account stays ACTIVE", async () => {
  const { server, accounts, clock, connect } = await setUpAccounts();
  await connect();
  clock.now += minutes(121);
  server.before = (_request, response) => response.writeHead(502).end("<html>Bad gateway</html>");
  await expect(accounts.credentials(ada)).rejects.toMatchObject({
    code: "gitlab_unavailable",
    retryable: true,
    status: 502,
  });
  expect((await accounts.get(ada))?.status).toBe("ACTIVE");
  server.before = undefined;
  await accounts.credentials(ada);
  expect(server.refreshes).toBe(1);
});

test("a token endpoint that does not answer in time is a retryable error", async () => {
  const kept = { store: new MemoryStore(), encryptionKey: newKey() };
  const { server, clock, connect } = await setUpAccounts(kept);
  await connect();
  const accounts = createAccounts({
    ...{ ...kept, connections: { gitlab: server.connection }, tokenRequestTimeoutMs: 30 },
    ...{ now: () => clock.now, sleep: () => Promise.resolve() },
  });
  onTestFinished(() => accounts.close());
  clock.now += minutes(121);
  server.before = () => new Promise(() => undefined);
  await expect(accounts.credentials(ada)).rejects.toMatchObject({ retryable: true });
  expect((await accounts.get(ada))?.status).toBe("ACTIVE");
});

test("while the token still works, a refresh that fails holds nobody up", async () => {
  const { server, accounts, clock, slept, connect } = await setUpAccounts();
  await connect();
  const { token } = await accounts.credentials(ada);
  clock.now += minutes(116);
  server.before = (_request, response) => response.writeHead(503).end();
  for (let call = 0; call < 5; call += 1) expect((await accounts.credentials(ada)).token).toBe(token);
  expect(server.tokenRequests.filter(({ grantType }) => grantType === "refresh_token")).toHaveLength(1);
  expect(slept).toEqual([]);
  server.before = undefined;
  clock.now += 31_000;
  expect((await accounts.credentials(ada)).token).not.toBe(token);
});

test("while the token still works, a refresh that hangs holds nobody up, and its result is used", async () => {
  const { server, accounts, clock, connect } = await setUpAccounts();
  await connect();
  const { token } = await accounts.credentials(ada);
  clock.now += minutes(116);
  let letGo = (): void => undefined;
  const held = new Promise<void>((resolve) => (letGo = resolve));
  server.before = () => held;
  for (let call = 0; call < 5; call += 1) expect((await accounts.credentials(ada)).token).toBe(token);
  expect(server.refreshes).toBe(0);
  letGo();
  await expect.poll(async () => (await accounts.credentials(ada)).token).not.toBe(token);
  expect(server.refreshes).toBe(1);
});

test("invalid_client is the connection's fault, not the account's", async () => {
  const { server, accounts, clock, connect } = await setUpAccounts();
  await connect();
  clock.now += minutes(121);
  server.before = (_request, response) =>
    response.writeHead(401, { "Content-Type": "application/json" }).end('{"error":"invalid_client"}');
  await expect(accounts.credentials(ada)).rejects.toMatchObject({
    code: "connection_misconfigured",
    hint: expect.stringContaining("clientSecret") as string,
  });
  expect((await accounts.get(ada))?.status).toBe("ACTIVE");
});

test("a token endpoint that redirects gets no second chance to see the secrets", async () => {
  const { server, accounts, clock, connect } = await setUpAccounts();
  await connect();
  clock.now += minutes(121);
  server.before = (_request, response) =>
    response.writeHead(307, { Location: `${server.baseUrl}/api/v4/elsewhere` }).end();
  const asked = server.apiTokens.length;
  await expect(accounts.credentials(ada)).rejects.toMatchObject({ code: "connection_misconfigured" });
  expect(server.apiTokens.length).toBe(asked);
});

test("a pasted token that has ended is EXPIRED without a request", async () => {
  const { server, accounts, clock } = await setUpAccounts();
  const token = server.personalToken("ada");
  server.api = (request, response) => {
    if (request.url !== "/api/v4/personal_access_tokens/self") return false;
    return Boolean(response.end('{"scopes":["read_api"],"expires_at":"2026-02-01"}'));
  };
  const account = await accounts.connectWithToken({ ...ada, token });
  expect(account).toMatchObject({ status: "ACTIVE", scopes: ["read_api"], expiresAt: "2026-02-01T00:00:00.000Z" });
  clock.now = Date.parse("2026-01-31T23:59:59Z");
  await accounts.credentials(ada);
  clock.now = Date.parse("2026-02-01T00:00:00Z");
  expect((await accounts.get(ada))?.status).toBe("EXPIRED");
  expect(await accounts.list({ status: "EXPIRED" })).toHaveLength(1);
  const asked = server.apiTokens.length;
  await expect(accounts.credentials(ada)).rejects.toMatchObject({
    code: "account_not_connected",
    details: { status: "EXPIRED" },
  });
  expect(server.apiTokens.length).toBe(asked);
});

test("calls without an account, or before anybody has authorized it, say how to connect", async () => {
  const { accounts } = await setUpAccounts();
  await expect(accounts.credentials(ada)).rejects.toMatchObject({ code: "account_not_found" });
  await accounts.getOrCreate(ada);
  await expect(accounts.credentials(ada)).rejects.toMatchObject({
    code: "account_not_connected",
    hint: expect.stringContaining("getAuthorizationLink") as string,
  });
});

test("an authorization that arrives while the old pair is being refused wins", async () => {
  const { server, accounts, clock, connect } = await setUpAccounts();
  await connect();
  clock.now += minutes(121);
  server.revoke("ada");
  const { link } = await accounts.authorizationLink(ada);
  const callback = server.authorize(link, "ada");
  let done: Promise<unknown> | undefined;
  server.before = ({ grantType }) => {
    if (grantType === "refresh_token") done ??= accounts.handleCallback(callback);
  };
  // The refresh is refused, and the callback waits for its turn: either way the account ends connected.
  await accounts.credentials(ada).catch(() => undefined);
  await done;
  await accounts.credentials(ada);
  expect((await accounts.get(ada))?.status).toBe("ACTIVE");
});

test("a bare 401 renews the token where GitLab does not say what is wrong with it", async () => {
  const { server, accounts, connect } = await setUpAccounts();
  await connect();
  const { token } = await accounts.credentials(ada);
  server.api = (_, response) => Boolean(response.writeHead(404).end());
  const renewed = await accounts.credentials(ada, { rejected: { token, reason: "unknown" } });
  expect(renewed.token).not.toBe(token);
  expect(server.refreshes).toBe(1);
});
