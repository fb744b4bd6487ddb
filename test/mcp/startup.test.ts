import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { build } from "esbuild";
import { expect, test } from "vitest";

const built = "dist/src/cli/main.js";

/** The packages that a module of ours loads at once, however indirectly. */
async function loadedBy(entry: string): Promise<string[]> {
  const { metafile } = await build({
    entryPoints: [entry],
    bundle: true,
    splitting: true,
    write: false,
    outdir: "unused",
    format: "esm",
    platform: "node",
    packages: "external",
    metafile: true,
  });
  const packages = new Set<string>();
  const walk = (output: string): void => {
    for (const { path, kind, external } of metafile.outputs[output]?.imports ?? []) {
      if (kind !== "import-statement") continue;
      if (!external) walk(path);
      else if (!path.startsWith("node:")) packages.add(path.replace(/^((?:@[^/]+\/)?[^/]+).*$/, "$1"));
    }
  };
  walk(Object.keys(metafile.outputs).find((output) => metafile.outputs[output]?.entryPoint === entry) ?? "");
  return [...packages].toSorted();
}

test("the handshake waits for no client, no store and no tool", async () => {
  expect(await loadedBy("src/cli/program.ts")).toEqual(["commander"]);
  expect(await loadedBy("src/cli/mcp-run.ts")).toEqual(["@modelcontextprotocol/sdk", "commander"]);
});

test("the list of tools waits for no client and no store", async () => {
  const packages = await loadedBy("src/mcp/personal.ts");
  for (const late of ["kysely", "pg", "libsql", "ky", "oauth4webapi", "hono", "@hono/node-server", "jose"])
    expect(packages).not.toContain(late);
});

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
  const clientInfo = { name: "test", version: "1" };
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

const most = 300;

test.skipIf(!existsSync(built))(
  "the first answer comes in less than 300 ms",
  async () => {
    const runs: Start[] = [];
    const least = (which: keyof Start) => Math.round(Math.min(...runs.map((run) => run[which])));
    // Other work on the machine only ever adds to what is measured: the best run counts.
    while (runs.length < 5 || (runs.length < 30 && least("handshake") >= most)) runs.push(await start());
    console.log(
      `handshake answered after ${least("handshake")} ms, tools listed after ${least("list")} ms (best of ${runs.length})`,
    );
    expect(least("handshake")).toBeLessThan(most);
  },
  60_000,
);
