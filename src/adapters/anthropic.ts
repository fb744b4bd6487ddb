import { flag, maybe } from "../options/words.js";
import { toAnthropic } from "./definitions.js";
import { checkToolboxOptions } from "./toolbox-options.js";
import { openToolbox, type ToolAnswer, type ToolboxDefinition, type ToolboxOptions } from "./toolbox.js";

export type { ToolboxOptions } from "./toolbox.js";

/** Options of Anthropic's own tool search and code execution. */
export interface AnthropicOptions {
  /**
   * Keeps the definitions out of the prompt until the model's tool search finds them; `tools` then begins with
   * Anthropic's `tool_search_tool_bm25`. Default: false.
   */
  readonly deferLoading?: boolean | undefined;
  /**
   * Lets code that the model writes call what only reads, so that long lists stay out of its context; needs
   * Anthropic's code execution tool among `tools`. Default: false.
   */
  readonly codeExecution?: boolean | undefined;
}

/** A `tool_use` block of a message. */
export interface ToolUse {
  readonly type: "tool_use";
  readonly id: string;
  readonly name: string;
  readonly input: unknown;
}

/** A tool of the Messages API. */
export interface AnthropicTool {
  name: string;
  description: string;
  input_schema: { type: "object"; properties?: Record<string, unknown>; required?: string[] };
  defer_loading?: true;
  allowed_callers?: ("direct" | "code_execution_20250825")[];
}

/** Anthropic's own tool that finds the deferred ones. */
export interface AnthropicToolSearch {
  type: "tool_search_tool_bm25_20251119";
  name: "tool_search_tool_bm25";
}

export type AnthropicContent =
  | { type: "text"; text: string }
  | {
      type: "image";
      source: { type: "base64"; media_type: "image/png" | "image/jpeg" | "image/gif" | "image/webp"; data: string };
    };

/** The block that answers a call. */
export interface AnthropicToolResult {
  type: "tool_result";
  tool_use_id: string;
  content: string | AnthropicContent[];
  is_error?: true;
}

/** A tool of the SDK's own loop, `client.beta.messages.toolRunner`. */
export interface AnthropicRunnableTool extends AnthropicTool {
  /** What goes wrong is thrown, as the loop wants it: the model gets its message with `is_error`. */
  run: (input: Record<string, unknown>, context?: unknown) => Promise<string | AnthropicContent[]>;
  parse: (input: unknown) => Record<string, unknown>;
}

/** GitLab tools for Anthropic's Messages API. */
export interface AnthropicTools<Tool = AnthropicTool> {
  /** `tools` of the request. */
  readonly tools: Tool[];
  /** `tools` of `client.beta.messages.toolRunner`, which asks nobody: leave out what a person should be asked about. */
  readonly runnable: AnthropicRunnableTool[];
  /** Runs a call of the model and returns the block that answers it. Never throws. */
  readonly runToolUse: (use: ToolUse, options?: { readonly signal?: AbortSignal }) => Promise<AnthropicToolResult>;
  /** Whether a person should be asked before this call. */
  readonly needsConfirmation: (use: Pick<ToolUse, "name" | "input">) => boolean;
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
export function getTools(
  options: ToolboxOptions & AnthropicOptions & { readonly deferLoading: true },
): AnthropicTools<AnthropicTool | AnthropicToolSearch>;
export function getTools(options: ToolboxOptions & AnthropicOptions): AnthropicTools;
export function getTools(
  options: ToolboxOptions & AnthropicOptions,
): AnthropicTools<AnthropicTool | AnthropicToolSearch> {
  checkToolboxOptions(options, { deferLoading: maybe(flag), codeExecution: maybe(flag) });
  const { definitions, run, needsConfirmation } = openToolbox(options);
  const tools = definitions.map((definition) => toolOf(definition, options));
  return {
    tools: options.deferLoading ? [toolSearch, ...tools] : tools,
    runnable: tools.map((tool): AnthropicRunnableTool => ({
      ...tool,
      parse: (input) => (typeof input === "object" && input !== null ? { ...input } : {}),
      async run(input, context) {
        const result = await run(tool.name, input, signalOf(context));
        if (result.isError) throw new Error(result.text);
        return contentOf(result);
      },
    })),
    async runToolUse({ id, name, input }, options) {
      const result = await run(name, input, options);
      return {
        type: "tool_result",
        tool_use_id: id,
        content: contentOf(result),
        ...(result.isError && { is_error: true }),
      };
    },
    needsConfirmation: ({ name, input }) => needsConfirmation(name, input),
  };
}

// https://platform.claude.com/docs/en/agents-and-tools/tool-use/tool-search-tool
const toolSearch: AnthropicToolSearch = { type: "tool_search_tool_bm25_20251119", name: "tool_search_tool_bm25" };

function toolOf(
  definition: ToolboxDefinition,
  { deferLoading = false, codeExecution = false }: AnthropicOptions,
): AnthropicTool {
  const { name, description, input_schema } = toAnthropic(definition);
  const { properties = {}, required = [] } = input_schema;
  return {
    name,
    description,
    input_schema: { ...input_schema, properties: { ...properties }, required: [...required] },
    ...(deferLoading && { defer_loading: true }),
    // https://platform.claude.com/docs/en/agents-and-tools/tool-use/programmatic-tool-calling
    ...(codeExecution &&
      definition.access === "read" && { allowed_callers: ["direct" as const, "code_execution_20250825" as const] }),
  };
}

function contentOf({ text, images }: ToolAnswer): string | AnthropicContent[] {
  if (images.length === 0) return text;
  return [
    { type: "text", text },
    ...images.map(({ mimeType, data }): AnthropicContent => ({
      type: "image",
      source: { type: "base64", media_type: mimeType, data },
    })),
  ];
}

/** What the loop passes to a tool; older versions pass nothing. */
function signalOf(context: unknown): { readonly signal?: AbortSignal } {
  const signal: unknown = typeof context === "object" && context !== null ? Reflect.get(context, "signal") : undefined;
  return signal instanceof AbortSignal ? { signal } : {};
}
