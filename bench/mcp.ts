import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { median } from "./answers.js";
import { printTable } from "./table.js";

const sessions = 100;
const callsASession = 20;
const rounds = 5;
const atOnce = 16;

/** What has to hold, on a machine that does nothing else. */
const bars = { cpuMs: 2.5, listMs: 250 } as const;

interface ServerCost {
  readonly cpuMs: number;
  readonly heapMb: number;
}

interface McpServerProcess {
  readonly child: ChildProcess;
  readonly url: string;
  readonly tokens: readonly string[];
}

async function costOf({ child }: McpServerProcess): Promise<ServerCost> {
  child.send("cost");
  return ((await once(child, "message")) as [ServerCost])[0];
}

/** The headers and the envelope of a request, by protocol. */
const eras = {
  "2025-11-25": (): { headers: object; params: object } => ({
    headers: { "MCP-Protocol-Version": "2025-11-25" },
    params: {},
  }),
  "2026-07-28": (method: string, name?: string): { headers: object; params: object } => ({
    headers: { "MCP-Protocol-Version": "2026-07-28", "Mcp-Method": method, ...(name && { "Mcp-Name": name }) },
    params: {
      _meta: {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { name: "bench", version: "1" },
        "io.modelcontextprotocol/clientCapabilities": {},
      },
    },
  }),
} as const;
type Era = keyof typeof eras;

async function post(
  url: string,
  token: string,
  era: Era,
  method: string,
  params: { readonly name?: string; readonly arguments?: object },
): Promise<string> {
  const { headers, params: envelope } = eras[era](method, params.name);
  const response = await fetch(url, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      Accept: "application/json, text/event-stream",
      Authorization: `Bearer ${token}`,
      ...headers,
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: { ...params, ...envelope } }),
  });
  const text = await response.text();
  if (response.status !== 200 || text.includes('"isError":true')) throw new Error(`${response.status} ${text}`);
  return text;
}

/** Every session makes its calls, some of them at once. */
async function round({ url, tokens }: McpServerProcess, era: Era): Promise<number> {
  const work = tokens.flatMap((token) => Array.from({ length: callsASession }, () => token));
  let errors = 0;
  const worker = async (): Promise<void> => {
    for (let token = work.pop(); token !== undefined; token = work.pop())
      await post(url, token, era, "tools/call", {
        name: "gitlab_issues_list",
        arguments: { project_id: "acme/app", state: "opened", per_page: 20 },
      }).catch(() => (errors += 1));
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return errors;
}

async function start(file: string, options: object): Promise<McpServerProcess> {
  const child = fork(new URL(file, import.meta.url), [JSON.stringify(options)], {
    execArgv: ["--expose-gc", "--no-warnings"],
  });
  const [{ url, tokens = [] }] = (await once(child, "message")) as [{ url: string; tokens?: readonly string[] }];
  return { child, url, tokens };
}

/**
 * What the MCP server over HTTP costs: the built package, people's sessions and a GitLab in processes of their own; and
 * beside it the official SDK with a tool that does nothing, which takes turns with it.
 */
export async function benchMcp(): Promise<void> {
  if (!existsSync("dist/src/index.js")) {
    console.log("\nMCP: not measured, npm run build makes dist/ first");
    return;
  }
  const upstream = fork(new URL("./peers/server.mjs", import.meta.url), { execArgv: [] });
  const [port] = (await once(upstream, "message")) as [number];
  const ours = await start("./peers/mcp-server.mjs", { baseUrl: `http://127.0.0.1:${port}`, sessions });
  const bare = { ...(await start("./peers/mcp-bare.mjs", {})), tokens: ours.tokens };
  try {
    const began = performance.now();
    await post(ours.url, ours.tokens[0] ?? "", "2025-11-25", "tools/list", {});
    const listMs = performance.now() - began;

    /** Milliseconds of CPU a call. */
    const measure = async (server: McpServerProcess, era: Era) => {
      const before = await costOf(server);
      const errors = await round(server, era);
      const { cpuMs, heapMb } = await costOf(server);
      return { cpu: (cpuMs - before.cpuMs) / (sessions * callsASession), heapMb, errors };
    };
    const rows: (readonly (string | number)[])[] = [];
    const warm: { readonly ours: number; readonly bare: number }[] = [];
    for (let number = 1; number <= rounds; number += 1)
      for (const era of Object.keys(eras) as Era[]) {
        const [call, empty] = [await measure(ours, era), await measure(bare, era)];
        if (number > 1) warm.push({ ours: call.cpu, bare: empty.cpu });
        rows.push([
          `${number}${number === 1 ? ", cold" : ""}`,
          era,
          call.errors + empty.errors,
          call.cpu.toFixed(2),
          empty.cpu.toFixed(2),
          (call.cpu - empty.cpu).toFixed(2),
          call.heapMb.toFixed(1),
        ]);
      }
    printTable(
      `The MCP server over HTTP: ${sessions} sessions × ${callsASession} calls, ${atOnce} at once (bars: no error, ${bars.cpuMs} ms of CPU a call, heap flat after the first round)`,
      ["round", "protocol", "errors", "ms of CPU a call", "SDK, empty tool", "beyond the SDK", "heap MiB"],
      rows,
    );
    const own = median(warm.map((one) => one.ours));
    const sdk = median(warm.map((one) => one.bare));
    console.log(
      `\nWarm, in the middle: ${own.toFixed(2)} ms a call (bar: ${bars.cpuMs}), of which the SDK with an empty tool takes ${sdk.toFixed(2)} and all else, the call of GitLab with it, ${(own - sdk).toFixed(2)}`,
    );
    console.log(`First tools/list: ${Math.round(listMs)} ms (bar: under ${bars.listMs})`);
  } finally {
    ours.child.disconnect();
    bare.child.disconnect();
    upstream.kill();
  }
}
