import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { openToolbox } from "../adapters/toolbox.js";
import { checkServerOptions } from "./options.js";
import { createToolServer, type McpServerOptions } from "./server.js";
import { toMcpTools, type McpToolsOptions } from "./tools.js";

export { createMcpHandler, type McpHandler, type McpHandlerOptions } from "./handler.js";
export { serveMcp, type McpHttpServer, type McpServeOptions } from "./serve.js";
export type { RateLimit } from "./limits.js";
export type { McpServerOptions } from "./server.js";
export type { McpToolsOptions } from "./tools.js";

/**
 * An MCP server for one person, to be connected to a transport of the official SDK.
 *
 * @throws {GitLabToolError} `unknown_tool`, `invalid_input` for a selection that names what does not exist
 * @example
 * ```ts
 * const server = createMcpServer({ gitlab, identifier: "user_ada", select: { access: "read" } });
 * await server.connect(new StdioServerTransport());
 * ```
 */
export function createMcpServer(options: McpToolsOptions & McpServerOptions): Server {
  checkServerOptions(options);
  const { structuredContent = false } = options;
  const tools = toMcpTools(openToolbox({ ...options, outputSchema: structuredContent }), options);
  return createToolServer(() => Promise.resolve(tools), options).server;
}
