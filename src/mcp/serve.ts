import { createHealth } from "../web/health.js";
import { hostsOf } from "../web/hosts.js";
import { listen } from "../web/node-server.js";
import { createMcpHandler } from "./handler.js";
import type { McpHandlerOptions } from "./options.js";

/** Options of {@link serveMcp}. */
export interface McpServeOptions extends McpHandlerOptions {
  /** Default: `127.0.0.1`, behind a proxy that brings TLS. */
  readonly host?: string;
  /** Default: a free one. */
  readonly port?: number | undefined;
  /** The endpoint's path. Default: `/mcp`. */
  readonly path?: string | undefined;
  /** How long `/healthz` waits for the store, in milliseconds. Default: 2,000. */
  readonly healthTimeoutMs?: number | undefined;
  /**
   * Names under which a proxy passes requests on, as in their `Host`. With `signIn`, or this, no other name is answered;
   * those of this machine are where the server listens there only.
   */
  readonly trustedHosts?: readonly string[];
}

export interface McpHttpServer {
  /** The endpoint. */
  readonly url: string;
  /** Stops listening, lets requests under way finish within `graceMs` (default 10,000), and aborts the others. */
  close(options?: { readonly graceMs?: number }): Promise<void>;
}

const signInPath = /^\/(?:authorize|token|register|revoke|callback\/[^/]+)$/;

/**
 * Serves MCP over Streamable HTTP, with `/healthz` for load balancers: 200 while the store answers, 503 otherwise and
 * during shutdown.
 */
export async function serveMcp(options: McpServeOptions): Promise<McpHttpServer> {
  const { host = "127.0.0.1", port = 0, path = "/mcp", healthTimeoutMs = 2_000, trustedHosts, ...rest } = options;
  const served = { ...rest, ...(rest.signIn && { signIn: { path, ...rest.signIn } }) };
  const { gitlab, signIn } = served;
  const health = createHealth(gitlab, healthTimeoutMs);
  let allowedHosts = options.allowedHosts;

  const mcp = createMcpHandler({
    ...served,
    get allowedHosts() {
      return allowedHosts;
    },
  });

  async function fetch(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === path) return await mcp(request);
    const answer = await health.respond(request);
    if (answer) return answer;
    // The documents and pages of signing in lie beside the endpoint.
    if (signIn && (pathname.startsWith("/.well-known/oauth-") || signInPath.test(pathname))) return await mcp(request);
    return new Response("Not found\n", { status: 404 });
  }

  const server = await listen(fetch, { host, port });
  const named = [...(trustedHosts ?? []), ...(signIn ? [new URL(signIn.publicUrl).host] : [])];
  allowedHosts ??= hostsOf({ host, port: server.port }, named);

  return {
    url: `${server.origin}${path}`,
    async close(closeOptions) {
      health.close();
      await server.close(() => mcp.close(closeOptions));
    },
  };
}
