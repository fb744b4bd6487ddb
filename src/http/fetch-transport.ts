import { unlessAborted } from "./budget.js";
import { bodiless, statedLength } from "./head.js";
import type { HttpResponse, ResponseBody, Transport } from "./transport.js";

/** Sends with a `fetch`: one of the user's own, or the platform's where Node's sockets are not to be had. */
export function fetchTransport(fetch: typeof globalThis.fetch): Transport {
  return {
    async send({ method, url, headers, body, signal }) {
      const init = { method, headers, redirect: "manual", signal, ...(body !== undefined && { body }) } as const;
      // A function of the user's own may not listen to the signal.
      return toHttpResponse(await unlessAborted(fetch(url, init), signal), signal);
    },
  };
}

/** A standard response, or a request's body as one, as this room reads it: every read ends with `signal`. */
export function toHttpResponse(response: Response, signal: AbortSignal): HttpResponse {
  const { status, headers } = response;
  // What the platform has decoded is longer than the head says.
  const length = headers.has("content-encoding") ? undefined : statedLength(headers.get("content-length"));
  return { status, headers, body: bodyOf(response, bodiless.has(status) ? 0 : length, signal) };
}

function bodyOf(response: Response, length: number | undefined, signal: AbortSignal): ResponseBody {
  return {
    length,
    whole: async () => new Uint8Array(await unlessAborted(response.arrayBuffer(), signal)),
    async *chunks() {
      const body: ReadableStream<Uint8Array> | null = response.body;
      const reader = body?.getReader();
      if (!reader) return;
      try {
        for (;;) {
          const { done, value } = await unlessAborted(reader.read(), signal);
          if (done) return;
          yield value;
        }
      } finally {
        reader.cancel().catch(() => undefined);
      }
    },
    cancel: () => void response.body?.cancel().catch(() => undefined),
  };
}
