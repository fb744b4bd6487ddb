import { once } from "node:events";
import { GitLabToolError } from "gitlab-agent-tools";
import { createToolbox, type ToolAnswer } from "gitlab-agent-tools/toolbox";
import { describe, expect, test } from "vitest";
import { estimateTokens } from "../../src/views/estimate.js";
import { emulated } from "../support/emulated.js";
import { connect, json, serve } from "../support/server.js";

const project_id = "acme/app";
const ada = { identifier: "user_ada" };

function errorOf({ isError, text }: ToolAnswer): Record<string, unknown> & { details?: Record<string, unknown> } {
  expect(isError).toBe(true);
  return JSON.parse(text) as Record<string, unknown>;
}

describe("a tool run for a model", () => {
  test("answers compactly, unless the full answer is wanted", async () => {
    const { gitlab } = await emulated();
    const input = { project_id, issue_iid: 3 };
    const compact = await createToolbox({ gitlab, ...ada }).run("gitlab_issue_get", input);
    const full = await createToolbox({ gitlab, ...ada, view: "full" }).run("gitlab_issue_get", input);
    expect(compact.isError).toBe(false);
    expect(compact.text.length * 2).toBeLessThan(full.text.length);
    expect(compact.structured).toMatchObject({ iid: 3 });
    expect(full.structured).toMatchObject({ iid: 3, _links: {} });
  });

  test("keeps to the budget", async () => {
    const { gitlab } = await emulated();
    const input = { project_id, per_page: 100 };
    const { text } = await createToolbox({ gitlab, ...ada }).run("gitlab_issues_list", input);
    const short = await createToolbox({ gitlab, ...ada, maxResultTokens: 300 }).run("gitlab_issues_list", input);
    expect(short.text.length * 2).toBeLessThan(text.length);
  });

  test("understands arguments as JSON text", async () => {
    const { gitlab } = await emulated();
    const { run } = createToolbox({ gitlab, ...ada });
    expect(await run("gitlab_issue_get", JSON.stringify({ project_id, issue_iid: "#3" }))).toMatchObject({
      isError: false,
    });
    expect(await run("gitlab_current_user_get", "")).toMatchObject({ isError: false });
    expect(errorOf(await run("gitlab_issue_get", '{"project_id": "acme/app", '))).toMatchObject({
      code: "invalid_input",
      toolName: "gitlab_issue_get",
    });
  });

  test("is refused outside of the selection, whatever the model says", async () => {
    const { emulator, gitlab } = await emulated();
    const before = emulator.requests.length;
    const { definitions, run } = createToolbox({ gitlab, ...ada, select: { areas: ["issues"], access: "read" } });
    expect(definitions.every(({ area, access }) => area === "issues" && access === "read")).toBe(true);
    for (const name of ["gitlab_issue_delete", "gitlab_projects_list", "gitlab_issue_gett", "rm -rf"])
      expect(errorOf(await run(name, { project_id, issue_iid: 3 }))).toMatchObject({ code: "unknown_tool" });
    expect(errorOf(await run("gitlab_issue_gett", {})).details).toEqual({ nearest: "gitlab_issue_get" });
    expect(emulator.requests).toHaveLength(before);
  });

  test("a selection of nothing offers nothing", async () => {
    const { gitlab } = await emulated();
    expect(createToolbox({ gitlab, ...ada, select: { tools: [] } }).definitions).toEqual([]);
  });

  test("says what to do about an error, and shows no stack", async () => {
    const { gitlab } = await emulated();
    const answer = await createToolbox({ gitlab, ...ada }).run("gitlab_issue_get", { project_id, issue_iid: 4711 });
    expect(errorOf(answer)).toMatchObject({ code: "not_found", status: 404 });
    expect(Object.keys(errorOf(answer)).toSorted()).toEqual(
      expect.arrayContaining(["code", "hint", "message", "requestId", "retryable", "status", "toolName"]),
    );
    expect(answer.text).not.toMatch(/\bat .+\.(?:ts|js):\d/);
  });

  test("writes and reads no file unless it was given a folder, whatever the policy leaves open", async () => {
    const { gitlab } = await emulated();
    const policies: unknown[] = [];
    const watched = {
      ...gitlab,
      executeTool: ({ policy }: { policy?: unknown }) => {
        policies.push(policy);
        return Promise.reject(new Error("not of interest here"));
      },
    };
    const folder = { downloads: "/srv/files" };
    const toolbox = (policy: object) => createToolbox(Object.assign({ gitlab: watched, ...ada }, { policy }));
    for (const policy of [{}, JSON.parse("{}") as object, folder])
      await toolbox(policy).run("gitlab_current_user_get", {});
    const none = { downloads: false, uploads: false };
    expect(policies).toEqual([none, none, { ...folder, uploads: false }]);
    expect(() => toolbox({ downloads: undefined })).toThrow(/policy\.downloads: expected false or a folder/);
  });

  test("refuses fields that are too many or too deep before anything is sent", async () => {
    const { emulator, gitlab } = await emulated();
    const { run } = createToolbox({ gitlab, ...ada });
    const before = emulator.requests.length;
    const write = { project_id, title: "x" };
    for (const fields of [[`+${Array(20_000).fill("a").join(".")}`], Array<string>(51).fill("+a")]) {
      const answer = errorOf(await run("gitlab_issue_create", { ...write, fields }));
      expect(answer).toMatchObject({ code: "invalid_input", details: { fields: [{ field: "fields" }] } });
    }
    expect(emulator.requests).toHaveLength(before);
  });

  test("an error keeps to the budget too", async () => {
    const { gitlab } = await emulated();
    const wrong = Object.fromEntries(Array.from({ length: 2000 }, (_, n) => [`unknown_${n}_${"k".repeat(300)}`, 1]));
    const { run } = createToolbox({ gitlab, ...ada, maxResultTokens: 4000 });
    const answer = await run("gitlab_issue_get", { project_id, issue_iid: 3, ...wrong });
    const { fields, more } = errorOf(answer).details as { fields: { field: string }[]; more: string };
    expect(fields.length).toBeLessThanOrEqual(20);
    expect(Math.max(...fields.map(({ field }) => field.length))).toBeLessThanOrEqual(100);
    expect(more).toMatch(/^and \d+ more$/);
    expect(estimateTokens(answer.text)).toBeLessThanOrEqual(4000);
    expect(answer.structured).toEqual(JSON.parse(answer.text));
    const short = await createToolbox({ gitlab, ...ada, maxResultTokens: 300 }).run("gitlab_issue_get", wrong);
    expect(estimateTokens(short.text)).toBeLessThanOrEqual(300);
    expect(errorOf(short)).toMatchObject({ code: "invalid_input" });
  });

  test("tells nothing of a failure inside", async () => {
    const { gitlab } = await emulated();
    const broken = { ...gitlab, executeTool: () => Promise.reject(new TypeError("secret detail")) };
    const answer = await createToolbox({ gitlab: broken, ...ada }).run("gitlab_issue_get", {
      project_id,
      issue_iid: 3,
    });
    expect(errorOf(answer)).toMatchObject({ code: "internal" });
    expect(answer.text).not.toContain("secret detail");
  });

  test("is cancelled down to the socket", async () => {
    const stop = new AbortController();
    const closed: Promise<unknown>[] = [];
    const server = await serve((_, response) => {
      closed.push(once(response, "close"));
      stop.abort();
    });
    const { gitlab } = await connect(server);
    const { run } = createToolbox({ gitlab, identifier: "user_1" });
    const answer = await run("gitlab_project_get", { project_id: 1 }, { signal: stop.signal });
    expect(errorOf(answer)).toMatchObject({ code: "aborted" });
    await Promise.all(closed);
  });

  test("keeps to its time", async () => {
    const server = await serve(() => undefined);
    const { gitlab } = await connect(server);
    const { run } = createToolbox({ gitlab, identifier: "user_1", timeoutMs: 100 });
    expect(errorOf(await run("gitlab_project_get", { project_id: 1 }))).toMatchObject({ code: "timeout" });
  });

  test("has a selection that exists", async () => {
    const server = await serve((_, response) => json(response, {}));
    const { gitlab } = await connect(server);
    const wrong = () => createToolbox({ gitlab, identifier: "user_1", select: { tools: ["gitlab_issue_gett"] } });
    expect(wrong).toThrow(GitLabToolError);
  });
});

describe("an account that is not connected", () => {
  test("is answered with a link, and connected by it", async () => {
    const { emulator, gitlab } = await emulated();
    const { run } = createToolbox({ gitlab, identifier: "user_ben" });
    for (const _ of ["account_not_found", "account_not_connected"]) {
      const error = errorOf(await run("gitlab_current_user_get", {}));
      expect(error).toMatchObject({ code: _, hint: expect.stringContaining("authorization_link") as string });
      const link = new URL(String(error.details?.["authorization_link"]));
      expect(`${link.origin}${link.pathname}`).toBe(`${emulator.baseUrl}/oauth/authorize`);
    }
    const error = errorOf(await run("gitlab_current_user_get", {}));
    const link = String(error.details?.["authorization_link"]);
    await gitlab.handleCallback(emulator.oauth.authorize(link, { username: "ben" }), {
      expectedIdentifier: "user_ben",
    });
    expect((await run("gitlab_current_user_get", {})).text).toContain('"username":"ben"');

    emulator.oauth.revoke("ben");
    const revoked = errorOf(await run("gitlab_current_user_get", {}));
    expect(revoked).toMatchObject({
      code: "account_revoked",
      details: { authorization_link: expect.any(String) as string },
    });
  });

  test("asks for the scopes and the way back that the application wants", async () => {
    const { gitlab } = await emulated({ allowedReturnOrigins: ["https://app.example"] });
    const authorization = { scopes: ["read_api"], returnTo: "https://app.example/chat/1" };
    const { run } = createToolbox({ gitlab, identifier: "user_ben", authorization });
    const error = errorOf(await run("gitlab_current_user_get", {}));
    expect(new URL(String(error.details?.["authorization_link"])).searchParams.get("scope")).toBe("read_api");
  });

  test("has no link where there is no OAuth application, or none is wanted", async () => {
    const server = await serve((_, response) => json(response, {}));
    const plain = createToolbox({ gitlab: (await connect(server)).gitlab, identifier: "somebody" });
    const silent = createToolbox({ gitlab: (await emulated()).gitlab, identifier: "somebody", authorization: false });
    for (const { run } of [plain, silent]) {
      const error = errorOf(await run("gitlab_current_user_get", {}));
      expect(error).toMatchObject({
        code: "account_not_found",
        hint: expect.stringMatching(/^Tell the person/) as string,
      });
      expect(JSON.stringify(error)).not.toContain("authorization_link");
    }
  });
});
