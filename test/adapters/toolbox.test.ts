import { GitLabToolError } from "gitlab-agent-tools";
import { createToolbox, type ToolboxCall, type ToolboxOptions } from "gitlab-agent-tools/toolbox";
import { fileCreate, fileGet } from "gitlab-agent-tools/tools";
import { beforeAll, describe, expect, test } from "vitest";
import { toAnthropic, toGemini, toMcp, toOpenAi } from "../../src/adapters/definitions.js";
import { selectTools } from "../../src/tools/select.js";
import type { ToolDefinition } from "../../src/definition/definition.js";
import { startEmulated, type Emulated } from "../support/emulated.js";

const project_id = "acme/app";
const ada = { identifier: "user_ada" };
let emulator: Emulated["emulator"];
let gitlab: Emulated["gitlab"];
beforeAll(async () => {
  const started = await startEmulated();
  ({ emulator, gitlab } = started);
  return () => started.close();
});

/** A PNG of one pixel. */
const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

describe("definitions", () => {
  test("say what a model and its person need to know", () => {
    const { definitions } = createToolbox({ gitlab, ...ada });
    const byName = new Map(definitions.map((definition) => [definition.name, definition]));
    expect(byName.get("gitlab_issues_list")).toMatchObject({
      title: expect.any(String) as string,
      description: expect.any(String) as string,
      inputSchema: { type: "object", required: ["project_id"] },
      access: "read",
    });
    expect(byName.get("gitlab_issues_list")).not.toHaveProperty("outputSchema");
    expect(byName.get("gitlab_issues_list")).not.toHaveProperty("confirm");
    expect(byName.get("gitlab_issue_delete")).toMatchObject({ access: "destructive", confirm: true });
  });

  test("carry output schemas where they are wanted", () => {
    const select = { tools: ["gitlab_issue_get"] };
    const [definition] = createToolbox({ gitlab, ...ada, select, outputSchema: true }).definitions;
    expect(definition?.outputSchema).toMatchObject({ type: "object", properties: { iid: { type: "integer" } } });
  });

  test("ask a person before what the toolbox was told", () => {
    const asked = (confirm: "destructive" | "writes" | "never"): string[] =>
      createToolbox({ gitlab, ...ada, confirm }).definitions.flatMap(({ name, confirm }) => (confirm ? [name] : []));
    const those = (asks: (tool: ToolDefinition) => boolean): string[] =>
      selectTools().flatMap((tool) => (asks(tool) ? [tool.name] : []));
    const ships = those(({ confirm }) => confirm === "ships");
    expect(ships).toContain("gitlab_merge_request_merge");
    expect(asked("destructive")).toEqual(those((tool) => tool.access === "destructive" || tool.confirm === "ships"));
    expect(asked("writes")).toEqual(those(({ access }) => access !== "read"));
    expect(asked("never")).toEqual([]);
  });

  test("are projected for each provider like those of the registry", () => {
    // With a folder, so that the tools that write files show where to.
    const { definitions } = createToolbox({ gitlab, ...ada, policy: { downloads: "/srv/files" } });
    for (const project of [toMcp, toOpenAi, toAnthropic, toGemini])
      expect(definitions.map((definition) => project(definition))).toEqual(selectTools().map((tool) => project(tool)));
  });

  test("are shown as their owner words them, by discovery too", async () => {
    const select = { tools: ["gitlab_issue_create"] };
    const schema: ToolboxOptions["schema"] = ({ description, inputSchema }) => {
      const { description: _, ...properties } = inputSchema.properties ?? {};
      return { description: `${description} Ask for a title first.`, inputSchema: { ...inputSchema, properties } };
    };
    const [definition] = createToolbox({ gitlab, ...ada, select, schema }).definitions;
    expect(definition?.description).toMatch(/ Ask for a title first\.$/);
    expect(Object.keys(definition?.inputSchema.properties ?? {})).not.toContain("description");
    const discovery = createToolbox({ gitlab, ...ada, select, schema, discovery: true });
    const described = await discovery.run("gitlab_tool_describe", { name: "gitlab_issue_create" });
    expect(described.text).toContain("Ask for a title first.");
  });
});

describe("a person is asked", () => {
  test("by the tool that discovery calls, not by all that it could call", () => {
    const { needsConfirmation } = createToolbox({ gitlab, ...ada, discovery: true });
    const asked = (name: unknown) => needsConfirmation("gitlab_tool_call", { name, input: {} });
    expect([asked("gitlab_issues_list"), asked("gitlab_issue_delete"), asked(7)]).toEqual([false, true, false]);
    expect(needsConfirmation("gitlab_tool_call", JSON.stringify({ name: "gitlab_issue_delete" }))).toBe(true);
    expect(needsConfirmation("gitlab_tools_find", { query: "delete" })).toBe(false);
  });
});

describe("before a call", () => {
  test("its input may be replaced", async () => {
    const calls: ToolboxCall[] = [];
    const { run } = createToolbox({
      gitlab,
      ...ada,
      before(call) {
        calls.push(call);
        return { input: { ...call.input, project_id } };
      },
    });
    const answer = await run("gitlab_issue_get", '{"issue_iid": 3}');
    expect(answer).toMatchObject({ isError: false, structured: { iid: 3 } });
    expect(calls).toEqual([{ ...ada, toolName: "gitlab_issue_get", access: "read", input: { issue_iid: 3 } }]);
  });

  test.each([false, true])("it may be refused, and nothing is sent (discovery: %s)", async (discovery) => {
    const before = emulator.requests.length;
    const { run } = createToolbox({
      gitlab,
      ...ada,
      discovery,
      before: ({ access }) =>
        Promise.resolve(access === "destructive" ? { refuse: "Not from this chat.", hint: "Ask Ben." } : undefined),
    });
    const name = "gitlab_issue_delete";
    const input = { project_id, issue_iid: 3 };
    const answer = discovery ? await run("gitlab_tool_call", { name, input }) : await run(name, input);
    expect(answer).toMatchObject({
      isError: true,
      structured: { code: "forbidden", message: "Not from this chat.", hint: "Ask Ben.", toolName: name },
    });
    expect(emulator.requests).toHaveLength(before);
  });

  test("a failure of whoever is asked refuses it, and tells nothing", async () => {
    const before = emulator.requests.length;
    const { run } = createToolbox({ gitlab, ...ada, before: () => Promise.reject(new Error("secret detail")) });
    const answer = await run("gitlab_issue_delete", { project_id, issue_iid: 3 });
    expect(answer).toMatchObject({ isError: true, structured: { code: "internal" } });
    expect(answer.text).not.toContain("secret detail");
    expect(emulator.requests).toHaveLength(before);
  });
});

describe("after a call", () => {
  test("its data may be replaced before the model reads it", async () => {
    const { run } = createToolbox({
      gitlab,
      ...ada,
      after: ({ result }) => ({ data: { ...(result.data as object), title: "[kept back]" } }),
    });
    const { text, structured } = await run("gitlab_issue_get", { project_id, issue_iid: 3 });
    expect(structured).toMatchObject({ iid: 3, title: "[kept back]" });
    expect(text).toContain("[kept back]");
  });

  test("it may be kept back altogether", async () => {
    const { run } = createToolbox({ gitlab, ...ada, after: () => ({ refuse: "This holds a secret." }) });
    const answer = await run("gitlab_issue_get", { project_id, issue_iid: 3 });
    expect(answer).toMatchObject({ isError: true, structured: { code: "forbidden", message: "This holds a secret." } });
    expect(answer.structured).not.toHaveProperty("iid");
  });
});

test("what GitLab ignores of the input is told before the data", async () => {
  const { run } = createToolbox({ gitlab, ...ada });
  const answer = await run("gitlab_issue_create", { project_id, title: "For nobody", assignee_ids: [987_654] });
  expect(answer.isError).toBe(false);
  expect(answer.structured["warnings"]).toEqual([expect.stringContaining("987654")]);
  expect(answer.text).toMatch(/^\[[^\n]*987654/);
});

describe("images of a repository", () => {
  const file = { project_id, branch: "main", commit_message: "Add a file", encoding: "base64" } as const;
  const bytes = Buffer.from(png, "base64").length;

  test("come beside the text, up to a limit", async () => {
    await fileCreate(gitlab.as("user_ada"), { ...file, file_path: "docs/dot.png", content: png });
    const input = { project_id, file_path: "docs/dot.png", ref: "main" };
    const run = async (maxImageBytes?: number) =>
      await createToolbox({ gitlab, ...ada, ...(maxImageBytes !== undefined && { maxImageBytes }) }).run(
        "gitlab_file_get",
        input,
      );
    const answer = await run();
    expect(answer.images).toEqual([{ mimeType: "image/png", data: png }]);
    expect(answer.text).toContain("[The image is shown beside this text]");
    expect(answer.text).not.toContain(png.slice(0, 40));
    expect((await run(bytes)).images).toHaveLength(1);
    for (const limit of [bytes - 3, 0]) {
      const none = await run(limit);
      expect(none.images).toEqual([]);
      expect(none.text).toContain("[A binary file; its content is not shown]");
    }
  });

  test("are known by their bytes, not by their name", async () => {
    const content = Buffer.from([0, 1, 2, 255, 254, 253]).toString("base64");
    await fileCreate(gitlab.as("user_ada"), { ...file, file_path: "docs/fake.png", content });
    const input = { project_id, file_path: "docs/fake.png", ref: "main" };
    const { data } = await fileGet(gitlab.as("user_ada"), input);
    expect(data.encoding).toBe("base64");
    expect((await createToolbox({ gitlab, ...ada }).run("gitlab_file_get", input)).images).toEqual([]);
  });
});

describe("options", () => {
  test.each([
    ["an unknown one", { identifer: "user_ada", ...ada }, "identifer"],
    ["another person's, left undefined", { identifier: undefined }, "identifier"],
    ["a connection left undefined", { ...ada, connectionName: undefined }, "connectionName"],
    ["a policy left undefined", { ...ada, policy: undefined }, "policy"],
    ["a selection left undefined", { ...ada, select: undefined }, "select"],
    [
      "a policy's projects left undefined",
      { ...ada, policy: { access: "read", projects: undefined } },
      "policy.projects",
    ],
    ["a selection's access left undefined", { ...ada, select: { access: undefined } }, "access"],
    ["a link's scopes left undefined", { ...ada, authorization: { scopes: undefined } }, "authorization.scopes"],
    ["a check left undefined", { ...ada, before: undefined }, "before"],
    ["a word that does not exist", { ...ada, confirm: "always" }, "confirm"],
  ])("%s: refused", (_, options, field) => {
    const create = (): unknown => createToolbox({ gitlab, ...options } as ToolboxOptions);
    expect(create).toThrow(GitLabToolError);
    expect(create).toThrow(new RegExp(`\\b${field}: `));
  });
});
