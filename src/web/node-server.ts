/**
 * What the surfaces over HTTP share: how this process listens and stops, whether it is healthy, which names it answers
 * to, how much of a body is read, how often one caller may ask, and rows that only this program can have written.
 */
import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";

/** A server that listens. */
export interface Listening {
  readonly port: number;
  /** `http://host:port` of where it listens. */
  readonly origin: string;
  /**
   * Takes no new connections, waits for `work`, which ends the requests under way, and lets their answers out.
   */
  close(work: () => Promise<void>): Promise<void>;
}

/** How long a client may take to read its answer, once there are no more. */
const leaveMs = 500;

/** Serves a `fetch` handler on a port of this machine. */
export async function listen(
  fetch: (request: Request) => Promise<Response>,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<Listening> {
  // The adaptor would replace the global Request and Response, which everything else here relies on.
  const server = createAdaptorServer({ fetch, overrideGlobalObjects: false }) as Server;
  server.listen(port, host);
  await once(server, "listening");
  const address = server.address() as AddressInfo;

  return {
    port: address.port,
    origin: `http://${host.includes(":") ? `[${host}]` : host}:${address.port}`,
    async close(work) {
      const closed = once(server, "close");
      server.close();
      server.closeIdleConnections();
      await work();
      // The last answers may still be on their way out.
      server.closeIdleConnections();
      const late = setTimeout(() => server.closeAllConnections(), leaveMs);
      await closed;
      clearTimeout(late);
    },
  };
}
