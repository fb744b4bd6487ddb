import { lookup } from "node:dns/promises";
import type { Readable } from "node:stream";
import type { Dispatcher } from "undici";
import { unlessAborted } from "./budget.js";
import { toConnectError } from "./connect-error.js";
import { acceptEncoding, damagedEncoding, decode, encodingsOf, isDecodingError } from "./decode.js";
import { bodiless, statedLength } from "./head.js";
import type { HeaderReader, HttpRequest, NetworkSettings, ResponseBody, Transport } from "./transport.js";
import { loadUndici } from "./undici.js";

async function open(settings: NetworkSettings) {
  const [undici, { dispatcherFor, pinnedTo }] = await Promise.all([loadUndici(), import("./dispatcher.js")]);
  const { dispatcher, mayProxy } = dispatcherFor(undici, settings);
  const { clientCertificate, ...withoutCertificate } = settings;
  const dispatcherOf = ({ elsewhere, addresses }: HttpRequest): Dispatcher => {
    // A proxy looks the name up itself.
    if (addresses && !mayProxy) return pinnedTo(undici, addresses, elsewhere ? withoutCertificate : settings);
    return elsewhere && clientCertificate ? dispatcherFor(undici, withoutCertificate).dispatcher : dispatcher;
  };
  return { request: undici.request, dispatcherOf, mayProxy };
}

/**
 * Node's transport: undici's `request`, which follows no redirect and decodes nothing. Node's built-in `fetch` is not
 * used: some answers end the process through it, and damaged compression hangs it beyond any signal.
 */
export function platformTransport(settings: NetworkSettings = {}): Transport {
  let opened: ReturnType<typeof open> | undefined;
  return {
    async send(sending) {
      const { method, url, headers, body, signal } = sending;
      const { request, dispatcherOf } = await (opened ??= open(settings));
      const sent = request(url, {
        method,
        headers: { "accept-encoding": acceptEncoding, ...headers },
        body,
        signal,
        dispatcher: dispatcherOf(sending),
        // The call's own signal ends it.
        headersTimeout: 0,
        bodyTimeout: 0,
      });
      const response = await unlessAborted(sent, signal).catch((error: unknown) => {
        throw toConnectError(error, url, settings);
      });
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
      const { mayProxy } = await (opened ??= open(settings));
      const found = lookup(hostname, { all: true });
      // Behind a proxy this machine may not know the names outside; those that it knows may be reached without it.
      const all = await (mayProxy ? found.catch(() => undefined) : found);
      return all?.map(({ address }) => address);
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
  const encoding = headers.get("content-encoding");
  const encodings = encoding === null || bodiless.has(status) ? [] : encodingsOf(encoding);
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
    const decoded = encodings.length === 0 ? body : decode(body, encodings);
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
