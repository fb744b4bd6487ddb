import { generateText, stepCountIs } from "ai";
import { MockLanguageModelV3 } from "ai/test";
import { getTools } from "gitlab-agent-tools/ai-sdk";
import { fileCreate } from "gitlab-agent-tools/tools";
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

test("images are shown to models that are meant to see them, as the SDK has them", async () => {
  const { gitlab } = await emulated();
  const content = Buffer.from("GIF89a\xff\xfe\xfd\0\0", "latin1").toString("base64");
  const file = { project_id: "acme/app", file_path: "docs/dot.gif" };
  const commit = { branch: "main", commit_message: "x", encoding: "base64" } as const;
  await fileCreate(gitlab.as("user_ada"), { ...file, ...commit, content });
  const shown = async (images?: boolean): Promise<unknown> => {
    const call = { toolCallId: "1", toolName: "gitlab_file_get", input: JSON.stringify({ ...file, ref: "main" }) };
    const outputs: unknown[] = [];
    const model = new MockLanguageModelV3({
      doGenerate({ prompt }) {
        for (const { role, content } of prompt)
          if (role === "tool") for (const part of content) if (part.type === "tool-result") outputs.push(part.output);
        const isDone = outputs.length > 0;
        return Promise.resolve({
          content: isDone ? [{ type: "text", text: "Seen." }] : [{ type: "tool-call", ...call }],
          finishReason: { unified: isDone ? "stop" : "tool-calls", raw: undefined },
          ...{ usage, warnings: [] },
        });
      },
    });
    const tools = getTools({ gitlab, identifier: "user_ada", images });
    await generateText({ model, prompt: "Look.", tools, stopWhen: stepCountIs(2) });
    return outputs[0];
  };
  expect(await shown(true)).toMatchObject({
    type: "content",
    value: [{ type: "text" }, { type: "image-data", data: content, mediaType: "image/gif" }],
  });
  expect(await shown()).toMatchObject({ type: "text", value: expect.stringContaining("is not shown") as string });
});
