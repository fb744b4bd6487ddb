import { generateText, stepCountIs } from "ai";
import { MockLanguageModelV3 } from "ai/test";
import { getTools } from "gitlab-agent-tools/ai-sdk";
import { expect, test } from "vitest";
import * as z from "zod/mini";
import { emulated } from "../support/emulated.js";
import { expectSummary, nextStep, request } from "./p1-summary.js";

const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 1, text: 1, reasoning: 0 },
};

/** A model that does the script's next step. */
const model = new MockLanguageModelV3({
  doGenerate: ({ prompt }) => {
    const answers = prompt.flatMap(({ role, content }) =>
      role === "tool"
        ? content.flatMap((part) =>
            part.type === "tool-result" && (part.output.type === "text" || part.output.type === "error-text")
              ? [part.output.value]
              : [],
          )
        : [],
    );
    const step = nextStep(answers);
    return Promise.resolve({
      usage,
      warnings: [],
      ...("say" in step
        ? { content: [{ type: "text", text: step.say }], finishReason: { unified: "stop", raw: undefined } }
        : {
            content: [
              {
                type: "tool-call",
                toolCallId: `call_${answers.length}`,
                toolName: step.tool,
                input: JSON.stringify(step.input),
              },
            ],
            finishReason: { unified: "tool-calls", raw: undefined },
          }),
    });
  },
});

test("an agent summarises the open P1 bugs", async () => {
  const { emulator, gitlab } = await emulated();
  const tools = getTools({ gitlab, identifier: "user_ada", select: { areas: ["issues"] } });
  const { text } = await generateText({ model, prompt: request, tools, stopWhen: stepCountIs(5) });
  await expectSummary(gitlab, emulator, text);
});

test("what goes wrong is an answer", async () => {
  const { gitlab } = await emulated();
  const tools = getTools({ gitlab, identifier: "user_ada" });
  const context = { toolCallId: "1", messages: [] };
  const text = await tools["gitlab_issue_get"]?.execute?.({ project_id: "acme/app", issue_iid: 4711 }, context);
  expect(JSON.parse(z.string().parse(text))).toMatchObject({ code: "not_found" });
  const abortSignal = AbortSignal.abort();
  const aborted = await tools["gitlab_issue_get"]?.execute?.(
    { project_id: "acme/app", issue_iid: 1 },
    { ...context, abortSignal },
  );
  expect(JSON.parse(z.string().parse(aborted))).toMatchObject({ code: "aborted" });
});

/** A model that makes one call, and then says how the answer came to it. */
function caller(toolName: string, input: unknown): MockLanguageModelV3 {
  return new MockLanguageModelV3({
    doGenerate: ({ prompt }) => {
      const outputs = prompt.flatMap(({ role, content }) =>
        role === "tool" ? content.flatMap((part) => (part.type === "tool-result" ? [part.output.type] : [])) : [],
      );
      const [output] = outputs;
      return Promise.resolve({
        usage,
        warnings: [],
        ...(output
          ? { content: [{ type: "text", text: output }], finishReason: { unified: "stop", raw: undefined } }
          : {
              content: [{ type: "tool-call", toolCallId: "call_1", toolName, input: JSON.stringify(input) }],
              finishReason: { unified: "tool-calls", raw: undefined },
            }),
      });
    },
  });
}

test.each([
  ["an error", { project_id: "acme/app", issue_iid: 4711 }, "error-text"],
  ["an issue", { project_id: "acme/app", issue_iid: 3 }, "text"],
])("%s reaches the model with the flag that says which it is", async (_, input, type) => {
  const { gitlab } = await emulated();
  const model = caller("gitlab_issue_get", input);
  const tools = getTools({ gitlab, identifier: "user_ada", select: { areas: ["issues"] } });
  const { text } = await generateText({ model, prompt: request, tools, stopWhen: stepCountIs(5) });
  expect(text).toBe(type);
});

test("an account that is not connected is an error, with the link to connect it", async () => {
  const { gitlab } = await emulated();
  const model = caller("gitlab_current_user_get", {});
  const tools = getTools({ gitlab, identifier: "user_ben" });
  const { text, steps } = await generateText({ model, prompt: request, tools, stopWhen: stepCountIs(5) });
  expect(text).toBe("error-text");
  expect(steps[0]?.toolResults[0]?.output).toContain("authorization_link");
});

test("what destroys waits for a person, and writes do where they are meant to", async () => {
  const { emulator, gitlab } = await emulated();
  const input = { project_id: "acme/app", issue_iid: 3 };
  const before = emulator.requests.length;
  for (const [tool, confirm] of [
    ["gitlab_issue_delete", undefined],
    ["gitlab_issue_update", "writes"],
  ] as const) {
    const tools = getTools({ gitlab, identifier: "user_ada", ...(confirm && { confirm }) });
    const { content } = await generateText({ model: caller(tool, { ...input, title: "New" }), prompt: request, tools });
    expect(content.map(({ type }) => type)).toContain("tool-approval-request");
  }
  expect(emulator.requests).toHaveLength(before);
});
