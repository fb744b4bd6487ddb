import { toolboxOptions } from "../adapters/toolbox-options.js";
import * as o from "../options/words.js";
import type { McpSignInOptions } from "./authorization/sign-in-server.js";
import type { McpHandlerOptions } from "./handler.js";
import type { RateLimit } from "./limits.js";
import type { McpServerOptions } from "./server.js";
import type { McpToolsOptions } from "./tools.js";

/** What MCP servers take beside what all adapters do. */
const mcpOptions: o.ShapeOf<Pick<McpHandlerOptions, "structuredContent" | "progressIntervalMs">> = {
  structuredContent: o.maybe(o.flag),
  progressIntervalMs: o.maybe(o.duration),
};

const { outputSchema: _, ...tools } = toolboxOptions;
const { identifier: __, connectionName: ___, policy: ____, ...offered } = tools;

const server = o.strict<McpToolsOptions & McpServerOptions>({ ...tools, ...mcpOptions });

const handler = o.strict<McpHandlerOptions>({
  ...offered,
  ...mcpOptions,
  signIn: o.maybe(
    o.strict<McpSignInOptions>({
      publicUrl: o.text,
      path: o.maybe(o.text),
      identify: o.maybe(o.func),
      accessTokenLifetime: o.anything,
      fetchClient: o.maybe(o.func),
    }),
  ),
  allowedOrigins: o.maybe(o.texts),
  allowedHosts: o.maybe(o.texts),
  maxBodyBytes: o.maybe(o.from(1)),
  rateLimit: o.maybe(o.strict<RateLimit>({ messages: o.from(1), perSeconds: o.positive })),
  maxConcurrent: o.maybe(o.from(1)),
  now: o.maybe(o.func),
  onError: o.maybe(o.func),
  onRequest: o.maybe(o.func),
});

/** @throws {GitLabToolError} `invalid_input` */
export function checkHandlerOptions(options: unknown): void {
  o.checkOptions(handler, options, { of: "The options of the MCP server" });
}

/** @throws {GitLabToolError} `invalid_input` */
export function checkServerOptions(options: unknown): void {
  o.checkOptions(server, options, { of: "The options of the MCP server" });
}
