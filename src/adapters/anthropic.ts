import { either, flag, maybe, textThat } from "../options/words.js";
import { toAnthropic } from "./definitions.js";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { isObject } from "../is-object.js";
import type { ToolDefinition } from "../definition/definition.js";
import { exampleInput, shownGroups } from "./first-found.js";
import { nothingFound, ownSearch, searchTool } from "./own-search.js";
import { checkToolboxOptions } from "./toolbox-options.js";
import { offeredTools, openToolbox, type ToolAnswer, type ToolboxDefinition, type ToolboxOptions } from "./toolbox.js";

export type { ToolboxOptions } from "./toolbox.js";

/**
 * A version of Anthropic's code execution tool: its `type` among `tools`. Code in one of them calls what says so of it.
 * https://platform.claude.com/docs/en/agents-and-tools/tool-use/programmatic-tool-calling
 */
export type CodeExecution = `code_execution_${number}`;
type FirstCodeExecution = "code_execution_20250825";
/** What the option says. */
type CodeExecutionOrFirst<Code> = Code extends CodeExecution ? Code : FirstCodeExecution;

/** Options of Anthropic's own tool search and code execution. */
export interface AnthropicOptions<Code extends boolean | CodeExecution = boolean | CodeExecution> {
  /**
   * Keeps the definitions out of the prompt until the model's tool search finds them; `tools` then begins with
   * Anthropic's `tool_search_tool_bm25`. Default: false.
   */
  readonly deferLoading?: boolean | undefined;
  /**
   * Defers the definitions as `deferLoading` does, behind a search of our own that the model calls as a tool
   * (`gitlab_tools_find`, answered by `runToolUse` with references): it knows the words that people use. Default: false.
   */
  readonly ownSearch?: boolean | undefined;
  /** Shows an example of the least input with each definition (`input_examples`). Default: false. */
  readonly inputExamples?: boolean | undefined;
  /**
   * Lets code that the model writes call what only reads, so that long lists stay out of its context; needs
   * Anthropic's code execution tool among `tools`, whose `type` is given here: `code_execution_20260120`. `true` is
   * `code_execution_20250825`. Default: false.
   */
  readonly codeExecution?: Code | undefined;
}

/** A `tool_use` block of a message. */
export interface ToolUse {
  readonly type: "tool_use";
  readonly id: string;
  readonly name: string;
  readonly input: unknown;
}

/** A tool of the Messages API. */
export interface AnthropicTool<Code extends string = FirstCodeExecution> {
  name: string;
  description: string;
  input_schema: { type: "object"; properties?: Record<string, unknown>; required?: string[] };
  defer_loading?: true;
  input_examples?: Record<string, unknown>[];
  allowed_callers?: ("direct" | Code)[];
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

/** Loads the definition of a deferred tool. */
export interface AnthropicToolReference {
  type: "tool_reference";
  tool_name: string;
}

/** The block that answers a call. */
export interface AnthropicToolResult<Content = AnthropicContent> {
  type: "tool_result";
  tool_use_id: string;
  content: string | Content[];
  is_error?: true;
}

/** A tool of the SDK's own loop, `client.beta.messages.toolRunner`. */
export interface AnthropicRunnableTool<
  Content = AnthropicContent,
  Code extends string = FirstCodeExecution,
> extends AnthropicTool<Code> {
  /** What goes wrong is thrown, as the loop wants it: the model gets its message with `is_error`. */
  run: (input: Record<string, unknown>, context?: unknown) => Promise<string | Content[]>;
  parse: (input: unknown) => Record<string, unknown>;
}

/** GitLab tools for Anthropic's Messages API. */
export interface AnthropicTools<
  Tool = AnthropicTool,
  Content = AnthropicContent,
  Code extends string = FirstCodeExecution,
> {
  /** `tools` of the request. */
  readonly tools: Tool[];
  /** `tools` of `client.beta.messages.toolRunner`, which asks nobody: leave out what a person should be asked about. */
  readonly runnable: AnthropicRunnableTool<Content, Code>[];
  /** Runs a call of the model and returns the block that answers it. Never throws. */
  readonly runToolUse: (
    use: ToolUse,
    options?: { readonly signal?: AbortSignal },
  ) => Promise<AnthropicToolResult<Content>>;
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
export function getTools<const Code extends boolean | CodeExecution = false>(
  options: ToolboxOptions & AnthropicOptions<Code> & { readonly ownSearch: true },
): AnthropicTools<
  AnthropicTool<CodeExecutionOrFirst<Code>>,
  AnthropicContent | AnthropicToolReference,
  CodeExecutionOrFirst<Code>
>;
export function getTools<const Code extends boolean | CodeExecution = false>(
  options: ToolboxOptions &
    AnthropicOptions<Code> & { readonly deferLoading: true; readonly ownSearch?: false | undefined },
): AnthropicTools<
  AnthropicTool<CodeExecutionOrFirst<Code>> | AnthropicToolSearch,
  AnthropicContent,
  CodeExecutionOrFirst<Code>
>;
export function getTools<const Code extends boolean | CodeExecution = false>(
  options: ToolboxOptions & AnthropicOptions<Code> & { readonly ownSearch?: false | undefined },
): AnthropicTools<AnthropicTool<CodeExecutionOrFirst<Code>>, AnthropicContent, CodeExecutionOrFirst<Code>>;
export function getTools(
  options: ToolboxOptions & AnthropicOptions,
): AnthropicTools<
  AnthropicTool<CodeExecution> | AnthropicToolSearch,
  AnthropicContent | AnthropicToolReference,
  CodeExecution
> {
  checkToolboxOptions(options, {
    deferLoading: maybe(flag),
    ownSearch: maybe(flag),
    inputExamples: maybe(flag),
    codeExecution: maybe(
      either(
        flag,
        textThat((type) => /^code_execution_\d{8}$/.test(type), "the type of a code execution tool"),
        "a boolean, or the type of a code execution tool, such as code_execution_20260120",
      ),
    ),
  });
  if (options.ownSearch && options.discovery)
    throw new GitLabToolError({
      code: "invalid_input",
      message: "ownSearch and discovery are two ways to find tools.",
      hint: "Choose one: ownSearch where the model's API loads tools that were found, discovery everywhere else.",
      details: { field: "ownSearch" },
    });
  const offered = offeredTools(options);
  const { definitions, run, needsConfirmation } = openToolbox(options, offered);
  const tools = definitions.map((definition) =>
    toolOf(
      definition,
      offered.find(({ name }) => name === definition.name),
      options,
    ),
  );
  const find = options.ownSearch ? ownSearch(offered) : undefined;

  async function answer(
    name: string,
    input: unknown,
    options?: { readonly signal?: AbortSignal },
  ): Promise<{ readonly content: string | (AnthropicContent | AnthropicToolReference)[]; readonly isError: boolean }> {
    if (find && name === searchTool.name) {
      const found = find(isObject(input) ? input["query"] : undefined);
      const references = found.map((tool_name): AnthropicToolReference => ({ type: "tool_reference", tool_name }));
      return { content: references.length > 0 ? references : nothingFound, isError: false };
    }
    const result = await run(name, input, options);
    return { content: contentOf(result), isError: result.isError };
  }

  const callable = find ? [findTool, ...tools] : tools;
  return {
    tools: find || !options.deferLoading ? callable : [toolSearch, ...tools],
    runnable: callable.map((tool) => ({
      ...tool,
      parse: (input) => (isObject(input) ? { ...input } : {}),
      async run(input, context) {
        const { content, isError } = await answer(tool.name, input, signalOf(context));
        if (isError) throw new Error(typeof content === "string" ? content : JSON.stringify(content));
        return content;
      },
    })),
    async runToolUse({ id, name, input }, options) {
      const { content, isError } = await answer(name, input, options);
      return { type: "tool_result", tool_use_id: id, content, ...(isError && { is_error: true }) };
    },
    needsConfirmation: ({ name, input }) => needsConfirmation(name, input),
  };
}

// https://platform.claude.com/docs/en/agents-and-tools/tool-use/tool-search-tool
const toolSearch: AnthropicToolSearch = { type: "tool_search_tool_bm25_20251119", name: "tool_search_tool_bm25" };

const findTool: AnthropicTool<never> = {
  name: searchTool.name,
  description: searchTool.description,
  input_schema: { ...searchTool.schema, required: [...searchTool.schema.required] },
};

function toolOf(
  definition: ToolboxDefinition,
  row: ToolDefinition | undefined,
  { deferLoading = false, ownSearch: searched = false, inputExamples = false, codeExecution = false }: AnthropicOptions,
): AnthropicTool<CodeExecution> {
  const code = codeExecution === true ? ("code_execution_20250825" satisfies FirstCodeExecution) : codeExecution;
  const { name, description, input_schema } = toAnthropic(definition);
  const { properties = {}, required = [] } = input_schema;
  return {
    name,
    description,
    input_schema: { ...input_schema, properties: { ...properties }, required: [...required] },
    ...((deferLoading || searched) && { defer_loading: true }),
    // https://platform.claude.com/docs/en/agents-and-tools/tool-use/define-tools
    ...(inputExamples && {
      input_examples: [{ ...exampleInput(input_schema, row && shownGroups(row, row.required_one, 1)) }],
    }),
    // https://platform.claude.com/docs/en/agents-and-tools/tool-use/programmatic-tool-calling
    ...(code && definition.access === "read" && { allowed_callers: ["direct" as const, code] }),
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
