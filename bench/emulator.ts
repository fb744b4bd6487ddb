import { fork, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Agent, request } from "undici";

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

const source = `
const begun = performance.now();
const before = process.cpuUsage();
const { createGitLabEmulator } = await import("${new URL("../dist/src/testing/index.js", import.meta.url).href}");
const gitlab = await createGitLabEmulator();
const { user, system } = process.cpuUsage(before);
console.log(performance.now() - begun, (user + system) / 1000);
await gitlab.close();
`;

interface Cost {
  readonly cpuMs: number;
  readonly heapMb: number;
}

/** What the emulator costs those who test with it: to start, per call, and in memory. */
export async function benchEmulator(): Promise<void> {
  benchStart();
  const server = fork(fileURLToPath(new URL("emulator-process.ts", import.meta.url)), {
    execArgv: ["--import", "tsx", "--expose-gc"],
  });
  const client = new Agent({ connections: 1, pipelining: 1 });
  try {
    const { baseUrl, token } = await said<{ baseUrl: string; token: string }>(server);
    const read = async (path: string): Promise<void> => {
      const { body } = await request(`${baseUrl}/api/v4${path}`, {
        headers: { authorization: `Bearer ${token}` },
        dispatcher: client,
      });
      await body.arrayBuffer();
    };
    const list = "/projects/acme%2Fapp/issues";
    for (let call = 0; call < 300; call += 1) await read(list);
    const costs: number[] = [];
    for (let round = 0; round < 9; round += 1) {
      const before = await cost(server, "time");
      for (let call = 0; call < 100; call += 1) await read(list);
      costs.push(((await cost(server, "time")).cpuMs - before.cpuMs) / 100);
    }
    console.log(`emulator: 20 of 2,000 issues ${median(costs).toFixed(2)} ms of the server's CPU (median of 9 × 100)`);
    for (let call = 0; call < 12_000; call += 1) await read("/user");
    const before = await cost(server, "memory");
    const calls = Number(process.env["EMULATOR_BENCH_CALLS"] ?? 100_000);
    for (let call = 0; call < calls; call += 1) await read("/user");
    const after = await cost(server, "memory");
    console.log(
      `emulator: heap ${before.heapMb.toFixed(0)} MB before and ${after.heapMb.toFixed(0)} MB after ` +
        `${String(calls)} more requests, ${((after.cpuMs - before.cpuMs) / calls).toFixed(2)} ms of CPU each`,
    );
  } finally {
    await client.close();
    server.disconnect();
  }
}

/** In processes of their own: what has been loaded before would cost nothing. */
function benchStart(): void {
  const starts = Array.from({ length: 9 }, () => {
    const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", source], { encoding: "utf8" });
    return stdout.trim().split(" ").map(Number);
  }).filter((figures) => figures.length === 2);
  const column = (index: number): string => median(starts.map((figures) => figures[index] ?? 0)).toFixed(0);
  console.log(
    starts.length === 0
      ? "emulator: run `npm run build` first to measure its start"
      : `emulator: import and start ${column(0)} ms, ${column(1)} ms of CPU (median of ${String(starts.length)}, from dist)`,
  );
}

async function cost(server: ChildProcess, wanted: "time" | "memory"): Promise<Cost> {
  server.send(wanted);
  return said<Cost>(server);
}

async function said<T>(server: ChildProcess): Promise<T> {
  const [message] = (await once(server, "message")) as [T];
  return message;
}
