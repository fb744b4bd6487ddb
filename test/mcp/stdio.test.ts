import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { Client as ModernClient, type JSONRPCMessage } from "@modelcontextprotocol/client";
import { createGitLab } from "gitlab-agent-tools";
import { describe, expect, onTestFinished, test } from "vitest";
import { ElicitRequestSchema, ToolListChangedNotificationSchema } from "@modelcontextprotocol/sdk/types.js";
import { selectTools } from "../../src/tools/select.js";
import { emulator, newStore } from "../support/emulated.js";
import { serve, token as knownToken } from "../support/server.js";
import { errorOf, processClient, stdioClient, textOf } from "./clients.js";
import { serveOnStreams, StreamTransport } from "./own-streams.js";
import { commandLine } from "../support/command-line.js";

const inApp = { project_id: "acme/app" };

/** What a client sends to learn who it is. */
const script = [
  {
    id: 1,
    method: "initialize",
    params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "script", version: "1" } },
  },
  { method: "notifications/initialized" },
  { id: 2, method: "tools/call", params: { name: "gitlab_current_user_get", arguments: {} } },
]
  .map((message) => `${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`)
  .join("");

/** An emulated GitLab, and the environment of a person with a token on it. */
async function person() {
  const gitlab = await emulator({ pathPrefix: "/gitlab" });
  const env = { GITLAB_URL: gitlab.baseUrl, GITLAB_TOKEN: gitlab.tokens.create({ username: "ada", scopes: ["api"] }) };
  return { gitlab, env };
}

describe("with GITLAB_TOKEN", () => {
  test("lists all tools, calls them as the person, and ends with its client", async () => {
    const { gitlab, env } = await person();
    const { client, pid } = await processClient(env);
    expect(client.getServerVersion()).toMatchObject({ name: "gitlab-agent-tools", title: "GitLab" });
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(selectTools().map(({ name }) => name));
    expect(gitlab.requests).toEqual([]);

    const issues = await client.callTool({ name: "gitlab_issues_list", arguments: { ...inApp, labels: "bug,p1" } });
    expect(issues.isError).toBeUndefined();
    expect(textOf(issues)).toMatch(/items/);
    expect(gitlab.requests.at(-1)).toMatchObject({ username: "ada", path: "/api/v4/projects/acme%2Fapp/issues" });

    const wrong = await client.callTool({ name: "gitlab_issue_get", arguments: { ...inApp, issue_iid: "many" } });
    expect(errorOf(wrong)).toMatchObject({ code: "invalid_input" });
    const running = pid();
    await client.close();
    expect(() => process.kill(running ?? 0, 0)).toThrow();
  });

  test("keeps to the selection, the projects and the view that the flags say, and takes tools of one's own", async () => {
    const { env, gitlab } = await person();
    const own = ["--tools", join("test", "fixtures", "own-tools.js")];
    const flags = [
      ...own,
      "--area",
      "issues,projects,own",
      "--access",
      "read",
      "--projects",
      "acme/app",
      "--view",
      "full",
    ];
    const { client } = await stdioClient(env, flags);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual([
      "acme_widgets_list",
      ...selectTools({ areas: ["issues", "projects"], access: "read" }).map(({ name }) => name),
    ]);
    // The emulator knows no widgets; what matters is who asked for them.
    await client.callTool({ name: "acme_widgets_list", arguments: { project_id: "acme/app" } });
    expect(gitlab.requests).toContainEqual(
      expect.objectContaining({
        username: "ada",
        path: expect.stringMatching(/^\/api\/v4\/projects\/\d+\/widgets$/) as string,
      }),
    );
    const full = await client.callTool({ name: "gitlab_issue_get", arguments: { ...inApp, issue_iid: 3 } });
    expect(textOf(full)).toContain("time_stats");
    const elsewhere = { name: "gitlab_project_get", arguments: { project_id: "acme/website" } };
    expect(errorOf(await client.callTool(elsewhere))).toMatchObject({ code: "forbidden" });
    expect(errorOf(await client.callTool({ name: "gitlab_issue_create", arguments: inApp }))).toMatchObject({
      code: "unknown_tool",
    });
  });

  test("saves downloads where the flags say, and nowhere otherwise", async () => {
    const { env } = await person();
    const folder = await mkdtemp(join(tmpdir(), "downloads-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const download = async (flags: readonly string[], save_to: string) => {
      const { client } = await stdioClient(env, flags);
      const jobs = await client.callTool({
        name: "gitlab_jobs_list",
        arguments: { ...inApp, fields: ["id", "artifacts_file.filename"] },
      });
      const job_id = /\[(\d+),.*artifacts\.zip/.exec(textOf(jobs))?.[1];
      return await client.callTool({ name: "gitlab_job_artifacts_download", arguments: { ...inApp, job_id, save_to } });
    };
    const target = join(folder, "artifacts.zip");
    expect(errorOf(await download([], target))).toMatchObject({
      code: "invalid_input",
      message: expect.stringContaining("save_to") as string,
    });
    expect(errorOf(await download(["--downloads", folder], join(folder, "..", "a.zip")))).toMatchObject({
      code: "invalid_input",
    });
    expect((await download(["--downloads", folder], target)).isError).toBeUndefined();
    expect((await readFile(target)).subarray(0, 2).toString()).toBe("PK");
  });

  test("offers three tools in discovery mode, which reach the others", async () => {
    const { env } = await person();
    const { client } = await stdioClient(env, ["--discovery", "--access", "read"]);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(["gitlab_tools_find", "gitlab_tool_describe", "gitlab_tool_call"]);
    const found = await client.callTool({
      name: "gitlab_tools_find",
      arguments: { query: "open issues of a project" },
    });
    expect(textOf(found)).toContain("gitlab_issues_list");
    const call = (name: string, input: unknown) =>
      client.callTool({ name: "gitlab_tool_call", arguments: { name, input } });
    expect(textOf(await call("gitlab_issue_get", { ...inApp, issue_iid: 3 }))).toContain('"iid":3');
    expect(errorOf(await call("gitlab_issue_delete", { ...inApp, issue_iid: 3 }))).toMatchObject({
      code: "unknown_tool",
    });
  });

  test("answers with structured content where that is wanted, as its schemas say", async () => {
    const { env } = await person();
    const { client } = await stdioClient(env, ["--structured-content", "--area", "issues"]);
    // The client checks structured content against the output schemas that it has been told.
    const { tools } = await client.listTools();
    expect(tools.every(({ outputSchema }) => outputSchema?.type === "object")).toBe(true);
    const issue = await client.callTool({ name: "gitlab_issue_get", arguments: { ...inApp, issue_iid: 3 } });
    expect(issue.structuredContent).toMatchObject({ iid: 3 });
    const issues = await client.callTool({ name: "gitlab_issues_list", arguments: { ...inApp, per_page: 2 } });
    expect(issues.structuredContent).toMatchObject({ items: [{}, {}], page: { hasMore: true } });
    const wrong = await client.callTool({ name: "gitlab_issue_get", arguments: inApp });
    expect([wrong.isError, wrong.structuredContent]).toEqual([true, undefined]);
  });

  test("refuses an http:// address with advice that the command line can follow", async () => {
    const { client } = await stdioClient({ GITLAB_URL: "http://gitlab.example.com", GITLAB_TOKEN: "glpat-x" });
    const error = errorOf(await client.callTool({ name: "gitlab_current_user_get", arguments: {} }));
    expect(error).toMatchObject({ code: "connection_misconfigured" });
    expect(JSON.stringify(error)).toContain("Give its https:// address");
    expect(JSON.stringify(error)).not.toContain("allowHttp");
  });

  test("says that the token is refused, and takes another try", async () => {
    const { gitlab, env } = await person();
    const { client } = await stdioClient({ ...env, GITLAB_TOKEN: "glpat-unknown" });
    const who = { name: "gitlab_current_user_get", arguments: {} };
    const error = errorOf(await client.callTool(who));
    expect(error).toMatchObject({
      code: "account_not_connected",
      hint: expect.stringContaining("GITLAB_TOKEN") as string,
    });
    expect(JSON.stringify(error)).not.toContain("glpat-unknown");
    const asked = gitlab.requests.length;
    await client.callTool(who);
    expect(gitlab.requests.length).toBeGreaterThan(asked);
  });

  test("stops a call that its client cancels, down to the socket", async () => {
    const closed: Promise<unknown>[] = [];
    const server = await serve((_, response) => void closed.push(once(response, "close")));
    const { client } = await stdioClient({ GITLAB_URL: server.baseUrl, GITLAB_TOKEN: knownToken });
    const stop = new AbortController();
    const call = client.callTool({ name: "gitlab_project_get", arguments: { project_id: 1 } }, undefined, {
      signal: stop.signal,
    });
    await expect.poll(() => closed.length, { timeout: 10_000 }).toBe(1);
    stop.abort("enough");
    await expect(call).rejects.toThrow("enough");
    await Promise.all(closed);
  });

  test("answers what was asked before the input ended, as a script does", async () => {
    const { env } = await person();
    const child = spawn(process.execPath, [...commandLine, "mcp"], {
      env: { PATH: process.env["PATH"], ...env },
      stdio: ["pipe", "pipe", "inherit"],
    });
    child.stdin.end(script);
    const [output] = await Promise.all([text(child.stdout), once(child, "close")]);
    expect(
      output
        .trim()
        .split("\n")
        .map((line) => (JSON.parse(line) as { id: number }).id),
    ).toEqual([1, 2]);
    expect(output).toContain("ada");
    expect(child.exitCode).toBe(0);
  });

  test("ends with an error when the flags name what does not exist", async () => {
    const { env } = await person();
    const { client, stderr } = await stdioClient(env, ["--area", "isues"]);
    await expect(client.listTools()).rejects.toThrow();
    await expect.poll(stderr).toMatch(/There is no area "isues"; did you mean issues\?/);
  });

  test("ends at once without any account", async () => {
    await expect(stdioClient({})).rejects.toThrow();
  });
});

function listChange(): { readonly promise: Promise<void>; readonly heard: () => void } {
  let heard: () => void = () => undefined;
  const promise = new Promise<void>((resolve) => (heard = resolve));
  return { promise, heard };
}

describe("the protocol of 2026-07-28, on standard input and output", () => {
  /** The official client of that protocol, whose person answers every question the same. */
  async function modern(env: Readonly<Record<string, string>>, args: readonly string[], action: "accept" | "decline") {
    const asked: string[] = [];
    const versionNegotiation = { mode: { pin: "2026-07-28" } } as const;
    const capabilities = { elicitation: { form: {} } };
    const client = new ModernClient({ name: "modern", version: "1" }, { capabilities, versionNegotiation });
    client.setRequestHandler("elicitation/create", ({ params }) => {
      asked.push(params.message);
      return { action, ...(action === "accept" && { content: {} }) };
    });
    await client.connect(new StreamTransport<JSONRPCMessage>(serveOnStreams(env, args)));
    onTestFinished(() => client.close());
    return { client, asked };
  }
  const run = { name: "gitlab_pipeline_create", arguments: { ...inApp, ref: "main" } };
  const note = { name: "gitlab_issue_note_create", arguments: { ...inApp, issue_iid: 3, body: "Seen." } };
  const play = { name: "gitlab_pipeline_schedule_play", arguments: { ...inApp, pipeline_schedule_id: 1 } };

  test("asks the person by the word of --confirm; their no sends nothing, their yes sends it once", async () => {
    const { gitlab, env } = await person();
    const sent = (): number => gitlab.requests.filter(({ method }) => method !== "GET").length;
    const usual = await modern(env, ["--level", "all"], "decline");
    const { tools } = await usual.client.listTools();
    expect(tools.length).toBeGreaterThan(selectTools({ level: "extended" }).length - 1);
    // What runs on a protected branch ships, whichever way it is triggered.
    for (const ships of [run, play]) await usual.client.callTool(ships);
    expect(usual.asked).toEqual([
      expect.stringMatching(/\(gitlab_pipeline_create\)\nproject_id: "acme\/app"\nref: "main"/),
      expect.stringContaining("gitlab_pipeline_schedule_play"),
    ]);
    expect(sent()).toBe(0);
    expect((await usual.client.callTool(note)).isError).toBeUndefined();
    expect([usual.asked.length, sent()]).toEqual([2, 1]);

    const strict = await modern(env, ["--confirm", "writes", "--level", "core"], "accept");
    expect((await strict.client.listTools()).tools.length).toBe(selectTools({ level: "core" }).length);
    expect((await strict.client.callTool(note)).isError).toBeUndefined();
    expect([strict.asked.length, sent()]).toEqual([1, 2]);
    const never = await modern(env, ["--confirm", "never"], "decline");
    expect((await never.client.callTool(run)).isError).toBeUndefined();
    expect([never.asked.length, sent()]).toEqual([0, 3]);
  });

  const who = { name: "gitlab_current_user_get", arguments: {} };

  async function reader(): Promise<Record<string, string>> {
    const { gitlab, env } = await person();
    return { ...env, GITLAB_TOKEN: gitlab.tokens.create({ username: "ada", scopes: ["read_api"] }) };
  }

  test("tells who listens that the list has changed, once the account turns out to allow less", async () => {
    const { client: today } = await modern(await reader(), [], "accept");
    expect(today.getServerCapabilities()).toMatchObject({ tools: { listChanged: true } });
    const before = (await today.listTools()).tools.length;
    const told = listChange();
    today.setNotificationHandler("notifications/tools/list_changed", told.heard);
    const subscription = await today.listen({ toolsListChanged: true });
    expect(subscription.honoredFilter).toEqual({ toolsListChanged: true });
    await today.callTool(who);
    await told.promise;
    expect((await today.listTools()).tools.length).toBeLessThan(before);
  });

  test("tells a client of the protocols before it, which listens without asking", async () => {
    const { promise, heard } = listChange();
    const { client: lastYear } = await stdioClient(await reader(), [], {
      prepare: (client) => client.setNotificationHandler(ToolListChangedNotificationSchema, heard),
    });
    expect(lastYear.getServerCapabilities()).toMatchObject({ tools: { listChanged: true } });
    await lastYear.callTool(who);
    await promise;
    const { tools } = await lastYear.listTools();
    expect(tools.every(({ annotations }) => annotations?.readOnlyHint)).toBe(true);
  });

  test("refuses where --confirm was given and the client cannot ask", async () => {
    const { gitlab, env } = await person();
    const { client } = await stdioClient(env, ["--confirm", "destructive"]);
    expect(errorOf(await client.callTool(run))).toMatchObject({ code: "forbidden", details: { policy: "confirm" } });
    expect(gitlab.requests).toEqual([]);
  });
});

describe("with an account of the store", () => {
  async function unconnected() {
    const gitlab = await emulator({ pathPrefix: "/gitlab", devicePollSeconds: 0.2 });
    const { clientId } = gitlab.oauth.createApplication({
      redirectUri: "http://127.0.0.1/callback",
      scopes: ["api", "read_api"],
    });
    const { store, encryptionKey } = await newStore();
    const env = {
      GITLAB_URL: gitlab.baseUrl,
      GITLAB_CLIENT_ID: clientId,
      GITLAB_AGENT_TOOLS_STORE: store,
      GITLAB_AGENT_TOOLS_KEY: encryptionKey,
    };
    return { gitlab, env, store, encryptionKey };
  }

  test("signs the person in by a code when the first call needs it", async () => {
    const { gitlab, env } = await unconnected();
    const { client, stderr } = await stdioClient(env);
    const who = { name: "gitlab_current_user_get", arguments: {} };
    const error = errorOf(await client.callTool(who));
    expect(error).toMatchObject({
      code: "account_not_connected",
      hint: expect.stringMatching(/enter the code/) as string,
    });
    const { user_code, verification_uri } = error["details"] as Record<string, string>;
    expect(verification_uri).toContain(gitlab.baseUrl);
    expect(stderr()).toContain(`enter the code ${user_code}`);

    // Asking again is the same code: the person may be about to enter it.
    expect(errorOf(await client.callTool(who))).toMatchObject({ details: { user_code } });
    gitlab.oauth.approveDevice(user_code ?? "", { username: "ben" });
    await expect
      .poll(async () => textOf(await client.callTool(who)), { timeout: 20_000, interval: 100 })
      .toContain('"username":"ben"');
  }, 60_000);

  test("asks through the client where it can, and goes on with the call", async () => {
    const { gitlab, env } = await unconnected();
    const asked: string[] = [];
    const { client } = await stdioClient(env, ["--identifier", "user_ben"], {
      client: { capabilities: { elicitation: { url: {} } } },
      prepare: (fresh) =>
        fresh.setRequestHandler(ElicitRequestSchema, ({ params }) => {
          asked.push(params.mode === "url" ? params.url : "");
          const code = /code (\S+?)\./.exec(params.message)?.[1] ?? "";
          gitlab.oauth.approveDevice(code, { username: "ben" });
          return { action: "accept" };
        }),
    });
    const who = { name: "gitlab_current_user_get", arguments: {} };
    expect(textOf(await client.callTool(who, undefined, { timeout: 25_000 }))).toContain('"username":"ben"');
    expect(asked).toEqual([expect.stringContaining(gitlab.baseUrl)]);
  }, 60_000);

  test("ends with its client while it waits for the person", async () => {
    const { env } = await unconnected();
    const child = spawn(process.execPath, [...commandLine, "mcp"], {
      env: { PATH: process.env["PATH"], ...env },
      stdio: ["pipe", "pipe", "ignore"],
    });
    const closed = once(child, "close");
    child.stdin.write(script);
    for await (const line of createInterface({ input: child.stdout })) if (line.includes("user_code")) break;
    child.stdin.end();
    // GitLab's codes live for minutes, and the process would live with them.
    await closed;
    expect(child.exitCode).toBe(0);
  });

  test("takes no for an answer", async () => {
    const { env } = await unconnected();
    const { client } = await stdioClient(env, [], {
      client: { capabilities: { elicitation: { form: {} } } },
      prepare: (fresh) => fresh.setRequestHandler(ElicitRequestSchema, () => ({ action: "decline" })),
    });
    const who = { name: "gitlab_current_user_get", arguments: {} };
    expect(errorOf(await client.callTool(who))).toMatchObject({
      message: expect.stringContaining("did not want") as string,
    });
  });

  test("finds the account that another program has connected", async () => {
    const { gitlab, env, store, encryptionKey } = await unconnected();
    const other = createGitLab({ store, encryptionKey, connections: { gitlab: { baseUrl: gitlab.baseUrl } } });
    onTestFinished(() => other.close());
    const token = gitlab.tokens.create({ username: "ben", scopes: ["api"] });
    await other.connectWithToken({ identifier: "user_ben", token });
    const { client } = await processClient(env, ["--identifier", "user_ben"]);
    const who = { name: "gitlab_current_user_get", arguments: {} };
    expect(textOf(await client.callTool(who))).toContain('"username":"ben"');
  });
});
