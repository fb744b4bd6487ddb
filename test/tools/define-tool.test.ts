import { createGitLab, defineTool, GitLabToolError, type GitLab, type GitLabOptions } from "gitlab-agent-tools";
import { tool } from "gitlab-agent-tools/define";
import { createMcpServer } from "gitlab-agent-tools/mcp";
import { createGitLabEmulator, type GitLabEmulator } from "gitlab-agent-tools/testing";
import { createToolbox, type ToolboxOptions } from "gitlab-agent-tools/toolbox";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import * as z from "zod";
import { selectTools } from "../../src/tools/select.js";

type Selection = NonNullable<ToolboxOptions["select"]>;

const widgetsList = defineTool({
  name: "acme_widgets_list",
  description: "Lists a project's widgets.",
  method: "GET",
  path: "/api/v4/projects/{project_id}/widgets",
  input: z.object({ project_id: z.string(), state: z.enum(["open", "closed"]).optional() }),
});
const widgetCreate = defineTool({
  name: "acme_widget_create",
  description: "Makes a widget.",
  method: "POST",
  path: "/api/v4/projects/{project_id}/widgets",
  input: z.object({ project_id: z.string(), title: z.string(), target_project_id: z.number().optional() }),
});

let emulator: GitLabEmulator;
let gitlab: GitLab;
beforeAll(async () => {
  emulator = await createGitLabEmulator();
  const connections = { gitlab: { baseUrl: emulator.baseUrl } };
  gitlab = createGitLab({ store: "memory:", connections, tools: [widgetsList, widgetCreate] });
  await gitlab.connectWithToken({
    identifier: "ada",
    token: emulator.tokens.create({ username: "ada", scopes: ["api"] }),
  });
});
afterAll(async () => {
  await gitlab.close();
  await emulator.close();
});

const refusal = (call: Promise<unknown>): Promise<GitLabToolError> =>
  call.then(
    () => {
      throw new Error("was not refused");
    },
    (error: unknown) => {
      if (error instanceof GitLabToolError) return error;
      throw error;
    },
  );

test("a tool of one's own is called as a function and by its name", async () => {
  const input = { project_id: "acme/app", state: "open" } as const;
  const typed = await widgetsList(gitlab.as("ada"), input, { dryRun: true });
  expect(typed.data.url).toBe(`${emulator.baseUrl}/api/v4/projects/acme%2Fapp/widgets?state=open`);
  const call = { identifier: "ada", toolName: "acme_widgets_list", toolInput: input, dryRun: true } as const;
  expect((await gitlab.executeTool(call)).data).toEqual(typed.data);
});

test("its input is checked before anything is sent", async () => {
  const before = emulator.requests.length;
  const toolInput = { project_id: "acme/app", stat: "open" };
  const error = await refusal(gitlab.executeTool({ identifier: "ada", toolName: "acme_widgets_list", toolInput }));
  expect(error).toMatchObject({ code: "invalid_input", details: { fields: [{ field: "stat", nearest: "state" }] } });
  expect(emulator.requests).toHaveLength(before);
});

test("what its schema asks of the whole input is asked, and a name that it lacks is refused whatever it says", async () => {
  const schema = z.looseObject({ project_id: z.string(), from: z.number(), to: z.number() });
  const between = defineTool({
    ...pick,
    name: "acme_between",
    input: schema.refine(({ from, to }) => from < to, "from below to"),
  });
  const account = gitlab.as("ada");
  expect(await refusal(between(account, { project_id: "a/b", from: 2, to: 1 }))).toMatchObject({
    details: { fields: [{ field: "input", message: "expected from below to" }] },
  });
  expect(await refusal(between(account, { project_id: "a/b", from: 1, to: 2, fro: 3 }))).toMatchObject({
    details: { fields: [{ field: "fro", nearest: "from" }] },
  });
  const { data } = await between(account, { project_id: "a/b", from: 1, to: 2 }, { dryRun: true });
  expect(data.url).toContain("from=1&to=2");
  const client = createGitLab({ store: "memory:", tools: [between] });
  const offered = createToolbox({ gitlab: client, identifier: "ada" }).definitions;
  const shown = offered.find(({ name }) => name === "acme_between")?.inputSchema;
  expect(shown).toMatchObject({ required: ["project_id", "from", "to"] });
  expect(shown?.["additionalProperties"]).toBeUndefined();
  await client.close();
});

test("what its schema says of what is left out is sent: defaults, also of what may be left out", async () => {
  const withDefaults = defineTool({
    ...pick,
    name: "acme_defaults",
    input: z.object({
      project_id: z.string(),
      state: z.string().default("open"),
      sort: z.string().default("asc").optional(),
      page: z.number().optional(),
    }),
  });
  const { data } = await withDefaults(gitlab.as("ada"), { project_id: "a/b" }, { dryRun: true });
  expect(data.url).toContain("?state=open&sort=asc");
  const given = { project_id: "a/b", state: "closed", page: 2 };
  const { data: partly } = await withDefaults(gitlab.as("ada"), given, { dryRun: true });
  expect(partly.url).toContain("?state=closed&sort=asc&page=2");
});

test("it is held to the same policies; what changes something is destructive until it is said otherwise", async () => {
  expect(widgetCreate.definition.access).toBe("destructive");
  const account = gitlab.as("ada", { policy: { access: "write" } });
  expect(await refusal(widgetCreate(account, { project_id: "acme/app", title: "x" }))).toMatchObject({
    code: "forbidden",
  });
  // A parameter that looks as if it led elsewhere is refused under an allow-list.
  const confined = gitlab.as("ada", { policy: { projects: ["acme/app"] } });
  const elsewhere = widgetCreate(confined, { project_id: "acme/app", title: "x", target_project_id: 3 });
  expect(await refusal(elsewhere)).toMatchObject({ code: "forbidden" });
});

test("a policy takes it away by name or glob wherever policies are given; what nobody has made is refused there", async () => {
  const call = { identifier: "ada", toolName: "acme_widget_create", dryRun: true } as const;
  const toolInput = { project_id: "acme/app", title: "x" };
  const read = { ...call, toolName: "acme_widgets_list", toolInput: { project_id: "acme/app" } } as const;
  for (const glob of ["!acme_widget_create", "!acme_*_create"]) {
    const policy = { tools: [glob] };
    const confined = createGitLab({
      ...{ store: "memory:", tools: [widgetsList, widgetCreate], policy },
      connections: { gitlab: { baseUrl: emulator.baseUrl } },
    });
    onTestFinished(() => confined.close());
    await confined.connectWithToken({
      identifier: "ada",
      token: emulator.tokens.create({ username: "ada", scopes: ["api"] }),
    });
    const forbidden = { code: "forbidden", details: { policy: "tools" } };
    expect(await refusal(confined.executeTool({ ...call, toolInput }))).toMatchObject(forbidden);
    expect((await confined.executeTool(read)).data).toMatchObject({ method: "GET" });
    expect(await refusal(gitlab.executeTool({ ...call, toolInput, policy }))).toMatchObject(forbidden);
    expect(await refusal(widgetCreate(gitlab.as("ada", { policy }), toolInput))).toMatchObject(forbidden);
    const toolbox = createToolbox({ gitlab, identifier: "ada", policy, select: { tools: ["acme_*"] } });
    expect(await toolbox.run("acme_widget_create", toolInput)).toMatchObject({ isError: true });
    const { token } = await gitlab.createSession({ identifier: "ada", policy });
    expect((await gitlab.verifySession(token))?.policy).toEqual(policy);
    expect(() => createMcpServer({ gitlab, identifier: "ada", policy })).not.toThrow();
  }

  const policy = { tools: ["!acme_widget_delete"] };
  const message = expect.stringContaining('there is no tool "acme_widget_delete" to take away') as string;
  const refused = { code: "invalid_input", message };
  const make = (): unknown => createGitLab({ store: "memory:", tools: [widgetsList], policy });
  expect(() => gitlab.as("ada", { policy: { tools: ["!acme_widget_list"] } })).toThrow(
    /did you mean !acme_widgets_list\?/,
  );
  for (const attempt of [
    make,
    () => gitlab.as("ada", { policy }),
    () => createToolbox({ gitlab, identifier: "ada", policy }),
    () => createMcpServer({ gitlab, identifier: "ada", policy }),
  ])
    expect(attempt).toThrow(expect.objectContaining(refused));
  expect(await refusal(gitlab.executeTool({ ...read, policy }))).toMatchObject(refused);
  expect(await refusal(gitlab.createSession({ identifier: "ada", policy }))).toMatchObject(refused);
  // Another client does not have it.
  const other = createGitLab({ store: "memory:" });
  onTestFinished(() => other.close());
  expect(() => other.as("ada", { policy })).toThrow(expect.objectContaining(refused));
  expect(() => other.as("ada", { policy: { tools: ["!acme_widget_create"] } })).toThrow(
    expect.objectContaining({ code: "invalid_input" }),
  );
});

test("names that GitLab's tools have, and tools twice, are refused", () => {
  const taken = defineTool({ ...pick, name: "gitlab_issues_list" });
  for (const tools of [[taken], [widgetsList, widgetsList]])
    expect(() => createGitLab({ store: "memory:", tools })).toThrow(GitLabToolError);
});

const pick = {
  description: "Something.",
  method: "GET",
  path: "/api/v4/projects/{project_id}/x",
  input: z.object({ project_id: z.string() }),
} as const;

test("a definition that cannot work is refused where it stands", () => {
  expect(() => defineTool({ ...pick, name: "Not snake" })).toThrow(/not snake_case/);
  expect(() => defineTool({ ...pick, name: "x", path: "/other" })).toThrow(/has to begin with/);
  expect(() => defineTool({ ...pick, name: "x", path: "/api/v4/x/{id}" })).toThrow(/lacks id/);
});

test("adapters offer it beside GitLab's tools, within the selection", async () => {
  const offered = (select?: Selection): string[] =>
    createToolbox({ gitlab, identifier: "ada", ...(select && { select }) })
      .definitions.map(({ name }) => name)
      .filter((name) => name.startsWith("acme_"));
  expect(offered()).toEqual(["acme_widget_create", "acme_widgets_list"]);
  expect(offered({ access: "read" })).toEqual(["acme_widgets_list"]);
  expect(offered({ tools: ["gitlab_issue*"] })).toEqual([]);
  expect(offered({ areas: ["own"] })).toHaveLength(2);
  const answer = await createToolbox({ gitlab, identifier: "ada" }).run("acme_widgets_list", {
    project_id: "acme/app",
  });
  // The emulator knows no widgets: the call went out.
  expect(answer).toMatchObject({ isError: true });
  expect(emulator.requests.at(-1)?.path).toContain("/widgets");
});

test("discovery finds and describes it", async () => {
  const toolbox = createToolbox({ gitlab, identifier: "ada", discovery: true });
  const found = await toolbox.run("gitlab_tools_find", { query: "which widgets are open" });
  expect(found.structured["tools"]).toContainEqual(expect.objectContaining({ name: "acme_widgets_list" }));
  const described = await toolbox.run("gitlab_tool_describe", { name: "acme_widgets_list" });
  expect(described.structured).toMatchObject({ inputSchema: { required: ["project_id"] } });
});

test("its name wins over one that was derived from GitLab's document", async () => {
  const derived = selectTools({ level: "all" }).find(({ level, access }) => level === "derived" && access === "read");
  const name = derived?.name ?? "";
  const mine = defineTool({ ...pick, name });
  const client = createGitLab({
    store: "memory:",
    connections: { gitlab: { baseUrl: emulator.baseUrl } },
    tools: [mine],
  });
  const token = emulator.tokens.create({ username: "ada", scopes: ["api"] });
  await client.connectWithToken({ identifier: "ada", token });
  const offered = createToolbox({ gitlab: client, identifier: "ada", select: { level: "all" } }).definitions;
  expect(offered.filter((tool) => tool.name === name)).toMatchObject([{ description: pick.description, area: "own" }]);
  const call = { identifier: "ada", toolName: name, toolInput: { project_id: "a/b" }, dryRun: true } as const;
  expect((await client.executeTool(call)).data).toMatchObject({ url: `${emulator.baseUrl}/api/v4/projects/a%2Fb/x` });
  await client.close();
});

test("a name that it had still leads to it, for calls, agents and policies, and its answer says so", async () => {
  const renamed = { ...widgetsList.definition, aliases: ["acme_gizmos_list"] };
  const mine = tool<{ project_id: string }, unknown>(renamed);
  const make = (tools: NonNullable<GitLabOptions["tools"]>): GitLab =>
    createGitLab({ store: "memory:", connections: { gitlab: { baseUrl: emulator.baseUrl } }, tools });
  const client = make([mine]);
  onTestFinished(() => client.close());
  const token = emulator.tokens.create({ username: "ada", scopes: ["api"] });
  await client.connectWithToken({ identifier: "ada", token });
  const call = { identifier: "ada", toolInput: { project_id: "acme/app" }, dryRun: true } as const;
  const [now, then] = [
    await client.executeTool({ ...call, toolName: "acme_widgets_list" }),
    await client.executeTool({ ...call, toolName: "acme_gizmos_list" }),
  ];
  const says = "acme_gizmos_list is called acme_widgets_list now: use that name.";
  expect(then).toEqual({ ...now, warnings: [says] });
  expect(now.warnings).toBeUndefined();
  const policy = { tools: ["gitlab_*"] };
  const taken = client.executeTool({ ...call, toolName: "acme_widgets_list", policy: { tools: ["acme_gizmos_list"] } });
  expect((await taken).data).toEqual(now.data);
  expect(await refusal(mine(client.as("ada", { policy }), call.toolInput))).toMatchObject({ code: "forbidden" });
  const { run } = createToolbox({ gitlab: client, identifier: "ada", select: { tools: ["acme_widgets_list"] } });
  expect((await run("acme_gizmos_list", {})).text).toContain("project_id");
  const discovery = createToolbox({ gitlab: client, identifier: "ada", discovery: true });
  const described = await discovery.run("gitlab_tool_describe", { name: "acme_gizmos_list" });
  expect(described.structured).toMatchObject({ name: "acme_widgets_list" });
  for (const aliases of [["gitlab_issue_get"], ["acme_widgets_list"]])
    expect(() => make([tool({ ...renamed, aliases })])).toThrow(/is a tool of GitLab's|stands there twice/);
});

test("a session is minted for it by its name", async () => {
  const select = { tools: ["acme_widgets_list"] };
  expect(await gitlab.createSession({ identifier: "ada", select })).toMatchObject({
    token: expect.any(String) as string,
  });
  const unknown = gitlab.createSession({ identifier: "ada", select: { tools: ["acme_gadgets_list"] } });
  expect(await refusal(unknown)).toMatchObject({ code: "unknown_tool" });
});
