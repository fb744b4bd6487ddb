import { getTools } from "gitlab-agent-tools/openai";
import OpenAI from "openai";
import OpenAI5 from "openai5";
import { openAi } from "../scripted/openai.ts";
import { scenarios } from "../support.ts";

for (const [version, Client] of [
  ["4", OpenAI],
  ["5", OpenAI5],
] as const) {
  scenarios(`OpenAI ${version}, Responses`, async ({ options, script, prompt }) => {
    const client = new (Client as typeof OpenAI)(openAi(script) as never);
    const { responses: tools, runToolCall, needsConfirmation } = getTools(options);
    const input: OpenAI.Responses.ResponseInput = [{ role: "user", content: prompt }];
    for (;;) {
      const response = await client.responses.create({ model: "scripted", input, tools });
      const calls = response.output.filter((item) => item.type === "function_call");
      if (calls.length === 0) return { said: response.output_text, asked: false };
      if (calls.some((call) => needsConfirmation(call))) return { said: "", asked: true };
      input.push(...response.output, ...(await Promise.all(calls.map((call) => runToolCall(call)))));
    }
  });

  scenarios(`OpenAI ${version}, Chat Completions`, async ({ options, script, prompt }) => {
    const client = new (Client as typeof OpenAI)(openAi(script) as never);
    const { chatCompletions: tools, runToolCall, needsConfirmation } = getTools(options);
    const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: "user", content: prompt }];
    for (;;) {
      const { choices } = await client.chat.completions.create({ model: "scripted", messages, tools });
      const message = choices[0]?.message;
      const calls = (message?.tool_calls ?? []).filter((call) => call.type === "function");
      if (!message || calls.length === 0) return { said: message?.content ?? "", asked: false };
      if (calls.some((call) => needsConfirmation(call))) return { said: "", asked: true };
      messages.push(message, ...(await Promise.all(calls.map((call) => runToolCall(call)))));
    }
  });
}

/** What is given out fits the types of both versions. */
export function fits5(
  options: Parameters<typeof getTools>[0],
): [OpenAI5.Responses.Tool[], OpenAI5.ChatCompletionTool[]] {
  const { responses, chatCompletions } = getTools(options);
  return [responses, chatCompletions];
}
