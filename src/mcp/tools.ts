import { toMcp, type McpToolDefinition } from "../adapters/definitions.js";
import { outputSchema } from "../adapters/output-schema.js";
import { createToolbox, type AgentOptions, type ToolAnswer } from "../adapters/run-tool.js";
import { selectTools } from "../adapters/select.js";

/** How an MCP server offers its tools, and how they answer. */
export interface McpOffer extends Pick<
  AgentOptions,
  "select" | "view" | "maxResultTokens" | "timeoutMs" | "authorization"
> {
  /** Declares output schemas and answers with structured content beside the text. Default: false. */
  readonly structuredContent?: boolean;
}

/** Whose tools an MCP server offers, and how. */
export interface McpToolsOptions extends McpOffer, AgentOptions {}

/** What an MCP server needs to know of its tools. */
export interface McpTools {
  list(): readonly McpToolDefinition[];
  run(name: string, input: unknown, options: { readonly signal: AbortSignal }): Promise<ToolAnswer>;
  readonly structuredContent: boolean;
}

/** The definitions of the selected tools. */
export function listTools({ select, structuredContent, view }: McpOffer): readonly McpToolDefinition[] {
  return selectTools(select).map((definition) =>
    toMcp(definition, structuredContent ? { outputSchema: outputSchema(definition, view) } : {}),
  );
}

/** The selected tools of one account. */
export function createMcpTools(options: McpToolsOptions): McpTools {
  const toolbox = createToolbox(options);
  return {
    list: () => listTools(options),
    run: (name, input, { signal }) => toolbox.run(name, input, { signal }),
    structuredContent: options.structuredContent ?? false,
  };
}
