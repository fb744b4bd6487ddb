import type { ChatCompletionFunctionTool, ChatCompletionToolMessageParam } from "openai/resources/chat/completions";
import type { FunctionTool, ResponseInputItem } from "openai/resources/responses/responses";
import { flag, maybe } from "../tools/options.js";
import { toOpenAi, type OpenAiOptions } from "./definitions.js";
import { checkToolboxOptions } from "./toolbox-options.js";
import { openToolbox, type ToolboxOptions } from "./toolbox.js";

export type { ToolboxOptions } from "./toolbox.js";

/** A `function_call` item of a response. */
export interface ResponsesCall {
  readonly type: "function_call";
  readonly call_id: string;
  readonly name: string;
  readonly arguments: string;
}

/** A tool call of a chat completion's message. */
export interface ChatCall {
  readonly type: "function";
  readonly id: string;
  readonly function: { readonly name: string; readonly arguments: string };
}

interface CallOptions {
  readonly signal?: AbortSignal;
}

/** Runs a call of the model and returns the input item, or message, that answers it. Never throws. */
export interface RunToolCall {
  (call: ResponsesCall, options?: CallOptions): Promise<ResponseInputItem.FunctionCallOutput>;
  (call: ChatCall, options?: CallOptions): Promise<ChatCompletionToolMessageParam>;
}

/** GitLab tools for OpenAI's two APIs. */
export interface OpenAiTools {
  /** `tools` of the Responses API. */
  readonly responses: FunctionTool[];
  /** `tools` of the Chat Completions API. */
  readonly chatCompletions: ChatCompletionFunctionTool[];
  readonly runToolCall: RunToolCall;
}

/**
 * GitLab tools for one person's agent on OpenAI's models.
 *
 * @throws {GitLabToolError} `unknown_tool`, `invalid_input` for a selection that names what does not exist
 * @example
 * ```ts
 * const { responses: tools, runToolCall } = getTools({ gitlab, identifier: "user_ada" });
 * const response = await client.responses.create({ model, input, tools });
 * const calls = response.output.filter((item) => item.type === "function_call");
 * input.push(...response.output, ...(await Promise.all(calls.map((call) => runToolCall(call)))));
 * ```
 */
export function getTools(options: ToolboxOptions & OpenAiOptions): OpenAiTools {
  checkToolboxOptions(options, { strict: maybe(flag) });
  const toolbox = openToolbox({ maxImageBytes: 0, ...options });
  const responses = toolbox.definitions.map((definition): FunctionTool => {
    const { parameters, ...rest } = toOpenAi(definition, options);
    return { ...rest, parameters: { ...parameters } };
  });

  function runToolCall(call: ResponsesCall, options?: CallOptions): Promise<ResponseInputItem.FunctionCallOutput>;
  function runToolCall(call: ChatCall, options?: CallOptions): Promise<ChatCompletionToolMessageParam>;
  async function runToolCall(
    call: ResponsesCall | ChatCall,
    options?: CallOptions,
  ): Promise<ResponseInputItem.FunctionCallOutput | ChatCompletionToolMessageParam> {
    if (call.type === "function_call") {
      const { text } = await toolbox.run(call.name, call.arguments, options);
      return { type: "function_call_output", call_id: call.call_id, output: text };
    }
    const { text } = await toolbox.run(call.function.name, call.function.arguments, options);
    return { role: "tool", tool_call_id: call.id, content: text };
  }

  return {
    responses,
    chatCompletions: responses.map(({ name, description, parameters, strict }): ChatCompletionFunctionTool => ({
      type: "function",
      function: { name, strict, ...(description && { description }), ...(parameters && { parameters }) },
    })),
    runToolCall,
  };
}
