import type { Tool, ToolResultBlockParam } from "@anthropic-ai/sdk/resources/messages";
import { toAnthropic } from "./definitions.js";
import { createToolbox, type ToolboxOptions } from "./toolbox.js";

export type { ToolboxOptions } from "./toolbox.js";

/** A `tool_use` block of a message. */
export interface ToolUse {
  readonly type: "tool_use";
  readonly id: string;
  readonly name: string;
  readonly input: unknown;
}

/** GitLab tools for Anthropic's Messages API. */
export interface AnthropicTools {
  /** `tools` of the request. */
  readonly tools: Tool[];
  /** Runs a call of the model and returns the block that answers it. Never throws. */
  readonly runToolUse: (use: ToolUse, options?: { readonly signal?: AbortSignal }) => Promise<ToolResultBlockParam>;
}

/**
 * GitLab tools for one person's agent on Anthropic's models.
 *
 * @throws {GitLabToolError} `unknown_tool`, `invalid_input` for a selection that names what does not exist
 * @example
 * ```ts
 * const { tools, runToolUse } = getTools({ gitlab, identifier: "user_ada" });
 * const message = await client.messages.create({ model, max_tokens, messages, tools });
 * const uses = message.content.filter((block) => block.type === "tool_use");
 * messages.push({ role: "assistant", content: message.content });
 * messages.push({ role: "user", content: await Promise.all(uses.map((use) => runToolUse(use))) });
 * ```
 */
export function getTools(options: ToolboxOptions): AnthropicTools {
  const toolbox = createToolbox(options);
  return {
    tools: toolbox.definitions.map((definition): Tool => {
      const { name, description, input_schema } = toAnthropic(definition);
      return { name, description, input_schema: { ...input_schema, required: [...(input_schema.required ?? [])] } };
    }),
    async runToolUse(use, options) {
      const { text, isError } = await toolbox.run(use.name, use.input, options);
      return { type: "tool_result", tool_use_id: use.id, content: text, ...(isError && { is_error: true }) };
    },
  };
}
