import { createHealth } from "../web/health.js";
import { hostsOf } from "../web/hosts.js";
import { listen } from "../web/node-server.js";
import { createGateway } from "./gateway.js";
import type { GatewayOptions } from "./options.js";

/** Options of {@link serveGateway}. */
export interface ServeOptions extends Omit<GatewayOptions, "allowedHosts"> {
  /** Default: `127.0.0.1`, behind a proxy that brings TLS. */
  readonly host?: string;
  /** Default: a free one. */
  readonly port?: number;
  /** Names under which a proxy passes requests on, as in their `Host`. With any, no other name is answered. */
  readonly trustedHosts?: readonly string[];
  /** How long `/healthz` waits for the store, in milliseconds. Default: 2,000. */
  readonly healthTimeoutMs?: number;
}

export interface GatewayServer {
  readonly url: string;
  /** Stops listening, lets requests under way finish within `graceMs` (default 10,000), and aborts the others. */
  close(options?: { readonly graceMs?: number }): Promise<void>;
}

/** Serves the gateway, with `/healthz` and `/readyz` for load balancers. */
export async function serveGateway(options: ServeOptions): Promise<GatewayServer> {
  const { host = "127.0.0.1", port = 0, trustedHosts = [], healthTimeoutMs = 2_000, ...rest } = options;
  const health = createHealth(rest.gitlab, healthTimeoutMs);
  let allowedHosts: readonly string[] | undefined = [];
  const gateway = createGateway({
    ...rest,
    get allowedHosts() {
      return allowedHosts;
    },
  });
  const server = await listen(async (request) => (await health.respond(request)) ?? (await gateway(request)), {
    host,
    port,
  });
  allowedHosts = hostsOf({ host, port: server.port }, trustedHosts);

  return {
    url: server.origin,
    async close(closeOptions) {
      health.close();
      await server.close(() => gateway.close(closeOptions));
    },
  };
}
