import createClient, { type Client } from "openapi-fetch";
import type { paths } from "../../generated/openapi.js";
import { answerTooDeep } from "../errors/too-deep.js";
import { isTooDeep } from "../views/depth.js";
import type { ToolResult } from "./account.js";
import type { RawRequest } from "./raw-request.js";

/** Never asked: requests are taken apart and sent with the account's own address and token. */
const nowhere = "https://account.invalid";

/** An openapi-fetch client typed by GitLab's document, whose requests go the way of every call. */
export function apiClient(send: (request: RawRequest) => Promise<ToolResult<unknown>>): Client<paths> {
  return createClient<paths>({
    baseUrl: nowhere,
    fetch: async (request) => {
      const { pathname, searchParams } = new URL(request.url);
      const query: Record<string, string | string[]> = {};
      for (const name of new Set(searchParams.keys())) {
        const values = searchParams.getAll(name);
        const [only = ""] = values;
        if (name.endsWith("[]")) query[name.slice(0, -2)] = values;
        else query[name] = values.length > 1 ? values : only;
      }
      const text = await request.text();
      const result = await send({
        method: request.method as RawRequest["method"],
        path: pathname,
        query,
        ...(text !== "" && { body: JSON.parse(text) as Record<string, unknown> }),
      });
      if (isTooDeep(result.data)) throw answerTooDeep(result.status);
      const body = result.status === 204 ? null : JSON.stringify(result.data);
      const requestId = result.requestId === undefined ? undefined : { "x-request-id": result.requestId };
      return new Response(body, {
        status: result.status,
        headers: {
          "content-type": "application/json",
          ...(body !== null && { "content-length": String(Buffer.byteLength(body)) }),
          ...requestId,
        },
      });
    },
  });
}
