import { toMcp, type McpToolDefinition } from "../adapters/definitions.js";
import { outputSchema } from "../adapters/output-schema.js";
import { createToolbox, type AgentOptions, type ToolAnswer } from "../adapters/run-tool.js";

/** Whose tools an MCP server offers, and how they answer. */
export interface McpToolsOptions extends AgentOptions {
  /** Declares output schemas and answers with structured content beside the text. Default: false. */
  readonly structuredContent?: boolean;
}

/** What an MCP server needs to know of its tools. */
export interface McpTools {
  list(): readonly McpToolDefinition[];
  run(name: string, input: unknown, options: { readonly signal: AbortSignal }): Promise<ToolAnswer>;
  readonly structuredContent: boolean;
}

/** The selected tools of one account. */
export function createMcpTools(options: McpToolsOptions): McpTools {
  const { structuredContent = false, view } = options;
  const toolbox = createToolbox(options);
  return {
    list: () =>
      toolbox.definitions.map((definition) =>
        toMcp(definition, structuredContent ? { outputSchema: outputSchema(definition, view) } : {}),
      ),
    run: (name, input, { signal }) => toolbox.run(name, input, { signal }),
    structuredContent,
  };
}
