import { createGitLab } from "gitlab-agent-tools";
import { createGitLabEmulator } from "gitlab-agent-tools/testing";
import { createToolbox, type Toolbox } from "gitlab-agent-tools/toolbox";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { countTokens } from "gpt-tokenizer";
import { discoveryToolbox, runDiscovery } from "../../src/adapters/discovery.js";
import { discoveryDefinitions, discoveryToolNames } from "../../src/adapters/discovery-tools.js";
import { toolSearch } from "../../src/adapters/discovery-search.js";
import { selectTools, type Selection } from "../../src/tools/select.js";
import { validate } from "../../src/tools/validate.js";
import { estimateTokens } from "../../src/views/estimate.js";
import { alsoRight, requestsBeyond } from "./discovery-requests-beyond.js";
import { laterRequests, requests } from "./discovery-requests.js";

describe("finding, on everyday requests", () => {
  const search = toolSearch(selectTools());
  const share = (set: typeof requests, among: number): number => {
    const right = set.filter(([request, ...tools]) => search(request, among).some(({ name }) => tools.includes(name)));
    return right.length / set.length;
  };

  test("the requests name tools that exist, most of them", () => {
    const all = [...requests, ...laterRequests];
    expect(requests.length).toBeGreaterThanOrEqual(60);
    const named = new Set(all.flatMap(([, ...tools]) => tools));
    const existing = selectTools().map(({ name }) => name);
    expect([...named].filter((name) => !existing.includes(name))).toEqual([]);
    expect(named.size).toBeGreaterThan(80);
  });

  test.each([
    ["first written", requests],
    ["written later", laterRequests],
    ["all", [...requests, ...laterRequests]],
  ])("%s: the right tool first in three of four, among five in 95 of 100", (_, set) => {
    expect(share(set, 5)).toBeGreaterThanOrEqual(0.95);
    expect(share(set, 1)).toBeGreaterThanOrEqual(0.75);
  });

  test("every tool is found first by its own title, or what shares its words is", () => {
    const missed = selectTools().filter((tool) => !search(tool.title, 5).includes(tool));
    expect(missed.map(({ name }) => name)).toEqual([]);
  });

  test("typing errors and nothing at all", () => {
    expect(search("list pipelnes")[0]?.name).toBe("gitlab_pipelines_list");
    expect(search("")).toEqual([]);
    expect(search("zzzz qqqq")).toEqual([]);
  });

  test("words of any length, and any number of them", () => {
    expect(search("a".repeat(100_000))).toEqual([]);
    expect(search(`${"pipelines ".repeat(40)}${"delete label ".repeat(10_000)}`)[0]?.area).toBe("pipelines");
    expect(search(`list pipelines ${"x".repeat(1_000_000)}`)[0]?.name).toBe("gitlab_pipelines_list");
  });
});

describe("finding among all levels", () => {
  const all = selectTools({ level: "all" });
  const search = toolSearch(all);
  const also = new Map(alsoRight.map(([request, ...tools]) => [request, tools]));
  const set = [...requests, ...laterRequests, ...requestsBeyond].map(([request, ...tools]) => ({
    request,
    tools: [...tools, ...(also.get(request) ?? [])],
  }));
  const share = (some: typeof set, among: number): number =>
    some.filter(({ request, tools }) => search(request, among).some(({ name }) => tools.includes(name))).length /
    some.length;

  test("the requests name tools that exist, half of them beyond the core", () => {
    expect(set.length).toBeGreaterThanOrEqual(300);
    expect(requestsBeyond.length).toBeGreaterThanOrEqual(150);
    const existing = new Set(all.map(({ name }) => name));
    expect(set.flatMap(({ tools }) => tools).filter((name) => !existing.has(name))).toEqual([]);
  });

  test("the right tool first in 85%, among the first 5 in 95%", () => {
    expect(share(set, 1)).toBeGreaterThanOrEqual(0.85);
    expect(share(set, 5)).toBeGreaterThanOrEqual(0.95);
    expect(share(set.slice(-requestsBeyond.length), 5)).toBeGreaterThanOrEqual(0.95);
  });

  test.each([
    ["wiki page", /^gitlab_wiki_page/],
    ["protect a branch", /^gitlab_(?:branch_protect|protected_branch_create)$/],
    ["who approved", /^gitlab_merge_request_approv/],
    ["re-run", /_retry$/],
    ["todo", /^gitlab_todos_list$/],
  ])("%s", (request, name) => {
    expect(search(request)[0]?.name).toMatch(name);
  });

  test("an answer takes at most 300 tokens, and its example fits the first tool: two calls suffice", async () => {
    for (const { request } of set) {
      const { text, structured } = await runDiscovery(
        "gitlab_tools_find",
        { query: request },
        { definitions: all, executeTool: () => Promise.reject(new Error("nothing is called")) },
      );
      expect(countTokens(text), request).toBeLessThanOrEqual(300);
      expect(countTokens(JSON.stringify(structured)), request).toBeLessThanOrEqual(300);
      const [first] = structured["tools"] as { name: string; input: object; example: object }[];
      const tool = all.find(({ name }) => name === first?.name);
      expect(tool && (() => validate(tool, first?.example)), request).not.toThrow();
    }
  });
});

describe("the three tools", () => {
  let emulator: Awaited<ReturnType<typeof createGitLabEmulator>>;
  let gitlab: ReturnType<typeof createGitLab>;
  beforeAll(async () => {
    emulator = await createGitLabEmulator();
    gitlab = createGitLab({ store: "memory:", connections: { gitlab: { baseUrl: emulator.baseUrl } } });
    const token = emulator.tokens.create({ username: "ada", scopes: ["api"] });
    await gitlab.connectWithToken({ identifier: "ada", token });
  });
  afterAll(async () => {
    await gitlab.close();
    await emulator.close();
  });
  const toolbox = (select?: Selection): Toolbox =>
    createToolbox({ gitlab, identifier: "ada", discovery: true, ...(select && { select }) });

  test("find, describe, call", async () => {
    const tools = toolbox();
    expect(tools.definitions.map(({ name }) => name)).toEqual(discoveryToolNames);
    const found = await tools.run("gitlab_tools_find", { query: "show me all open p1 bugs" });
    expect(found.text.split("\n")[0]).toMatch(/^gitlab_issues_list \(read\): /);
    const described = await tools.run("gitlab_tool_describe", { name: "gitlab_issues_list" });
    expect(described.structured).toMatchObject({
      name: "gitlab_issues_list",
      inputSchema: { required: ["project_id"], properties: { labels: { type: "array" } } },
    });
    const input = { project_id: "acme/app", state: "opened", labels: "bug,p1" };
    const called = await tools.run("gitlab_tool_call", { name: "gitlab_issues_list", input });
    expect(called.isError).toBe(false);
    const items = called.structured["items"] as { iid: number; state: string }[];
    expect(items.length).toBeGreaterThan(0);
    expect(items.every(({ state }) => state === "opened")).toBe(true);
    const chosen = await tools.run("gitlab_tool_call", { name: "gitlab_issues_list", input, fields: ["title"] });
    expect(Object.keys((chosen.structured["items"] as object[])[0] ?? {})).toEqual(["iid", "title"]);
  });

  test("arguments as JSON text, also inside", async () => {
    const input = JSON.stringify({ project_id: "acme/app" });
    const called = await toolbox().run("gitlab_tool_call", JSON.stringify({ name: "gitlab_project_get", input }));
    expect(called.structured).toMatchObject({ path_with_namespace: "acme/app" });
  });

  test("groups of parameters are described", async () => {
    const { structured } = await toolbox().run("gitlab_tool_describe", { name: "gitlab_project_member_add" });
    expect(structured).toMatchObject({ at_least_one_of: [["user_id", "username"]] });
  });

  test("a selection holds: what is outside of it is neither found nor called", async () => {
    const tools = toolbox({ access: "read" });
    const before = emulator.requests.length;
    const found = await tools.run("gitlab_tools_find", { query: "delete an issue", limit: 20 });
    expect(found.text).not.toContain("(destructive)");
    const called = await tools.run("gitlab_tool_call", {
      name: "gitlab_issue_delete",
      input: { project_id: "acme/app", issue_iid: 1 },
    });
    expect(called).toMatchObject({ isError: true, structured: { code: "unknown_tool" } });
    expect(emulator.requests.length).toBe(before);
  });

  test("never throws, and takes no more than a sentence or two", async () => {
    const long = await toolbox().run("gitlab_tools_find", { query: "a".repeat(100_000) });
    expect(long).toMatchObject({ isError: true, structured: { code: "invalid_input" } });
    const wrong = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`unknown_${index}`, 1]));
    const short = createToolbox({ gitlab, identifier: "ada", discovery: true, maxResultTokens: 300 });
    const answered = await short.run("gitlab_tools_find", { query: "x", ...wrong });
    expect(answered).toMatchObject({ isError: true, structured: { code: "invalid_input" } });
    expect(estimateTokens(answered.text)).toBeLessThanOrEqual(300);
    const failing: Toolbox = { ...toolbox(), run: () => Promise.reject(new RangeError("secret detail")) };
    const answer = await discoveryToolbox(selectTools(), failing).run("gitlab_tool_call", {
      name: "gitlab_current_user_get",
    });
    expect(answer).toMatchObject({ isError: true, structured: { code: "internal" } });
    expect(answer.text).not.toContain("secret");
  });

  test("with a folder for downloads, what saves to it is found and described; without one it is not", async () => {
    const may = createToolbox({ gitlab, identifier: "ada", discovery: true, policy: { downloads: "/srv/downloads" } });
    const describe = { name: "gitlab_job_artifacts_download" };
    expect((await may.run("gitlab_tool_describe", describe)).text).toContain("save_to");
    expect((await toolbox().run("gitlab_tool_describe", describe)).text).not.toContain("save_to");
    const find = { query: "download the artifacts of a job", limit: 1 };
    const found = await may.run("gitlab_tools_find", find);
    expect(found.text).toMatch(/^gitlab_job_artifacts_download .*[\s\S]*save_to: text/);
    expect((await toolbox().run("gitlab_tools_find", find)).text).not.toContain("save_to");
  });

  test("hints follow the selection", () => {
    expect(discoveryDefinitions("read").map(({ access }) => access)).toEqual(["read", "read", "read"]);
    expect(toolbox({ access: "write" }).definitions.at(-1)?.access).toBe("write");
    expect(toolbox().definitions.at(-1)?.access).toBe("destructive");
  });

  test.each([
    ["gitlab_tools_find", {}, "invalid_input", "query"],
    ["gitlab_tool_describe", { name: "gitlab_isues_list" }, "unknown_tool", "gitlab_issues_list"],
    ["gitlab_tool_call", { name: "gitlab_issue_get", input: { project_id: "acme/app" } }, "invalid_input", "issue_iid"],
    ["gitlab_tool_call", { name: "gitlab_issue_get", input: [1] }, "invalid_input", "input"],
    ["gitlab_tools_fid", { query: "x" }, "unknown_tool", "gitlab_tools_find"],
    ["gitlab_tools_find", "{", "invalid_input", "JSON"],
  ])("%s %j is refused, saying what to do", async (name, input, code, word) => {
    const answer = await toolbox().run(name, input);
    expect(answer).toMatchObject({ isError: true, structured: { code } });
    expect(answer.text).toContain(word);
    expect(answer.text).not.toContain("    at ");
  });
});
