import { textOf, type Script } from "../support.ts";

interface Sent {
  readonly messages: readonly { readonly content: unknown }[];
}

interface Block {
  readonly type: string;
  readonly tool_use_id?: string;
  readonly content?: unknown;
}

/** Options of a client of Anthropic whose API is a scripted model; the tool runner sends only what is new. */
export function anthropic(script: Script): {
  apiKey: string;
  fetch: (url: unknown, init?: { body?: unknown }) => Promise<Response>;
} {
  const answered = new Map<string, string>();
  return {
    apiKey: "none",
    fetch: (_, init) => {
      const { messages } = JSON.parse(String(init?.body)) as Sent;
      for (const { content } of messages)
        for (const { type, tool_use_id = "", content: answer } of Array.isArray(content) ? (content as Block[]) : [])
          if (type === "tool_result") answered.set(tool_use_id, textOf(answer));
      const step = script([...answered.values()]);
      const block =
        "say" in step
          ? { type: "text", text: step.say }
          : { type: "tool_use", id: `use_${answered.size}`, name: step.tool, input: step.input };
      const message = {
        id: "m",
        type: "message",
        role: "assistant",
        model: "scripted",
        content: [block],
        stop_reason: block.type === "text" ? "end_turn" : "tool_use",
        usage: { input_tokens: 1, output_tokens: 1 },
      };
      return Promise.resolve(Response.json(message));
    },
  };
}
