import Anthropic from "@anthropic-ai/sdk";
import type { MessageCreateParams, MessageParam, ToolResultBlockParam } from "@anthropic-ai/sdk/resources/messages";
import { getTools } from "gitlab-agent-tools/anthropic";
import { fileCreate } from "gitlab-agent-tools/tools";
import { expect, test } from "vitest";
import { emulated } from "../support/emulated.js";
import { json, serve } from "../support/server.js";
import { expectSummary, nextStep, request } from "./p1-summary.js";

interface Body {
  readonly messages: readonly {
    readonly content:
      string | readonly { readonly type: string; readonly tool_use_id?: string; readonly content?: string }[];
  }[];
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
