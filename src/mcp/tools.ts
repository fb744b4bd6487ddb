import { toMcp, type McpToolDefinition } from "../adapters/definitions.js";
import { outputSchema } from "../adapters/output-schema.js";
import type { Toolbox } from "../adapters/run-tool.js";
import type { AgentToolsOptions } from "../adapters/toolbox.js";

/** How an MCP server offers its tools, and how they answer. */
export interface McpOffer extends Pick<
  AgentToolsOptions,
  "select" | "policy" | "discovery" | "view" | "maxResultTokens" | "timeoutMs" | "authorization"
> {
  /** Declares output schemas and answers with structured content beside the text. Default: false. */
  readonly structuredContent?: boolean;
}

/** Whose tools an MCP server offers, and how. */
export interface McpToolsOptions extends McpOffer, AgentToolsOptions {}

/** What an MCP server needs to know of its tools. */
export interface McpTools extends Pick<Toolbox, "run"> {
  list(): readonly McpToolDefinition[];
  readonly structuredContent: boolean;
}

/** An agent's tools as an MCP server offers them. */
export function toMcpTools({ definitions, run }: Toolbox, offer: McpOffer): McpTools {
  const { structuredContent = false, discovery = false, view } = offer;
  // What the tools of discovery answer has as many shapes as the tools that they reach.
  const schemas = structuredContent && !discovery;
  return {
    list: () =>
      definitions.map((definition) =>
        toMcp(definition, schemas ? { outputSchema: outputSchema(definition, view) } : {}),
      ),
    run,
    structuredContent,
  };
}
