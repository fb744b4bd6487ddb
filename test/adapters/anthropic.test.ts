import Anthropic from "@anthropic-ai/sdk";
import type { MessageCreateParams, MessageParam, ToolResultBlockParam } from "@anthropic-ai/sdk/resources/messages";
import { getTools } from "gitlab-agent-tools/anthropic";
import { Ajv } from "ajv";
import { fileCreate } from "gitlab-agent-tools/tools";
import { expect, test } from "vitest";
import { selectTools } from "../../src/tools/select.js";
import { validate } from "../../src/tools/validate.js";
import { emulated } from "../support/emulated.js";
import { json, serve } from "../support/server.js";
import { expectSummary, nextStep, request } from "./p1-summary.js";

interface Block {
  readonly type: string;
  readonly tool_use_id?: string;
  readonly content?: string;
}

interface Body {
  readonly messages: readonly { readonly content: string | readonly Block[] }[];
}

/** Anthropic's API with a model that does the script's next step. */
async function anthropic(): Promise<Anthropic> {
  // The tool runner sends only what is new since its last request.
  const answered = new Map<string, string>();
  const server = await serve(({ body }, answer) => {
    const { messages } = JSON.parse(body) as Body;
    for (const { content } of messages)
      for (const block of typeof content === "string" ? [] : content)
        if (block.type === "tool_result" && block.content) answered.set(block.tool_use_id ?? "", block.content);
    const answers = [...answered.values()];
    const step = nextStep(answers);
    const content =
      "say" in step
        ? { type: "text", text: step.say }
        : { type: "tool_use", id: `use_${answers.length}`, name: step.tool, input: step.input };
    json(answer, {
      id: "msg",
      type: "message",
      role: "assistant",
      model: "scripted",
      content: [content],
      stop_reason: content.type === "text" ? "end_turn" : "tool_use",
      usage: { input_tokens: 1, output_tokens: 1 },
    });
  });
  return new Anthropic({ apiKey: "none", baseURL: server.baseUrl, maxRetries: 0 });
}

test("an agent summarises the open P1 bugs", async () => {
  const { emulator, gitlab } = await emulated();
  const client = await anthropic();
  const { tools, runToolUse } = getTools({ gitlab, identifier: "user_ada", select: { areas: ["issues"] } });
  const messages: MessageParam[] = [{ role: "user", content: request }];
  for (;;) {
    const { content } = await client.messages.create({ model: "scripted", max_tokens: 1000, messages, tools });
    const uses = content.filter((block) => block.type === "tool_use");
    if (uses.length === 0) {
      await expectSummary(gitlab, emulator, content.map((block) => (block.type === "text" ? block.text : "")).join(""));
      break;
    }
    messages.push({ role: "assistant", content });
    messages.push({ role: "user", content: await Promise.all(uses.map((use) => runToolUse(use))) });
  }
});

test("errors are marked as such", async () => {
  const { gitlab } = await emulated();
  const { runToolUse } = getTools({ gitlab, identifier: "user_ada" });
  const block = await runToolUse({
    type: "tool_use",
    id: "1",
    name: "gitlab_issue_get",
    input: { project_id: "acme/app" },
  });
  expect(block).toMatchObject({ type: "tool_result", tool_use_id: "1", is_error: true });
  expect(JSON.parse(typeof block.content === "string" ? block.content : "")).toMatchObject({ code: "invalid_input" });
});

test("the tool runner of the SDK runs the same tools, and flags what goes wrong", async () => {
  const { emulator, gitlab } = await emulated();
  const client = await anthropic();
  const { runnable } = getTools({ gitlab, identifier: "user_ada", select: { areas: ["issues"] } });
  const message = await client.beta.messages.toolRunner({
    model: "scripted",
    max_tokens: 1000,
    messages: [{ role: "user", content: request }],
    tools: runnable,
  });
  await expectSummary(
    gitlab,
    emulator,
    message.content.map((block) => (block.type === "text" ? block.text : "")).join(""),
  );
  const get = runnable.find(({ name }) => name === "gitlab_issue_get");
  await expect(get?.run({ project_id: "acme/app", issue_iid: 4711 })).rejects.toThrow(/"code":"not_found"/);
});

test("what is deferred is found by Anthropic's tool search, and what only reads may be called by code", async () => {
  const { gitlab } = await emulated();
  const select = { tools: ["gitlab_issue_get", "gitlab_issue_update"] };
  const { tools } = getTools({ gitlab, identifier: "user_ada", select, deferLoading: true, codeExecution: true });
  const sent: MessageCreateParams["tools"] = tools;
  expect(sent).toMatchObject([
    { type: "tool_search_tool_bm25_20251119" },
    { name: "gitlab_issue_get", defer_loading: true, allowed_callers: ["direct", "code_execution_20250825"] },
    { name: "gitlab_issue_update", defer_loading: true },
  ]);
  expect(tools[2]).not.toHaveProperty("allowed_callers");
});

test("code of the version that is among the tools may call what only reads; what is no such tool is refused", async () => {
  const { gitlab } = await emulated();
  const options = { gitlab, identifier: "user_ada", select: { tools: ["gitlab_issue_get"] } };
  const { tools, runnable } = getTools({ ...options, codeExecution: "code_execution_20260120" });
  const sent: MessageCreateParams["tools"] = [{ type: "code_execution_20260120", name: "code_execution" }, ...tools];
  expect(sent[1]).toMatchObject({ allowed_callers: ["direct", "code_execution_20260120"] });
  expect(runnable[0]).toMatchObject({ allowed_callers: ["direct", "code_execution_20260120"] });
  const first: ("direct" | "code_execution_20250825")[] | undefined = getTools(options).tools[0]?.allowed_callers;
  expect(first).toBeUndefined();
  for (const wrong of ["code_execution", "direct", "bash_20250124", 1, {}])
    expect(() => Reflect.apply(getTools, undefined, [{ ...options, codeExecution: wrong }]) as unknown).toThrow(
      expect.objectContaining({ code: "invalid_input" }),
    );
});

/** A model that searches, calls the first tool that its search has loaded, and says what came of it. */
async function searchingAnthropic(input: object): Promise<Anthropic> {
  // The tool runner sends only what is new since its last request.
  const answered = new Map<string, ToolResultBlockParam>();
  const offered = new Set<string>();
  const server = await serve(({ body }, answer) => {
    const { messages, tools = [] } = JSON.parse(body) as MessageCreateParams;
    for (const tool of tools) if ("name" in tool) offered.add(tool.name);
    for (const { content } of messages)
      for (const block of typeof content === "string" ? [] : content)
        if (block.type === "tool_result") answered.set(block.tool_use_id, block);
    const [found, called] = answered.values();
    const [reference] = Array.isArray(found?.content) ? found.content : [];
    const loaded = reference?.type === "tool_reference" ? reference.tool_name : undefined;
    // The API refuses a reference to a tool that was not sent, and takes deferred ones only.
    if (loaded !== undefined && !offered.has(loaded)) return json(answer, { type: "error" }, 400);
    const use = (name: string, input: object) => ({ type: "tool_use", id: name, name, input });
    const content = called
      ? { type: "text", text: called.content }
      : loaded === undefined
        ? use("gitlab_tools_find", { query: "show me one bug" })
        : use(loaded, input);
    const stop_reason = called ? "end_turn" : "tool_use";
    const usage = { input_tokens: 1, output_tokens: 1 };
    const message = { id: "m", type: "message", role: "assistant", model: "m", content: [content], stop_reason, usage };
    return json(answer, message);
  });
  return new Anthropic({ apiKey: "none", baseURL: server.baseUrl, maxRetries: 0 });
}

test("our own search loads what is deferred by references, in a loop of one's own and in the tool runner", async () => {
  const { gitlab } = await emulated();
  const input = { project_id: "acme/app", issue_iid: 3 };
  const [client, other] = [await searchingAnthropic(input), await searchingAnthropic(input)];
  const { tools, runnable, runToolUse } = getTools({ gitlab, identifier: "user_ada", ownSearch: true });
  const [find, ...deferred] = tools;
  expect(find).not.toHaveProperty("defer_loading");
  expect(deferred.every((tool) => tool.defer_loading)).toBe(true);
  const messages: MessageParam[] = [{ role: "user", content: "Show me bug 3." }];
  let said = "";
  while (said === "") {
    const { content } = await client.messages.create({ model: "m", max_tokens: 100, messages, tools });
    const uses = content.filter((block) => block.type === "tool_use");
    said = content.map((block) => (block.type === "text" ? block.text : "")).join("");
    messages.push({ role: "assistant", content });
    messages.push({ role: "user", content: await Promise.all(uses.map((use) => runToolUse(use))) });
  }
  expect(said).toContain('"iid":3');
  const runner = other.beta.messages.toolRunner({
    ...{ model: "m", max_tokens: 100, tools: runnable },
    messages: [{ role: "user", content: "Show me bug 3." }],
  });
  expect((await runner).content).toMatchObject([{ type: "text", text: said }]);

  const nothing = await runToolUse({ type: "tool_use", id: "1", name: "gitlab_tools_find", input: { query: "" } });
  expect(nothing.content).toMatch(/^No tool is about that/);
  expect(() => getTools({ gitlab, identifier: "user_ada", ownSearch: true, discovery: true })).toThrow(
    /Choose one|two/,
  );
});

test("each definition has an example that its schema and the tool take, where that is wanted", async () => {
  const { gitlab } = await emulated();
  const { tools } = getTools({
    ...{ gitlab, identifier: "user_ada", inputExamples: true },
    select: { level: "extended" },
  });
  const sent: MessageCreateParams["tools"] = tools;
  expect(sent).toHaveLength(tools.length);
  const ajv = new Ajv({ strict: false, validateFormats: false, code: { optimize: false } });
  const rows = new Map(selectTools({ level: "extended" }).map((row) => [row.name, row]));
  for (const { name, input_schema, input_examples: [example] = [] } of tools) {
    expect(ajv.validate(input_schema, example), `${name} ${ajv.errorsText()}`).toBe(true);
    const row = rows.get(name);
    expect(row && (() => validate(row, example)), name).not.toThrow();
  }
  expect(getTools({ gitlab, identifier: "user_ada" }).tools[0]).not.toHaveProperty("input_examples");
});

test("images are shown as images", async () => {
  const { gitlab } = await emulated();
  const content = Buffer.from("GIF89a\xff\xfe\xfd\0\0", "latin1").toString("base64");
  const file = { project_id: "acme/app", file_path: "docs/dot.gif" };
  await fileCreate(gitlab.as("user_ada"), {
    ...file,
    branch: "main",
    commit_message: "x",
    encoding: "base64",
    content,
  });
  const { runToolUse } = getTools({ gitlab, identifier: "user_ada" });
  const use = { type: "tool_use", id: "1", name: "gitlab_file_get", input: { ...file, ref: "main" } } as const;
  const block: ToolResultBlockParam = await runToolUse(use);
  expect(block.content).toMatchObject([
    { type: "text" },
    { type: "image", source: { type: "base64", media_type: "image/gif", data: content } },
  ]);
});
