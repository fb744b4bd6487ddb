import { platformTransport } from "#transport";
import { readBytes } from "./body.js";
import { fetchTransport } from "./fetch-transport.js";
import { bodiless } from "./head.js";
import type { NetworkSettings, Transport } from "./transport.js";

/** The part of `fetch` that is needed for one request to an instance. */
export interface SafeFetchInit {
  readonly method?: string;
  readonly headers?: Headers | Readonly<Record<string, string>>;
  readonly body?: URLSearchParams | string | null;
  readonly signal?: AbortSignal | null;
  /** What is made of the response's body before anybody reads it. */
  readonly rewrite?: ((body: Uint8Array) => string | Uint8Array<ArrayBuffer>) | undefined;
}

/**
 * `fetch` for requests that are not a tool's: the response's body has been read, within the limit, and all of it ends
 * with the signal. Redirects are not followed.
 */
export type SafeFetch = (url: string, init?: SafeFetchInit, network?: NetworkSettings) => Promise<Response>;

/** No document that this is for is longer. */
const mostBytes = 1024 * 1024;

/**
 * A safe fetch on the platform's transport, or on a `fetch` of the user's own.
 *
 * @throws {GitLabToolError} `response_too_large`
 */
export function createSafeFetch(own?: typeof globalThis.fetch): SafeFetch {
  const usual = own ? fetchTransport(own) : platformTransport();
  const others = new WeakMap<NetworkSettings, Transport>();
  const transportFor = (network?: NetworkSettings): Transport => {
    if (own || !network) return usual;
    const transport = others.get(network) ?? platformTransport(network);
    others.set(network, transport);
    return transport;
  };
  return async (url, { method = "GET", headers, body, signal, rewrite } = {}, network) => {
    const plain = Object.fromEntries(new Headers(headers));
    if (body instanceof URLSearchParams) plain["content-type"] ??= "application/x-www-form-urlencoded;charset=UTF-8";
    const response = await transportFor(network).send({
      method,
      url,
      headers: plain,
      ...(body !== undefined && body !== null && { body: String(body) }),
      signal: signal ?? new AbortController().signal,
    });
    const { status } = response;
    const bytes = await readBytes(response, mostBytes);
    // A Response takes no other status (Fetch standard, "initialize a response").
    const known = status >= 200 && status <= 599;
    return new Response(bodiless.has(status) ? null : (rewrite?.(bytes) ?? new Uint8Array(bytes)), {
      status: known ? status : 502,
      headers: headersOf(response),
    });
  };
}

/** Those that readers of such documents look at. */
const names = [
  "content-type",
  "retry-after",
  "ratelimit-reset",
  "date",
  "cache-control",
  "www-authenticate",
  "location",
];

function headersOf({ headers }: { readonly headers: Pick<Headers, "get"> }): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = headers.get(name);
      // Bytes beyond latin1 do not fit into a Response.
      return value === null || /[^\t\x20-\x7e\x80-\xff]/.test(value) ? [] : [[name, value]];
    }),
  );
}
