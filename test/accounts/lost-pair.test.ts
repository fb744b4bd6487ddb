import { expect, onTestFinished, test, vi } from "vitest";
import { createCipher } from "../../src/accounts/encryption.js";
import { openTokens, sealTokens } from "../../src/accounts/tokens.js";
import { MemoryStore } from "../../src/stores/memory-store.js";
import { ada, setUpAccounts, newKey } from "../support/accounts.js";

const lost = {
  code: "account_not_connected",
  message: expect.stringContaining("not answered") as string,
  details: { status: "EXPIRED", reason: "renewal_lost" },
};

/** Lets every request time out that has less than so many milliseconds. */
function timeouts(): (ms: number) => void {
  const running: { readonly ms: number; readonly controller: AbortController }[] = [];
  const spy = vi.spyOn(AbortSignal, "timeout").mockImplementation((ms) => {
    const controller = new AbortController();
    running.push({ ms, controller });
    return controller.signal;
  });
  onTestFinished(() => spy.mockRestore());
  return (passed) => {
    const over = new DOMException("The operation timed out", "TimeoutError");
    for (const { ms, controller } of running) if (ms < passed) controller.abort(over);
  };
}

test("a refresh may take longer than other requests for tokens", async () => {
  const pass = timeouts();
  const { server, accounts, clock, connect } = await setUpAccounts();
  await connect();
  clock.now += 7_201_000;
  const { link } = await accounts.authorizationLink({ ...ada, identifier: "user_ben" });
  /** Does what asks GitLab for a token, which takes twenty seconds. */
  async function slowly<Result>(ask: () => Promise<Result>): Promise<Result> {
    let asked: Promise<Result> | undefined;
    await new Promise<void>((arrived) => {
      server.after = () => {
        pass(20_000);
        arrived();
      };
      asked = ask();
    });
    return await (asked ?? expect.fail());
  }
  await slowly(() => accounts.credentials(ada));
  expect(server.refreshes).toBe(1);
  await expect(slowly(() => accounts.handleCallback(server.authorize(link, "ben")))).rejects.toThrow(
    "did not answer in time",
  );
});

test.each([
  ["a reset", (response: { destroy(): unknown }) => response.destroy()],
  ["a proxy's 504", (response: { writeHead(status: number): { end(): unknown } }) => response.writeHead(504).end()],
])("a pair that %s keeps from us is lost, and nobody is said to have revoked it", async (_, fail) => {
  const { server, accounts, clock, changes, connect } = await setUpAccounts();
  const { id } = await connect();
  clock.now += 7_201_000;
  // GitLab has rotated, and its answer does not arrive.
  server.after = (_request, response) => {
    server.after = undefined;
    fail(response);
  };
  await expect(accounts.credentials(ada)).rejects.toMatchObject(lost);
  expect(changes.at(-1)).toMatchObject({ to: "EXPIRED" });
  await expect(accounts.credentials(ada)).rejects.toMatchObject({ code: "account_not_connected" });
  await connect();
  expect(await accounts.get(ada)).toMatchObject({ id, status: "ACTIVE" });
});

test("what one process does not hear, another one does not take for a revocation", async () => {
  const shared = { store: new MemoryStore(), encryptionKey: newKey() };
  const first = await setUpAccounts(shared);
  const { server, clock } = first;
  const connections = { gitlab: server.connection };
  const second = await setUpAccounts({ ...shared, connections, now: () => clock.now }, server);
  server.now = () => clock.now;
  await first.connect();
  // Ahead of its end: one attempt, and the present token is used on.
  clock.now += 116 * 60_000;
  server.after = (_, response) => response.destroy();
  await first.accounts.credentials(ada);
  server.after = undefined;
  clock.now += 10 * 60_000;
  await expect(second.accounts.credentials(ada)).rejects.toMatchObject(lost);
});

test("nor is the token that went with a lost pair taken for one that somebody has revoked", async () => {
  const { server, accounts, clock, connect } = await setUpAccounts();
  await connect();
  clock.now += 116 * 60_000;
  server.after = (_, response) => response.destroy();
  const { token } = await accounts.credentials(ada);
  // To GitLab a rotated token is a revoked one.
  await expect(accounts.credentials(ada, { rejected: { token, reason: "revoked" } })).rejects.toMatchObject(lost);
});

test("a note of doubt that somebody makes during a refresh does not cost its result", async () => {
  const store = new MemoryStore();
  const encryptionKey = newKey();
  const cipher = createCipher([encryptionKey]);
  const { server, accounts, clock, connect } = await setUpAccounts({ store, encryptionKey });
  await connect();
  clock.now += 7_201_000;
  server.after = async () => {
    const account = (await store.getAccount(ada)) ?? expect.fail("no account");
    const tokens = { ...openTokens(cipher, account, account.secret ?? ""), maybeRotated: true };
    const secret = sealTokens(cipher, account, tokens);
    await store.updateAccount(account.id, account.version, { secret, updatedAt: clock.now });
  };
  const { token } = await accounts.credentials(ada);
  server.after = undefined;
  expect(server.revocations).toEqual([]);
  expect((await accounts.credentials(ada)).token).toBe(token);
  expect(server.refreshes).toBe(1);
});

test("a request that never left is no doubt: a refusal after it is a revocation", async () => {
  const { server, accounts, clock, connect } = await setUpAccounts({
    fetch: (input, init) =>
      refuse ? Promise.reject(Object.assign(new Error("no"), { code: "ECONNREFUSED" })) : fetch(input, init),
  });
  let refuse = false as boolean;
  await connect();
  clock.now += 7_201_000;
  refuse = true;
  await expect(accounts.credentials(ada)).rejects.toMatchObject({ code: "network_error", retryable: true });
  refuse = false;
  server.revoke("ada");
  await expect(accounts.credentials(ada)).rejects.toMatchObject({ code: "account_revoked" });
});

test("a pair in doubt that GitLab takes after all is in doubt no longer", async () => {
  const { server, accounts, clock, connect } = await setUpAccounts();
  await connect();
  clock.now += 116 * 60_000;
  server.before = (_, response) => response.destroy();
  await accounts.credentials(ada);
  server.before = undefined;
  clock.now += 31_000;
  await accounts.credentials(ada);
  expect(server.refreshes).toBe(1);
  server.revoke("ada");
  clock.now += 7_201_000;
  await expect(accounts.credentials(ada)).rejects.toMatchObject({ code: "account_revoked" });
});

test("another application in the configuration is the configuration's fault: GitLab is not asked", async () => {
  const shared = { store: new MemoryStore(), encryptionKey: newKey() };
  const first = await setUpAccounts(shared);
  const { server, clock } = first;
  await first.connect();
  const connections = { gitlab: { ...server.connection, clientId: "another" } };
  const second = await setUpAccounts({ ...shared, connections, now: () => clock.now }, server);
  server.now = () => clock.now;
  const asked = server.tokenRequests.length;
  // The present token works on; its renewal would not.
  clock.now += 116 * 60_000;
  await second.accounts.credentials(ada);
  clock.now += 10 * 60_000;
  await expect(second.accounts.credentials(ada)).rejects.toMatchObject({
    code: "connection_misconfigured",
    hint: expect.stringContaining("clientId") as string,
  });
  expect(server.tokenRequests.length).toBe(asked);
  expect((await second.accounts.get(ada))?.status).toBe("ACTIVE");
  await first.accounts.credentials(ada);
  expect(server.refreshes).toBe(1);
});
