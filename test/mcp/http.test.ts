import { once } from "node:events";
import { createGitLab, type GitLab, type GitLabOptions } from "gitlab-agent-tools";
import { createMcpHandler, serveMcp, type McpServeOptions } from "gitlab-agent-tools/mcp";
import { describe, expect, onTestFinished, test } from "vitest";
import { MemoryStore } from "../../src/stores/memory-store.js";
import { emulated, newStore } from "../support/emulated.js";
import { connect, json, serve } from "../support/server.js";
import { errorOf, httpClient, textOf } from "./clients.js";

async function serving(gitlab: GitLab, options: Partial<McpServeOptions> = {}): Promise<string> {
  const server = await serveMcp({ gitlab, ...options });
  onTestFinished(() => server.close({ graceMs: 0 }));
  return server.url;
}

async function tokenOf(gitlab: GitLab, identifier = "user_ada"): Promise<string> {
  return (await gitlab.createSession({ identifier })).token;
}

/** A request as any HTTP client can send it. */
function post(url: string, token: string | undefined, body: unknown, headers: Record<string, string> = {}) {
  return fetch(url, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      Accept: "application/json, text/event-stream",
      ...(token && { Authorization: `Bearer ${token}` }),
      ...headers,
    },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

const list = { jsonrpc: "2.0", id: 1, method: "tools/list" };
const call = (name: string, input: unknown, id = 1) => ({
  jsonrpc: "2.0",
  id,
  method: "tools/call",
  params: { name, arguments: input },
});

describe("many people on one server", () => {
  test("act each as themselves, at once", async () => {
    const { emulator, gitlab, connect } = await emulated();
    await connect("ben");
    const url = await serving(gitlab);
    const ada = await httpClient(url, await tokenOf(gitlab, "user_ada"));
    const ben = await httpClient(url, await tokenOf(gitlab, "user_ben"));
    const who = { name: "gitlab_current_user_get", arguments: {} };
    const answers = await Promise.all([ada, ben, ada, ben, ben, ada].map((client) => client.callTool(who)));
    const names = answers.map((answer) => /"username":"(\w+)"/.exec(textOf(answer))?.[1]);
    expect(names).toEqual(["ada", "ben", "ada", "ben", "ben", "ada"]);
    const asked = emulator.requests.filter(({ path }) => path === "/api/v4/user").slice(-6);
    expect(asked.map(({ username }) => username).toSorted()).toEqual(["ada", "ada", "ada", "ben", "ben", "ben"]);
  });

  test("the session of one is revoked in the middle", async () => {
    const { gitlab, connect } = await emulated();
    await connect("ben");
    const url = await serving(gitlab);
    const session = await gitlab.createSession({ identifier: "user_ada" });
    const ada = await httpClient(url, session.token);
    const ben = await httpClient(url, await tokenOf(gitlab, "user_ben"));
    const who = { name: "gitlab_current_user_get", arguments: {} };
    expect(textOf(await ada.callTool(who))).toContain('"ada"');
    await gitlab.revokeSession({ identifier: "user_ada", sessionId: session.sessionId });
    await expect(ada.callTool(who)).rejects.toThrow(/revoked/);
    expect(textOf(await ben.callTool(who))).toContain('"ben"');
  });

  test("the GitLab account of one is revoked in the middle: the agent gets a link to pass on", async () => {
    const { emulator, gitlab, authorize } = await emulated();
    await authorize("ben");
    const url = await serving(gitlab);
    const ada = await httpClient(url, await tokenOf(gitlab, "user_ada"));
    const ben = await httpClient(url, await tokenOf(gitlab, "user_ben"));
    const who = { name: "gitlab_current_user_get", arguments: {} };
    expect(textOf(await ben.callTool(who))).toContain('"ben"');
    emulator.oauth.revoke("ben");
    const error = errorOf(await ben.callTool(who));
    expect(error).toMatchObject({ code: "account_revoked" });
    expect(textOf(await ada.callTool(who))).toContain('"ada"');

    const { authorization_link } = error["details"] as { authorization_link: string };
    await gitlab.handleCallback(emulator.oauth.authorize(authorization_link, { username: "ben" }));
    expect(textOf(await ben.callTool(who))).toContain('"ben"');
  });

  test("a session is held to its tools and projects", async () => {
    const { gitlab } = await emulated();
    const url = await serving(gitlab, { select: { areas: ["issues", "projects"] } });
    const { token } = await gitlab.createSession({
      identifier: "user_ada",
      select: { areas: ["issues", "pipelines"], access: "read" },
      policy: { projects: ["acme/website"] },
    });
    const client = await httpClient(url, token);
    const { tools } = await client.listTools();
    expect(tools.length).toBeGreaterThan(2);
    expect(tools.every(({ name, annotations }) => /_issue/.test(name) && annotations?.readOnlyHint)).toBe(true);
    for (const name of ["gitlab_issue_create", "gitlab_pipelines_list", "gitlab_projects_list"])
      expect(errorOf(await client.callTool({ name, arguments: {} }))).toMatchObject({ code: "unknown_tool" });
    const inApp = { name: "gitlab_issues_list", arguments: { project_id: "acme/app" } };
    expect(errorOf(await client.callTool(inApp))).toMatchObject({ code: "forbidden" });
  });

  test("the access of a session and of its server bounds what a call destroys by its input", async () => {
    const { emulator, gitlab } = await emulated();
    const input = { project_id: "acme/app", branch: "main", commit_message: "Tidy up" };
    const remove = {
      name: "gitlab_commit_create",
      arguments: { ...input, actions: [{ action: "delete", file_path: "README.md" }] },
    };
    const tools = ["gitlab_commit_create"];
    for (const [server, session] of [
      [{ tools, access: "write" }, undefined],
      [{ level: "extended" }, { tools, access: "write" }],
    ] as const) {
      const url = await serving(gitlab, { select: server, confirm: "never" });
      const { token } = await gitlab.createSession({ identifier: "user_ada", ...(session && { select: session }) });
      const client = await httpClient(url, token);
      const sent = emulator.requests.length;
      expect(errorOf(await client.callTool(remove))).toMatchObject({ code: "forbidden" });
      expect(emulator.requests.slice(sent).filter(({ method }) => method !== "GET")).toEqual([]);
    }
  });
});

describe("replicas", () => {
  test("any of them answers any request of a session, and all know of its end", async () => {
    const shared: Partial<GitLabOptions> = { ...(await newStore()) };
    const { emulator, gitlab: first } = await emulated(shared);
    const second = createGitLab({ ...shared, connections: { gitlab: { baseUrl: emulator.baseUrl } } });
    onTestFinished(() => second.close());
    const urls = [await serving(first), await serving(second)];
    const session = await first.createSession({ identifier: "user_ada" });
    const statuses = async () =>
      Promise.all(
        urls.map(async (url) => (await post(url, session.token, call("gitlab_current_user_get", {}))).status),
      );
    const [one, other] = await Promise.all(
      urls.map(async (url) => (await post(url, session.token, call("gitlab_current_user_get", {}))).text()),
    );
    expect(one).toContain("ada");
    expect(other).toContain("ada");
    await second.revokeSessions({ identifier: "user_ada" });
    expect(await statuses()).toEqual([401, 401]);
  });
});

describe("a long call", () => {
  test("reports its progress", async () => {
    const { emulator, gitlab } = await emulated();
    const url = await serving(gitlab, { progressIntervalMs: 20 });
    const client = await httpClient(url, await tokenOf(gitlab));
    emulator.faults.add({ path: "/api/v4/projects/", delayMs: 200 });
    const heard: { progress: number; message?: string | undefined }[] = [];
    await client.callTool({ name: "gitlab_project_get", arguments: { project_id: "acme/app" } }, undefined, {
      onprogress: (progress) => void heard.push(progress),
    });
    expect(heard.length).toBeGreaterThan(2);
    expect(heard[0]?.message).toMatch(/^gitlab_project_get: waiting for GitLab/);
    expect(heard.map(({ progress }) => progress)).toEqual(
      heard.map(({ progress }) => progress).toSorted((a, b) => a - b),
    );
  });

  test("is cancelled down to the socket; the same id of another client is not", async () => {
    const closed = new Map<string, Promise<unknown>>();
    const answers: (() => void)[] = [];
    const server = await serve(({ url }, response) => {
      closed.set(url, once(response, "close"));
      answers.push(() => json(response, { id: 2, path_with_namespace: url }));
    });
    const { gitlab } = await connect(server);
    const url = await serving(gitlab);
    const token = await tokenOf(gitlab, "user_1");
    const [one, other] = [await httpClient(url, token), await httpClient(url, token)];
    const get = (project_id: string) => ({ name: "gitlab_project_get", arguments: { project_id } });
    const stop = new AbortController();
    const stopped = one.callTool(get("a/stopped"), undefined, { signal: stop.signal });
    const answered = other.callTool(get("a/answered"));
    await expect.poll(() => closed.size).toBe(2);
    stop.abort("enough");
    await expect(stopped).rejects.toThrow("enough");
    await closed.get("/api/v4/projects/a%2Fstopped");
    for (const answer of answers) answer();
    expect(textOf(await answered)).toContain("a%2Fanswered");
  });

  test.each(["2025-11-25", "2026-07-28"])(
    "is answered as a stream where it takes long, and at once otherwise: %s",
    async (version) => {
      let release: () => void = () => undefined;
      const held = new Promise<void>((resolve) => (release = resolve));
      const upstream = await serve(async (_, response) => {
        await held;
        json(response, { id: 1, path_with_namespace: "acme/app" });
      });
      const { gitlab } = await connect(upstream);
      const token = await tokenOf(gitlab, "user_1");
      const name = "gitlab_project_get";
      const _meta = {
        "io.modelcontextprotocol/protocolVersion": version,
        "io.modelcontextprotocol/clientInfo": { name: "raw", version: "1" },
        "io.modelcontextprotocol/clientCapabilities": {},
      };
      const params = { name, arguments: { project_id: 1 }, ...(version > "2026" && { _meta }) };
      const headers = { "MCP-Protocol-Version": version, "Mcp-Method": "tools/call", "Mcp-Name": name };
      const ask = async (progressIntervalMs: number) => {
        const url = await serving(gitlab, { progressIntervalMs });
        return await post(url, token, { jsonrpc: "2.0", id: 7, method: "tools/call", params }, headers);
      };
      const late = await ask(1);
      expect(late.headers.get("content-type")).toBe("text/event-stream");
      release();
      const soon = await ask(60_000);
      expect(soon.headers.get("content-type")).toMatch(/^application\/json/);
      const [, line = ""] = /^event: message\ndata: (.*)\n\n$/.exec(await late.text()) ?? [];
      expect(JSON.parse(line)).toEqual(await soon.json());
    },
  );

  test("that is cancelled ends its own request, too, with nothing", async () => {
    let arrived = 0;
    const server = await serve(() => void (arrived += 1));
    const { gitlab } = await connect(server);
    const url = await serving(gitlab);
    const token = await tokenOf(gitlab, "user_1");
    const client = { "Mcp-Session-Id": "one" };
    const cancelled = post(url, token, call("gitlab_project_get", { project_id: 1 }, 5), client);
    await expect.poll(() => arrived).toBeGreaterThan(0);
    await post(url, token, { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 5 } }, client);
    const response = await cancelled;
    expect([response.status, await response.text()]).toEqual([200, ""]);
  });

  test("goes on when its client has merely gone away", async () => {
    const { emulator, gitlab } = await emulated();
    const url = await serving(gitlab, { progressIntervalMs: 10 });
    emulator.faults.add({ method: "POST", path: "/issues", delayMs: 100 });
    const leave = new AbortController();
    const response = await fetch(url, {
      method: "POST",
      signal: leave.signal,
      headers: {
        "Content-Type": "application/json",
        Accept: "application/json, text/event-stream",
        Authorization: `Bearer ${await tokenOf(gitlab)}`,
      },
      body: JSON.stringify(call("gitlab_issue_create", { project_id: "acme/app", title: "Written anyway" })),
    });
    expect(response.status).toBe(200);
    leave.abort();
    const written = () => emulator.requests.some(({ method, status }) => method === "POST" && status === 201);
    await expect.poll(written).toBe(true);
  });
});

describe("the door", () => {
  test("is closed without a session, and says so as RFC 6750 wants it", async () => {
    const { gitlab } = await emulated();
    const url = await serving(gitlab);
    const without = await post(url, undefined, list);
    expect([without.status, without.headers.get("www-authenticate")]).toEqual([
      401,
      'Bearer realm="gitlab-agent-tools"',
    ]);
    const wrong = await post(url, "not.a.session", list);
    expect(wrong.status).toBe(401);
    expect(wrong.headers.get("www-authenticate")).toContain('error="invalid_token"');
  });

  test("is closed to web pages that are not allowed, and open to those that are", async () => {
    const { gitlab } = await emulated();
    const url = await serving(gitlab, { allowedOrigins: ["https://app.example"] });
    const token = await tokenOf(gitlab);
    expect((await post(url, token, list, { Origin: "https://evil.example" })).status).toBe(403);
    const allowed = await post(url, token, list, { Origin: "https://app.example" });
    expect([allowed.status, allowed.headers.get("access-control-allow-origin")]).toEqual([200, "https://app.example"]);
    const preflight = await fetch(url, { method: "OPTIONS", headers: { Origin: "https://app.example" } });
    expect(preflight.headers.get("access-control-allow-headers")).toContain("authorization");
  });

  test("is closed to names that somebody else has pointed here", async () => {
    const { gitlab } = await emulated();
    const mcp = createMcpHandler({ gitlab, allowedHosts: ["127.0.0.1:8080"] });
    const request = (host: string) => new Request("http://127.0.0.1:8080/mcp", { method: "POST", headers: { host } });
    expect((await mcp(request("evil.example"))).status).toBe(403);
    expect((await mcp(request("127.0.0.1:8080"))).status).toBe(401);
  });

  test("takes only POST, and only so much", async () => {
    const { gitlab } = await emulated();
    const url = await serving(gitlab, { maxBodyBytes: 1_000 });
    const token = await tokenOf(gitlab);
    const get = await fetch(url, { headers: { Accept: "text/event-stream", Authorization: `Bearer ${token}` } });
    expect([get.status, get.headers.get("allow")]).toEqual([405, "POST"]);
    expect((await post(url, token, call("gitlab_issue_create", { description: "x".repeat(2_000) }))).status).toBe(413);
    expect((await post(url, token, "{")).status).toBe(400);
    expect((await fetch(new URL("/elsewhere", url))).status).toBe(404);
  });

  test("lets one session do only so much, and another as much again", async () => {
    const { gitlab } = await emulated();
    let now = Date.now();
    const url = await serving(gitlab, { rateLimit: { messages: 3, perSeconds: 60 }, now: () => now });
    const [one, other] = [await tokenOf(gitlab), await tokenOf(gitlab)];
    const statuses: number[] = [];
    for (let times = 0; times < 4; times += 1) statuses.push((await post(url, one, list)).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
    const refused = await post(url, one, list);
    expect(refused.headers.get("retry-after")).toBe("20");
    expect((await post(url, other, list)).status).toBe(200);
    now += 20_000;
    expect((await post(url, one, list)).status).toBe(200);
  });

  test("lets one session do only so many things at once", async () => {
    const server = await serve(() => undefined);
    const { gitlab } = await connect(server);
    const url = await serving(gitlab, { maxConcurrent: 1, progressIntervalMs: 10 });
    const token = await tokenOf(gitlab, "user_1");
    const waiting = await post(url, token, call("gitlab_project_get", { project_id: 1 }));
    expect(waiting.status).toBe(200);
    expect((await post(url, token, list)).status).toBe(429);
    await waiting.body?.cancel();
  });
});

describe("one message a request", () => {
  test("a batch is refused since 2025-06-18, and nothing of it is done", async () => {
    const { emulator, gitlab } = await emulated();
    const url = await serving(gitlab);
    const before = emulator.requests.length;
    const batch = [1, 2, 3].map((id) => call("gitlab_current_user_get", {}, id));
    for (const body of [batch, [list], []]) {
      const answer = await post(url, await tokenOf(gitlab), body, { "MCP-Protocol-Version": "2025-06-18" });
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ jsonrpc: "2.0", error: { code: -32_600 }, id: null });
    }
    expect(emulator.requests).toHaveLength(before);
  });

  test("a client that goes away halfway through is no failure of the server", async () => {
    const { gitlab } = await emulated();
    const failures: unknown[] = [];
    const handler = createMcpHandler({ gitlab, onError: (error) => failures.push(error) });
    const token = await tokenOf(gitlab);
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(new TextEncoder().encode('{"jsonrpc":'));
        controller.error(new Error("aborted"));
      },
    });
    const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
    const init = { method: "POST", headers, body, duplex: "half" };
    const answer = await handler(new Request("http://127.0.0.1/mcp", init as RequestInit));
    expect(answer.status).toBe(400);
    expect(failures).toEqual([]);
  });
});

describe("operation", () => {
  test("a store that is away is told, and the request can be repeated", async () => {
    const { emulator } = await emulated();
    class AwayStore extends MemoryStore {
      away = false;
      override async getSetting(name: string): Promise<string | undefined> {
        if (this.away) throw new Error("connection lost");
        return await super.getSetting(name);
      }
    }
    const store = new AwayStore();
    const connections = { gitlab: { baseUrl: emulator.baseUrl } };
    const gitlab = createGitLab({ store, encryptionKey: (await newStore()).encryptionKey, connections });
    onTestFinished(() => gitlab.close());
    const told: unknown[] = [];
    const url = await serving(gitlab, { onError: (error) => void told.push(error) });
    const token = await tokenOf(gitlab);
    store.away = true;
    const refused = await post(url, token, list);
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "5"]);
    expect(told).toEqual([expect.objectContaining({ code: "internal" })]);
    expect(await refused.text()).not.toContain("connection lost");
    store.away = false;
    expect((await post(url, token, list)).status).toBe(200);
  });

  test("health says whether the store answers, and that the server closes", async () => {
    const { gitlab } = await emulated();
    const server = await serveMcp({ gitlab });
    const health = new URL("/healthz", server.url);
    const alive = await fetch(health);
    expect([alive.status, await alive.json()]).toEqual([200, { status: "ok" }]);
    await server.close();
    await expect(fetch(health)).rejects.toThrow();
  });

  test("closing lets calls under way finish", async () => {
    const { emulator, gitlab } = await emulated();
    const server = await serveMcp({ gitlab });
    emulator.faults.add({ path: "/api/v4/projects/", delayMs: 100 });
    const response = await post(
      server.url,
      await tokenOf(gitlab),
      call("gitlab_project_get", { project_id: "acme/app" }),
    );
    const [text] = await Promise.all([response.text(), server.close()]);
    expect(text).toContain("acme/app");
  });

  test("closing aborts what takes too long", async () => {
    const closed: Promise<unknown>[] = [];
    const upstream = await serve((_, response) => void closed.push(once(response, "close")));
    const { gitlab } = await connect(upstream);
    const server = await serveMcp({ gitlab });
    const token = await tokenOf(gitlab, "user_1");
    const response = await post(server.url, token, call("gitlab_project_get", { project_id: 1 }));
    await expect.poll(() => closed.length).toBe(1);
    await server.close({ graceMs: 10 });
    await Promise.all(closed);
    await response.text().catch(() => undefined);
  });
});
