import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { createGitLab, type GitLab, type GitLabAccount, type GitLabOptions } from "gitlab-agent-tools";
import { onTestFinished } from "vitest";

/** One request as it arrived. */
export interface Arrived {
  readonly method: string;
  /** Path and query, exactly as sent. */
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export interface TestServer {
  readonly baseUrl: string;
  /** Requests of tools; those of connecting an account are left out. */
  readonly arrived: Arrived[];
  stop(): Promise<void>;
}

export type Respond = (request: Arrived, response: ServerResponse, number: number) => unknown;

const connecting = /\/api\/v4\/(?:user|personal_access_tokens\/self)$|\/oauth\//;

/** A real HTTP server that answers as a test says; it ends with the test. */
export async function serve(respond: Respond, options: { prefix?: string } = {}): Promise<TestServer> {
  const server = await listen(respond, options);
  onTestFinished(() => server.stop());
  return server;
}

/** The same for several tests, which have to stop it. */
export async function listen(respond: Respond, options: { prefix?: string } = {}): Promise<TestServer> {
  const arrived: Arrived[] = [];
  const server = createServer((incoming, response) => {
    void text(incoming).then(async (body) => {
      const { method = "", url = "", headers } = incoming;
      if (connecting.test(url.split("?")[0] ?? "")) {
        response.writeHead(404).end();
        return;
      }
      const request = { method, url, headers, body };
      await respond(request, response, arrived.push(request));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const stop = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  };
  const { port } = server.address() as AddressInfo;
  return { baseUrl: `http://127.0.0.1:${port}${options.prefix ?? ""}`, arrived, stop };
}

export function json(
  response: ServerResponse,
  body: unknown,
  status = 200,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", "x-request-id": "req-1", ...headers });
  response.end(JSON.stringify(body));
}

export const token = "glpat-a-token-that-nobody-may-see";

/** An account on a server, connected with a token. */
export async function connect(
  { baseUrl }: TestServer,
  options: Partial<GitLabOptions> = {},
): Promise<{ gitlab: GitLab; account: GitLabAccount }> {
  const gitlab = createGitLab({ store: "memory:", connections: { gitlab: { baseUrl } }, ...options });
  onTestFinished(() => gitlab.close());
  await gitlab.connectWithToken({ identifier: "user_1", token });
  return { gitlab, account: gitlab.as("user_1") };
}
