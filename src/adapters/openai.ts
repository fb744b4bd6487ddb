import { flag, maybe } from "../options/words.js";
import { toOpenAi, type OpenAiOptions } from "./definitions.js";
import { withoutNulls } from "./arguments.js";
import { toolSearchTools, type OpenAiToolSearch, type ResponsesTool } from "./openai-tools.js";
import { checkToolboxOptions } from "./toolbox-options.js";
import { openToolbox, type ToolboxOptions } from "./toolbox.js";

export type { ToolboxOptions } from "./toolbox.js";
export type { OpenAiNamespace, OpenAiToolSearch, ResponsesTool } from "./openai-tools.js";

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

/** A function tool of the Chat Completions API. */
export interface ChatTool {
  type: "function";
  function: { name: string; description: string; parameters: Record<string, unknown>; strict: boolean };
}

/** The input item that answers a call of a response. */
export interface ResponsesOutput {
  type: "function_call_output";
  call_id: string;
  output: string;
}

/** The message that answers a call of a chat completion. */
export interface ChatOutput {
  role: "tool";
  tool_call_id: string;
  content: string;
}

interface CallOptions {
  readonly signal?: AbortSignal;
}

/** Runs a call of the model and returns the input item, or message, that answers it. Never throws. */
export interface RunToolCall {
  (call: ResponsesCall, options?: CallOptions): Promise<ResponsesOutput>;
  (call: ChatCall, options?: CallOptions): Promise<ChatOutput>;
}

/** GitLab tools for OpenAI's two APIs. */
export interface OpenAiTools {
  /** `tools` of the Responses API. */
  readonly responses: ResponsesTool[];
  /**
   * `tools` of the Responses API for models that search tools themselves: namespaces whose functions are loaded when
   * they are needed, and `tool_search`.
   */
  readonly toolSearch: OpenAiToolSearch;
  /** `tools` of the Chat Completions API. */
  readonly chatCompletions: ChatTool[];
  readonly runToolCall: RunToolCall;
  /** Whether a person should be asked before this call. */
  readonly needsConfirmation: (call: ResponsesCall | ChatCall) => boolean;
}

/**
 * GitLab tools for one person's agent on OpenAI's models, with `openai` 4 and newer.
 *
 * @throws {GitLabToolError} `unknown_tool`, `invalid_input` for a selection that names what does not exist
 * @example
 * ```ts
 * const { responses: tools, runToolCall } = getTools({ gitlab, identifier: "user_ada" });
 * const response = await client.responses.create({ model, input: prompt, tools });
 * const calls = response.output.filter((item) => item.type === "function_call");
 * const input = await Promise.all(calls.map((call) => runToolCall(call)));
 * const next = await client.responses.create({ model, previous_response_id: response.id, input, tools });
 * ```
 */
export function getTools(options: ToolboxOptions & OpenAiOptions): OpenAiTools {
  checkToolboxOptions(options, { strict: maybe(flag) });
  const { strict = false } = options;
  // Chat completions take no images as answers of tools, and neither do older versions of the Responses API.
  const toolbox = openToolbox({ maxImageBytes: 0, ...options });
  const responses = toolbox.definitions.map((definition): ResponsesTool => {
    const { parameters, ...rest } = toOpenAi(definition, options);
    return { ...rest, parameters: { ...parameters } };
  });

  function runToolCall(call: ResponsesCall, options?: CallOptions): Promise<ResponsesOutput>;
  function runToolCall(call: ChatCall, options?: CallOptions): Promise<ChatOutput>;
  async function runToolCall(
    call: ResponsesCall | ChatCall,
    options?: CallOptions,
  ): Promise<ResponsesOutput | ChatOutput> {
    const { name, input } = calledBy(call);
    // In strict mode every parameter has to be there, and null is one that is not given.
    const schema = strict && toolbox.definitions.find((definition) => definition.name === name)?.inputSchema;
    const { text } = await toolbox.run(name, schema ? withoutNulls(name, input, schema) : input, options);
    return call.type === "function_call"
      ? { type: "function_call_output", call_id: call.call_id, output: text }
      : { role: "tool", tool_call_id: call.id, content: text };
  }

  return {
    responses,
    get toolSearch() {
      return toolSearchTools(toolbox.definitions, responses);
    },
    chatCompletions: responses.map(({ type, ...rest }): ChatTool => ({ type, function: rest })),
    runToolCall,
    needsConfirmation(call) {
      const { name, input } = calledBy(call);
      return toolbox.needsConfirmation(name, input);
    },
  };
}

const calledBy = (call: ResponsesCall | ChatCall): { readonly name: string; readonly input: string } => {
  const { name, arguments: input } = call.type === "function_call" ? call : call.function;
  return { name, input };
};
