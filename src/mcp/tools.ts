import { toMcp, type McpToolDefinition } from "../adapters/definitions.js";
import type { Toolbox, ToolboxOptions } from "../adapters/toolbox.js";

/** How an MCP server offers its tools, and how they answer. */
export interface McpOffer extends Omit<ToolboxOptions, "gitlab" | "identifier" | "connectionName" | "outputSchema"> {
  /** Declares output schemas and answers with structured content beside the text. Default: false. */
  readonly structuredContent?: boolean;
}

/** Whose tools an MCP server offers, and how. */
export interface McpToolsOptions extends McpOffer, Omit<ToolboxOptions, "outputSchema"> {}

/** What an MCP server needs to know of its tools. */
export interface McpTools extends Pick<Toolbox, "run"> {
  list(): readonly McpToolDefinition[];
  readonly structuredContent: boolean;
}

/** An agent's tools as an MCP server offers them. */
export function toMcpTools(toolbox: Toolbox, { structuredContent = false }: McpOffer): McpTools {
  const list = () => toolbox.definitions.map((definition) => toMcp(definition));
  return { list, run: toolbox.run, structuredContent };
}
