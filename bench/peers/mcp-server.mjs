// The built package's MCP server over HTTP, in a process that runs nothing else: it says what it has cost, on request.
import { createGitLab } from "../../dist/src/index.js";
import { serveMcp } from "../../dist/src/mcp/index.js";

const { baseUrl, sessions } = JSON.parse(process.argv[2]);
const gitlab = createGitLab({
  connections: { gitlab: { baseUrl } },
  store: "memory:",
  limits: { perInstance: 1000 },
});
const tokens = [];
for (let index = 0; index < sessions; index += 1) {
  const identifier = `user_${index}`;
  await gitlab.connectWithToken({ identifier, token: `glpat-bench-${index}` });
  tokens.push((await gitlab.createSession({ identifier })).token);
}
const server = await serveMcp({ gitlab, rateLimit: { messages: 1e6, perSeconds: 1 }, maxConcurrent: 100 });

process.on("message", () => {
  for (let turn = 0; turn < 4; turn += 1) globalThis.gc();
  const { user, system } = process.cpuUsage();
  process.send({ cpuMs: (user + system) / 1000, heapMb: process.memoryUsage().heapUsed / 2 ** 20 });
});
process.on("disconnect", () => void server.close({ graceMs: 0 }).then(() => gitlab.close()));
process.send({ url: server.url, tokens });
