import type { IncomingMessage, ServerResponse } from "node:http";

/** Express, and what is like it, cuts the path that a handler is mounted at off `url`, and may have read the body. */
type Incoming = IncomingMessage & { readonly originalUrl?: string; readonly body?: unknown };

/** As a method: a handler may want more of the incoming request than Node promises, such as Express's session. */
type FetchHandler = { handle(request: Request, context?: IncomingMessage): Promise<Response> }["handle"];

/**
 * A `fetch` handler as one of Node's `http` server, or as a middleware of Express and its like. The handler is given the
 * incoming request as its context.
 *
 * @example
 * ```ts
 * app.use("/connect", toNodeHandler(connect));
 * ```
 */
export function toNodeHandler(
  handler: FetchHandler,
): (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void> {
  return async (incoming, outgoing) => {
    try {
      await send(await handler(toRequest(incoming), incoming), outgoing);
    } catch (error) {
      // Nobody catches what a listener of Node's throws: the process would end.
      process.emitWarning(`A request failed: ${error instanceof Error ? error.message : String(error)}`);
      if (!outgoing.headersSent) outgoing.statusCode = 500;
      outgoing.end();
    }
  };
}

export async function send(response: Response, outgoing: ServerResponse): Promise<void> {
  outgoing.statusCode = response.status;
  // One header for each cookie: they cannot be joined (https://datatracker.ietf.org/doc/html/rfc6265#section-3).
  for (const [name, value] of response.headers) outgoing.appendHeader(name, value);
  outgoing.end(Buffer.from(await response.arrayBuffer()));
}

/** The request as browsers have sent it: with their `Host`, and the whole path. */
export function toRequest(incoming: Incoming): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) {
    for (const one of Array.isArray(value) ? value : value === undefined ? [] : [value]) headers.append(name, one);
  }
  const { method = "GET", originalUrl, url = "/" } = incoming;
  const scheme = "encrypted" in incoming.socket && incoming.socket.encrypted === true ? "https" : "http";
  const claimed = `${scheme}://${incoming.headers.host ?? "localhost"}`;
  const origin = URL.canParse(claimed) ? new URL(claimed).origin : `${scheme}://localhost`;
  const target = originalUrl ?? url;
  const body = method === "GET" || method === "HEAD" ? undefined : bodyOf(incoming);
  return new Request(new URL(target.startsWith("/") ? `${origin}${target}` : target), {
    method,
    headers,
    ...(body !== undefined && { body, duplex: "half" }),
  });
}

/** The body as it comes; where a middleware has read it, what it has made of it. */
function bodyOf(incoming: Incoming): ReadableStream<Uint8Array> | string | Uint8Array | undefined {
  if (!incoming.readableEnded) return streamOf(incoming);
  const { body } = incoming;
  if (typeof body === "string" || body instanceof Uint8Array) return body;
  if (typeof body !== "object" || body === null) return undefined;
  const isForm = /^application\/x-www-form-urlencoded\b/i.test(incoming.headers["content-type"] ?? "");
  return isForm ? new URLSearchParams(body as Record<string, string>).toString() : JSON.stringify(body);
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
