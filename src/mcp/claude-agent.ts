import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { createMcpServer, type McpServerOptions, type McpToolsOptions } from "./index.js";

export type { ToolboxOptions } from "../adapters/toolbox.js";

/** An entry of `mcpServers` that runs inside the process. */
export interface ClaudeAgentServer {
  type: "sdk";
  name: string;
  instance: McpServer;
}

/**
 * GitLab tools for one person's Claude Agent SDK: an MCP server inside the process.
 *
 * @param name what the agent calls the server: its tools are `mcp__<name>__gitlab_…`. Default: `gitlab`
 * @throws {GitLabToolError} `unknown_tool`, `invalid_input` for a selection that names what does not exist
 * @example
 * ```ts
 * const server = getServer({ gitlab, identifier: "user_ada", select: { areas: ["issues"] } });
 * for await (const message of query({ prompt, options: { mcpServers: { gitlab: server }, allowedTools: ["mcp__gitlab"] } })) …
 * ```
 */
export function getServer({
  name = "gitlab",
  ...options
}: McpToolsOptions & McpServerOptions & { readonly name?: string }): ClaudeAgentServer {
  // The SDK only connects it to a transport, which the plain server of the protocol's SDK does as well.
  const instance: unknown = createMcpServer(options);
  return { type: "sdk", name, instance: instance as McpServer };
}
