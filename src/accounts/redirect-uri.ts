import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type { Connection } from "./types.js";

const placeholder = "{connection}";

/**
 * A redirect URI in which `{connection}` stands for the connection's name.
 *
 * @returns `undefined` for what nobody can be sent back to
 */
export function expandRedirectUri(template: string, connectionName: string): string | undefined {
  const text = template.replaceAll(placeholder, encodeURIComponent(connectionName));
  if (!URL.canParse(text)) return undefined;
  const { protocol, host, hash } = new URL(text);
  // No fragment: https://datatracker.ietf.org/doc/html/rfc6749#section-3.1.2
  if (hash !== "" || text.includes("#")) return undefined;
  if (protocol === "https:" || protocol === "http:") return host === "" ? undefined : text;
  // An application's own scheme is a domain name turned around: https://datatracker.ietf.org/doc/html/rfc8252#section-7.1
  return /^[a-z][\w+-]*(\.[\w+-]+)+:$/i.test(protocol) ? text : undefined;
}

const loopback = new Set(["127.0.0.1", "[::1]", "localhost"]);

interface Address {
  readonly origin: string;
  readonly path: string;
}

/**
 * What tells one redirect URI from another. A loopback address has whichever port is free:
 * https://datatracker.ietf.org/doc/html/rfc8252#section-7.3
 */
function addressOf(redirectUri: string): Address {
  const { protocol, hostname, host, pathname } = new URL(redirectUri);
  return { origin: `${protocol}//${loopback.has(hostname) ? hostname : host}`, path: pathname };
}

/** Connections that authorize people at another instance. */
function otherInstances(connection: Connection, all: readonly Connection[]): Connection[] {
  return all.filter(({ baseUrl, clientId }) => clientId !== undefined && baseUrl !== connection.baseUrl);
}

const ownRedirectUri =
  'Give each instance a redirect URI of its own, registered with its application: redirectUri: "https://app.example/callback/{connection}", in which {connection} becomes the connection\'s name.';

/**
 * Redirect URIs tell which instance has sent a person back; one that two instances share lets the one pass the other's
 * codes off as its own (https://datatracker.ietf.org/doc/html/rfc9700#section-4.4).
 *
 * @throws {GitLabToolError} `connection_misconfigured`
 */
export function checkOwnRedirectUri(connection: Connection, redirectUri: string, all: readonly Connection[]): void {
  const { origin, path } = addressOf(redirectUri);
  const others = otherInstances(connection, all);
  const shared = others.some((other) => {
    if (other.redirectUri === undefined) return false;
    const address = addressOf(other.redirectUri);
    return address.origin === origin && address.path === path;
  });
  // One that a link brings along is known to nobody else: the connection's name has to be in it.
  const anonymous =
    others.length > 0 &&
    redirectUri !== connection.redirectUri &&
    !path.split("/").includes(encodeURIComponent(connection.name)) &&
    !isLoopback(redirectUri, connection);
  if (!shared && !anonymous) return;
  throw new GitLabToolError({
    code: "connection_misconfigured",
    message: `Connection "${connection.name}" cannot use this redirect URI: nothing in it tells its instance from another one.`,
    hint: ownRedirectUri,
    details: { connectionName: connection.name, field: "redirectUri" },
  });
}

/** The connection's own redirect URI with a port that was free. */
function isLoopback(redirectUri: string, { redirectUri: own }: Connection): boolean {
  if (own === undefined || !loopback.has(new URL(redirectUri).hostname)) return false;
  const [one, other] = [addressOf(redirectUri), addressOf(own)];
  return one.origin === other.origin && one.path === other.path;
}

/** Where a callback has arrived; without an origin where only its path and query are known. */
export interface Arrival {
  readonly origin?: string;
  readonly path: string;
  readonly parameters: URLSearchParams;
}

/**
 * @param publicUrl where the application is reached from outside, when a proxy before it changes host, scheme or prefix
 * @returns `undefined` for what is no URL
 */
export function arrivalOf(callback: string | URL, publicUrl?: string): Arrival | undefined {
  const text = String(callback);
  const relative = /^[/?](?![/\\])/.test(text);
  if (!relative && !URL.canParse(text)) return undefined;
  const anywhere = "http://callback.invalid";
  if (relative && !URL.canParse(text, anywhere)) return undefined;
  const url = relative ? new URL(text, anywhere) : new URL(text);
  if (publicUrl !== undefined) {
    const prefix = new URL(publicUrl).pathname.replace(/\/+$/, "");
    const path = url.pathname.startsWith(`${prefix}/`) ? url.pathname : `${prefix}${url.pathname}`;
    return { path, parameters: url.searchParams };
  }
  const origin = `${url.protocol}//${url.host}`;
  return { ...(!relative && { origin }), path: url.pathname, parameters: url.searchParams };
}

/** Whether the callback has come to the redirect URI that its link was made for, and cannot be another instance's. */
export function hasArrivedAt(
  arrival: Arrival,
  redirectUri: string,
  connection: Connection,
  all: readonly Connection[],
): boolean {
  const { protocol, host, pathname } = new URL(redirectUri);
  if (arrival.path !== pathname) return false;
  if (arrival.origin !== undefined) return arrival.origin === `${protocol}//${host}`;
  // Without the origin only the path tells instances apart.
  return !otherInstances(connection, all).some(
    (other) => other.redirectUri !== undefined && new URL(other.redirectUri).pathname === pathname,
  );
}

/** @throws {GitLabToolError} `connection_misconfigured` */
export function checkPublicUrl(publicUrl: string): void {
  const url = URL.canParse(publicUrl) ? new URL(publicUrl) : undefined;
  if (url && /^https?:$/.test(url.protocol) && url.search === "" && url.hash === "" && url.username === "") return;
  throw new GitLabToolError({
    code: "connection_misconfigured",
    message: "publicUrl must be the address that the application is reached at from outside.",
    hint: "Give its origin, with the path prefix if there is one: https://app.example or https://example.com/app.",
    details: { field: "publicUrl" },
  });
}
