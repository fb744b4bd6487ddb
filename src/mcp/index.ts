import type { Server } from "@modelcontextprotocol/server";
import { checkServerOptions } from "./options.js";

export type { McpHandlerOptions } from "./options.js";
import { createToolServer, type McpServerOptions } from "./server.js";
import { openTools, type McpToolsOptions } from "./tools.js";

export { createMcpHandler, type McpHandler } from "./handler.js";
export { serveMcp, type McpHttpServer, type McpServeOptions } from "./serve.js";
export type { McpSignInOptions } from "./authorization/sign-in-server.js";
export type { McpOperation } from "./operations.js";
export type { McpRequest } from "./requests.js";
export type { MessageRateLimit } from "../web/limits.js";
export type { McpServerOptions } from "./server.js";
export type { McpToolsOptions } from "./tools.js";

/**
 * An MCP server for one person, for the official SDK: to be connected to a transport, or to be made by its `serveStdio`,
 * which speaks the protocol of 2026-07-28 as well.
 *
 * @throws {GitLabToolError} `unknown_tool`, `invalid_input` for a selection that names what does not exist
 * @example
 * ```ts
 * serveStdio(() => createMcpServer({ gitlab, identifier: "user_ada", select: { access: "read" } }));
 * ```
 */
export function createMcpServer(options: McpToolsOptions & McpServerOptions): Server {
  checkServerOptions(options);
  const tools = openTools(options);
  return createToolServer(() => Promise.resolve(tools), options).server;
}
