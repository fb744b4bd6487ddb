import { isLegacyRequest } from "@modelcontextprotocol/server";
import { isObject } from "../is-object.js";

const versions: ReadonlySet<string | null> = new Set([null, "2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"]);
const members: ReadonlySet<string> = new Set(["jsonrpc", "id", "method", "params"]);

/**
 * Whether a request is served by the protocols of `initialize`. The SDK decides; most requests of these protocols are
 * plainly theirs, and the SDK would check their whole shape for that, as it does again when it serves them.
 */
export const isLegacy = async (request: Request, body: unknown): Promise<boolean> =>
  isPlainlyLegacy(request, body) || (await isLegacyRequest(request, body));

/** A well-formed request by its header's word, with nothing in which it could claim another protocol. */
function isPlainlyLegacy({ headers }: Request, body: unknown): boolean {
  if (!isObject(body) || !versions.has(headers.get("mcp-protocol-version"))) return false;
  const { jsonrpc, id, method, params } = body;
  return (
    jsonrpc === "2.0" &&
    (typeof id === "string" || Number.isInteger(id)) &&
    typeof method === "string" &&
    (params === undefined || (isObject(params) && params["_meta"] === undefined)) &&
    Object.keys(body).every((name) => members.has(name))
  );
}
