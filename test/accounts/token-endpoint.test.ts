import { inspect } from "node:util";
import type { ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import { ada, setUpAccounts, type AccountsSetup } from "../support/accounts.js";

/** A connected account whose token has ended. */
async function expired(): Promise<AccountsSetup> {
  const setup = await setUpAccounts();
  await setup.connect();
  setup.clock.now += 7_201_000;
  return setup;
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
}

/** Changes what GitLab answers after it has acted. */
function rewrite({ server }: AccountsSetup, change: (body: Record<string, unknown>) => Record<string, unknown>): void {
  server.after = (_, response) => {
    const end = response.end.bind(response);
    response.end = (text: unknown) => end(JSON.stringify(change(JSON.parse(String(text)) as Record<string, unknown>)));
  };
}

describe("a pair that GitLab has rotated is kept", () => {
  test.each([
    ["an ID token of another issuer", { id_token: "e30.eyJpc3MiOiJodHRwczovL290aGVyLmV4YW1wbGUifQ.c2ln" }],
    ["an ID token that is none", { id_token: 7 }],
    ["a lifetime with fractions", { expires_in: 7199.9999 }],
    ["a lifetime beyond all dates", { expires_in: 1e300 }],
    ["a lifetime in a string", { expires_in: "7200" }],
    ["a negative lifetime", { expires_in: -1 }],
    ["no lifetime", { expires_in: null }],
    ["no scope", { scope: null }],
  ])("with %s", async (_, more) => {
    const setup = await expired();
    rewrite(setup, (body) => ({ ...body, ...more }));
    const { token } = await setup.accounts.credentials(ada);
    expect(setup.server.refreshes).toBe(1);
    const account = await setup.accounts.get(ada);
    expect(account).toMatchObject({ status: "ACTIVE", scopes: ["api"] });
    if (account?.expiresAt) expect(new Date(account.expiresAt).getMilliseconds()).toBe(0);
    expect(token).toMatch(/^access-/);
  });
});

test("a clock with fractions does not reach the store", async () => {
  const { accounts, connect } = await setUpAccounts({ now: () => 1_700_000_000_000.25 });
  expect((await connect()).createdAt).toBe("2023-11-14T22:13:20.000Z");
  expect((await accounts.list())[0]?.updatedAt).toBe("2023-11-14T22:13:20.000Z");
});

test.each([
  ["access_token", "SECRETTOKEN\nX-Evil: 1"],
  ["access_token", "SECRETTOKEN\u0100"],
  ["refresh_token", "SECRETTOKEN and more"],
])("an %s that is no token is refused and shown nowhere", async (name, value) => {
  const setup = await setUpAccounts();
  rewrite(setup, (body) => ({ ...body, [name]: value }));
  const { link } = await setup.accounts.authorizationLink(ada);
  const error: unknown = await setup.accounts
    .handleCallback(setup.server.authorize(link, "ada"))
    .catch((e: unknown) => e);
  expect(error).toMatchObject({ code: "connection_misconfigured" });
  expect(inspect(error) + JSON.stringify(error)).not.toContain("SECRETTOKEN");
  expect((await setup.accounts.get(ada))?.status).toBe("PENDING");
});

test("an endpoint that repeats the request does not bring its secrets into an error", async () => {
  const { server, accounts } = await expired();
  server.before = ({ parameters }, response) =>
    answer(response, 400, {
      error: "invalid_request",
      error_description: `\u001b[31munexpected\u0000\n${parameters.toString()} ${[...parameters.values()].join(" ")} ${"x".repeat(900_000)}`,
    });
  const error: unknown = await accounts.credentials(ada).catch((e: unknown) => e);
  expect(error).toMatchObject({ code: "connection_misconfigured", details: { error: "invalid_request" } });
  const shown = inspect(error) + JSON.stringify(error);
  for (const secret of server.secrets) expect(shown).not.toContain(secret);
  expect((error as Error).message.length).toBeLessThan(400);
  expect((error as Error).message).not.toMatch(/[\u0000-\u001f]/);
});

test("nor when it repeats them as the error's name", async () => {
  const { server, accounts } = await expired();
  server.before = ({ parameters }, response) => answer(response, 400, { error: parameters.get("refresh_token") });
  const error: unknown = await accounts.credentials(ada).catch((e: unknown) => e);
  expect(error).toMatchObject({ code: "connection_misconfigured", details: { error: "unknown_error" } });
  const shown = inspect(error) + JSON.stringify(error);
  for (const secret of server.secrets) expect(shown).not.toContain(secret);
});

test.each(["Your password expired", "License revoked or expired"])(
  "a 401 that says %j is no verdict on the token",
  async (message) => {
    const { server, accounts } = await setUpAccounts();
    server.api = (_, response) => Boolean(response.writeHead(401).end(JSON.stringify({ message })));
    await expect(accounts.connectWithToken({ ...ada, token: "glpat-x" })).rejects.toMatchObject({
      details: { verdict: "unknown" },
    });
  },
);
