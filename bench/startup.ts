import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { benchInstalled } from "./installed.js";

const built = "dist/src/cli/main.js";
const most = 300;

/** When the handshake and the list of tools were answered, in milliseconds after the start. */
interface Start {
  readonly handshake: number;
  readonly list: number;
}

async function start(): Promise<Start> {
  const began = performance.now();
  const child = spawn(process.execPath, [built, "mcp"], {
    env: { PATH: process.env["PATH"], GITLAB_TOKEN: "unused" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const send = (message: object) => child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  const clientInfo = { name: "bench", version: "1" };
  send({ id: 1, method: "initialize", params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo } });
  const times: number[] = [];
  for await (const _ of createInterface({ input: child.stdout })) {
    times.push(performance.now() - began);
    if (times.length === 2) break;
    send({ method: "notifications/initialized" });
    send({ id: 2, method: "tools/list" });
  }
  child.stdin.end();
  await once(child, "close");
  const [handshake = Infinity, list = Infinity] = times;
  return { handshake, list };
}

/**
 * How long an MCP client waits for the server's first answer: a process of the built package, started anew each time. Then
 * what the package weighs, and how long its entry points take to load.
 */
export async function benchStartup(): Promise<void> {
  console.log("\nThe MCP server's first answers after its start, as a process of the built package\n");
  if (!existsSync(built)) {
    console.log("  not measured: npm run build makes dist/ first");
    return;
  }
  const runs: Start[] = [];
  for (let run = 0; run < 10; run += 1) runs.push(await start());
  // Other work on the machine only ever adds to what is measured: the best run counts.
  const least = (which: keyof Start): number => Math.round(Math.min(...runs.map((run) => run[which])));
  console.log(`  handshake  ${least("handshake")} ms (at most ${most})`);
  console.log(`  tools/list ${least("list")} ms`);
  await benchInstalled();
}
