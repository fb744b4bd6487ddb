import { generateText, isStepCount } from "ai";
import { MockLanguageModelV4 } from "ai/test";
import { getTools } from "gitlab-agent-tools/ai-sdk";
import { assertNoWarnings, respond, usage } from "../scripted/ai-sdk.ts";
import { scenarios } from "../support.ts";

scenarios(
  "AI SDK 7",
  async ({ options, script, prompt }) => {
    const model = new MockLanguageModelV4({
      doGenerate({ prompt }) {
        const { content, reason } = respond(script, prompt);
        return Promise.resolve({ content, finishReason: { unified: reason, raw: undefined }, usage, warnings: [] });
      },
    });
    const { text, content } = await generateText({
      model,
      prompt,
      tools: getTools({ ...options, images: true }),
      stopWhen: isStepCount(5),
    });
    assertNoWarnings();
    return { said: text, asked: content.some(({ type }) => type === "tool-approval-request") };
  },
  true,
);
