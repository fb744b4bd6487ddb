import { once } from "node:events";
import { Client, StreamableHTTPClientTransport, type ClientOptions } from "@modelcontextprotocol/client";
import { createGitLab, type GitLab } from "gitlab-agent-tools";
import { createMcpHandler, serveMcp, type McpServeOptions } from "gitlab-agent-tools/mcp";
import { describe, expect, onTestFinished, test } from "vitest";
import { emulated, newStore } from "../support/emulated.js";
import { connect, json, serve } from "../support/server.js";
import { errorOf, httpClient, textOf } from "./clients.js";

async function serving(gitlab: GitLab, options: Partial<McpServeOptions> = {}): Promise<string> {
  const server = await serveMcp({ gitlab, ...options });
  onTestFinished(() => server.close({ graceMs: 0 }));
  return server.url;
}

const tokenOf = async (gitlab: GitLab, identifier = "user_ada"): Promise<string> =>
  (await gitlab.createSession({ identifier })).token;

/** The official client of the protocol of today. */
async function modernClient(url: string, token: string, options: ClientOptions = {}): Promise<Client> {
  const client = new Client(
    { name: "test", version: "2" },
    { versionNegotiation: { mode: { pin: "2026-07-28" } }, ...options },
  );
  const headers = { Authorization: `Bearer ${token}` };
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  onTestFinished(() => client.close());
  return client;
}

/** A client that answers every question with the same, and remembers them. */
async function askedClient(url: string, token: string, action: "accept" | "decline") {
  const asked: string[] = [];
  const client = await modernClient(url, token, { capabilities: { elicitation: { form: {} } } });
  client.setRequestHandler("elicitation/create", ({ params }) => {
    asked.push(params.message);
    return { action, ...(action === "accept" && { content: {} }) };
  });
  return { client, asked };
}

function post(url: string, token: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      Accept: "application/json, text/event-stream",
      Authorization: `Bearer ${token}`,
      ...headers,
    },
    body: JSON.stringify(body),
  });
}

/** A request of 2026-07-28 as any HTTP client can send it. */
function postModern(
  url: string,
  token: string,
  method: string,
  params: Record<string, unknown>,
  version = "2026-07-28",
) {
  const _meta = {
    "io.modelcontextprotocol/protocolVersion": version,
    "io.modelcontextprotocol/clientInfo": { name: "raw", version: "1" },
    "io.modelcontextprotocol/clientCapabilities": { elicitation: { form: {} } },
  };
  const name: Record<string, string> = typeof params["name"] === "string" ? { "Mcp-Name": params["name"] } : {};
  return post(
    url,
    token,
    { jsonrpc: "2.0", id: 1, method, params: { ...params, _meta } },
    { "MCP-Protocol-Version": version, "Mcp-Method": method, ...name },
  );
}

const call = (name: string, input: unknown, id = 1) => ({
  jsonrpc: "2.0",
  id,
  method: "tools/call",
  params: { name, arguments: input },
});
const inApp = { project_id: "acme/app" };

describe("the protocol of 2026-07-28", () => {
  test("the official client discovers the server, lists and calls tools without a handshake", async () => {
    const { gitlab } = await emulated();
    const url = await serving(gitlab, { select: { areas: ["issues", "users"] } });
    const client = await modernClient(url, await tokenOf(gitlab));
    expect(client.getServerVersion()).toMatchObject({ name: "gitlab-agent-tools" });
    const { tools } = await client.listTools();
    const names = tools.map(({ name }) => name);
    expect(names).toEqual(names.toSorted());
    expect(names).toContain("gitlab_issue_get");
    const issue = await client.callTool({ name: "gitlab_issue_get", arguments: { ...inApp, issue_iid: 3 } });
    expect(issue.isError).toBeUndefined();
  });

  test("lists say how long they may be kept, by whom, and that they are complete", async () => {
    const { gitlab } = await emulated();
    const url = await serving(gitlab);
    const answer = await postModern(url, await tokenOf(gitlab), "tools/list", {});
    expect(await answer.json()).toMatchObject({
      result: { resultType: "complete", ttlMs: 300_000, cacheScope: "private" },
    });
  });

  test("a revision that is not spoken is refused with those that are", async () => {
    const { gitlab } = await emulated();
    const url = await serving(gitlab);
    const answer = await postModern(url, await tokenOf(gitlab), "tools/list", {}, "2027-01-01");
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { code: -32_022, data: { supported: ["2026-07-28"] } } });
  });

  test("a call whose client goes away is cancelled down to the socket", async () => {
    const closed: Promise<unknown>[] = [];
    const upstream = await serve((_, response) => void closed.push(once(response, "close")));
    const { gitlab } = await connect(upstream);
    const client = await modernClient(await serving(gitlab), await tokenOf(gitlab, "user_1"));
    const stop = new AbortController();
    const stopped = client.callTool(
      { name: "gitlab_project_get", arguments: { project_id: 1 } },
      { signal: stop.signal },
    );
    await expect.poll(() => closed.length).toBe(1);
    stop.abort("enough");
    await expect(stopped).rejects.toThrow();
    await Promise.all(closed);
  });

  test("a wait says what it waits for, as it goes on, in both protocols", async () => {
    let looks = 0;
    const pipeline = (): object => ({
      id: 7,
      status: (looks += 1) % 3 === 0 ? "success" : "running",
      web_url: "https://x/7",
    });
    const upstream = await serve((_, response) => json(response, pipeline()));
    const { gitlab } = await connect(upstream, { sleep: () => Promise.resolve() });
    // Nothing but the work itself speaks within an hour.
    const url = await serving(gitlab, { select: { level: "extended" }, progressIntervalMs: 3_600_000 });
    const token = await tokenOf(gitlab, "user_1");
    const wait = { name: "gitlab_pipeline_wait", arguments: { project_id: 1, pipeline_id: 7 } };
    const heard: unknown[] = [];
    const onprogress = ({ message }: { message?: string | undefined }): void => void heard.push(message);
    const modern = await modernClient(url, token);
    const legacy = await httpClient(url, token);
    const says = expect.stringMatching(/^gitlab_pipeline_wait: pipeline 7 is running, \d+ s$/) as string;
    for (const waited of [
      () => modern.callTool(wait, { onprogress }),
      () => legacy.callTool(wait, undefined, { onprogress }),
    ]) {
      heard.length = 0;
      const answer = await waited();
      expect(textOf(answer as Awaited<ReturnType<typeof legacy.callTool>>)).toContain('"status":"success"');
      expect(heard).toEqual([says, says]);
    }
  });

  test("a wait that is cancelled asks GitLab no more", async () => {
    const closed: Promise<unknown>[] = [];
    let slept: () => void = () => undefined;
    const sleeping = new Promise<void>((resolve) => (slept = resolve));
    const upstream = await serve((_, response) => {
      closed.push(once(response, "close"));
      json(response, { id: 7, status: "running", web_url: "https://x/7" });
    });
    let ended: () => void = () => undefined;
    const woken = new Promise<void>((resolve) => (ended = resolve));
    const { gitlab } = await connect(upstream, {
      sleep: (_, signal) =>
        new Promise((_, reject) => {
          signal?.addEventListener("abort", () => {
            reject(new Error("stopped"));
            ended();
          });
          slept();
        }),
    });
    const url = await serving(gitlab, { select: { level: "extended" } });
    const client = await modernClient(url, await tokenOf(gitlab, "user_1"));
    const stop = new AbortController();
    const wait = { name: "gitlab_pipeline_wait", arguments: { project_id: 1, pipeline_id: 7 } };
    const stopped = client.callTool(wait, { signal: stop.signal });
    await sleeping;
    const asked = closed.length;
    stop.abort("enough");
    await expect(stopped).rejects.toThrow();
    await woken;
    expect(closed).toHaveLength(asked);
  });

  test("a long call reports its progress", async () => {
    const { emulator, gitlab } = await emulated();
    const client = await modernClient(await serving(gitlab, { progressIntervalMs: 20 }), await tokenOf(gitlab));
    emulator.faults.add({ path: "/api/v4/projects/", delayMs: 200 });
    const heard: (string | undefined)[] = [];
    await client.callTool(
      { name: "gitlab_project_get", arguments: inApp },
      { onprogress: ({ message }) => void heard.push(message) },
    );
    expect(heard.length).toBeGreaterThan(2);
  });
});

describe("a person is asked", () => {
  const issue = { ...inApp, issue_iid: 3 };
  const remove = { name: "gitlab_issue_delete", arguments: issue };
  const requests = (emulator: { readonly requests: readonly { readonly method: string }[] }) =>
    emulator.requests.filter(({ method }) => method !== "GET").length;

  test("before what cannot be undone; their yes sends it, once", async () => {
    const { emulator, gitlab } = await emulated();
    const before = requests(emulator);
    const { client, asked } = await askedClient(await serving(gitlab), await tokenOf(gitlab), "accept");
    await client.callTool({ name: "gitlab_issue_get", arguments: issue });
    expect(asked).toEqual([]);
    const result = await client.callTool(remove);
    expect(result.isError).toBeUndefined();
    expect(asked).toEqual([expect.stringMatching(/gitlab_issue_delete\)\nproject_id: "acme\/app"\nissue_iid: 3/)]);
    expect(requests(emulator)).toBe(before + 1);
  });

  test("and their no sends nothing", async () => {
    const { emulator, gitlab } = await emulated();
    const before = requests(emulator);
    const { client } = await askedClient(await serving(gitlab), await tokenOf(gitlab), "decline");
    const result = await client.callTool(remove);
    expect(textOf(result as never)).toMatch(/did not agree/);
    expect(requests(emulator)).toBe(before);
  });

  test("before a merge, which ships something, and where the operator wants it before every write", async () => {
    const { gitlab } = await emulated();
    const token = await tokenOf(gitlab);
    const merge = { name: "gitlab_merge_request_merge", arguments: { ...inApp, merge_request_iid: 1 } };
    const note = { name: "gitlab_issue_note_create", arguments: { ...issue, body: "Seen." } };
    const usual = await askedClient(await serving(gitlab), token, "decline");
    await usual.client.callTool(note);
    expect(usual.asked).toEqual([]);
    await usual.client.callTool(merge);
    expect(usual.asked).toHaveLength(1);
    const strict = await askedClient(await serving(gitlab, { confirm: "writes" }), token, "decline");
    await strict.client.callTool(note);
    expect(strict.asked).toHaveLength(1);
    const free = await askedClient(await serving(gitlab, { confirm: "never" }), token, "decline");
    await free.client.callTool(remove);
    expect(free.asked).toEqual([]);
  });

  test("behind discovery, about the tool that is called", async () => {
    const { gitlab } = await emulated();
    const { client, asked } = await askedClient(
      await serving(gitlab, { discovery: true }),
      await tokenOf(gitlab),
      "decline",
    );
    await client.callTool({ name: "gitlab_tool_call", arguments: { name: remove.name, input: issue } });
    expect(asked).toEqual([expect.stringContaining("gitlab_issue_delete")]);
  });

  test("a client that cannot ask is held up only where the operator wants people asked", async () => {
    const { emulator, gitlab } = await emulated();
    const token = await tokenOf(gitlab);
    const strict = await httpClient(await serving(gitlab, { confirm: "destructive" }), token);
    const before = requests(emulator);
    expect(errorOf(await strict.callTool(remove))).toMatchObject({ code: "forbidden", details: { policy: "confirm" } });
    expect(requests(emulator)).toBe(before);
    const usual = await httpClient(await serving(gitlab), token);
    expect((await usual.callTool(remove)).isError).toBeUndefined();
  });

  test("a yes is for that call, by that person, once, on any replica", async () => {
    const shared = await newStore();
    const { emulator, gitlab, connect: join } = await emulated(shared);
    await join("ben");
    const second = createGitLab({ ...shared, connections: { gitlab: { baseUrl: emulator.baseUrl } } });
    onTestFinished(() => second.close());
    const urls = [await serving(gitlab), await serving(second)] as const;
    const token = await tokenOf(gitlab);
    const question = await postModern(urls[0], token, "tools/call", remove);
    const { result } = (await question.json()) as { result: { requestState: string; resultType: string } };
    expect(result.resultType).toBe("input_required");
    const answered = async (
      url: string,
      bearer: string,
      params: Record<string, unknown>,
      state = result.requestState,
    ) => {
      const answer = { requestState: state, inputResponses: { confirm: { action: "accept", content: {} } } };
      const response = await postModern(url, bearer, "tools/call", { ...params, ...answer });
      return (await response.json()) as { error?: object; result?: { resultType: string } };
    };
    const before = requests(emulator);
    const other = { ...remove, arguments: { ...issue, issue_iid: 4 } };
    expect((await answered(urls[0], token, other)).result).toMatchObject({ resultType: "input_required" });
    expect((await answered(urls[0], await tokenOf(gitlab, "user_ben"), remove)).error).toMatchObject({ code: -32_602 });
    expect((await answered(urls[0], token, remove, `${result.requestState}x`)).error).toMatchObject({ code: -32_602 });
    expect(requests(emulator)).toBe(before);
    expect((await answered(urls[1], token, remove)).result).toMatchObject({ resultType: "complete" });
    expect((await answered(urls[0], token, remove)).result).toMatchObject({ resultType: "input_required" });
    expect(requests(emulator)).toBe(before + 1);
  });
});

describe("the list of tools", () => {
  test("fits what the account's scopes allow", async () => {
    const { emulator, gitlab } = await emulated();
    const token = emulator.tokens.create({ username: "ben", scopes: ["read_api"] });
    await gitlab.connectWithToken({ identifier: "user_ben", token });
    const url = await serving(gitlab);
    const ben = await httpClient(url, await tokenOf(gitlab, "user_ben"));
    const { tools } = await ben.listTools();
    expect(tools.length).toBeGreaterThan(20);
    expect(tools.every(({ annotations }) => annotations?.readOnlyHint)).toBe(true);
    const ada = await httpClient(url, await tokenOf(gitlab));
    expect((await ada.listTools()).tools.length).toBeGreaterThan(tools.length);
  });

  test("over HTTP promises no word of its changes, in either protocol: it says how long it may be kept", async () => {
    const { gitlab } = await emulated();
    const url = await serving(gitlab);
    const token = await tokenOf(gitlab);
    const legacy = await httpClient(url, token);
    expect(legacy.getServerCapabilities()).toMatchObject({ tools: {} });
    expect(legacy.getServerCapabilities()?.tools).not.toHaveProperty("listChanged");
    const modern = await modernClient(url, token);
    expect(modern.getServerCapabilities()?.tools).not.toHaveProperty("listChanged");
    // What nobody would be told of is not agreed to, and no stream is left open for it.
    const subscription = await modern.listen({ toolsListChanged: true });
    expect(subscription.honoredFilter).toEqual({});
    expect(await subscription.closed).toBe("graceful");
  });

  test("is selected once, not for every request", async () => {
    const { gitlab } = await emulated();
    let reads = 0;
    const select = {
      get tools() {
        reads += 1;
        return ["gitlab_current_*"];
      },
    };
    const handler = createMcpHandler({ gitlab, select });
    const once = reads;
    const token = await tokenOf(gitlab);
    const body = JSON.stringify(call("gitlab_current_user_get", {}));
    const headers = {
      Authorization: `Bearer ${token}`,
      "Content-Type": "application/json",
      Accept: "application/json, text/event-stream",
    };
    for (let times = 0; times < 3; times += 1) {
      const response = await handler(new Request("http://127.0.0.1/mcp", { method: "POST", headers, body }));
      expect(await response.text()).toContain("ada");
    }
    expect(reads).toBe(once);
    await handler.close();
  });
});

describe("what clients send", () => {
  test.each([
    ["a list", [1, 2]],
    ["text", "everything"],
    ["a number", 7],
    ["JSON of a list", "[1]"],
  ])("arguments that are %s are refused in words for models", async (_, given) => {
    const { gitlab } = await emulated();
    const url = await serving(gitlab);
    const answer = await (await post(url, await tokenOf(gitlab), call("gitlab_issues_list", given))).text();
    expect(answer).toContain("invalid_input");
    expect(answer).toContain('"isError":true');
  });

  test("arguments as a string of JSON are read", async () => {
    const { gitlab } = await emulated();
    const url = await serving(gitlab);
    const given = JSON.stringify({ ...inApp, issue_iid: 3 });
    const answer = await (await post(url, await tokenOf(gitlab), call("gitlab_issue_get", given))).text();
    expect(answer).not.toContain("isError");
    expect(answer).toContain("iid");
  });

  test("half a character in a query is invalid input, and nothing is sent", async () => {
    const { emulator, gitlab } = await emulated();
    const client = await httpClient(await serving(gitlab), await tokenOf(gitlab));
    const before = emulator.requests.length;
    const search = { name: "gitlab_issues_list", arguments: { ...inApp, search: "\ud800" } };
    expect(errorOf(await client.callTool(search))).toMatchObject({ code: "invalid_input" });
    expect(emulator.requests).toHaveLength(before);
  });

  test("a batch is answered for 2025-03-26, which has batches, and refused for later revisions", async () => {
    const { gitlab } = await emulated();
    const url = await serving(gitlab, { maxConcurrent: 3 });
    const token = await tokenOf(gitlab);
    const batch = [1, 2, 3].map((id) => call("gitlab_current_user_get", {}, id));
    const early: readonly Record<string, string>[] = [{}, { "MCP-Protocol-Version": "2025-03-26" }];
    for (const headers of early) {
      const text = await (await post(url, token, batch, headers)).text();
      const ids = text.split("\n").flatMap((line) => (line.startsWith("data: {") ? [line.slice(6)] : []));
      expect(ids.map((data) => (JSON.parse(data) as { id: number }).id).toSorted()).toEqual([1, 2, 3]);
    }
    expect((await post(url, token, batch, { "MCP-Protocol-Version": "2025-06-18" })).status).toBe(400);
    expect((await post(url, token, [...batch, call("gitlab_current_user_get", {}, 4)])).status).toBe(400);
    expect((await post(url, token, [])).status).toBe(400);
  });
});

describe("a server that shuts down", () => {
  test.each(["legacy", "modern"] as const)(
    "answers what it has to abort, and says that it may have happened: %s",
    async (era) => {
      let arrived = 0;
      const upstream = await serve(() => void (arrived += 1));
      const { gitlab } = await connect(upstream);
      const server = await serveMcp({ gitlab });
      const token = await tokenOf(gitlab, "user_1");
      const create = { name: "gitlab_issue_create", arguments: { project_id: 1, title: "Perhaps" } };
      const calling =
        era === "modern"
          ? postModern(server.url, token, "tools/call", create)
          : post(server.url, token, call(create.name, create.arguments));
      await expect.poll(() => arrived).toBeGreaterThan(0);
      await Promise.all([
        server.close({ graceMs: 10 }),
        calling.then(async (response) => {
          const text = await response.text();
          expect(text).toContain("aborted");
          expect(text).toContain("may have been carried out");
        }),
      ]);
    },
  );
});
