import { AIMessage, ToolMessage, type BaseMessage } from "@langchain/core/messages";
import { fakeModel } from "@langchain/core/testing";
import type { GitLabEmulator } from "gitlab-agent-tools/testing";
import { getTools } from "gitlab-agent-tools/langchain";
import { serveMcp } from "gitlab-agent-tools/mcp";
import { fileGet, pipelineCreate } from "gitlab-agent-tools/tools";
import { createAgent } from "langchain";
import { describe, expect, onTestFinished, test } from "vitest";
import { httpClient, textOf } from "../mcp/clients.js";
import { stage } from "../support/people.js";

// What agents are asked every day, by a scripted model: it finds the tools, and goes by what they answer.

const project_id = "acme/shop";
const main = {
  ".gitlab-ci.yml": "unit: { script: [npm test] }\n",
  "src/main.ts": 'import { help } from "./hepler";\n\nhelp();\n',
};
const seed = {
  users: [{ username: "ada" }, { username: "ben" }],
  projects: [{ path: project_id, members: { ben: 30 }, branches: { main } }],
};

type Step = { readonly tool: string; readonly input: Readonly<Record<string, unknown>> } | { readonly say: string };

const find = (query: string): Step => ({ tool: "gitlab_tools_find", input: { query } });
const call = (name: string, input: object): Step => ({ tool: "gitlab_tool_call", input: { name, input } });

/** A model that does the next step by what the tools have answered so far. */
type Model = (answers: readonly string[]) => Step;

const fixMain =
  (emulator: GitLabEmulator): Model =>
  ([found, diagnosis, edits, refused, edited, opened, waited]) => {
    if (found === undefined) return find("why is main red");
    if (diagnosis === undefined) {
      expect(found).toContain("gitlab_pipeline_diagnose");
      return call("gitlab_pipeline_diagnose", { project_id });
    }
    const [, wrong = "", file = ""] = /Cannot find module '(.+?)' in (\S+?):/.exec(diagnosis) ?? [];
    if (edits === undefined) return find("fix a typo in a file");
    const edit = { project_id, file_path: file, branch: "main", old_text: wrong, new_text: "./helper" };
    if (refused === undefined) {
      expect(edits).toContain("gitlab_file_edit");
      return call("gitlab_file_edit", edit);
    }
    // The branch is protected; the refusal names the one to open in its place.
    const [, branch = "", start_branch = ""] =
      /\\"branch\\": \\"(.+?)\\", \\"start_branch\\": \\"(.+?)\\"/.exec(refused) ?? [];
    if (edited === undefined) return call("gitlab_file_edit", { ...edit, branch, start_branch });
    if (opened === undefined)
      return call("gitlab_merge_request_create", {
        ...{ project_id, source_branch: branch, target_branch: "main", title: "Fix the import of helper" },
      });
    const iid = Number(/"iid":(\d+)/.exec(opened)?.[1]);
    if (waited === undefined) {
      emulator.runPipeline(emulator.state.planning.pipelines.at(-1)?.id ?? 0);
      return call("gitlab_pipeline_wait", { project_id, ref: branch });
    }
    return { say: `${file} imported ${wrong}; !${iid} mends it: ${/"status":"(\w+)"/.exec(waited)?.[1]}` };
  };

const today: Model = ([found, work]) => {
  if (found === undefined) return find("what should I do today");
  expect(found).toContain("gitlab_my_work_list");
  if (work === undefined) return call("gitlab_my_work_list", {});
  return { say: `${/"summary":"(.+?)"/.exec(work)?.[1]} ${work.match(/"web_url":"[^"]+"/g)?.join(" ") ?? ""}` };
};

/** Main is red for a typo in an import, and ben may not push to it. */
async function scene() {
  const staged = await stage({ seed });
  const ben = await staged.as("ben");
  const { emulator } = staged;
  const { data } = await pipelineCreate(await staged.as("ada"), { project_id, ref: "main" });
  emulator.runPipeline(data.id, {
    outcomes: { unit: "failed" },
    jobs: { unit: { output: ["\u001b[31mError\u001b[0m: Cannot find module './hepler' in src/main.ts:1"] } },
  });
  return { ...staged, ben };
}

type Scene = Awaited<ReturnType<typeof scene>>;

async function withLangChain({ gitlab, ben }: Scene, model: Model, request: string): Promise<string> {
  const respond = (messages: BaseMessage[]): AIMessage => {
    const answers = messages.filter((message) => ToolMessage.isInstance(message)).map(({ text }) => text);
    const step = model(answers);
    if ("say" in step) return new AIMessage(step.say);
    return new AIMessage({
      content: "",
      tool_calls: [{ id: `call_${answers.length}`, name: step.tool, args: step.input }],
    });
  };
  const scripted = fakeModel();
  for (let step = 0; step < 10; step += 1) scripted.respond(respond);
  const agent = createAgent({
    model: scripted,
    tools: getTools({ gitlab, identifier: ben.identifier, discovery: true }),
  });
  const { messages } = await agent.invoke({ messages: [{ role: "user", content: request }] });
  return messages.at(-1)?.text ?? "";
}

async function withMcp({ gitlab, ben }: Scene, model: Model): Promise<string> {
  const server = await serveMcp({ gitlab, discovery: true });
  onTestFinished(() => server.close({ graceMs: 0 }));
  const { token } = await gitlab.createSession({ identifier: ben.identifier });
  const client = await httpClient(server.url, token);
  const answers: string[] = [];
  for (;;) {
    const step = model(answers);
    if ("say" in step) return step.say;
    answers.push(textOf(await client.callTool({ name: step.tool, arguments: step.input })));
  }
}

describe.each([
  ["LangChain", withLangChain],
  ["MCP", withMcp],
] as const)("with %s", (_, ask) => {
  test("why is main red, and fix the typo that broke it; then: what should I do today", async () => {
    const scenery = await scene();
    const { ben, emulator } = scenery;
    const said = await ask(scenery, fixMain(emulator), "Why is main red? Fix the typo that broke it.");
    expect(said).toMatch(/^src\/main.ts imported .\/hepler; !1 mends it: success$/);
    const [item] = emulator.state.planning.mergeRequests;
    const { data } = await fileGet(ben, { project_id, file_path: "src/main.ts", ref: item?.sourceBranch ?? "" });
    expect(data.content).toBe(main["src/main.ts"].replace("hepler", "helper"));
    const plate = await ask(scenery, today, "What should I do today?");
    expect(plate).toContain("1 own merge requests (1 wait for you");
    expect(plate).toContain("/acme/shop/-/merge_requests/1");
  });
});
