import { generateText, stepCountIs } from "ai";
import { MockLanguageModelV2 } from "ai/test";
import { getTools } from "gitlab-agent-tools/ai-sdk";
import { createToolbox } from "gitlab-agent-tools/toolbox";
import { assertNoWarnings, respond } from "../scripted/ai-sdk.ts";
import { scenarios } from "../support.ts";

scenarios(
  "AI SDK 5",
  async ({ options, script, prompt }) => {
    const model = new MockLanguageModelV2({
      doGenerate({ prompt }) {
        const { content, reason } = respond(script, prompt);
        const usage = { inputTokens: 1, outputTokens: 1, totalTokens: 2 };
        return Promise.resolve({ content, finishReason: reason, usage, warnings: [] });
      },
    });
    // AI SDK 5 knows no approval: a tool that is not to run by itself has no `execute`.
    const confirm = new Set(createToolbox(options).definitions.flatMap(({ name, confirm }) => (confirm ? [name] : [])));
    const tools = Object.fromEntries(
      Object.entries(getTools({ ...options, images: true })).map(([name, tool]) => {
        const { execute: _, ...shown } = tool;
        return [name, confirm.has(name) ? shown : tool];
      }),
    );
    const { text, toolCalls } = await generateText({ model, prompt, tools, stopWhen: stepCountIs(5) });
    assertNoWarnings();
    return { said: text, asked: toolCalls.some(({ toolName }) => confirm.has(toolName)) };
  },
  true,
);
