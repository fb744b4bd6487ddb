import { AIMessage, ToolMessage, type BaseMessage } from "@langchain/core/messages";
import { fakeModel } from "@langchain/core/testing";
import { MemorySaver } from "@langchain/langgraph";
import { createReactAgent } from "@langchain/langgraph/prebuilt";
import { getTools } from "gitlab-agent-tools/langchain";
import { scenarios, textOf } from "../support.ts";

scenarios(
  "LangGraph",
  async ({ options, script, prompt }) => {
    const respond = (messages: BaseMessage[]): AIMessage => {
      const answers = messages
        .filter((message) => ToolMessage.isInstance(message))
        .map(({ content }) => textOf(content));
      const step = script(answers);
      if ("say" in step) return new AIMessage(step.say);
      return new AIMessage({
        content: "",
        tool_calls: [{ id: `call_${answers.length}`, name: step.tool, args: step.input }],
      });
    };
    const tools = getTools(options);
    const destroys = new Set(tools.flatMap(({ name, metadata }) => (metadata?.access === "destructive" ? [name] : [])));
    const agent = createReactAgent({
      llm: fakeModel().respond(respond).respond(respond).respond(respond),
      tools,
      checkpointer: new MemorySaver(),
      interruptBefore: ["tools"],
    });
    const config = { configurable: { thread_id: "1" } };
    let state = await agent.invoke({ messages: [{ role: "user", content: prompt }] }, config);
    for (;;) {
      const last = state.messages.at(-1);
      const calls = last instanceof AIMessage ? (last.tool_calls ?? []) : [];
      if (calls.length === 0) return { said: last?.text ?? "", asked: false };
      if (calls.some(({ name }) => destroys.has(name))) return { said: "", asked: true };
      state = await agent.invoke(null, config);
    }
  },
  true,
);
