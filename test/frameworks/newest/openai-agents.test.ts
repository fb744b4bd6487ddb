import { Agent, Runner, Usage, type AgentOutputItem, type Model } from "@openai/agents";
import { getTools } from "gitlab-agent-tools/openai-agents";
import { scenarios, textOf, type Script } from "../support.ts";

const scripted = (script: Script): Model => ({
  getResponse({ input }) {
    const items = typeof input === "string" ? [] : input;
    const answers = items.flatMap((item) =>
      item.type === "function_call_result"
        ? [typeof item.output === "string" ? item.output : textOf([item.output].flat())]
        : [],
    );
    const step = script(answers);
    const output: AgentOutputItem =
      "say" in step
        ? {
            type: "message",
            role: "assistant",
            status: "completed",
            content: [{ type: "output_text", text: step.say }],
          }
        : {
            type: "function_call",
            callId: `call_${answers.length}`,
            name: step.tool,
            status: "completed",
            arguments: JSON.stringify(step.input),
          };
    return Promise.resolve({ usage: new Usage(), output: [output] });
  },
  getStreamedResponse() {
    throw new Error("Not streamed here.");
  },
});

scenarios(
  "OpenAI Agents SDK",
  async ({ options, script, prompt }) => {
    const agent = new Agent({ name: "Triage", model: scripted(script), tools: getTools(options) });
    const result = await new Runner({ tracingDisabled: true }).run(agent, prompt);
    return { said: String(result.finalOutput), asked: result.interruptions.length > 0 };
  },
  true,
);
