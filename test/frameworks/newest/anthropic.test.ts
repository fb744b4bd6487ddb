import Anthropic from "@anthropic-ai/sdk";
import { getTools } from "gitlab-agent-tools/anthropic";
import { anthropic } from "../scripted/anthropic.ts";
import { scenarios, textOf } from "../support.ts";

scenarios(
  "Anthropic, Messages",
  async ({ options, script, prompt }) => {
    const client = new Anthropic(anthropic(script));
    const { tools, runToolUse, needsConfirmation } = getTools(options);
    const messages: Anthropic.MessageParam[] = [{ role: "user", content: prompt }];
    for (;;) {
      const { content } = await client.messages.create({ model: "scripted", max_tokens: 1000, messages, tools });
      const uses = content.filter((block) => block.type === "tool_use");
      if (uses.length === 0) return { said: textOf(content), asked: false };
      if (uses.some((use) => needsConfirmation(use))) return { said: "", asked: true };
      messages.push({ role: "assistant", content });
      messages.push({ role: "user", content: await Promise.all(uses.map((use) => runToolUse(use))) });
    }
  },
  true,
);

scenarios(
  "Anthropic, tool runner",
  async ({ options, script, prompt }) => {
    const client = new Anthropic(anthropic(script));
    const { runnable, needsConfirmation } = getTools(options);
    const runner = client.beta.messages.toolRunner({
      model: "scripted",
      max_tokens: 1000,
      messages: [{ role: "user", content: prompt }],
      tools: runnable,
    });
    let said = "";
    for await (const { content } of runner) {
      if (content.some((block) => block.type === "tool_use" && needsConfirmation(block))) return { said, asked: true };
      said = textOf(content);
    }
    return { said, asked: false };
  },
  true,
);
