import { createServer, type Server, type ServerResponse } from "node:http";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type { AccountRecord } from "../stores/account-store.js";
import { systemCode } from "../errors/network.js";
import { completeCallback } from "./callback.js";
import { createLink } from "./link.js";
import type { AccountParts } from "./parts.js";
import type { AccountKey } from "./types.js";

export interface BrowserAuthorizationOptions extends AccountKey {
  /** Default: the connection's. */
  readonly scopes?: readonly string[];
  /** Asks for the least scopes that these tools need, in place of `scopes`. */
  readonly tools?: readonly string[] | undefined;
  /** Shows the link to the person: opens a browser, prints it. */
  readonly open: (link: string) => void | Promise<void>;
  /** Gives up. The link itself works for ten minutes. */
  readonly signal?: AbortSignal | undefined;
}

function listenerFor(name: string, redirectUri: string | undefined): { host: string; port: number; path: string } {
  const url = redirectUri !== undefined && URL.canParse(redirectUri) ? new URL(redirectUri) : undefined;
  const host = url?.hostname.replace(/^\[|\]$/g, "") ?? "";
  if (!url || url.protocol !== "http:" || !["127.0.0.1", "::1", "localhost"].includes(host)) {
    throw new GitLabToolError({
      code: "connection_misconfigured",
      message: `Connection "${name}" has no redirect URI on this machine.`,
      hint: "Register http://127.0.0.1:8765/callback with the application and set it as redirectUri, or use the device flow.",
      details: { connectionName: name },
    });
  }
  return { host, port: url.port === "" ? 0 : Number(url.port), path: url.pathname };
}

const listen = (server: Server, port: number, host: string): Promise<void> =>
  new Promise((resolve, reject) => {
    // For good: what happens to the listener later is no reason to end the process.
    server.on("error", reject);
    server.listen(port, host, () => resolve());
  });

/** Sends the listener's response; ends when it is on its way. */
const say = (response: ServerResponse, status: number, text: string): Promise<void> =>
  new Promise((resolve) => {
    response.once("close", resolve);
    response.writeHead(status, { "Content-Type": "text/plain; charset=utf-8", Connection: "close" }).end(text);
  });

/**
 * Loopback redirection for native applications: a listener on this machine takes the callback.
 * Without a port in the redirect URI a free one is taken.
 *
 * @see https://datatracker.ietf.org/doc/html/rfc8252#section-7.3
 */
export async function authorizeInBrowser(
  parts: AccountParts,
  { open, signal, ...options }: BrowserAuthorizationOptions,
): Promise<AccountRecord> {
  if (signal?.aborted) throw cancelled();
  const connection = await parts.connections.resolve(options.connectionName);
  const { host, port, path } = listenerFor(connection.name, connection.redirectUri);
  const server = createServer();
  try {
    await listen(server, port, host);
  } catch (error) {
    throw cannotListen(error, connection.name, `${host}:${port}`);
  }
  const address = server.address();
  const free = typeof address === "object" && address !== null ? address.port : port;
  const redirectUri = `http://${host.includes(":") ? `[${host}]` : host}:${free}${path}`;

  /** Set once there is a link: what comes for any other is somebody else's. */
  let state: string | undefined;
  let stop = (): void => undefined;
  const arrived = new Promise<AccountRecord>((resolve, reject) => {
    stop = () => reject(cancelled());
    signal?.addEventListener("abort", stop, { once: true });
    if (signal?.aborted) stop();
    server.on("request", (request, response) => {
      const target = request.url ?? "/";
      const url = URL.canParse(target, redirectUri) ? new URL(target, redirectUri) : undefined;
      const isCallback = url?.searchParams.has("code") || url?.searchParams.has("error");
      if (request.method !== "GET" || url?.pathname !== path || !isCallback) {
        response.writeHead(404).end();
        return;
      }
      // Any page in the browser, and any program on this machine, can send something here.
      if (state === undefined || url.searchParams.get("state") !== state) {
        void say(response, 400, "This is not the answer to the link that was opened here.");
        return;
      }
      completeCallback(parts, url, { expectedIdentifier: options.identifier }).then(
        async ({ account }) => {
          await say(response, 200, "Connected. You can close this window.");
          resolve(account);
        },
        async (error: unknown) => {
          const ours = error instanceof GitLabToolError;
          await say(response, 400, ours ? `${error.message} ${error.hint ?? ""}` : "It did not work.");
          // The same callback once more does not end the flow.
          if (!ours) reject(new Error("The callback failed", { cause: error }));
          else if (error.code !== "invalid_input") reject(error);
        },
      );
    });
  });
  // Nobody may be waiting yet when the caller gives up.
  arrived.catch(() => undefined);
  try {
    const { link } = await createLink(parts, { ...options, redirectUri });
    state = new URL(link).searchParams.get("state") ?? undefined;
    await Promise.race([Promise.resolve(open(link)), arrived]);
    return await arrived;
  } finally {
    signal?.removeEventListener("abort", stop);
    server.close();
    // Browsers connect ahead of requests that never come: such connections keep no process alive.
    server.closeAllConnections();
    server.unref();
  }
}

function cannotListen(error: unknown, connectionName: string, address: string): GitLabToolError {
  const code = systemCode(error);
  return new GitLabToolError({
    code: "connection_misconfigured",
    message: `Nothing can listen on ${address} for the callback${code ? ` (${code})` : ""}.`,
    hint:
      code === "EADDRINUSE"
        ? "Another program uses this port, perhaps this command in another terminal. End it, or give redirectUri another port or none."
        : "Give redirectUri a port that this process may listen on, or none; or use the device flow.",
    details: { connectionName },
    cause: error,
  });
}

function cancelled(): GitLabToolError {
  return new GitLabToolError({ code: "aborted", message: "The authorization was cancelled.", hint: "Start it again." });
}
