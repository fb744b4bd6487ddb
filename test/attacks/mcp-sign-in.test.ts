import { lookup } from "node:dns/promises";
import { createServer } from "node:http";
import { isIP, type AddressInfo } from "node:net";
import { createGitLab } from "gitlab-agent-tools";
import { Agent, fetch as fetchBy } from "undici";
import { createMcpHandler } from "gitlab-agent-tools/mcp";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import {
  createFetchDocument,
  isDocumentUrl,
  isPublicAddress,
  publicLookup,
} from "../../src/mcp/authorization/client-document.js";
import { newStore } from "../support/emulated.js";
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
} from "../support/sign-in.js";

const who = "gitlab_current_user_get";
const codeOf = (back: URL): string => back.searchParams.get("code") ?? "";

describe("a code", () => {
  test("that somebody has stolen is worth nothing without its verifier, its client and its address", async () => {
    const place = await signInPlace();
    const thief = asked(place);
    const changes: readonly Record<string, string>[] = [
      { code_verifier: thief.verifier },
      { code_verifier: "" },
      { client_id: "https://another.example/mcp.json" },
      { redirect_uri: "https://evil.example/" },
    ];
    for (const change of changes) {
      const { url, verifier } = asked(place);
      const code = codeOf(await agree(place, url));
      const stolen = await tokens(place, { ...exchangeForm(code, verifier), ...change });
      expect([stolen.status, stolen.body.error]).toEqual([400, "invalid_grant"]);
      // It is used up by the attempt.
      expect((await tokens(place, exchangeForm(code, verifier))).status).toBe(400);
    }
  });

  test("that is brought again ends what the first one got", async () => {
    const place = await signInPlace();
    const { url, verifier } = asked(place);
    const form = exchangeForm(codeOf(await agree(place, url)), verifier);
    const first = await tokens(place, form);
    expect((await callTool(place.url, first.body.access_token, who)).status).toBe(200);
    expect((await tokens(place, form)).body.error).toBe("invalid_grant");
    expect((await callTool(place.url, first.body.access_token, who)).status).toBe(401);
    const { refresh_token } = first.body;
    const refresh = { grant_type: "refresh_token", client_id: documentUrl, refresh_token };
    expect((await tokens(place, refresh)).status).toBe(400);
  });

  test("that two bring at once, to two replicas, gets neither of them in", async () => {
    const place = await signInPlace(await newStore(), {}, { replicas: 2 });
    const { url, verifier } = asked(place);
    const form = exchangeForm(codeOf(await agree(place, url)), verifier);
    const both = await Promise.all([tokens(place, form), tokens(place, form)]);
    expect(both.filter(({ status }) => status === 200).length).toBeLessThan(2);
    for (const { body } of both)
      if (body.access_token) expect((await callTool(place.url, body.access_token, who)).status).toBe(401);
  });

  test("is good for a minute", async () => {
    const place = await signInPlace();
    const { url, verifier } = asked(place);
    const code = codeOf(await agree(place, url));
    place.clock.ms += 60_000;
    expect((await tokens(place, exchangeForm(code, verifier))).body.error).toBe("invalid_grant");
  });

  test("of one person does not get into the browser of another", async () => {
    const place = await signInPlace();
    const attacker = new Browser();
    const request = await requestOn(await attacker.get(asked(place).url));
    const toGitLab = locationOf(
      await attacker.post(`${place.origin}/authorize`, { request, connection: "gitlab", decision: "allow" }),
    );
    const callback = place.emulator.oauth.authorize(toGitLab.href, { username: "ben" });
    const victim = new Browser();
    await victim.get(asked(place).url);
    for (const browser of [victim, new Browser()]) expect((await browser.get(callback)).status).toBe(403);
    const { connectedAccounts } = await place.gitlab.actions.listConnectedAccounts();
    expect(connectedAccounts).toEqual([]);
  });
});

describe("refresh tokens", () => {
  test("rotate, and one that is used again ends the whole family", async () => {
    const place = await signInPlace();
    const first = await signedIn(place);
    const form = (refresh_token: string) => ({ grant_type: "refresh_token", client_id: documentUrl, refresh_token });
    const second = await tokens(place, form(first.refresh_token));
    expect(second.status).toBe(200);
    expect((await tokens(place, form(first.refresh_token))).body.error).toBe("invalid_grant");
    expect((await tokens(place, form(second.body.refresh_token))).body.error).toBe("invalid_grant");
    for (const { access_token } of [first, second.body])
      expect((await callTool(place.url, access_token, who)).status).toBe(401);
  });

  test("of which one is used twice at once, on two replicas, end: one of the two is not the client", async () => {
    const place = await signInPlace(await newStore(), {}, { replicas: 2 });
    const { refresh_token, access_token } = await signedIn(place);
    const form = { grant_type: "refresh_token", client_id: documentUrl, refresh_token };
    const both = await Promise.all([tokens(place, form), tokens(place, form)]);
    const given = [access_token, ...both.map(({ body }) => body.access_token)].filter(Boolean);
    for (const token of given) expect((await callTool(place.url, token, who)).status).toBe(401);
    for (const { body } of both)
      if (body.refresh_token)
        expect((await tokens(place, { ...form, refresh_token: body.refresh_token })).body.error).toBe("invalid_grant");
  });

  test("end with every access token of theirs, however many there were", async () => {
    const place = await signInPlace();
    const form = (refresh_token: string) => ({ grant_type: "refresh_token", client_id: documentUrl, refresh_token });
    const given = [await signedIn(place)];
    for (let times = 0; times < 7; times += 1)
      given.push((await tokens(place, form(given.at(-1)?.refresh_token ?? ""))).body);
    const answers = async (): Promise<number[]> =>
      await Promise.all(given.map(async (one) => (await callTool(place.url, one.access_token, who)).status));
    expect((await answers()).at(-1)).toBe(200);
    expect((await tokens(place, form(given[0]?.refresh_token ?? ""))).body.error).toBe("invalid_grant");
    expect(new Set(await answers())).toEqual(new Set([401]));
  });

  test("end with all sessions of the person", async () => {
    const place = await signInPlace();
    const { refresh_token, access_token } = await signedIn(place);
    const [account] = (await place.gitlab.actions.listConnectedAccounts()).connectedAccounts;
    await place.gitlab.revokeSessions({ identifier: account?.identifier ?? "" });
    expect((await callTool(place.url, access_token, who)).status).toBe(401);
    const form = { grant_type: "refresh_token", client_id: documentUrl, refresh_token };
    expect((await tokens(place, form)).body.error).toBe("invalid_grant");
    expect((await tokens(place, form)).body.error).toBe("invalid_grant");
  });

  test("are of one client, and never widen what was allowed", async () => {
    const place = await signInPlace();
    const { refresh_token } = await signedIn(place, { scope: "gitlab:read" });
    const form = { grant_type: "refresh_token", client_id: documentUrl, refresh_token };
    for (const [client_id, error] of [
      ["https://another.example/mcp.json", "invalid_grant"],
      ["another", "invalid_client"],
    ] as const)
      expect((await tokens(place, { ...form, client_id })).body.error).toBe(error);
    const wider = await tokens(place, { ...form, scope: "gitlab:destructive" });
    expect(wider.body.scope).toBe("gitlab:read");
  });
});

describe("addresses to be sent back to", () => {
  test.each([
    "https://evil.example/callback",
    "http://127.0.0.1:3000/callback/",
    "http://127.0.0.1:3000/callback?more",
    "http://127.0.0.1:3000@evil.example/callback",
    "http://127.0.0.1.evil.example:3000/callback",
    "http://localhost:3000/callback",
    "https://127.0.0.1:3000/callback",
    "http://127.0.0.1:3000/callback#fragment",
    "javascript:alert(1)",
  ])("%s is not taken for one that is registered, and nobody is sent there", async (redirect_uri) => {
    const place = await signInPlace();
    const refused = await new Browser().get(asked(place, { redirect_uri }).url);
    expect([refused.status, refused.headers.get("location")]).toEqual([400, null]);
  });

  test("on loopback may have any port, and a scheme of an application's own is one", async () => {
    const place = await signInPlace();
    const at = "http://127.0.0.1:49152/callback";
    expect((await new Browser().get(asked(place, { redirect_uri: at }).url)).status).toBe(200);
    const register = (redirect_uris: readonly string[]) =>
      fetch(`${place.origin}/register`, { method: "POST", body: JSON.stringify({ redirect_uris, client_name: "C" }) });
    expect((await register(["cursor://anysphere.cursor-retrieval/oauth/callback"])).status).toBe(201);
    for (const wrong of ["javascript:alert(1)", "http://evil.example/", "data:text/html,x", "https://a.example/#x"]) {
      const answer = await register([wrong]);
      expect([answer.status, await answer.json()]).toMatchObject([400, { error: "invalid_redirect_uri" }]);
    }
  });
});

describe("asking", () => {
  test("without PKCE, with the plain one, or for another server goes back with an error", async () => {
    const place = await signInPlace();
    for (const [changes, error] of [
      [{ code_challenge: undefined }, "invalid_request"],
      [{ code_challenge_method: "plain" }, "invalid_request"],
      [{ code_challenge_method: undefined }, "invalid_request"],
      [{ resource: "https://other.example/mcp" }, "invalid_target"],
      [{ resource: `${place.url}/more` }, "invalid_target"],
      [{ resource: place.url.toUpperCase() }, "invalid_target"],
      [{ resource: `${place.url}#part` }, "invalid_target"],
      [{ resource: place.url.replace("://", "://user@") }, "invalid_target"],
      [{ resource: "mcp" }, "invalid_target"],
      [{ response_type: "token" }, "unsupported_response_type"],
      [{ scope: "gitlab:everything" }, "invalid_scope"],
    ] as const) {
      const back = locationOf(await new Browser().get(asked(place, changes).url));
      expect(back.origin + back.pathname).toBe(clientRedirect);
      expect([back.searchParams.get("error"), back.searchParams.get("iss")]).toEqual([error, place.origin]);
    }
  });

  test("for this server by another spelling of its address is asking for this server", async () => {
    const place = await signInPlace();
    for (const resource of [`${place.url}/`, place.url.replace("http:", "HTTP:")]) {
      const { url, verifier } = asked(place, { resource });
      const form = exchangeForm(codeOf(await agree(place, url)), verifier);
      expect((await tokens(place, { ...form, resource })).status).toBe(200);
    }
  });

  test("with a name that turns what follows it around is shown apart from where one is sent back to", async () => {
    const place = await signInPlace();
    place.documents.set(documentUrl, {
      client_id: documentUrl,
      client_name: "Client \u202e",
      redirect_uris: [clientRedirect],
    });
    const text = await (await new Browser().get(asked(place).url)).text();
    expect(text).toContain("<bdi>Client \u202e</bdi>");
  });

  test("consent counts only from the browser that was asked, and from our own page", async () => {
    const place = await signInPlace();
    const browser = new Browser();
    const request = await requestOn(await browser.get(asked(place).url));
    const form = { request, connection: "gitlab", decision: "allow" };
    const other = new Browser();
    await other.get(asked(place).url);
    const at = `${place.origin}/authorize`;
    expect((await new Browser().post(at, form)).status).toBe(403);
    expect((await other.post(at, form)).status).toBe(403);
    expect((await browser.post(at, form, { Origin: "https://evil.example" })).status).toBe(403);
    expect((await browser.post(at, form)).status).toBe(303);
    expect((await browser.post(at, form)).status).toBe(400);
  });
});

test("one instance does not pass for another: the callback of one is not taken at the address of the other", async () => {
  const place = await signInPlace();
  await place.gitlab.connections.set("evil", {
    baseUrl: "https://gitlab.evil.example",
    clientId: "evil",
    redirectUri: `${place.origin}/callback/evil`,
  });
  const browser = new Browser();
  const consent = await browser.get(asked(place).url);
  const text = await consent.clone().text();
  expect(text).toContain("gitlab.evil.example");
  const request = await requestOn(consent);
  const form = { request, connection: "gitlab", decision: "allow" };
  const toGitLab = locationOf(await browser.post(`${place.origin}/authorize`, form));
  const callback = place.emulator.oauth.authorize(toGitLab.href, { username: "ben" });
  const mixed = callback.replace("/callback/gitlab", "/callback/evil");
  expect((await browser.get(mixed)).status).toBe(403);
  expect(codeOf(locationOf(await browser.get(callback)))).not.toBe("");
});

test("a callback's address that nobody has made is no fault of the server's", async () => {
  const onError = vi.fn();
  const place = await signInPlace({}, { onError });
  for (const wrong of ["%", "%E0%A4%A", "..%2F", "nothing"]) {
    const { status } = await new Browser().get(`${place.origin}/callback/${wrong}?code=x&state=y`);
    expect([400, 404, 405]).toContain(status);
  }
  expect(onError).not.toHaveBeenCalled();
});

describe("a token", () => {
  test("for another audience is not good here", async () => {
    const place = await signInPlace();
    const { access_token } = await signedIn(place);
    const account = (await place.gitlab.actions.listConnectedAccounts()).connectedAccounts[0];
    const audience = "https://other.example/mcp";
    const { token } = await place.gitlab.createSession({ identifier: account?.identifier ?? "", audience });
    expect((await callTool(place.url, token, who)).status).toBe(401);
    expect((await callTool(place.url, access_token, who)).status).toBe(200);
    expect(await place.gitlab.verifySession(access_token)).toBeUndefined();
  });

  test("is never wider than the operator lets it be", async () => {
    const place = await signInPlace({ policy: { access: "read" } });
    const { scope, access_token } = await signedIn(place, { scope: "gitlab:destructive" });
    expect(scope).toBe("gitlab:read");
    const input = { project_id: "acme/app", title: "No" };
    const answer = await callTool(place.url, access_token, "gitlab_issue_create", input);
    expect(answer.status).toBe(403);
  });

  test("of GitLab's never reaches the client: what it gets is worth nothing at GitLab", async () => {
    const place = await signInPlace();
    const { access_token, refresh_token } = await signedIn(place);
    for (const given of [access_token, refresh_token, refresh_token.split(".")[1] ?? ""]) {
      const headers = { Authorization: `Bearer ${given}` };
      expect((await fetch(`${place.emulator.baseUrl}/api/v4/user`, { headers })).status).toBe(401);
    }
  });
});

describe("a document that describes a client", () => {
  test.each([
    "http://client.example/mcp.json",
    "https://127.0.0.1/mcp.json",
    "https://[::1]/mcp.json",
    "https://10.0.0.1/mcp.json",
    "https://169.254.169.254/latest/meta-data",
    "https://[::ffff:169.254.169.254]/latest/meta-data",
    "https://[::ffff:7f00:1]/mcp.json",
    "https://[64:ff9b::7f00:1]/mcp.json",
    "https://[2002:7f00:1::]/mcp.json",
    "https://[fe80::1]/mcp.json",
    "https://0x7f.1/mcp.json",
    "https://2130706433/mcp.json",
    "https://client.example:8443/mcp.json",
    "https://user@client.example/mcp.json",
    "https://client.example/",
  ])("is not asked for at %s", async (url) => {
    expect(isDocumentUrl(url)).toBe(false);
    const load = vi.fn();
    expect(await createFetchDocument(Date.now, load)(url)).toBeUndefined();
    expect(load).not.toHaveBeenCalled();
  });

  test("is not fetched from a name that leads inside", async () => {
    const { address } = await lookup("localhost");
    expect(isPublicAddress(address)).toBe(false);
    for (const inside of ["192.168.1.1", "172.16.0.1", "100.64.0.1", "::ffff:127.0.0.1", "fd00::1", "0.0.0.0"])
      expect(isPublicAddress(inside)).toBe(false);
    expect(await createFetchDocument(Date.now)("https://localhost/mcp.json")).toBeUndefined();
  });

  test("is not fetched from a name that leads outside when it is looked at, and inside when it is connected to", async () => {
    const inside = createServer((_, response) => void response.end("{}"));
    await new Promise<void>((done) => inside.listen(0, "127.0.0.1", done));
    onTestFinished(() => void inside.close());
    let connected = 0;
    inside.on("connection", () => (connected += 1));
    const { port } = inside.address() as AddressInfo;
    const answers = [["203.0.112.1"], ["127.0.0.1"], ["203.0.112.1", "127.0.0.1"], ["::ffff:127.0.0.1"]];
    const rebound = publicLookup((_, __, callback) => {
      callback(
        null,
        (answers.shift() ?? []).map((address) => ({ address, family: isIP(address) })),
      );
    });
    const looked = (): Promise<unknown> =>
      new Promise((resolve) =>
        rebound("rebind.example", { all: true }, (error, addresses) => resolve(error ?? addresses)),
      );
    // A first look finds nothing wrong; what counts is each connection's own.
    expect(await looked()).toEqual([{ address: "203.0.112.1", family: 4 }]);
    const agent = new Agent({ connect: { lookup: rebound } });
    onTestFinished(() => agent.close());
    for (let times = 0; times < 3; times += 1) {
      const failed = await fetchBy(`http://rebind.example:${port}/mcp.json`, { dispatcher: agent }).catch(String);
      expect(failed).toContain("failed");
    }
    expect([answers, connected]).toEqual([[], 0]);
  });

  test("that names another client, or wants a secret, is none", async () => {
    const place = await signInPlace();
    for (const wrong of [
      { client_id: "https://other.example/mcp.json", redirect_uris: [clientRedirect] },
      {
        client_id: "https://a.example/mcp.json",
        redirect_uris: [clientRedirect],
        token_endpoint_auth_method: "client_secret_post",
      },
      { client_id: "https://a.example/mcp.json" },
      "nothing",
    ]) {
      place.documents.set("https://a.example/mcp.json", wrong);
      const fresh = `https://a.example/mcp.json`;
      expect((await new Browser().get(asked(place, { client_id: fresh }).url)).status).toBe(400);
      place.clock.ms += 600_000;
    }
  });
});

describe("names that somebody has pointed here", () => {
  test("reach neither the endpoint nor the pages", async () => {
    const { store, encryptionKey } = await newStore();
    const gitlab = createGitLab({ store, encryptionKey, connections: { gitlab: {} } });
    onTestFinished(() => gitlab.close());
    const signIn = { publicUrl: "https://mcp.example" };
    const mcp = createMcpHandler({ gitlab, signIn, allowedHosts: ["mcp.example"] });
    const ask = (path: string, host: string, method = "GET") =>
      mcp(new Request(`https://mcp.example${path}`, { method, headers: { host } }));
    for (const path of ["/mcp", "/authorize", "/.well-known/oauth-authorization-server"])
      expect((await ask(path, "evil.example")).status).toBe(403);
    expect((await ask("/.well-known/oauth-authorization-server", "mcp.example")).status).toBe(200);
  });
});

test("registrations that nobody uses end, and too many at once are refused", async () => {
  const place = await signInPlace();
  const register = () =>
    fetch(`${place.origin}/register`, { method: "POST", body: JSON.stringify({ redirect_uris: [clientRedirect] }) });
  const { client_id } = (await (await register()).json()) as { client_id: string };
  const open = async (): Promise<number> => (await new Browser().get(asked(place, { client_id }).url)).status;
  expect(await open()).toBe(200);
  place.clock.ms += 80 * 86_400_000;
  expect(await open()).toBe(200);
  place.clock.ms += 91 * 86_400_000;
  expect(await open()).toBe(400);
  const statuses: number[] = [];
  for (let times = 0; times < 125; times += 1) statuses.push((await register()).status);
  expect(statuses).toContain(429);
});
