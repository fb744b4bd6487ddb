import { createFinalURL, createQuerySerializer, defaultPathSerializer } from "openapi-fetch";
import { version } from "../version.js";
import { hasFile } from "./file-content.js";
import type { HttpRequest } from "./transport.js";
import type { DryRunRequest, WireRequest } from "./wire.js";

/** Lists as repeated parameters (OpenAPI, "form" style). */
const querySerializer = /* @__PURE__ */ createQuerySerializer<unknown>();

const agent = `gitlab-agent-tools/${version}`;

/** The URL of a request on the instance at `baseUrl`. */
export function urlOf({ path, pathParameters, query }: WireRequest, baseUrl: string): string {
  const params = { path: pathParameters, query };
  return createFinalURL(path, { baseUrl, params, querySerializer, pathSerializer: defaultPathSerializer });
}

/** A request with its token, ready to be sent. */
export async function buildRequest(
  wire: WireRequest,
  baseUrl: string,
  token: string,
): Promise<Omit<HttpRequest, "signal">> {
  const headers = { accept: "*/*", "user-agent": agent, authorization: `Bearer ${token}` };
  const built = { method: wire.method, url: urlOf(wire, baseUrl) };
  if (!wire.body) return { ...built, headers };
  if (hasFile(wire.body)) {
    const { encodeMultipart } = await import("./multipart.js");
    const { body, contentType } = await encodeMultipart(wire.body);
    return { ...built, headers: { ...headers, "content-type": contentType }, body };
  }
  return { ...built, headers: { ...headers, "content-type": "application/json" }, body: JSON.stringify(wire.body) };
}

/** The request as it would be sent, without the token. */
export function preview(wire: WireRequest, baseUrl: string): DryRunRequest {
  // A copy: whoever looks at it may change it, and what is sent stays as it is. Of a file it has name, type and size.
  return { method: wire.method, url: urlOf(wire, baseUrl), ...(wire.body && { body: structuredClone(wire.body) }) };
}
