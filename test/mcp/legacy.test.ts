import { isLegacyRequest } from "@modelcontextprotocol/server";
import { expect, test } from "vitest";
import { isLegacy } from "../../src/mcp/legacy.js";

const envelope = { "io.modelcontextprotocol/protocolVersion": "2026-07-28" };
const bodies: readonly unknown[] = [
  ...["tools/list", "initialize", "server/discover", 7].flatMap((method) =>
    [undefined, {}, { _meta: { progressToken: 1 } }, { _meta: envelope }, { _meta: null }, [], "text"].map(
      (params) => ({ jsonrpc: "2.0", id: 1, method, params }),
    ),
  ),
  ...["one", 1.5, null, undefined, {}].map((id) => ({ jsonrpc: "2.0", id, method: "tools/list" })),
  { jsonrpc: "1.0", id: 1, method: "tools/list" },
  { jsonrpc: "2.0", id: 1, method: "tools/list", more: true },
  { jsonrpc: "2.0", id: 1, result: {} },
  [{ jsonrpc: "2.0", id: 1, method: "tools/list" }],
  "tools/list",
  null,
];

test("which protocol a request is of is what the SDK says, whatever of it is decided before it is asked", async () => {
  for (const version of [undefined, "2025-03-26", "2025-11-25", "2026-07-28", "2026-01-01", "nonsense", ""])
    for (const body of bodies) {
      const headers = version === undefined ? undefined : { "MCP-Protocol-Version": version };
      const request = new Request("http://127.0.0.1/mcp", { method: "POST", ...(headers && { headers }) });
      const shown = JSON.stringify({ version, body });
      // What comes over the wire is JSON.
      const sent: unknown = JSON.parse(JSON.stringify(body));
      expect([shown, await isLegacy(request, sent)]).toEqual([shown, await isLegacyRequest(request, sent)]);
    }
});
