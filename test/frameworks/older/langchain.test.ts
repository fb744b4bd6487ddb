import { AIMessage, HumanMessage, type BaseMessage } from "@langchain/core/messages";
import { getTools } from "gitlab-agent-tools/langchain";
import { scenarios, textOf } from "../support.ts";

scenarios("LangChain 0.3", async ({ options, script, prompt }) => {
  const tools = getTools(options);
  const messages: BaseMessage[] = [new HumanMessage(prompt)];
  for (;;) {
    const answers = messages.flatMap((message) => (message.getType() === "tool" ? [textOf(message.content)] : []));
    const step = script(answers);
    if ("say" in step) return { said: step.say, asked: false };
    const call = { type: "tool_call" as const, id: `call_${answers.length}`, name: step.tool, args: step.input };
    messages.push(new AIMessage({ content: "", tool_calls: [call] }));
    const tool = tools.find(({ name }) => name === step.tool);
    if (tool?.metadata?.["access"] === "destructive") return { said: "", asked: true };
    const message: BaseMessage = await tool?.invoke(call);
    messages.push(message);
  }
});
