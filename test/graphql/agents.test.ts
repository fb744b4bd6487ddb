import { AIMessage, ToolMessage, type BaseMessage } from "@langchain/core/messages";
import { fakeModel } from "@langchain/core/testing";
import { createGitLab, type GitLab } from "gitlab-agent-tools";
import { getTools } from "gitlab-agent-tools/langchain";
import { serveMcp } from "gitlab-agent-tools/mcp";
import { createGitLabEmulator, type GitLabEmulator } from "gitlab-agent-tools/testing";
import { workItemGet } from "gitlab-agent-tools/tools";
import { createAgent } from "langchain";
import { afterAll, beforeAll, expect, test } from "vitest";
import { httpClient, textOf } from "../mcp/clients.js";

let emulator: GitLabEmulator;
let gitlab: GitLab;

beforeAll(async () => {
  emulator = await createGitLabEmulator({ plan: "ultimate" });
  gitlab = createGitLab({ store: "memory:", connections: { gitlab: { baseUrl: emulator.baseUrl } } });
  const token = emulator.tokens.create({ username: "ada", scopes: ["api"] });
  await gitlab.connectWithToken({ identifier: "ada", token });
});

afterAll(async () => {
  await gitlab.close();
  await emulator.close();
});

const select = { areas: ["work-items", "work-item-notes"], level: "extended" as const };
const referenceIn = (text: string): string => /acme\/app#\d+/.exec(text)?.[0] ?? "";

/** "File a task below the deployment bug, for Ben, and say there that it is on its way." */
const script: readonly ((answers: readonly string[]) => { name: string; args: Record<string, unknown> } | string)[] = [
  () => ({ name: "gitlab_work_items_list", args: { project_id: "acme/app", search: "staging", state: "opened" } }),
  ([list = ""]) => ({
    name: "gitlab_work_item_create",
    args: {
      project_id: "acme/app",
      type: "task",
      title: "Find the cause",
      parent: referenceIn(list),
      assignees: "ben",
    },
  }),
  ([list = ""]) => ({
    name: "gitlab_work_item_note_create",
    args: { work_item: referenceIn(list), body: "A task is on its way." },
  }),
  ([list = ""]) => ({ name: "gitlab_work_item_children_list", args: { work_item: referenceIn(list) } }),
  (answers) => `Done: ${referenceIn(answers[1] ?? "")}`,
];

test("LangChain: a scripted model files a task below a bug", async () => {
  const respond = (messages: BaseMessage[]): AIMessage => {
    const answers = messages.filter((message) => ToolMessage.isInstance(message)).map(({ text }) => text);
    const step = script[answers.length]?.(answers) ?? "";
    if (typeof step === "string") return new AIMessage(step);
    return new AIMessage({ content: "", tool_calls: [{ id: `call_${answers.length}`, ...step }] });
  };
  const model = script.reduce((made) => made.respond(respond), fakeModel());
  const agent = createAgent({ model, tools: getTools({ gitlab, identifier: "ada", select }) });
  const { messages } = await agent.invoke({ messages: [{ role: "user", content: "File a task below the bug." }] });
  const said = messages.at(-1)?.text ?? "";
  const { data } = await workItemGet(gitlab.as("ada"), { work_item: referenceIn(said) }, { view: "compact" });
  expect(data).toMatchObject({ work_item_type: "Task", assignees: ["ben"], title: "Find the cause" });
  const listed = messages.filter((message) => ToolMessage.isInstance(message)).at(-1)?.text ?? "";
  expect(listed).toContain("Find the cause");
});

test("MCP: the same tools, found, called and paged by cursor", async () => {
  const { token } = await gitlab.createSession({ identifier: "ada" });
  const server = await serveMcp({ gitlab, select });
  try {
    const client = await httpClient(server.url, token);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toContain("gitlab_work_item_update");
    const call = async (name: string, args: Record<string, unknown>): Promise<string> =>
      textOf(await client.callTool({ name, arguments: args }));
    const first = await call("gitlab_work_items_list", { project_id: "acme/app", first: 2 });
    const [, after = ""] = /more: "after": "([^"]+)"/.exec(first) ?? [];
    expect(after).not.toBe("");
    expect(await call("gitlab_work_items_list", { project_id: "acme/app", first: 2, after })).not.toBe(first);
    const made = await call("gitlab_work_item_create", { project_id: "acme/app", title: "By MCP", labels: ["bug"] });
    await call("gitlab_work_item_update", { work_item: referenceIn(made), state_event: "close" });
    expect(await call("gitlab_work_item_get", { work_item: referenceIn(made) })).toContain('"state":"CLOSED"');
    const wrong = await call("gitlab_work_item_get", { work_item: "acme/app#99999" });
    expect(wrong).toContain("gitlab_work_items_list");
  } finally {
    await server.close({ graceMs: 0 });
  }
});
