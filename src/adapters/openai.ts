import { flag, maybe } from "../options/words.js";
import { toOpenAi, type OpenAiOptions } from "./definitions.js";
import { withoutNulls } from "./arguments.js";
import {
  ownToolSearch,
  toolSearchTools,
  type OpenAiToolSearch,
  type OwnToolSearch,
  type ResponsesTool,
} from "./openai-tools.js";
import type { ImageOptions } from "./image-output.js";
import { checkToolboxOptions } from "./toolbox-options.js";
import { offeredTools, openToolbox, type ToolAnswer, type ToolboxOptions } from "./toolbox.js";

export type { ImageOptions } from "./image-output.js";
export type { ToolboxOptions } from "./toolbox.js";
export type {
  OpenAiNamespace,
  OpenAiOwnSearch,
  OpenAiToolSearch,
  OwnToolSearch,
  ResponsesTool,
  ToolSearchCall,
  ToolSearchOutput,
} from "./openai-tools.js";

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
export interface ResponsesOutput<Output = string> {
  type: "function_call_output";
  call_id: string;
  output: Output;
}

/** What a tool with images answers. */
export type ResponsesContent =
  | { type: "input_text"; text: string }
  // A data: URL.
  | { type: "input_image"; image_url: string; detail: "auto" };

/** The message that answers a call of a chat completion. */
export interface ChatOutput {
  role: "tool";
  tool_call_id: string;
  content: string;
}

interface RunToolCallOptions {
  readonly signal?: AbortSignal;
}

/** Runs a call of the model and returns the input item, or message, that answers it. Never throws. */
export interface RunToolCall<Output = string> {
  (call: ResponsesCall, options?: RunToolCallOptions): Promise<ResponsesOutput<Output>>;
  (call: ChatCall, options?: RunToolCallOptions): Promise<ChatOutput>;
}

/** GitLab tools for OpenAI's two APIs. */
export interface OpenAiTools<Output = string> {
  /** `tools` of the Responses API. */
  readonly responses: ResponsesTool[];
  /**
   * `tools` of the Responses API for models that search tools themselves: namespaces whose functions are loaded when
   * they are needed, and `tool_search`.
   */
  readonly toolSearch: OpenAiToolSearch;
  /** The same with our own index, which knows the words that people use, in the place of OpenAI's. */
  readonly ownToolSearch: OwnToolSearch;
  /** `tools` of the Chat Completions API. */
  readonly chatCompletions: ChatTool[];
  readonly runToolCall: RunToolCall<Output>;
  /** Whether a person should be asked before this call. */
  readonly needsConfirmation: (call: ResponsesCall | ChatCall) => boolean;
}

/**
 * GitLab tools for one person's agent on OpenAI's models, with `openai` 4 and newer. `images` shows models on the
 * Responses API images of repositories; that takes `openai` 6.
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
export function getTools(
  options: ToolboxOptions & OpenAiOptions & { readonly images: true },
): OpenAiTools<string | ResponsesContent[]>;
export function getTools(
  options: ToolboxOptions & OpenAiOptions & { readonly images?: false | undefined },
): OpenAiTools;
export function getTools(
  options: ToolboxOptions & OpenAiOptions & ImageOptions,
): OpenAiTools<string | ResponsesContent[]> {
  checkToolboxOptions(options, { strict: maybe(flag), images: maybe(flag) });
  const { strict = false, images = false } = options;
  // Chat completions take no images as answers of tools, and neither do `openai` 4 and 5.
  const offered = offeredTools(options);
  const toolbox = openToolbox({ ...options, maxImageBytes: 0 }, offered);
  const seeing = images ? openToolbox(options, offered) : toolbox;
  const responses = toolbox.definitions.map((definition): ResponsesTool => {
    const { parameters, ...rest } = toOpenAi(definition, options);
    return { ...rest, parameters: { ...parameters } };
  });

  function runToolCall(
    call: ResponsesCall,
    options?: RunToolCallOptions,
  ): Promise<ResponsesOutput<string | ResponsesContent[]>>;
  function runToolCall(call: ChatCall, options?: RunToolCallOptions): Promise<ChatOutput>;
  async function runToolCall(
    call: ResponsesCall | ChatCall,
    options?: RunToolCallOptions,
  ): Promise<ResponsesOutput<string | ResponsesContent[]> | ChatOutput> {
    const { name, input } = calledBy(call);
    // In strict mode every parameter has to be there, and null is one that is not given.
    const schema = strict && toolbox.definitions.find((definition) => definition.name === name)?.inputSchema;
    const { run } = call.type === "function_call" ? seeing : toolbox;
    const answer = await run(name, schema ? withoutNulls(name, input, schema) : input, options);
    return call.type === "function_call"
      ? { type: "function_call_output", call_id: call.call_id, output: contentOf(answer) }
      : { role: "tool", tool_call_id: call.id, content: answer.text };
  }

  return {
    responses,
    get toolSearch() {
      return toolSearchTools(toolbox.definitions, responses);
    },
    get ownToolSearch() {
      return ownToolSearch(offered, responses);
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

function contentOf({ text, images }: ToolAnswer): string | ResponsesContent[] {
  if (images.length === 0) return text;
  return [
    { type: "input_text", text },
    ...images.map(({ mimeType, data }): ResponsesContent => ({
      type: "input_image",
      image_url: `data:${mimeType};base64,${data}`,
      detail: "auto",
    })),
  ];
}
