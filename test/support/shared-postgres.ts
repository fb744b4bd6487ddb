import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { PostgresServer } from "./postgres.js";

/** Where test files ask for the run's PostgreSQL. */
export const postgresOfTheRun = "TEST_POSTGRES_OF_THE_RUN";

let asked: Server | undefined;
let started: Promise<PostgresServer> | undefined;

/**
 * A server takes seconds to make and to start, and tests only need a database of their own: the first file that asks
 * starts one for the whole run. It is this process's, because those of test files come and go.
 */
export async function setup(): Promise<void> {
  // Each of Vitest's projects sets up; one server is enough for all.
  if (process.env[postgresOfTheRun] !== undefined) return;
  const server = createServer((_, response) => {
    started ??= import("./postgres.js").then(({ startServer }) => startServer());
    started.then(
      ({ port, folder }) => response.end(JSON.stringify({ port, folder })),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  process.env[postgresOfTheRun] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  asked = server;
}

export async function teardown(): Promise<void> {
  if (!asked) return;
  asked.closeAllConnections();
  await new Promise((done) => asked?.close(done));
  await (await started)?.stop();
}
