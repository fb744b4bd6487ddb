import { createServer } from "node:http";
import { Session } from "node:inspector/promises";
import type { AddressInfo } from "node:net";
import { createGitLab } from "gitlab-agent-tools";
import { issuesList } from "gitlab-agent-tools/tools";

// A process of its own: Vitest's own functions would be counted, too. Prints the files that one warm call enters.

const headers = {
  "content-type": "application/json",
  "x-request-id": "01HREQ",
  "x-page": "1",
  "x-per-page": "20",
  "x-next-page": "2",
  "ratelimit-limit": "2000",
  "ratelimit-name": "throttle_authenticated_api",
  "ratelimit-remaining": "1999",
  "ratelimit-reset": String(Math.floor(Date.now() / 1000) + 60),
};
const issues = JSON.stringify([{ id: 1, iid: 1, title: "Broken" }]);
const server = createServer((request, response) => {
  const found = request.url?.includes("/issues") === true;
  response.writeHead(found ? 200 : 404, { ...headers, "content-length": found ? issues.length : 0 });
  response.end(found ? issues : "");
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const gitlab = createGitLab({ store: "memory:", connections: { gitlab: { baseUrl } } });
await gitlab.connectWithToken({ identifier: "ada", token: "glpat-nobody" });
const account = gitlab.as("ada");
const call = (): Promise<unknown> =>
  issuesList(account, { project_id: "acme/app", state: "opened", labels: ["bug", "p1"], per_page: 20 });
for (let warm = 0; warm < 3; warm += 1) await call();

const session = new Session();
session.connect();
await session.post("Profiler.enable");
await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: false });
// Taking it sets the counts back.
await session.post("Profiler.takePreciseCoverage");
await call();
const { result } = await session.post("Profiler.takePreciseCoverage");
session.disconnect();

const entered = result.flatMap(({ url, functions }) => {
  const [, file] = /\/((?:src|generated)\/.+)\.[jt]s$/.exec(url) ?? [];
  if (file === undefined || url.includes("/node_modules/")) return [];
  const run = functions.filter(({ ranges }) => ranges.some(({ count }) => count > 0));
  return run.length === 0 ? [] : [[file, run.map(({ functionName }) => functionName || "(anonymous)")] as const];
});
process.stdout.write(JSON.stringify(Object.fromEntries(entered)));
await gitlab.close();
server.close();
server.closeAllConnections();
