import { lookup } from "node:dns/promises";
import { isIPv6, type LookupFunction } from "node:net";
import type { Readable } from "node:stream";
import * as tls from "node:tls";
import type { ConnectionOptions } from "node:tls";
import { Agent, EnvHttpProxyAgent, ProxyAgent, request, type Dispatcher } from "undici";
import { unlessAborted } from "./budget.js";
import { acceptEncoding, damagedEncoding, decode, encodingsOf, isDecodingError } from "./decode.js";
import {
  bodiless,
  statedLength,
  type HeaderReader,
  type NetworkSettings,
  type ResponseBody,
  type Transport,
} from "./transport.js";

/**
 * Node's transport: undici's `request`, which follows no redirect and decodes nothing. Node's built-in `fetch` is not
 * used: some answers end the process through it, and damaged compression hangs it beyond any signal.
 */
export function platformTransport(settings: NetworkSettings = {}): Transport {
  const dispatcher = dispatcherFor(settings);
  const proxied = dispatcher instanceof ProxyAgent || dispatcher instanceof EnvHttpProxyAgent;
  return {
    async send({ method, url, headers, body, signal, addresses }) {
      const sent = request(url, {
        method,
        headers: { "accept-encoding": acceptEncoding, ...headers },
        body,
        signal,
        dispatcher: addresses ? pinnedTo(addresses, settings) : dispatcher,
        // The call's own signal ends it.
        headersTimeout: 0,
        bodyTimeout: 0,
      });
      const response = await unlessAborted(sent, signal);
      // An error of a body that nobody reads would end the process.
      response.body.on("error", () => undefined);
      const read = readerOf(response.headers);
      return {
        status: response.statusCode,
        headers: read,
        body: bodyOf(response.body, response.statusCode, read, signal),
      };
    },
    async resolve(hostname) {
      if (proxied) return undefined;
      return (await lookup(hostname, { all: true })).map(({ address }) => address);
    },
  };
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

function readerOf(headers: Headers): HeaderReader {
  const get = (name: string): string | null => {
    const key = name.toLowerCase();
    const value = Object.hasOwn(headers, key) ? headers[key] : undefined;
    return value === undefined ? null : typeof value === "string" ? value : value.join(", ");
  };
  return { get, has: (name) => get(name) !== null };
}

/** A rest that is shorter is read, so that the connection can be used again. */
const shortBytes = 16 * 1024;
const shortMs = 1000;

function bodyOf(
  body: Dispatcher.ResponseData["body"],
  status: number,
  headers: HeaderReader,
  signal: AbortSignal,
): ResponseBody {
  const encodings = bodiless.has(status) ? [] : encodingsOf(headers.get("content-encoding"));
  const stated = bodiless.has(status) ? 0 : statedLength(headers.get("content-length"));
  return {
    length: encodings.length === 0 ? stated : undefined,
    whole: () => unlessAborted(body.bytes(), signal),
    chunks: () => chunksOf(body, encodings, signal),
    cancel: () => {
      if (stated === undefined || stated > shortBytes) body.destroy();
      else body.dump({ limit: shortBytes, signal: AbortSignal.timeout(shortMs) }).catch(() => undefined);
    },
  };
}

async function* chunksOf(
  body: Readable,
  encodings: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    const decoded = decode(body, encodings);
    const chunks = decoded[Symbol.asyncIterator]() as AsyncIterator<Uint8Array, undefined>;
    try {
      for (;;) {
        const { done, value } = await unlessAborted(chunks.next(), signal);
        if (done) return;
        yield value;
      }
    } finally {
      decoded.destroy();
    }
  } catch (error) {
    throw isDecodingError(error) ? damagedEncoding(error.code) : error;
  } finally {
    body.destroy();
  }
}

const mostDispatchers = 200;
const dispatchers = new Map<string, Dispatcher>();
const proxyVariables = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy"] as const;

/** Connections are shared by all clients that go the same way. */
function dispatcherFor(settings: NetworkSettings): Dispatcher {
  const environment = proxyVariables.map((name) => process.env[name] ?? "");
  const key = JSON.stringify([settings.ca, settings.clientCertificate, settings.proxy, environment]);
  const known = dispatchers.get(key);
  if (known) return known;
  const connect = tlsOf(settings);
  const fromEnvironment = environment.slice(0, 4).some((url) => url !== "");
  const made =
    settings.proxy !== undefined
      ? new ProxyAgent({ uri: settings.proxy, requestTls: connect })
      : fromEnvironment
        ? new EnvHttpProxyAgent({ connect, requestTls: connect })
        : new Agent({ connect });
  dispatchers.set(key, made);
  const [oldest] = dispatchers;
  if (dispatchers.size > mostDispatchers && oldest) {
    dispatchers.delete(oldest[0]);
    // Requests under way end in their own time.
    oldest[1].close().catch(() => undefined);
  }
  return made;
}

/** For one request: the name was looked up and its addresses were checked, and DNS may say something else by now. */
function pinnedTo(addresses: readonly string[], settings: NetworkSettings): Dispatcher {
  const all = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
  const lookup: LookupFunction = (_, options, found) => {
    if (options.all) found(null, all);
    else found(null, all[0]?.address ?? "", all[0]?.family);
  };
  return new Agent({ pipelining: 0, connect: { ...tlsOf(settings), lookup } });
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
