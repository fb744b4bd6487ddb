import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from "@modelcontextprotocol/client";
import type { OAuthClientProvider } from "@modelcontextprotocol/sdk/client/auth.js";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { randomBytes } from "node:crypto";
import type { McpRequest } from "gitlab-agent-tools/mcp";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { createGitLab, type GitLab } from "gitlab-agent-tools";
import { newStore } from "../support/emulated.js";
import { startPostgres, type TestPostgres } from "../support/postgres.js";
import {
  agree,
  asked,
  Browser,
  callTool,
  clientRedirect,
  documentUrl,
  exchangeForm,
  locationOf,
  requestOn,
  signedIn,
  signInPlace,
  tokens,
  type SignInPlace,
} from "../support/sign-in.js";

const who = { name: "gitlab_current_user_get", arguments: {} };

/** What a program keeps while it signs in: everything in memory. */
function provider(described: boolean) {
  const kept: Record<string, unknown> = {};
  let wanted: URL | undefined;
  const own = {
    ...(described && { clientMetadataUrl: documentUrl }),
    redirectUrl: clientRedirect,
    clientMetadata: { client_name: "Official client", redirect_uris: [clientRedirect] },
    clientInformation: () => kept["client"],
    saveClientInformation: (client: unknown) => void (kept["client"] = client),
    tokens: () => kept["tokens"],
    saveTokens: (given: unknown) => void (kept["tokens"] = given),
    redirectToAuthorization: (url: URL) => void (wanted = url),
    saveCodeVerifier: (verifier: string) => void (kept["verifier"] = verifier),
    codeVerifier: () => kept["verifier"],
  } as OAuthClientProvider;
  return { provider: own, kept, wanted: () => wanted ?? new URL("about:blank") };
}

/** Both SDKs, with the same words: `finish` hands the client what its browser has come back with. */
const clients = {
  "v1 SDK": (url: string, own: OAuthClientProvider) => {
    const client = new Client({ name: "one", version: "1" });
    const transport = new StreamableHTTPClientTransport(new URL(url), { authProvider: own });
    const finish = (back: URLSearchParams) => transport.finishAuth(back.get("code") ?? "");
    return { client, connect: () => client.connect(transport), finish };
  },
  "v2 SDK": (url: string, own: OAuthClientProvider) => {
    const client = new ModernClient({ name: "two", version: "2" }, { versionNegotiation: { mode: "auto" } });
    const transport = new ModernTransport(new URL(url), { authProvider: own });
    const finish = (back: URLSearchParams) => transport.finishAuth(back);
    return { client, connect: () => client.connect(transport), finish };
  },
};

/** Adds the server by its address alone; the person agrees when the client sends them. */
async function added(place: SignInPlace, kind: keyof typeof clients, described: boolean, username: string) {
  const { provider: own, kept, wanted } = provider(described);
  const first = clients[kind](place.url, own);
  await expect(first.connect()).rejects.toThrow();
  await first.finish((await agree(place, wanted(), { username })).searchParams);
  const second = clients[kind](place.url, own);
  await second.connect();
  const call = (): Promise<unknown> => second.client.callTool(who);
  return { call, close: () => second.client.close(), kept };
}

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

const onPostgres = async () => ({
  store: await postgres.createDatabase(),
  encryptionKey: randomBytes(32).toString("base64"),
});

describe("official clients, on two replicas over one PostgreSQL that take turns", () => {
  test.each([
    ["v1 SDK", false],
    ["v1 SDK", true],
    ["v2 SDK", false],
    ["v2 SDK", true],
  ] as const)(
    "%s signs in, described at its address: %s, calls, refreshes, and is out when it is revoked",
    async (kind, described) => {
      const place = await signInPlace(await onPostgres(), {}, { replicas: 2 });
      const { call, close, kept } = await added(place, kind, described, "ben");
      for (let times = 0; times < 4; times += 1) expect(JSON.stringify(await call())).toContain("ben");
      const before = JSON.stringify(kept["tokens"]);
      place.clock.ms += 3_601_000;
      expect(JSON.stringify(await call())).toContain("ben");
      expect(JSON.stringify(kept["tokens"])).not.toBe(before);
      place.emulator.oauth.revoke("ben");
      await call().catch(() => undefined);
      const { access_token } = kept["tokens"] as { access_token: string };
      for (let times = 0; times < 2; times += 1)
        expect((await callTool(place.url, access_token, who.name)).status).toBe(401);
      expect(place.shares.every((share) => share > 5)).toBe(true);
      await close();
    },
  );

  test.each(["v1 SDK", "v2 SDK"] as const)("%s is out on both when its refresh token is revoked", async (kind) => {
    const place = await signInPlace(await onPostgres(), {}, { replicas: 2 });
    const { call, close, kept } = await added(place, kind, false, "ben");
    expect(JSON.stringify(await call())).toContain("ben");
    const { access_token, refresh_token: token } = kept["tokens"] as Record<"access_token" | "refresh_token", string>;
    const { client_id = "" } = kept["client"] as { client_id?: string };
    await fetch(`${place.origin}/revoke`, { method: "POST", body: new URLSearchParams({ token, client_id }) });
    for (let times = 0; times < 2; times += 1)
      expect((await callTool(place.url, access_token, who.name)).status).toBe(401);
    const again = await tokens(place, { grant_type: "refresh_token", refresh_token: token, client_id });
    expect(again.body.error).toBe("invalid_grant");
    await expect(call()).rejects.toThrow();
    await close();
  });
});

describe("replicas", () => {
  test.each(["PostgreSQL", "SQLite"])("on one %s take each other's requests, codes and tokens", async (kind) => {
    const shared = kind === "SQLite" ? await newStore() : await onPostgres();
    const place = await signInPlace(shared);
    const other = new URL(await place.replica()).origin;
    const { url, verifier } = asked(place);
    const browser = new Browser();
    const elsewhere = (address: URL): URL => new URL(address.pathname + address.search, other);
    const request = await requestOn(await browser.get(url));
    const decided = await browser.post(new URL("/authorize", other), {
      request,
      connection: "gitlab",
      decision: "allow",
    });
    const callback = new URL(place.emulator.oauth.authorize(locationOf(decided).href, { username: "ben" }));
    const back = locationOf(await browser.get(callback));
    const form = exchangeForm(back.searchParams.get("code") ?? "", verifier);
    const { body } = await tokens({ origin: other }, form);
    expect(await (await callTool(place.url, body.access_token, who.name)).text()).toContain("ben");
    const again = await tokens(place, {
      grant_type: "refresh_token",
      client_id: documentUrl,
      refresh_token: body.refresh_token,
    });
    expect(
      await (await callTool(elsewhere(new URL(place.url)).href, again.body.access_token, who.name)).text(),
    ).toContain("ben");
    await fetch(new URL("/revoke", other), {
      method: "POST",
      body: new URLSearchParams({ token: again.body.refresh_token, client_id: documentUrl }),
    });
    expect((await callTool(place.url, again.body.access_token, who.name)).status).toBe(401);
    expect((await callTool(place.url, body.access_token, who.name)).status).toBe(401);
  });
});

describe("what the server says of itself", () => {
  test("401 names the resource's document and the scopes, and the documents hold together", async () => {
    const place = await signInPlace();
    const refused = await callTool(place.url, undefined, who.name);
    expect(refused.status).toBe(401);
    const challenge = refused.headers.get("www-authenticate") ?? "";
    expect(challenge).toContain('scope="gitlab:read gitlab:write gitlab:destructive"');
    const at = /resource_metadata="([^"]+)"/.exec(challenge)?.[1] ?? "";
    expect(at).toBe(`${place.origin}/.well-known/oauth-protected-resource/mcp`);
    const resource = (await (await fetch(at)).json()) as Record<string, unknown>;
    expect(resource).toMatchObject({ resource: place.url, authorization_servers: [place.origin] });
    const root = await fetch(`${place.origin}/.well-known/oauth-protected-resource`);
    expect(await root.json()).toEqual(resource);
    const server = await fetch(`${place.origin}/.well-known/oauth-authorization-server`);
    expect(await server.json()).toMatchObject({
      issuer: place.origin,
      code_challenge_methods_supported: ["S256"],
      token_endpoint_auth_methods_supported: ["none"],
      response_types_supported: ["code"],
      client_id_metadata_document_supported: true,
      authorization_response_iss_parameter_supported: true,
    });
  });

  test("the consent page names the client, its place, the instance and what it may do, and cannot be framed", async () => {
    const place = await signInPlace({ policy: { projects: ["acme/app"], access: "write" } });
    const page = await new Browser().get(asked(place).url);
    const text = await page.text();
    expect(text).toContain("Described &lt;b&gt;client&lt;/b&gt;");
    expect(text).toContain("127.0.0.1:3000");
    expect(text).toContain(place.emulator.baseUrl);
    expect(text).toContain("only in acme/app");
    expect(text).not.toContain("delete what you can delete");
    expect(text).toMatch(/with \d+ tools: level core/);
    expect(page.headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
    expect(page.headers.get("x-frame-options")).toBe("DENY");
  });

  test("nobody is asked to allow what none of the server's tools does", async () => {
    const select = { tools: ["gitlab_issue_get", "gitlab_issue_create"], level: "extended" } as const;
    const place = await signInPlace({}, { select });
    const text = await (await new Browser().get(asked(place).url)).text();
    expect(text).toContain("write: issues");
    expect(text).not.toContain("delete what you can delete");
    expect(text).toMatch(/with \d+ tools: level extended/);
    expect((await signedIn(place)).scope).toBe("gitlab:read gitlab:write");
  });

  test("a client gets no more than it was allowed, and may ask for more when it needs it", async () => {
    const place = await signInPlace();
    const reader = await signedIn(place, { scope: "gitlab:read" });
    expect(reader.scope).toBe("gitlab:read");
    expect((await callTool(place.url, reader.access_token, who.name)).status).toBe(200);
    const input = { project_id: "acme/app", title: "New" };
    const refused = await callTool(place.url, reader.access_token, "gitlab_issue_create", input);
    expect(refused.status).toBe(403);
    expect(refused.headers.get("www-authenticate")).toMatch(
      /error="insufficient_scope".*resource_metadata="[^"]+", scope="gitlab:read gitlab:write"/,
    );
  });

  test("who says no at the page, or at GitLab, is sent back with that, and no account is left behind", async () => {
    const place = await signInPlace();
    const browser = new Browser();
    const request = await requestOn(await browser.get(asked(place).url));
    const no = locationOf(await browser.post(`${place.origin}/authorize`, { request, decision: "deny" }));
    expect(Object.fromEntries(no.searchParams)).toEqual({
      error: "access_denied",
      state: "client-state",
      iss: place.origin,
    });
    const { connectedAccounts } = await place.gitlab.actions.listConnectedAccounts();
    expect(connectedAccounts).toEqual([]);
    await signedIn(place, { username: "ada" });
    const after = await place.gitlab.actions.listConnectedAccounts();
    const host = new URL(place.emulator.baseUrl).host;
    expect(after.connectedAccounts.map(({ identifier }) => identifier)).toEqual([
      expect.stringMatching(new RegExp(`^gitlab:${host}:\\d+$`)),
    ]);
  });
});

describe("a registration", () => {
  const day = 86_400_000;
  const registered = async (place: SignInPlace): Promise<string> => {
    const body = JSON.stringify({ redirect_uris: [clientRedirect] });
    const answer = await fetch(`${place.origin}/register`, { method: "POST", body });
    return ((await answer.json()) as { client_id: string }).client_id;
  };

  test("stays as long as its client refreshes, so that it can send its person to sign in again", async () => {
    const place = await signInPlace();
    const client_id = await registered(place);
    const { url, verifier } = asked(place, { client_id });
    const code = (await agree(place, url)).searchParams.get("code") ?? "";
    let { body } = await tokens(place, { ...exchangeForm(code, verifier), client_id });
    for (let months = 0; months < 6; months += 1) {
      place.clock.ms += 25 * day;
      const form = { grant_type: "refresh_token", client_id, refresh_token: body.refresh_token };
      body = (await tokens(place, form)).body;
    }
    expect(body.access_token).toBeDefined();
    expect((await new Browser().get(asked(place, { client_id }).url)).status).toBe(200);
  });

  test("that nobody uses ends, and its client hears that it has to register again", async () => {
    const place = await signInPlace();
    const client_id = await registered(place);
    place.clock.ms += 91 * day;
    expect((await new Browser().get(asked(place, { client_id }).url)).status).toBe(400);
    const form = { grant_type: "refresh_token", client_id, refresh_token: "from.before" };
    const { status, body } = await tokens(place, form);
    expect([status, body.error]).toEqual([401, "invalid_client"]);
  });
});

test("a log of requests has who and what, and nothing that would let its reader in", async () => {
  const seen: McpRequest[] = [];
  const place = await signInPlace({}, { onRequest: (request) => void seen.push(request) });
  const { url, verifier } = asked(place);
  const back = await agree(place, url);
  const code = back.searchParams.get("code") ?? "";
  const { body } = await tokens(place, exchangeForm(code, verifier));
  const secret = "words-of-a-person";
  for (const name of ["gitlab_current_user_get", "gitlab_issue_get", `invented_${secret}`])
    await (await callTool(place.url, body.access_token, name, { project_id: secret, [secret]: 1 })).text();
  await (await callTool(place.url, "a.b.c", "gitlab_issue_get")).text();
  await expect.poll(() => seen.length).toBe(8);
  expect(seen.map(({ method, path, status }) => [method, path, status])).toEqual([
    ["GET", "/authorize", 200],
    ["POST", "/authorize", 303],
    ["GET", "/callback/gitlab", 303],
    ["POST", "/token", 200],
    ["POST", "/mcp", 200],
    ["POST", "/mcp", 200],
    ["POST", "/mcp", 200],
    ["POST", "/mcp", 401],
  ]);
  expect(seen.flatMap(({ operations }) => operations)).toEqual([
    { method: "tools/call", tool: "gitlab_current_user_get", code: "invalid_input" },
    { method: "tools/call", tool: "gitlab_issue_get", code: "invalid_input" },
    { method: "tools/call", code: "unknown_tool" },
  ]);
  expect(seen[4]?.session).toMatchObject({ connectionName: "gitlab", identifier: expect.any(String) as string });
  const log = JSON.stringify(seen);
  for (const hidden of [code, verifier, body.access_token, body.refresh_token, secret, "client-state"])
    expect(log).not.toContain(hidden);
});

test("a change of keys seals what people have allowed anew: the earlier key is needed no longer", async () => {
  const { store, encryptionKey: old } = await newStore();
  const current = randomBytes(32).toString("base64");
  const place = await signInPlace({ store, encryptionKey: old });
  const registered = await fetch(`${place.origin}/register`, {
    method: "POST",
    body: JSON.stringify({ redirect_uris: [clientRedirect] }),
  });
  const { client_id } = (await registered.json()) as { client_id: string };
  const { refresh_token } = await signedIn(place);
  // Under way: asked, but not yet agreed.
  const { url, verifier } = asked(place, { client_id });
  const browser = new Browser();
  const request = await requestOn(await browser.get(url));

  const { baseUrl } = place.emulator;
  const reopened = (encryptionKey: string[]): GitLab => {
    const gitlab = createGitLab({ store, encryptionKey, connections: { gitlab: { baseUrl } } });
    onTestFinished(() => gitlab.close());
    return gitlab;
  };
  const rotation = await reopened([current, old]).rotateEncryptionKey();
  expect(rotation).toMatchObject({ unreadable: 0, complete: true });
  expect(rotation.resealed).toBeGreaterThanOrEqual(4);
  expect(await reopened([current, old]).rotateEncryptionKey()).toMatchObject({ resealed: 0 });

  const origin = new URL(await place.replica({ encryptionKey: current })).origin;
  const after = { origin };
  const again = await tokens(after, { grant_type: "refresh_token", client_id: documentUrl, refresh_token });
  expect(again.status).toBe(200);
  const decided = await browser.post(`${origin}/authorize`, { request, connection: "gitlab", decision: "allow" });
  const callback = new URL(place.emulator.oauth.authorize(locationOf(decided).href, { username: "ben" }));
  const back = locationOf(await browser.get(new URL(callback.pathname + callback.search, origin)));
  const form = { ...exchangeForm(back.searchParams.get("code") ?? "", verifier), client_id };
  expect((await tokens(after, form)).status).toBe(200);
});
