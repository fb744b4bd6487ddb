import type { IncomingMessage, ServerResponse } from "node:http";
import type { HandleOptions, WebhookReceiver } from "./receiver.js";

/**
 * A receiver as a handler of Node's `http` server, or as a middleware of Express and its like. It has to come before any
 * middleware that reads the body: a signature is made over the bytes as they came.
 *
 * @example
 * ```ts
 * app.post("/webhooks/gitlab", toNodeHandler(receiver));
 * ```
 */
export function toNodeHandler(
  receiver: WebhookReceiver,
  options?: HandleOptions,
): (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void> {
  return async (incoming, outgoing) => {
    const response = await receiver.handle(toRequest(incoming), options);
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    outgoing.end(await response.text());
  };
}

function toRequest(incoming: IncomingMessage): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) {
    for (const one of Array.isArray(value) ? value : value === undefined ? [] : [value]) headers.append(name, one);
  }
  const { method = "GET" } = incoming;
  const hasBody = method !== "GET" && method !== "HEAD";
  // Where the body has been read before us, nothing is left to verify: that is an empty body, which is refused.
  const body = hasBody && !incoming.readableEnded ? streamOf(incoming) : undefined;
  return new Request(`http://localhost${incoming.url ?? "/"}`, {
    method,
    headers,
    ...(body !== undefined && { body, duplex: "half" }),
  });
}

function streamOf(incoming: IncomingMessage): ReadableStream<Uint8Array> {
  const chunks = incoming[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  return new ReadableStream({
    async pull(controller) {
      const next = await chunks.next();
      if (next.done === true) controller.close();
      else controller.enqueue(new Uint8Array(next.value));
    },
    async cancel() {
      await chunks.return?.();
    },
  });
}
