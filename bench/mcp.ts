import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { printTable } from "./table.js";

const sessions = 100;
const callsASession = 20;
const rounds = 5;
const atOnce = 16;

/** What has to hold, on a machine that does nothing else. */
const bars = { cpuMs: 2.5, listMs: 250 } as const;

interface Cost {
  readonly cpuMs: number;
  readonly heapMb: number;
}

async function costOf(server: ChildProcess): Promise<Cost> {
  server.send("cost");
  return ((await once(server, "message")) as [Cost])[0];
}

async function post(url: string, token: string, method: string, params: object): Promise<string> {
  const response = await fetch(url, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      Accept: "application/json, text/event-stream",
      Authorization: `Bearer ${token}`,
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
  const text = await response.text();
  if (response.status !== 200 || text.includes('"isError":true')) throw new Error(`${response.status} ${text}`);
  return text;
}

/** Every session makes its calls, some of them at once. */
async function round(url: string, tokens: readonly string[]): Promise<number> {
  const work = tokens.flatMap((token) => Array.from({ length: callsASession }, () => token));
  let errors = 0;
  const worker = async (): Promise<void> => {
    for (let token = work.pop(); token !== undefined; token = work.pop())
      await post(url, token, "tools/call", {
        name: "gitlab_issues_list",
        arguments: { project_id: "acme/app", state: "opened", per_page: 20 },
      }).catch(() => (errors += 1));
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return errors;
}

/** What the MCP server over HTTP costs: the built package, people's sessions and a GitLab in processes of their own. */
export async function benchMcp(): Promise<void> {
  if (!existsSync("dist/src/index.js")) {
    console.log("\nMCP: not measured, npm run build makes dist/ first");
    return;
  }
  const upstream = fork(new URL("./peers/server.mjs", import.meta.url), { execArgv: [] });
  const [port] = (await once(upstream, "message")) as [number];
  const options = JSON.stringify({ baseUrl: `http://127.0.0.1:${port}`, sessions });
  const server = fork(new URL("./peers/mcp-server.mjs", import.meta.url), [options], {
    execArgv: ["--expose-gc", "--no-warnings"],
  });
  try {
    const [{ url, tokens }] = (await once(server, "message")) as [{ url: string; tokens: readonly string[] }];
    const began = performance.now();
    await post(url, tokens[0] ?? "", "tools/list", {});
    const listMs = performance.now() - began;
    const rows: (readonly (string | number)[])[] = [];
    let before = await costOf(server);
    for (let number = 1; number <= rounds; number += 1) {
      const errors = await round(url, tokens);
      const after = await costOf(server);
      const cpu = (after.cpuMs - before.cpuMs) / (sessions * callsASession);
      rows.push([`${number}${number === 1 ? ", cold" : ""}`, errors, cpu.toFixed(2), after.heapMb.toFixed(1)]);
      before = after;
    }
    printTable(
      `The MCP server over HTTP: ${sessions} sessions × ${callsASession} calls, ${atOnce} at once (bars: no error, ${bars.cpuMs} ms of CPU a call, heap flat after the first round)`,
      ["round", "errors", "ms of CPU a call", "heap MiB"],
      rows,
    );
    console.log(`\nFirst tools/list: ${Math.round(listMs)} ms (bar: under ${bars.listMs})`);
  } finally {
    server.disconnect();
    upstream.kill();
  }
}
