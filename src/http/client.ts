import createClient, { type Client } from "openapi-fetch";
import { version } from "../version.js";
import { redactBody, redactUrl } from "./redact.js";
import { sendWithRetries } from "./retry.js";
import type { DryRunRequest, SendOptions, WireRequest } from "./wire.js";

/** openapi-fetch's view of a document in which any path has any method; the tool's definition has checked the rest. */
type AnyOperation = {
  parameters: { path?: Record<string, string>; query?: Record<string, string | readonly string[]> };
  requestBody?: { content: { "application/json": Readonly<Record<string, unknown>> } };
  responses: { default: { content: { "application/json": unknown } } };
};
type AnyPaths = Record<string, Record<"get" | "post" | "put" | "patch" | "delete", AnyOperation>>;
type Method = "get" | "post" | "put" | "patch" | "delete";

const client: Client<AnyPaths> = /* @__PURE__ */ createClient<AnyPaths>();

/** Builds URL, headers and body with openapi-fetch. Nothing is sent. */
async function build(wire: WireRequest, baseUrl: string, headers: Record<string, string>): Promise<Request> {
  let built: Request | undefined;
  await client.request(wire.method.toLowerCase() as Method, wire.path, {
    baseUrl,
    headers: { Accept: "*/*", "User-Agent": `gitlab-agent-tools/${version}`, ...headers },
    params: { path: wire.pathParameters, query: wire.query },
    ...(wire.body && { body: wire.body }),
    parseAs: "stream",
    // The answer is read by us, with a limit: openapi-fetch gets an empty one.
    fetch: (request: Request) => {
      built = request;
      return Promise.resolve(new Response(null, { status: 204 }));
    },
  });
  if (!built) throw new TypeError("No request was built");
  return built;
}

/**
 * Sends a request to the connection's instance, again where that is safe, and gives the answer to `receive`.
 *
 * Only `baseUrl`'s origin ever sees the token. Errors are those of `fetch` and of `receive`.
 */
export async function send<Result>(
  wire: WireRequest,
  options: SendOptions,
  receive: (response: Response) => Promise<Result>,
): Promise<Result> {
  const request = await build(wire, options.baseUrl, { Authorization: `Bearer ${options.token}` });
  const event = {
    ...options.call,
    method: wire.method,
    url: redactUrl(request.url),
    route: wire.path,
    ...(wire.body && { body: redactBody(wire.body) }),
  };
  return await sendWithRetries(request, wire.idempotent, event, options, receive);
}

/** The request that {@link send} would make. Nothing is sent. */
export async function preview(wire: WireRequest, baseUrl: string): Promise<DryRunRequest> {
  const { url } = await build(wire, baseUrl, {});
  // A copy: whoever looks at it may change it, and what is sent stays as it is.
  return { method: wire.method, url, ...(wire.body && { body: structuredClone(wire.body) }) };
}
