import { generateText, stepCountIs } from "ai";
import { MockLanguageModelV3 } from "ai/test";
import { getTools } from "gitlab-agent-tools/ai-sdk";
import { assertNoWarnings, respond, usage } from "../scripted/ai-sdk.ts";
import { scenarios } from "../support.ts";

scenarios(
  "AI SDK 6",
  async ({ options, script, prompt }) => {
    const model = new MockLanguageModelV3({
      doGenerate({ prompt }) {
        const { content, reason } = respond(script, prompt);
        return Promise.resolve({ content, finishReason: { unified: reason, raw: undefined }, usage, warnings: [] });
      },
    });
    const { text, content } = await generateText({
      model,
      prompt,
      tools: getTools({ ...options, images: true }),
      stopWhen: stepCountIs(5),
    });
    assertNoWarnings();
    return { said: text, asked: content.some(({ type }) => type === "tool-approval-request") };
  },
  true,
);
