// The official SDK with a tool that does nothing, over HTTP as our server is: what the protocol alone costs.
import { createServer } from "node:http";
import { once } from "node:events";
import { createAdaptorServer } from "@hono/node-server";
import { createMcpHandler, Server } from "@modelcontextprotocol/server";

const answer = { content: [{ type: "text", text: "ok" }] };
const handler = createMcpHandler(() => {
  const server = new Server({ name: "bare", version: "1" }, { capabilities: { tools: {} } });
  server.setRequestHandler("tools/call", () => answer);
  return server;
});
const server = createAdaptorServer({ fetch: (request) => handler.fetch(request), overrideGlobalObjects: false });
server.listen(0, "127.0.0.1");
await once(server, "listening");

process.on("message", () => {
  for (let turn = 0; turn < 4; turn += 1) globalThis.gc();
  const { user, system } = process.cpuUsage();
  process.send({ cpuMs: (user + system) / 1000, heapMb: process.memoryUsage().heapUsed / 2 ** 20 });
});
process.on("disconnect", () => void server.close());
process.send({ url: `http://127.0.0.1:${server.address().port}/mcp` });
