import { textOf, type Script } from "../support.ts";

interface Sent {
  readonly input?: readonly { readonly type?: string; readonly output?: unknown }[];
  readonly messages?: readonly { readonly role: string; readonly content?: unknown }[];
}

/** Options of a client of OpenAI whose API is a scripted model. */
export const openAi = (script: Script) => ({
  apiKey: "none",
  fetch: (_: unknown, init?: { body?: unknown }): Promise<Response> => {
    const { input, messages } = JSON.parse(String(init?.body)) as Sent;
    const answers = input
      ? input.flatMap(({ type, output }) => (type === "function_call_output" && output ? [textOf(output)] : []))
      : (messages ?? []).flatMap(({ role, content }) => (role === "tool" ? [String(content)] : []));
    const step = script(answers);
    const id = `call_${answers.length}`;
    if (input) {
      const output =
        "say" in step
          ? { type: "message", id: "m", role: "assistant", content: [{ type: "output_text", text: step.say }] }
          : { type: "function_call", id, call_id: id, name: step.tool, arguments: JSON.stringify(step.input) };
      return Promise.resolve(Response.json({ id: "r", object: "response", output: [output] }));
    }
    const call = "say" in step ? undefined : { name: step.tool, arguments: JSON.stringify(step.input) };
    const message = call
      ? { role: "assistant", content: null, tool_calls: [{ id, type: "function", function: call }] }
      : { role: "assistant", content: "say" in step ? step.say : "" };
    return Promise.resolve(Response.json({ id: "c", object: "chat.completion", choices: [{ index: 0, message }] }));
  },
});
