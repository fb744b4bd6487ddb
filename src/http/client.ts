import createClient, { type Client } from "openapi-fetch";
import { version } from "../version.js";
import { followRedirects } from "./redirect.js";
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

/** Builds URL, headers and body with openapi-fetch and hands the finished request to `carry`. */
async function build(
  wire: WireRequest,
  baseUrl: string,
  headers: Record<string, string>,
  carry: (request: Request) => Promise<Response>,
): Promise<void> {
  await client.request(wire.method.toLowerCase() as Method, wire.path, {
    baseUrl,
    headers: { Accept: "*/*", "User-Agent": `gitlab-agent-tools/${version}`, ...headers },
    params: { path: wire.pathParameters, query: wire.query },
    ...(wire.body && { body: wire.body }),
    parseAs: "stream",
    // The answer is read by us, with a limit: openapi-fetch gets an empty one.
    fetch: async (request: Request) => {
      await carry(request);
      return new Response(null, { status: 204 });
    },
  });
}

/**
 * Sends a request to the connection's instance and returns the answer's head; the body is still to be read.
 *
 * Only `baseUrl`'s origin ever sees the token. Errors are those of `fetch`.
 */
export async function send(wire: WireRequest, options: SendOptions): Promise<Response> {
  let answer: Response | undefined;
  await build(wire, options.baseUrl, { Authorization: `Bearer ${options.token}` }, async (request) => {
    const first = await sendWithRetries(request, wire.idempotent, options);
    answer = await followRedirects(request, first, options);
    return answer;
  });
  if (!answer) throw new TypeError("No answer was read");
  return answer;
}

/** The request that {@link send} would make. Nothing is sent. */
export async function preview(wire: WireRequest, baseUrl: string): Promise<DryRunRequest> {
  let url = "";
  await build(wire, baseUrl, {}, (request) => {
    url = request.url;
    return Promise.resolve(new Response(null, { status: 204 }));
  });
  return { method: wire.method, url, ...(wire.body && { body: wire.body }) };
}
