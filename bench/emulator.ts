import { fork, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Agent, request } from "undici";
import { routing } from "../src/testing/routing.js";
import type { Served } from "../src/testing/server/endpoints.js";

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

const saysCost = "const { user, system } = process.cpuUsage(); console.log((user + system) / 1000); process.exit(0);";
const empty = saysCost;
const starting = `
const { createGitLabEmulator } = await import("${new URL("../dist/src/testing/index.js", import.meta.url).href}");
await createGitLabEmulator();
${saysCost}`;

interface EmulatorCost {
  readonly cpuMs: number;
  readonly heapMb: number;
}

/** What the emulator costs those who test with it: to start, per call, and in memory. */
export async function benchEmulator(): Promise<void> {
  benchLines();
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

/** In processes of their own, where nothing is loaded yet. Other work only ever adds: the best counts. */
function benchStart(): void {
  const cpuMs = (code: string): number => {
    const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", code], { encoding: "utf8" });
    return stdout.trim() === "" ? NaN : Number(stdout);
  };
  const rounds = Array.from({ length: 15 }, () => [cpuMs(empty), cpuMs(starting)] as const);
  const least = (index: 0 | 1): string => Math.min(...rounds.map((figures) => figures[index])).toFixed(0);
  console.log(
    Number.isNaN(rounds[0]?.[1])
      ? "emulator: run `npm run build` first to measure its start"
      : `emulator: import and start ${least(1)} ms of CPU, where a process that does nothing takes ${least(0)} ` +
          `(best of ${String(rounds.length)}, from dist)`,
  );
}

/** What an operation costs those who write the emulator. */
function benchLines(): void {
  const folder = fileURLToPath(new URL("../src/testing", import.meta.url));
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
  const texts = files.map((name) => ({ name, text: readFileSync(join(folder, name), "utf8") }));
  const lines = (counts: (file: (typeof texts)[number]) => boolean): number =>
    texts
      .filter(counts)
      .reduce((sum, { text }) => sum + text.split("\n").filter((line) => line.trim() !== "").length, 0);
  const served = routing().endpoints.map((endpoint) => endpoint.served);
  const count = (by: Served): number => served.filter((one) => one === by).length;
  const declares = ({ name, text }: (typeof texts)[number]): boolean =>
    text.includes("resourceHandlers") && !name.includes("engine");
  const [resource, special] = [count("resource"), count("special")];
  const written = lines(
    ({ name, text }) => /^(?:ci|issuables|resources|reviews)\b/.test(name) && !declares({ name, text }),
  );
  console.log(
    `emulator: ${String(resource)} operations declared in ${String(lines(declares))} lines ` +
      `(${(lines(declares) / resource).toFixed(1)} each), ${String(special)} special in ${String(written)} ` +
      `(${(written / special).toFixed(1)} each, engine and actions included), ` +
      `${String(count("generated"))} generated by none; ${String(lines(() => true))} lines in all`,
  );
}

async function cost(server: ChildProcess, figure: "time" | "memory"): Promise<EmulatorCost> {
  server.send(figure);
  return said<EmulatorCost>(server);
}

async function said<T>(server: ChildProcess): Promise<T> {
  const [message] = (await once(server, "message")) as [T];
  return message;
}
