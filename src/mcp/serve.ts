import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
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

/** How long a client may take to read its answer, once there are no more. */
const leaveMs = 500;

const loopback = ["127.0.0.1", "::1", "localhost"];

/**
 * Serves MCP over Streamable HTTP, with `/healthz` for load balancers: 200 while the store answers, 503 otherwise and
 * during shutdown.
 */
export async function serveMcp(options: McpServeOptions): Promise<McpHttpServer> {
  const { host = "127.0.0.1", port = 0, path = "/mcp", healthTimeoutMs = 2_000, trustedHosts, ...rest } = options;
  const served = { ...rest, ...(rest.signIn && { signIn: { path, ...rest.signIn } }) };
  const { gitlab, signIn } = served;
  let closing = false;
  let allowedHosts = options.allowedHosts;

  const mcp = createMcpHandler({
    ...served,
    get allowedHosts() {
      return allowedHosts;
    },
  });

  /** One look for everybody who asks meanwhile: nobody keeps the store busy by asking. */
  let look: Promise<unknown> | undefined;
  const storeAnswers = (): Promise<boolean> => {
    look ??= gitlab.actions.listConnectedAccounts({ limit: 1 }).finally(() => (look = undefined));
    const late = AbortSignal.timeout(healthTimeoutMs);
    return Promise.race([
      look.then(
        () => true,
        () => false,
      ),
      once(late, "abort").then(() => false),
    ]);
  };

  async function health(): Promise<Response> {
    const alive = !closing && (await storeAnswers());
    const status = closing ? "closing" : alive ? "ok" : "unavailable";
    return Response.json({ status }, { status: alive ? 200 : 503, headers: { "Cache-Control": "no-store" } });
  }

  async function fetch(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === path) return await mcp(request);
    if ((pathname === "/healthz" || pathname === "/readyz") && (request.method === "GET" || request.method === "HEAD"))
      return await health();
    // The documents and pages of signing in lie beside the endpoint.
    if (signIn && (pathname.startsWith("/.well-known/oauth-") || signInPath.test(pathname))) return await mcp(request);
    return new Response("Not found\n", { status: 404 });
  }

  // The adaptor would replace the global Request and Response, which everything else here relies on.
  const server = createAdaptorServer({ fetch, overrideGlobalObjects: false }) as Server;
  server.listen(port, host);
  await once(server, "listening");
  const address = server.address() as AddressInfo;
  // A page elsewhere must not reach a local server by a name that it has pointed here.
  const local = loopback.includes(host) ? [...loopback, "[::1]"].map((name) => `${name}:${address.port}`) : [];
  const named = [...(trustedHosts ?? []), ...(signIn ? [new URL(signIn.publicUrl).host] : [])];
  if (local.length + named.length > 0) allowedHosts ??= [...local, ...named];

  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${address.port}${path}`,
    async close(closeOptions) {
      closing = true;
      const closed = once(server, "close");
      server.close();
      server.closeIdleConnections();
      await mcp.close(closeOptions);
      // The last answers may still be on their way out.
      server.closeIdleConnections();
      const late = setTimeout(() => server.closeAllConnections(), leaveMs);
      await closed;
      clearTimeout(late);
    },
  };
}
