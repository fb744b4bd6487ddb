import { createHash } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { field, setup, type Reply } from "./client.js";

const { emulator, send, api, clock } = setup({ pathPrefix: "/gitlab" });
const redirectUri = "https://app.example/callback";
const verifier = "a-verifier-that-is-long-enough-to-be-one-0123456789";
const challenge = createHash("sha256").update(verifier).digest("base64url");

let client: { clientId: string; clientSecret: string };
beforeAll(() => {
  client = emulator().oauth.createApplication({ redirectUri, scopes: ["api", "read_api", "read_user"] });
});

const linkTo = (changes: Readonly<Record<string, string>> = {}): string => {
  const url = new URL(`${emulator().baseUrl}/oauth/authorize`);
  const query = {
    client_id: client.clientId,
    redirect_uri: redirectUri,
    response_type: "code",
    state: "st",
    scope: "read_api",
    code_challenge: challenge,
    code_challenge_method: "S256",
    ...changes,
  };
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url.href;
};

const codeFor = (username: string, changes?: Readonly<Record<string, string>>): string =>
  new URL(emulator().oauth.authorize(linkTo(changes), { username })).searchParams.get("code") ?? "";

const exchange = (form: Readonly<Record<string, string>>): Promise<Reply> =>
  send("/oauth/token", {
    form: { client_id: client.clientId, client_secret: client.clientSecret, redirect_uri: redirectUri, ...form },
  });

const redeem = (code: string, changes: Readonly<Record<string, string>> = {}): Promise<Reply> =>
  exchange({ grant_type: "authorization_code", code, code_verifier: verifier, ...changes });

const refresh = (token: unknown, changes: Readonly<Record<string, string>> = {}): Promise<Reply> =>
  exchange({ grant_type: "refresh_token", refresh_token: String(token), ...changes });

const invalidGrant = { status: 400, body: { error: "invalid_grant" } };
const invalidClient = { status: 401, body: { error: "invalid_client" } };

describe("the consent page", () => {
  test("sends back a code and the state", () => {
    const url = new URL(emulator().oauth.authorize(linkTo(), { username: "ada" }));
    expect(url.origin + url.pathname).toBe(redirectUri);
    expect(url.searchParams.get("state")).toBe("st");
    expect(url.searchParams.get("code")).toMatch(/^[0-9a-f]{64}$/);
  });

  test("sends back that the user declined", () => {
    const url = new URL(emulator().oauth.authorize(linkTo(), { username: "ada", deny: true }));
    expect(Object.fromEntries(url.searchParams)).toMatchObject({ error: "access_denied", state: "st" });
  });

  test.each([
    [{ scope: "read_api sudo" }, "invalid_scope"],
    [{ response_type: "token" }, "unsupported_response_type"],
    [{ code_challenge_method: "plain" }, "invalid_code_challenge_method"],
  ])("sends back that %j is wrong", (changes, error) => {
    const url = new URL(emulator().oauth.authorize(linkTo(changes), { username: "ada" }));
    expect(url.searchParams.get("error")).toBe(error);
  });

  test("sends nobody to an address that is not registered", () => {
    expect(() =>
      emulator().oauth.authorize(linkTo({ redirect_uri: "https://evil.example" }), { username: "ada" }),
    ).toThrow("redirect URI");
    expect(() => emulator().oauth.authorize(linkTo({ client_id: "x" }), { username: "ada" })).toThrow("unknown client");
  });

  test("lets a loopback address have any port", () => {
    const { clientId } = emulator().oauth.createApplication({
      redirectUri: "http://127.0.0.1/callback",
      scopes: ["api"],
      confidential: false,
    });
    const link = linkTo({ client_id: clientId, redirect_uri: "http://127.0.0.1:45123/callback", scope: "api" });
    expect(emulator().oauth.authorize(link, { username: "ada" })).toContain("http://127.0.0.1:45123/callback?code=");
  });

  test("is a page for people with a browser", async () => {
    const { pathname, search } = new URL(linkTo());
    const page = await send(`${pathname.slice("/gitlab".length)}${search}`);
    expect(page).toMatchObject({ status: 200, body: expect.stringContaining("Ada Almeida") as unknown });
    const chosen = await send(`${pathname.slice("/gitlab".length)}${search}&username=ada`);
    expect(chosen.status).toBe(302);
    expect(chosen.headers.get("location")).toContain(`${redirectUri}?code=`);
  });
});

describe("the code", () => {
  test("is exchanged for a pair that works", async () => {
    const answer = await redeem(codeFor("ben"));
    expect(answer).toMatchObject({
      status: 200,
      body: { token_type: "Bearer", expires_in: 7200, scope: "read_api", created_at: clock.now().getTime() / 1000 },
    });
    expect(answer.headers.get("cache-control")).toBe("no-store");
    const token = String(field(answer.body, "access_token"));
    expect(await api("/user", { token })).toMatchObject({ status: 200, body: { username: "ben" } });
    expect(await send("/oauth/token/info", { token })).toMatchObject({
      status: 200,
      body: { scope: ["read_api"], expires_in: 7200, application: { uid: client.clientId } },
    });
  });

  test("takes client credentials in the header as well", async () => {
    const basic = Buffer.from(`${client.clientId}:${client.clientSecret}`).toString("base64");
    const answer = await send("/oauth/token", {
      form: {
        grant_type: "authorization_code",
        code: codeFor("ada"),
        code_verifier: verifier,
        redirect_uri: redirectUri,
      },
      headers: { authorization: `Basic ${basic}` },
    });
    expect(answer.status).toBe(200);
  });

  test("works once; a second time revokes what it gave", async () => {
    const code = codeFor("ada");
    const token = String(field((await redeem(code)).body, "access_token"));
    expect(await redeem(code)).toMatchObject(invalidGrant);
    expect((await api("/user", { token })).status).toBe(401);
  });

  test("works with its verifier and its redirect URI only, and for ten minutes", async () => {
    expect(await redeem(codeFor("ada"), { code_verifier: "another" })).toMatchObject(invalidGrant);
    expect(await redeem(codeFor("ada"), { redirect_uri: "https://app.example/other" })).toMatchObject(invalidGrant);
    const late = codeFor("ada");
    clock.advance(601);
    expect(await redeem(late)).toMatchObject(invalidGrant);
  });

  test("is for the client that asked", async () => {
    expect(await redeem(codeFor("ada"), { client_secret: "wrong" })).toMatchObject(invalidClient);
    expect(await redeem(codeFor("ada"), { client_id: "wrong" })).toMatchObject(invalidClient);
    const other = emulator().oauth.createApplication({ redirectUri, scopes: ["read_api"] });
    expect(
      await redeem(codeFor("ada"), { client_id: other.clientId, client_secret: other.clientSecret }),
    ).toMatchObject(invalidGrant);
  });

  test("what is missing or unknown", async () => {
    expect(await exchange({ grant_type: "authorization_code" })).toMatchObject({
      status: 400,
      body: { error: "invalid_request", error_description: "Missing required parameter: code." },
    });
    expect(await exchange({ grant_type: "password" })).toMatchObject({
      status: 400,
      body: { error: "unsupported_grant_type" },
    });
  });
});

describe("refreshing", () => {
  test("gives a new pair and ends the old one, both of it", async () => {
    const before = emulator().oauth.refreshes({ username: "ada" });
    const first = (await redeem(codeFor("ada"))).body;
    const second = await refresh(field(first, "refresh_token"));
    expect(second.status).toBe(200);
    expect(await api("/user", { token: String(field(first, "access_token")) })).toMatchObject({
      status: 401,
      body: { error: "invalid_token", error_description: "Token was revoked. You have to re-authorize from the user." },
    });
    expect(await refresh(field(first, "refresh_token"))).toMatchObject(invalidGrant);
    expect((await api("/user", { token: String(field(second.body, "access_token")) })).status).toBe(200);
    expect(emulator().oauth.refreshes({ username: "ada" })).toBe(before + 1);
    expect(emulator().oauth.attempts.at(-1)).toMatchObject({ username: "ada", error: "invalid_grant" });
  });

  test("happens after two hours", async () => {
    const { body } = await redeem(codeFor("ada"));
    clock.advance(7201);
    expect(await api("/user", { token: String(field(body, "access_token")) })).toMatchObject({
      status: 401,
      body: {
        error_description: "Token is expired. You can either do re-authorization or token refresh.",
      },
    });
    expect((await refresh(field(body, "refresh_token"))).status).toBe(200);
  });

  test("wants the redirect URI of the authorization", async () => {
    const { body } = await redeem(codeFor("ada"));
    expect(await refresh(field(body, "refresh_token"), { redirect_uri: "" })).toMatchObject(invalidGrant);
    expect((await refresh(field(body, "refresh_token"))).status).toBe(200);
  });

  test("a wrong secret leaves the pair alone", async () => {
    const { body } = await redeem(codeFor("ada"));
    expect(await refresh(field(body, "refresh_token"), { client_secret: "wrong" })).toMatchObject(invalidClient);
    expect((await refresh(field(body, "refresh_token"))).status).toBe(200);
  });
});

describe("revoking", () => {
  test("by the client, with either token", async () => {
    for (const name of ["access_token", "refresh_token"]) {
      const { body } = await redeem(codeFor("ada"));
      const form = { client_id: client.clientId, client_secret: client.clientSecret, token: String(field(body, name)) };
      expect(await send("/oauth/revoke", { form })).toMatchObject({ status: 200, body: {} });
      expect((await api("/user", { token: String(field(body, "access_token")) })).status).toBe(401);
      expect(await refresh(field(body, "refresh_token"))).toMatchObject(invalidGrant);
    }
    const wrong = { client_id: client.clientId, client_secret: "wrong", token: "x" };
    expect((await send("/oauth/revoke", { form: wrong })).status).toBe(403);
  });

  test("by the user", async () => {
    const { body } = await redeem(codeFor("ben"));
    emulator().oauth.revoke("ben");
    expect((await api("/user", { token: String(field(body, "access_token")) })).status).toBe(401);
    expect(await refresh(field(body, "refresh_token"))).toMatchObject(invalidGrant);
  });
});

describe("devices", () => {
  const grantType = "urn:ietf:params:oauth:grant-type:device_code";
  const begin = (): Promise<Reply> =>
    send("/oauth/authorize_device", { form: { client_id: client.clientId, scope: "read_api" } });
  const poll = (device: unknown): Promise<Reply> =>
    send("/oauth/token", {
      form: { grant_type: grantType, client_id: client.clientId, device_code: String(field(device, "device_code")) },
    });

  test("wait until the user has agreed", async () => {
    const { body: device } = await begin();
    expect(device).toMatchObject({
      expires_in: 300,
      interval: 5,
      verification_uri: `${emulator().baseUrl}/oauth/device`,
    });
    expect(await poll(device)).toMatchObject({ status: 400, body: { error: "authorization_pending" } });
    clock.advance(2);
    expect(await poll(device)).toMatchObject({ status: 400, body: { error: "slow_down" } });
    clock.advance(10);
    expect(await poll(device)).toMatchObject({ body: { error: "authorization_pending" } });
    emulator().oauth.approveDevice(String(field(device, "user_code")), { username: "guest" });
    const granted = await poll(device);
    expect(granted).toMatchObject({ status: 200, body: { scope: "read_api" } });
    const token = String(field(granted.body, "access_token"));
    expect(await api("/user", { token })).toMatchObject({ body: { username: "guest" } });
    expect(await poll(device)).toMatchObject(invalidGrant);
    // A device has no redirect URI, so none is wanted when it refreshes.
    const again = await refresh(field(granted.body, "refresh_token"), { redirect_uri: "" });
    expect(again.status).toBe(200);
  });

  test("are told when the user declines or takes too long", async () => {
    const { body: denied } = await begin();
    emulator().oauth.approveDevice(String(field(denied, "user_code")), { username: "ada", deny: true });
    expect(await poll(denied)).toMatchObject({ body: { error: "access_denied" } });
    const { body: late } = await begin();
    clock.advance(301);
    expect(await poll(late)).toMatchObject({ body: { error: "expired_token" } });
    expect(() => {
      emulator().oauth.approveDevice(String(field(late, "user_code")), { username: "ada" });
    }).toThrow("No device");
  });
});

test("secrets are not recorded", () => {
  const recorded = JSON.stringify(emulator().requests);
  expect(recorded).not.toContain(client.clientSecret);
  for (const token of emulator().state.tokens.keys()) expect(recorded).not.toContain(token);
});
