import { createServer, type Server } from "node:http";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type { AccountRecord } from "../stores/account-store.js";
import { completeCallback, createLink, type AuthorizationParts } from "./authorization.js";
import type { AccountKey } from "./types.js";

export interface BrowserAuthorizationOptions extends AccountKey {
  /** Default: the connection's. */
  readonly scopes?: readonly string[];
  /** Asks for the least scopes that these tools need, in place of `scopes`. */
  readonly tools?: readonly string[];
  /** Shows the link to the person: opens a browser, prints it. */
  readonly open: (link: string) => void | Promise<void>;
  /** Gives up. The link itself works for ten minutes. */
  readonly signal?: AbortSignal;
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
    server.once("error", reject);
    server.listen(port, host, () => resolve());
  });

/**
 * Loopback redirection for native applications (RFC 8252, section 7.3): a listener on this machine takes the callback.
 * Without a port in the redirect URI a free one is taken.
 */
export async function authorizeInBrowser(
  parts: AuthorizationParts,
  { open, signal, ...options }: BrowserAuthorizationOptions,
): Promise<AccountRecord> {
  const connection = await parts.connections.resolve(options.connectionName);
  const { host, port, path } = listenerFor(connection.name, connection.redirectUri);
  const server = createServer();
  await listen(server, port, host);
  const address = server.address();
  const free = typeof address === "object" && address !== null ? address.port : port;
  const redirectUri = `http://${host.includes(":") ? `[${host}]` : host}:${free}${path}`;

  const arrived = new Promise<AccountRecord>((resolve, reject) => {
    signal?.addEventListener("abort", () => reject(cancelled()), { once: true });
    if (signal?.aborted) reject(cancelled());
    server.on("request", (request, response) => {
      const url = new URL(request.url ?? "/", redirectUri);
      const answers = url.searchParams.has("code") || url.searchParams.has("error");
      if (request.method !== "GET" || url.pathname !== path || !answers) {
        response.writeHead(404).end();
        return;
      }
      const say = (status: number, text: string): void => {
        response.writeHead(status, { "Content-Type": "text/plain; charset=utf-8", Connection: "close" }).end(text);
      };
      completeCallback(parts, url, { expectedIdentifier: options.identifier }).then(
        ({ account }) => {
          say(200, "Connected. You can close this window.");
          resolve(account);
        },
        (error: unknown) => {
          say(400, error instanceof GitLabToolError ? `${error.message} ${error.hint ?? ""}` : "It did not work.");
          // A stray request on the port does not end the flow; GitLab's own refusal does.
          if (!(error instanceof GitLabToolError)) reject(new Error("The callback failed", { cause: error }));
          else if (error.code !== "invalid_input") reject(error);
        },
      );
    });
  });
  try {
    const { link } = await createLink(parts, { ...options, redirectUri });
    await Promise.race([Promise.resolve(open(link)), arrived]);
    return await arrived;
  } finally {
    arrived.catch(() => undefined);
    server.close();
    server.closeIdleConnections();
  }
}

function cancelled(): GitLabToolError {
  return new GitLabToolError({ code: "aborted", message: "The authorization was cancelled.", hint: "Start it again." });
}
