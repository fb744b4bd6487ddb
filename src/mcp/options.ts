import type { Selection } from "../tools/select.js";
import { policyBeside, toolboxOptions } from "../adapters/toolbox-options.js";
import type { GitLab } from "../gitlab-types.js";
import * as o from "../options/words.js";
import type { McpSignInOptions } from "./authorization/sign-in-server.js";
import type { MessageRateLimit } from "../web/limits.js";
import type { McpServerOptions } from "./server.js";
import type { OriginRules } from "./origins.js";
import type { McpRequest } from "./requests.js";
import type { McpOffer, McpToolsOptions } from "./tools.js";

/** Options of `createMcpHandler`. */
export interface McpHandlerOptions
  extends Omit<McpOffer, "select" | "policy" | "conversation">, McpServerOptions, OriginRules {
  readonly gitlab: GitLab;
  /** The most that any session may use, whatever it was minted with. Default: all tools. */
  readonly select?: Selection;
  /** Lets people sign in with GitLab, by the server's address alone. Default: sessions are minted by the application. */
  readonly signIn?: McpSignInOptions;
  /** The largest request that is read, in bytes. Default: 4 MiB. */
  readonly maxBodyBytes?: number | undefined;
  /** Messages that one session may send to this process. Default: 600 in 60 seconds. */
  readonly rateLimit?: MessageRateLimit | undefined;
  /** Requests of one session that are worked on at once in this process. Default: 20. */
  readonly maxConcurrent?: number | undefined;
  /** The clock, in milliseconds since 1970. */
  readonly now?: (() => number) | undefined;
  /** Told what kept a request from being answered, such as a store that is away. Default: a process warning. */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** Told of every request when it has been answered, for logs. */
  readonly onRequest?: ((request: McpRequest) => void) | undefined;
}

/** What MCP servers take beside what all adapters do. */
const mcpOptions: o.ShapeOf<Pick<McpHandlerOptions, "structuredContent" | "progressIntervalMs">> = {
  structuredContent: o.maybe(o.flag),
  progressIntervalMs: o.maybe(o.duration),
};

const { outputSchema: _, ...tools } = toolboxOptions;
const { identifier: __, connectionName: ___, policy: ____, conversation: _____, ...offered } = tools;

const server: o.ShapeOf<McpToolsOptions & McpServerOptions> = { ...tools, ...mcpOptions };

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
  rateLimit: o.maybe(o.strict<MessageRateLimit>({ messages: o.from(1), perSeconds: o.positive })),
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
  o.checkOptions(o.strict({ ...server, policy: policyBeside(options) }), options, {
    of: "The options of the MCP server",
  });
}
