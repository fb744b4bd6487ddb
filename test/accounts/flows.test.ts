import { getEventListeners, once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { ada, setUpAccounts } from "../support/accounts.js";
import { OAuthServer } from "../support/oauth-server.js";

test("the device flow asks at the pace that GitLab wants and connects", async () => {
  const { server, accounts, slept } = await setUpAccounts();
  server.deviceAnswers.push("authorization_pending", "slow_down", "authorization_pending", "user:ada");
  const device = await accounts.startDeviceFlow(ada);
  expect(device).toMatchObject({ userCode: "ABCD-EFGH", verificationUri: `${server.baseUrl}/oauth/device` });
  expect(device.intervalSeconds).toBe(5);
  const account = await device.wait();
  expect(account).toMatchObject({ status: "ACTIVE", gitlabUser: { username: "ada" } });
  expect(slept).toEqual([5_000, 5_000, 10_000, 10_000]);
  const { token } = await accounts.credentials(ada);
  expect((await accounts.credentials(ada, { rejected: { token, reason: "expired" } })).token).not.toBe(token);
});

test("the device flow goes on when GitLab is away for a moment", async () => {
  const { server, accounts, slept } = await setUpAccounts();
  const device = await accounts.startDeviceFlow(ada);
  server.deviceAnswers.push("user:ada");
  let failed = false;
  server.before = (_, response) => {
    if (!failed) response.writeHead(503).end();
    failed = true;
  };
  expect((await device.wait()).status).toBe("ACTIVE");
  expect(slept).toEqual([5_000, 10_000]);
});

test.each(["access_denied", "expired_token"])("the device flow ends with %s", async (answer) => {
  const { server, accounts } = await setUpAccounts();
  const device = await accounts.startDeviceFlow(ada);
  server.deviceAnswers.push(answer);
  await expect(device.wait()).rejects.toMatchObject({ code: "account_not_connected", details: { reason: answer } });
  expect((await accounts.get(ada))?.status).toBe("PENDING");
});

test("the device flow ends when its code has, and can be polled by hand", async () => {
  const { server, accounts, clock } = await setUpAccounts();
  const device = await accounts.startDeviceFlow(ada);
  expect(await device.poll()).toBeUndefined();
  clock.now += 300_000;
  const asked = server.tokenRequests.length;
  await expect(device.poll()).rejects.toMatchObject({ details: { reason: "expired_token" } });
  expect(server.tokenRequests.length).toBe(asked);
});

test("without an OAuth application the device flow leaves no account behind", async () => {
  const server = new OAuthServer();
  const { accounts } = await setUpAccounts({ connections: {} }, server);
  await accounts.connections.set(ada.connectionName, { baseUrl: server.baseUrl });
  await expect(accounts.startDeviceFlow(ada)).rejects.toMatchObject({ code: "connection_misconfigured" });
  expect(await accounts.list()).toEqual([]);
});

test("the device flow shows its code to the caller and keeps the rest", async () => {
  const { server, accounts } = await setUpAccounts();
  const device = await accounts.startDeviceFlow(ada);
  const shown = JSON.stringify(device);
  for (const secret of server.secrets) expect(shown).not.toContain(secret);
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  return typeof address === "object" && address !== null ? address.port : 0;
}

test.each([
  ["a port", true],
  ["no port", false],
])("the browser flow takes the callback on this machine, with %s in the redirect URI", async (_, fixed) => {
  const server = new OAuthServer();
  const redirectUri = `http://127.0.0.1${fixed ? `:${await freePort()}` : ""}/callback`;
  await server.start();
  const { accounts } = await setUpAccounts({ connections: { gitlab: { ...server.connection, redirectUri } } }, server);
  const pages: string[] = [];
  const account = await accounts.authorizeInBrowser({
    ...ada,
    open(link) {
      void (async () => {
        const { origin } = new URL(new URL(link).searchParams.get("redirect_uri") ?? "");
        pages.push(`${(await fetch(`${origin}/favicon.ico`)).status}`);
        pages.push(`${(await fetch(`${origin}/callback?code=x&state=forged`)).status}`);
        pages.push(await (await fetch(server.authorize(link, "ada"))).text());
      })();
    },
  });
  expect(account).toMatchObject({ status: "ACTIVE", gitlabUser: { username: "ada" } });
  await expect.poll(() => pages).toEqual(["404", "400", "Connected. You can close this window."]);
});

test("the browser flow ends when the person says no, or when the caller gives up", async () => {
  const { server, accounts } = await setUpAccounts();
  const redirectUri = `http://127.0.0.1:${await freePort()}/callback`;
  await accounts.connections.set("local", { ...server.connection, redirectUri });
  const key = { ...ada, connectionName: "local" };
  const denied = accounts.authorizeInBrowser({
    ...key,
    open(link) {
      const state = new URL(link).searchParams.get("state");
      void fetch(`${redirectUri}?error=access_denied&state=${state}`);
    },
  });
  await expect(denied).rejects.toMatchObject({ details: { reason: "access_denied" } });
  const stop = new AbortController();
  const open = (): void => stop.abort();
  await expect(accounts.authorizeInBrowser({ ...key, open, signal: stop.signal })).rejects.toMatchObject({
    code: "aborted",
  });
});

test("the browser flow leaves nothing behind: no listener on the signal, no connection, no unhandled rejection", async () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown): void => void unhandled.push(error);
  process.on("unhandledRejection", note);
  const server = await new OAuthServer().start();
  const connections = { gitlab: { ...server.connection, redirectUri: "http://127.0.0.1/callback" } };
  const { accounts } = await setUpAccounts({ connections }, server);
  const { signal } = new AbortController();
  const ahead: Socket[] = [];
  for (let flow = 0; flow < 2; flow += 1) {
    await accounts.authorizeInBrowser({
      ...ada,
      signal,
      async open(link) {
        const { port } = new URL(new URL(link).searchParams.get("redirect_uri") ?? "");
        const socket = connect(Number(port), "127.0.0.1");
        ahead.push(socket);
        await once(socket, "connect");
        void fetch(server.authorize(link, "ada"));
      },
    });
  }
  expect(getEventListeners(signal, "abort")).toHaveLength(0);
  // The preconnected sockets are closed from the other side.
  for (const socket of ahead) if (!socket.closed) await once(socket.resume(), "close");
  const open = (): never => expect.fail("the link was shown");
  await expect(accounts.authorizeInBrowser({ ...ada, signal: AbortSignal.abort(), open })).rejects.toMatchObject({
    code: "aborted",
  });
  const late = new AbortController();
  const flow = accounts.authorizeInBrowser({ ...ada, signal: late.signal, open: () => new Promise(() => undefined) });
  // While the link is still being made.
  setImmediate(() => late.abort());
  await expect(flow).rejects.toMatchObject({ code: "aborted" });
  await new Promise((resolve) => setImmediate(resolve));
  process.off("unhandledRejection", note);
  expect(unhandled).toEqual([]);
});

test("the browser flow needs a redirect URI on this machine", async () => {
  const { accounts } = await setUpAccounts();
  await expect(accounts.authorizeInBrowser({ ...ada, open: () => undefined })).rejects.toMatchObject({
    code: "connection_misconfigured",
  });
});

test("a port that is taken is said to be, with a way out", async () => {
  const taken = createServer();
  await new Promise<void>((done) => taken.listen(0, "127.0.0.1", done));
  onTestFinished(() => void taken.close());
  const address = taken.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const server = await new OAuthServer().start();
  const redirectUri = `http://127.0.0.1:${port}/callback`;
  const { accounts } = await setUpAccounts({ connections: { gitlab: { ...server.connection, redirectUri } } }, server);
  const open = (): never => expect.fail("the link was shown");
  await expect(accounts.authorizeInBrowser({ ...ada, open })).rejects.toMatchObject({
    code: "connection_misconfigured",
    message: expect.stringContaining("EADDRINUSE") as string,
    hint: expect.stringContaining("another port") as string,
  });
});

test("the browser flow goes on when the genuine callback of another link comes to its port", async () => {
  const server = await new OAuthServer().start();
  const redirectUri = `http://127.0.0.1:${await freePort()}/callback`;
  const { accounts } = await setUpAccounts({ connections: { gitlab: { ...server.connection, redirectUri } } }, server);
  const ben = { connectionName: "gitlab", identifier: "user_ben" };
  const other = await accounts.authorizationLink(ben);
  const pages: number[] = [];
  const account = await accounts.authorizeInBrowser({
    ...ada,
    async open(link) {
      const others = server.authorize(other.link, "ben");
      pages.push((await fetch(others)).status);
      // It was not used up: it still is the other one's.
      expect((await accounts.handleCallback(others)).connectedAccount.identifier).toBe("user_ben");
      void fetch(server.authorize(link, "ada"));
    },
  });
  expect(pages).toEqual([400]);
  expect(account).toMatchObject({ identifier: "user_ada", gitlabUser: { username: "ada" } });
});
