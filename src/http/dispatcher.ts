import { isIPv6, type LookupFunction } from "node:net";
import * as tls from "node:tls";
import type { ConnectionOptions } from "node:tls";
import type { buildConnector, Dispatcher, Pool } from "undici";
import { ProxyError } from "./connect-error.js";
import type { NetworkSettings } from "./transport.js";
import type { Undici } from "./undici.js";

/** A way to instances: connections that are kept for the next request. */
interface Way {
  readonly dispatcher: Dispatcher;
  /** Some requests go through a proxy. */
  readonly mayProxy: boolean;
}

const mostWays = 200;
const ways = new Map<string, Way>();
const proxyVariables = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"] as const;
const noProxyVariables = ["NO_PROXY", "no_proxy"] as const;

/**
 * The way for a connection's settings, shared by all clients that go the same way. Without a proxy of its own it is the
 * one that the environment names: `HTTPS_PROXY` for instances behind TLS, `HTTP_PROXY` for others, but for the hosts in
 * `NO_PROXY`.
 */
export function dispatcherFor(undici: typeof Undici, settings: NetworkSettings): Way {
  const environment = [...proxyVariables, ...noProxyVariables].map((name) => process.env[name] ?? "");
  const key = JSON.stringify([settings.ca, settings.clientCertificate, settings.proxy, environment]);
  const way = ways.get(key) ?? wayFor(undici, settings);
  ways.delete(key);
  ways.set(key, way);
  const [oldest] = ways.keys();
  // Not closed: whoever has it goes on with it, and its idle connections end by themselves.
  if (ways.size > mostWays && oldest !== undefined) ways.delete(oldest);
  return way;
}

function wayFor(undici: typeof Undici, settings: NetworkSettings): Way {
  const connect = tlsOf(settings);
  // A certificate of ours is for the instance, not for the proxy.
  const proxy = { requestTls: connect, proxyTls: tlsOf({ ca: settings.ca }), clientFactory: proxyClient(undici) };
  if (settings.proxy !== undefined) {
    const { uri, token } = proxyOf(settings.proxy);
    return { dispatcher: new undici.ProxyAgent({ uri, ...proxy, ...(token && { token }) }), mayProxy: true };
  }
  if (proxyVariables.some((name) => process.env[name])) {
    return { dispatcher: new undici.EnvHttpProxyAgent({ connect, ...proxy }), mayProxy: true };
  }
  return { dispatcher: new undici.Agent({ connect }), mayProxy: false };
}

/** User and password of a proxy's URL as a header (RFC 9110, section 11.7.1); undici leaves out a user without one. */
function proxyOf(text: string): { readonly uri: string; readonly token?: string } {
  const url = new URL(text);
  if (url.username === "") return { uri: url.href };
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  url.username = url.password = "";
  return { uri: url.href, token: `Basic ${Buffer.from(pair).toString("base64")}` };
}

/** Connections to the proxy itself, whose errors say so. */
const proxyClient =
  ({ Pool }: typeof Undici) =>
  (origin: URL, options: object): Pool => {
    const { connect } = options as { readonly connect: buildConnector.connector };
    return new Pool(origin, {
      ...options,
      connect: (to, done) =>
        connect(to, (...result) => {
          if (result[0]) done(new ProxyError(origin.host, result[0]), null);
          else done(...result);
        }),
    });
  };

/** For one request: the name was looked up and its addresses were checked, and DNS may say something else by now. */
export function pinnedTo(undici: typeof Undici, addresses: readonly string[], settings: NetworkSettings): Dispatcher {
  const all = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
  const lookup: LookupFunction = (_, options, found) => {
    if (options.all) found(null, all);
    else found(null, all[0]?.address ?? "", all[0]?.family);
  };
  return new undici.Agent({ pipelining: 0, connect: { ...tlsOf(settings), lookup } });
}

function tlsOf({ ca, clientCertificate }: NetworkSettings): ConnectionOptions {
  return {
    ...(ca !== undefined && { ca: [...trusted(), ...[ca].flat()] }),
    ...clientCertificate,
  };
}

/** A `ca` option replaces what Node trusts, so that is repeated. */
function trusted(): readonly string[] {
  // Newer than the oldest Node that this library runs on; knows of NODE_EXTRA_CA_CERTS.
  const newer: Pick<typeof tls, "rootCertificates"> & { getCACertificates?: (type: "default") => string[] } = tls;
  return newer.getCACertificates?.("default") ?? tls.rootCertificates;
}
