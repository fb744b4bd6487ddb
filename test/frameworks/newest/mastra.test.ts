import { Agent } from "@mastra/core/agent";
import { MockLanguageModelV4 } from "ai/test";
import { getTools } from "gitlab-agent-tools/mastra";
import { respond, usage } from "../scripted/ai-sdk.ts";
import { scenarios } from "../support.ts";

scenarios(
  "Mastra",
  async ({ options, script, prompt }) => {
    const model = new MockLanguageModelV4({
      doGenerate({ prompt }) {
        const { content, reason } = respond(script, prompt, { flags: false });
        return Promise.resolve({ content, finishReason: { unified: reason, raw: undefined }, usage, warnings: [] });
      },
    });
    const tools = getTools({ ...options, images: true });
    const agent = new Agent({ id: "triage", name: "Triage", instructions: "Help.", model: model as never, tools });
    const { text, finishReason } = await agent.generate(prompt, { maxSteps: 5 });
    return { said: text, asked: finishReason === "suspended" };
  },
  true,
);
