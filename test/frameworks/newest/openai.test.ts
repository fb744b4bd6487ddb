import { getTools } from "gitlab-agent-tools/openai";
import OpenAI from "openai";
import { openAi } from "../scripted/openai.ts";
import { scenarios } from "../support.ts";

scenarios(
  "OpenAI, Responses",
  async ({ options, script, prompt }) => {
    const client = new OpenAI(openAi(script));
    const { responses: tools, runToolCall, needsConfirmation } = getTools({ ...options, images: true });
    const input: OpenAI.Responses.ResponseInput = [{ role: "user", content: prompt }];
    for (;;) {
      const response = await client.responses.create({ model: "scripted", input, tools });
      const calls = response.output.filter((item) => item.type === "function_call");
      if (calls.length === 0) return { said: response.output_text, asked: false };
      if (calls.some((call) => needsConfirmation(call))) return { said: "", asked: true };
      const output = response.output as OpenAI.Responses.ResponseInput;
      input.push(...output, ...(await Promise.all(calls.map((call) => runToolCall(call)))));
    }
  },
  true,
);

scenarios("OpenAI, Chat Completions", async ({ options, script, prompt }) => {
  const client = new OpenAI(openAi(script));
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
