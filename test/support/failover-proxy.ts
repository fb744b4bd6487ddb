import { createServer, request as send, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** What a replica's address is at present. */
export interface Upstream {
  port: number;
}

/**
 * A proxy before replicas, which take turns. A request goes to the next one only where no connection came about: whatever
 * has been sent may have been carried out, and is the client's to repeat.
 */
export async function startFailoverProxy(
  upstreams: readonly Upstream[],
): Promise<{ readonly url: string; close(): void }> {
  let turn = 0;

  async function pass(request: IncomingMessage, body: Buffer, response: ServerResponse): Promise<void> {
    const first = (turn += 1);
    for (let tries = 0; tries < upstreams.length; tries += 1) {
      const { port = 0 } = upstreams[(first + tries) % upstreams.length] ?? {};
      if (await attempt(request, body, response, port)) return;
    }
    response.writeHead(503, { "retry-after": "0" }).end();
  }

  const server = createServer((request, response) => {
    void buffer(request).then((body) => pass(request, body, response));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** `false` where nothing was sent. */
function attempt(request: IncomingMessage, body: Buffer, response: ServerResponse, port: number): Promise<boolean> {
  const { method, url, headers } = request;
  return new Promise((resolve) => {
    // A connection for each request: an idle one may have ended unseen, and nobody would know what became of the request.
    const onward = send({ host: "127.0.0.1", port, method, path: url, headers, agent: false });
    onward.on("response", (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.on("error", () => response.destroy());
      answer.pipe(response);
      answer.on("end", () => resolve(true));
    });
    onward.on("error", (error) => {
      if ("code" in error && error.code === "ECONNREFUSED") return resolve(false);
      if (response.headersSent) response.destroy();
      else response.writeHead(502).end();
      resolve(true);
    });
    onward.end(body);
  });
}
