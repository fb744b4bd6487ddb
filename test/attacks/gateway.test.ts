import { once } from "node:events";
import { request } from "node:http";
import { randomBytes } from "node:crypto";
import { createGitLab } from "gitlab-agent-tools";
import { describe, expect, onTestFinished, test } from "vitest";
import { createApiKeys, keyScopes, type KeyScope } from "../../src/serve/api-keys.js";
import { operations } from "../../src/serve/operations/index.js";
import { serveGateway } from "../../src/serve/serve.js";
import type { ExpiringRows } from "../../src/stores/expiring-rows.js";
import { memoryRows } from "../../src/stores/memory-rows.js";
import { MemoryStore } from "../../src/stores/memory-store.js";
import { hashOf } from "../../src/web/sealed-rows.js";
import { emulated } from "../support/emulated.js";
import { gateway } from "../support/gateway.js";

const ada = { identifier: "user_ada" };
const whoAmI = { ...ada, tool_name: "gitlab_current_user_get" };

/** A body that fits, for every operation that takes one. */
const bodies: Readonly<Record<string, unknown>> = {
  get_or_create_connected_account: ada,
  get_authorization_link: ada,
  connect_with_token: { ...ada, token: "glpat-xxxxxxxxxxxxxxxxxxxx" },
  handle_callback: { url: "https://app.example/callback?state=x", expected_identifier: "user_ada" },
  execute_tool: whoAmI,
  run_tool: whoAmI,
  create_session: ada,
};
const queryOf = (id: string): string =>
  ["get_connected_account", "delete_connected_account", "revoke_sessions"].includes(id) ? "?identifier=user_ada" : "";

describe("the door of a gateway", () => {
  test("is closed without a key, and to one that is made up, expired or revoked", async () => {
    const clock = { now: Date.now() };
    const { send, key: newKey, keys, emulator } = await gateway({}, { now: () => clock.now });
    const [good, short, revoked] = [await newKey(), await newKey({ expiresIn: "1h" }), await newKey()];
    await keys.revoke(revoked.slice(4, 20));
    clock.now += 3_600_000;
    const before = emulator.requests.length;
    const madeUp = `gat_${"0".repeat(16)}_${"A".repeat(43)}`;
    const otherSecret = good.slice(0, 21) + revoked.slice(21);
    for (const [index, one] of operations.entries()) {
      const path = one.path.replace("{tool_name}", "gitlab_issue_get") + queryOf(one.id);
      const wrong = index === 0 ? [undefined, "", "x", madeUp, short, revoked, otherSecret] : [undefined, revoked];
      for (const key of wrong) {
        const body = one.body ? { body: bodies[one.id] } : {};
        const { status, error, headers } = await send(one.method, path, { ...(key !== undefined && { key }), ...body });
        expect([one.id, status, error["code"]]).toEqual([one.id, 401, "invalid_api_key"]);
        const challenge = headers.get("www-authenticate");
        // RFC 6750, section 3.1: no error code where nothing was shown.
        expect(challenge?.includes("invalid_token")).toBe(Boolean(key));
      }
    }
    expect(emulator.requests.length).toBe(before);
    expect((await send("POST", "/v1/execute", { key: good, body: whoAmI })).status).toBe(200);
  });

  test("that has ended leaves no session alive that it minted, here or in another replica", async () => {
    const clock = { now: Date.now() };
    const store = new MemoryStore();
    const encryptionKey = randomBytes(32).toString("base64");
    const shared = { store, encryptionKey, now: () => clock.now };
    const { send, key: newKey, keys, gitlab } = await gateway({}, shared);
    const other = createGitLab({ ...shared, connections: { gitlab: {} } });
    onTestFinished(() => other.close());
    const isAlive = async (token: string): Promise<boolean[]> =>
      await Promise.all([gitlab, other].map(async (one) => (await one.verifySession(token)) !== undefined));
    const mint = async (key: string): Promise<string> =>
      String((await send("POST", "/v1/sessions", { key, body: { ...ada, expires_in: "8h" } })).body["token"]);
    const idOf = (key: string): string => key.slice(4, 20);

    const [stolen, good, old] = [await newKey(), await newKey(), await newKey()];
    const [first, second, third] = [await mint(stolen), await mint(good), await mint(old)];
    for (const token of [first, second, third]) expect(await isAlive(token)).toEqual([true, true]);
    const row = await store.rows.get("api key", hashOf(idOf(good)), clock.now);
    await keys.revoke(idOf(stolen));
    expect(await isAlive(first)).toEqual([false, false]);
    expect(await isAlive(second)).toEqual([true, true]);
    // Who can write the database puts another key's row, or one of their own, in its place.
    const id = hashOf(idOf(stolen));
    const end = clock.now + 86_400_000;
    for (const value of [row?.value ?? "", "{}"]) {
      await store.rows.add({ kind: "api key", id, value, expiresAt: end }, clock.now);
      expect(await isAlive(first)).toEqual([false, false]);
      await store.rows.take("api key", id, clock.now);
    }

    // Replaced as a routine, a key leaves its sessions until the overlap is over.
    await keys.replace(idOf(old), { expiresIn: "90d", overlapSeconds: 3600 });
    clock.now += 3_599_000;
    expect(await isAlive(third)).toEqual([true, true]);
    clock.now += 1_000;
    expect(await isAlive(third)).toEqual([false, false]);
    expect(await isAlive(second)).toEqual([true, true]);
  });

  test("opens a key to what it is for, and to nothing else", async () => {
    const { send, key: newKey, emulator } = await gateway();
    const before = emulator.requests.length;
    for (const one of operations) {
      if (one.needs === undefined) continue;
      const key = await newKey({ scopes: keyScopes.filter((scope: KeyScope) => scope !== one.needs) });
      const path = one.path + queryOf(one.id);
      const { status, error } = await send(one.method, path, { key, ...(one.body && { body: bodies[one.id] }) });
      expect([one.id, status, error["code"], error["details"]]).toEqual([
        ...[one.id, 403, "forbidden"],
        { policy: "api key", rule: "scopes", needed: one.needs },
      ]);
    }
    expect(emulator.requests.length).toBe(before);
  });

  test("answers to its own names only", async () => {
    const { url } = await gateway({ trustedHosts: ["gateway.example", "inside.example:8443"] });
    const statusAs = async (host: string): Promise<number> => {
      const asked = request(new URL("/openapi.json", url), { headers: { host } }).end();
      const [response] = (await once(asked, "response")) as [{ statusCode: number; resume(): void }];
      response.resume();
      return response.statusCode;
    };
    const own = new URL(url).host;
    const hosts = ["gateway.example", "inside.example:8443", own, "inside.example", "evil.example", `evil.example:1`];
    expect(await Promise.all(hosts.map(statusAs))).toEqual([200, 200, 200, 403, 403, 403]);
  });

  test("lets nothing through that is too large, too deep, no JSON or none of its fields", async () => {
    const { send, key: newKey, emulator } = await gateway({ maxBodyBytes: 10_000 });
    const key = await newKey();
    const before = emulator.requests.length;
    const bad = async (body: unknown): Promise<[number, unknown]> => {
      const { status, error } = await send("POST", "/v1/execute", { key, body });
      return [status, error["code"]];
    };
    expect(await bad({ ...whoAmI, tool_input: { x: "x".repeat(10_000) } })).toEqual([413, "invalid_input"]);
    const deep = `{"identifier":"user_ada","tool_name":"gitlab_issues_list","tool_input":{"project_id":${"[".repeat(4_000)}${"]".repeat(4_000)}}}`;
    for (const body of [deep, "{", "", "null", "[]", '"x"', { ...whoAmI, tool_inputs: {} }, { ...whoAmI, policy: {} }])
      expect(await bad(body), JSON.stringify(body)).toEqual([400, "invalid_input"]);
    const deeper = `{"identifier":"user_ada","tool_name":"gitlab_issue_create","tool_input":${"[".repeat(4_000)}${"]".repeat(4_000)}}`;
    const kept = await send("POST", "/v1/execute", { key, body: deeper, headers: { "Idempotency-Key": "deep" } });
    expect(kept.status).toBe(400);
    const named = await send("POST", "/v1/execute", { key, body: { ...whoAmI, dryRun: true } });
    expect(named.error["details"]).toMatchObject({ fields: [{ field: "dryRun", nearest: "dry_run" }] });
    expect((await send("GET", "/v1/accounts?limit=1000", { key })).status).toBe(400);
    expect((await send("GET", "/v1/accounts?namespace=other", { key })).status).toBe(400);
    expect((await send("PUT", "/v1/accounts", { key })).headers.get("allow")).toBe("POST, GET");
    expect((await send("GET", "/v1/constructor", { key })).status).toBe(404);
    expect((await send("GET", "/v1/tools/constructor", { key })).error["code"]).toBe("unknown_tool");
    expect(emulator.requests.length).toBe(before);
  });

  test("lets one key do only so much, and another as much again", async () => {
    const {
      send,
      key: newKey,
      emulator,
    } = await gateway({ rateLimit: { messages: 3, perSeconds: 60 }, maxConcurrent: 2 });
    const [one, other, third] = [await newKey(), await newKey(), await newKey()];
    const list = (key: string) => send("GET", "/v1/accounts", { key });
    for (const status of [200, 200, 200]) expect((await list(one)).status).toBe(status);
    const refused = await list(one);
    expect([refused.status, refused.error["code"], refused.error["retryable"]]).toEqual([429, "rate_limited", true]);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await list(other)).status).toBe(200);

    // GitLab answers when a third request was refused, and not before.
    let release = (): void => undefined;
    const refusedOne = new Promise<void>((resolve) => (release = resolve));
    emulator.on("GET", "/user", async () => {
      await refusedOne;
      return undefined;
    });
    const statuses = await Promise.all(
      Array.from({ length: 3 }, async () => {
        const { status } = await send("POST", "/v1/execute", { key: third, body: whoAmI });
        if (status === 429) release();
        return status;
      }),
    );
    expect(statuses.toSorted()).toEqual([200, 200, 429]);
  });

  test("says that its store is away, lets nobody in meanwhile, and does nothing", async () => {
    const { emulator } = await emulated();
    class AwayStore extends MemoryStore {
      away = false;
      override readonly rows: ExpiringRows = new Proxy(memoryRows(), {
        get: (rows, name: keyof ExpiringRows) => {
          if (this.away) throw new Error("connection lost");
          return rows[name];
        },
      });
    }
    const store = new AwayStore();
    const encryptionKey = randomBytes(32).toString("base64");
    const gitlab = createGitLab({ store, encryptionKey, connections: { gitlab: { baseUrl: emulator.baseUrl } } });
    onTestFinished(() => gitlab.close());
    const errors: unknown[] = [];
    const server = await serveGateway({ gitlab, onError: (error) => void errors.push(error) });
    onTestFinished(() => server.close({ graceMs: 0 }));
    const { key } = await createApiKeys(gitlab).create({
      ...{ name: "x", namespace: null, scopes: ["accounts:read"], access: "read", connections: "all", expiresIn: "1d" },
    });
    const ask = () => fetch(new URL("/v1/accounts", server.url), { headers: { Authorization: `Bearer ${key}` } });
    expect((await ask()).status).toBe(200);
    store.away = true;
    const refused = await ask();
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "5"]);
    expect(await refused.text()).not.toContain("connection lost");
    expect(errors).toHaveLength(1);
    store.away = false;
    expect((await ask()).status).toBe(200);
  });
});

describe("what a key may do", () => {
  test("ends at its ceiling, also where a call destroys by its input, and a request only lowers it", async () => {
    const { send, key: newKey, emulator } = await gateway();
    const [reader, writer] = [await newKey({ access: "read" }), await newKey({ access: "write" })];
    const codeOf = async (key: string, tool_name: string, tool_input: unknown, access?: string): Promise<unknown> => {
      const body = { ...ada, tool_name, tool_input, ...(access !== undefined && { access }) };
      const { status, error } = await send("POST", "/v1/execute", { key, body });
      return error["code"] ?? status;
    };
    const issue = { project_id: "acme/app", title: "x" };
    const before = emulator.requests.length;
    const commit = (action: string) => ({
      ...{ project_id: "acme/app", branch: "main", commit_message: "x" },
      actions: [{ action, file_path: "README.md", content: "x" }],
    });
    expect(await codeOf(reader, "gitlab_issue_create", issue)).toBe("forbidden");
    expect(await codeOf(reader, "gitlab_issue_create", issue, "destructive")).toBe("forbidden");
    expect(await codeOf(writer, "gitlab_commit_create", commit("delete"))).toBe("forbidden");
    expect(await codeOf(writer, "gitlab_commit_create", commit("delete"), "destructive")).toBe("forbidden");
    expect(await codeOf(writer, "gitlab_issue_create", issue, "read")).toBe("forbidden");
    expect(emulator.requests.slice(before).filter(({ method }) => method !== "GET")).toEqual([]);
    expect(await codeOf(writer, "gitlab_issue_create", issue)).toBe(200);
  });

  test("ends at its projects, which no request widens", async () => {
    const { send, key: newKey } = await gateway();
    const key = await newKey({ projects: ["acme/app"] });
    const get = async (project_id: string): Promise<unknown> => {
      const body = { ...ada, tool_name: "gitlab_project_get", tool_input: { project_id } };
      const { error, status } = await send("POST", "/v1/execute", { key, body });
      return error["code"] ?? status;
    };
    expect([await get("acme/app"), await get("acme/website")]).toEqual([200, "forbidden"]);
    const wider = await send("POST", "/v1/sessions", { key, body: { ...ada, projects: ["acme/website"] } });
    expect(wider.error).toMatchObject({ code: "forbidden", details: { rule: "places" } });
  });

  test("ends at its connections", async () => {
    const { send, key: newKey, gitlab, emulator } = await gateway();
    await gitlab.connections.set("customer", { baseUrl: emulator.baseUrl });
    const token = emulator.tokens.create({ username: "ada", scopes: ["api"] });
    await gitlab.connectWithToken({ connectionName: "customer", identifier: "acme:user_ada", token });
    const key = await newKey();
    const body = { ...whoAmI, connection_name: "customer" };
    expect((await send("POST", "/v1/execute", { key, body })).error).toMatchObject({ code: "forbidden" });
    expect((await send("GET", "/v1/accounts?connection_name=customer", { key })).body["connected_accounts"]).toEqual(
      [],
    );
    expect((await send("GET", "/v1/accounts", { key })).body["connected_accounts"]).toHaveLength(1);
    const all = await newKey({ connections: "all" });
    expect((await send("POST", "/v1/execute", { key: all, body })).status).toBe(200);
    expect((await send("GET", "/v1/accounts", { key: all })).body["connected_accounts"]).toHaveLength(2);
  });

  test("writes and reads no files of the gateway's machine", async () => {
    const { send, key: newKey } = await gateway();
    const key = await newKey();
    const upload = { project_id: "acme/app", file: { path: "/etc/passwd" } };
    const save = { project_id: "acme/app", save_to: "/tmp/archive.tar.gz" };
    for (const [tool_name, tool_input] of [
      ["gitlab_project_upload_create", upload],
      ["gitlab_repository_archive_get", save],
    ] as const) {
      const { status } = await send("POST", "/v1/execute", { key, body: { ...ada, tool_name, tool_input } });
      expect([tool_name, status >= 400]).toEqual([tool_name, true]);
    }
  });
});

describe("another product's account", () => {
  test("is not there, whatever is written in an identifier's place or a cursor's", async () => {
    const { send, key: newKey, gitlab, emulator } = await gateway();
    for (const identifier of ["other:user_ben", "user_ben", "acme-eu:user_ben"]) {
      const token = emulator.tokens.create({ username: "ben", scopes: ["api"] });
      await gitlab.connectWithToken({ identifier, token });
    }
    const key = await newKey();
    const tries = ["other:user_ben", "../other:user_ben", "user_ben", ":user_ben", "acme-eu:user_ben", "%"];
    for (const identifier of tries) {
      const { error } = await send("POST", "/v1/execute", { key, body: { ...whoAmI, identifier } });
      expect([identifier, error["code"]]).toEqual([identifier, "account_not_found"]);
      const query = new URLSearchParams({ identifier });
      for (const method of ["GET", "DELETE"])
        expect((await send(method, `/v1/account?${query.toString()}`, { key })).status).toBe(409);
    }
    const cursor = Buffer.from(JSON.stringify(["", ""])).toString("base64url");
    const { body } = await send("GET", `/v1/accounts?cursor=${cursor}`, { key });
    expect(body["connected_accounts"]).toMatchObject([ada]);
    expect((await gitlab.actions.listConnectedAccounts()).connectedAccounts).toHaveLength(5);
  });

  test("is not connected by bringing its callback, nor is a person's own by somebody else's", async () => {
    const { send, key: newKey, emulator } = await gateway();
    const [acme, other] = [await newKey(), await newKey({ namespace: "other" })];
    const callbackOf = async (key: string): Promise<string> => {
      const { body } = await send("POST", "/v1/account/link", { key, body: { identifier: "user_eve" } });
      return emulator.oauth.authorize(String(body["link"]), { username: "ben" });
    };
    const bring = (key: string, url: string, expected_identifier: string) =>
      send("POST", "/v1/callback", { key, body: { url, expected_identifier } });
    const mismatch = { reason: "identifier_mismatch" };
    for (const [key, who] of [
      [acme, "user_eve"],
      [acme, "other:user_eve"],
      [other, "user_ada"],
    ] as const) {
      const { status, error } = await bring(key, await callbackOf(other), who);
      expect([status, error["details"]]).toEqual([403, mismatch]);
    }
    const { body } = await send("GET", "/v1/account?identifier=user_eve", { key: other });
    expect(body["connected_account"]).toMatchObject({ status: "PENDING" });
    // Without somebody who is signed in, nothing is completed at all.
    expect((await send("POST", "/v1/callback", { key: other, body: { url: await callbackOf(other) } })).status).toBe(
      400,
    );
  });

  test("has no page of its own to come back to unless the operator says so", async () => {
    const { url, send, key: newKey, emulator, gitlab } = await gateway();
    const key = await newKey();
    const { body } = await send("POST", "/v1/account/link", { key, body: { identifier: "user_eve" } });
    const back = new URL(emulator.oauth.authorize(String(body["link"]), { username: "ben" }));
    expect((await fetch(new URL(`/callback/gitlab${back.search}`, url))).status).toBe(404);
    const { connectedAccount } = await gitlab.actions.getConnectedAccount({ identifier: "acme:user_eve" });
    expect(connectedAccount.status).toBe("PENDING");
  });
});

test("no key, token or secret is in an answer, an error or the log of requests", async () => {
  const secrets = new Set<string>();
  /** Hears what goes to GitLab and comes from it. */
  const listening: typeof fetch = async (input, init) => {
    const asked = new Request(input, init);
    const [, sent] = (asked.headers.get("authorization") ?? "").split(" ");
    if (sent !== undefined) secrets.add(sent);
    const response = await fetch(asked);
    if (!asked.url.endsWith("/oauth/token")) return response;
    const granted = (await response.clone().json()) as Record<string, unknown>;
    for (const name of ["access_token", "refresh_token"]) secrets.add(String(granted[name]));
    return response;
  };
  const { send, key: newKey, emulator, requests, errors } = await gateway({}, { fetch: listening });
  const key = await newKey();
  const token = emulator.tokens.create({ username: "ben", scopes: ["api"] });
  const ben = { identifier: "user_ben" };
  const { body } = await send("POST", "/v1/account/link", { key, body: ben });
  const url = emulator.oauth.authorize(String(body["link"]), { username: "ben" });
  const code = new URL(url).searchParams.get("code") ?? "no code";
  const answers = [
    await send("POST", "/v1/callback", { key, body: { url, expected_identifier: "user_ben" } }),
    await send("POST", "/v1/callback", { key, body: { url, expected_identifier: "user_ben" } }),
    await send("POST", "/v1/account/token", { key, body: { ...ben, token } }),
    await send("POST", "/v1/account/token", { key, body: { ...ben, token: `${token}x` } }),
    await send("POST", "/v1/account/token", { key, body: { ...ben, token, extra: token } }),
    await send("POST", "/v1/execute", { key, body: { ...whoAmI, ...ben } }),
    await send("POST", "/v1/execute", { key: `${key}x`, body: whoAmI }),
    await send("GET", "/v1/account?identifier=user_ben", { key }),
    await send("GET", `/v1/accounts?limit=${key}`, { key }),
    await send("GET", "/v1/events", { key }),
    await send("DELETE", "/v1/account?identifier=user_ben", { key }),
  ];
  const said = JSON.stringify([answers.map(({ body: one }) => one), requests, errors]);
  // What a client calls a tool that there is none of is its own words, and not the log's.
  await send("POST", "/v1/execute", { key, body: { ...whoAmI, tool_name: "whatever was written" } });
  expect(requests.at(-1)).toMatchObject({ operation: "execute_tool", code: "unknown_tool" });
  expect(requests.at(-1)).not.toHaveProperty("tool");
  for (const secret of [token, key, key.slice(21), code, ...secrets]) expect(said).not.toContain(secret);
  expect(secrets.size).toBeGreaterThan(3);
});
