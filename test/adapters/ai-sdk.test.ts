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
            part.type === "tool-result" && part.output.type === "text" ? [part.output.value] : [],
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
