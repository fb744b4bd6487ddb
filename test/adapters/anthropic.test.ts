import Anthropic from "@anthropic-ai/sdk";
import type { MessageParam } from "@anthropic-ai/sdk/resources/messages";
import { getTools } from "gitlab-agent-tools/anthropic";
import { expect, test } from "vitest";
import { emulated } from "../support/emulated.js";
import { json, serve } from "../support/server.js";
import { expectSummary, nextStep, request } from "./p1-summary.js";

interface Body {
  readonly messages: readonly {
    readonly content: string | readonly { readonly type: string; readonly content?: string }[];
  }[];
}

/** Anthropic's API with a model that does the script's next step. */
async function anthropic(): Promise<Anthropic> {
  const server = await serve(({ body }, answer) => {
    const { messages } = JSON.parse(body) as Body;
    const answers = messages.flatMap(({ content }) =>
      typeof content === "string"
        ? []
        : content.flatMap((block) => (block.type === "tool_result" && block.content ? [block.content] : [])),
    );
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
