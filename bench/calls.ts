import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgres } from "../test/support/postgres.js";
import { median } from "./answers.js";
import { printTable } from "./table.js";

const rounds = 25;
const callsARound = 100;
const accounts = 1000;

export interface Measured {
  readonly wall: number[];
  readonly cpu: number[];
}

interface Crowd {
  readonly levels: readonly { atOnce: number; aSecond: number; p99: number; cpu: number }[];
  readonly bytesAnAccount: number;
}

/**
 * What a call through the built package costs beside a bare fetch and its peers, one after the other, and many at once:
 * the same list of 20 issues, from a server in a process of its own.
 */
export async function benchCalls(): Promise<void> {
  if (!existsSync("dist/src/index.js")) {
    console.log("\nCalls: not measured, npm run build makes dist/ first");
    return;
  }
  const server = fork(new URL("./peers/server.mjs", import.meta.url), { execArgv: [] });
  const folder = await mkdtemp(join(tmpdir(), "bench-calls-"));
  const [port] = (await once(server, "message")) as [number];
  const baseUrl = `http://127.0.0.1:${port}`;
  const sqlite = (name: string): string => `sqlite:${join(folder, name)}`;
  try {
    showOneByOne(await inTurns(baseUrl, sqlite, 1));
    const crowd = { name: "crowd", accounts, calls: 4 * accounts, atOnce: [1, 16, 128] };
    const crowds: Record<string, Crowd> = { SQLite: (await next(start(baseUrl, sqlite("many.db"), crowd))) as Crowd };
    const postgres = await startPostgres();
    try {
      crowds["PostgreSQL"] = (await next(start(baseUrl, await postgres.createDatabase(), crowd))) as Crowd;
    } finally {
      await postgres.stop();
    }
    showCrowds(crowds);
  } finally {
    server.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

/** What each way of calling takes, a round after the other, with so many calls at once. */
export async function measureCalls(atOnce: number): Promise<Record<string, Measured>> {
  const server = fork(new URL("./peers/server.mjs", import.meta.url), { execArgv: [] });
  const folder = await mkdtemp(join(tmpdir(), "bench-calls-"));
  try {
    const [port] = (await once(server, "message")) as [number];
    return await inTurns(`http://127.0.0.1:${port}`, (name) => `sqlite:${join(folder, name)}`, atOnce);
  } finally {
    server.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

const ways = ["fetch and JSON.parse", "openapi-fetch", "@gitbeaker/rest", "issuesList", "issuesList, compact"];

/** Each way in a process of its own, where nothing else keeps the compiler busy; rounds take turns, as the machine does. */
async function inTurns(
  baseUrl: string,
  sqlite: (name: string) => string,
  atOnce: number,
): Promise<Record<string, Measured>> {
  const measured: Record<string, Measured> = {};
  const children = await Promise.all(
    ways.map(async (way, at) => {
      const child = start(baseUrl, sqlite(`one-${at}.db`), { name: "in rounds", way, calls: callsARound, atOnce });
      return { way, child, isReady: await next(child).catch(() => false) };
    }),
  );
  const ready = children.filter(({ isReady }) => isReady);
  for (let round = 0; round < rounds; round += 1) {
    // Nobody is always the first, after the others have had the caches.
    const from = round % ready.length;
    for (const { way, child } of [...ready.slice(from), ...ready.slice(0, from)]) {
      child.send("round");
      const { wall, cpu } = (await next(child)) as { wall: number; cpu: number };
      const { wall: walls, cpu: cpus } = (measured[way] ??= { wall: [], cpu: [] });
      walls.push(wall);
      cpus.push(cpu);
    }
  }
  for (const { child } of ready) child.send("end");
  return measured;
}

function start(baseUrl: string, store: string, task: object): ChildProcess {
  return fork(new URL("./peers/run.mjs", import.meta.url), [JSON.stringify({ baseUrl, store, task })], {
    execArgv: ["--expose-gc", "--no-warnings"],
  });
}

async function next(child: ChildProcess): Promise<unknown> {
  const stop = new AbortController();
  const ended = once(child, "exit", stop).then(() => Promise.reject(new Error("The measuring process ended early")));
  try {
    const [message] = (await Promise.race([once(child, "message", stop), ended])) as [unknown];
    return message;
  } finally {
    ended.catch(() => undefined);
    stop.abort();
  }
}

function showOneByOne(measured: Readonly<Record<string, Measured>>): void {
  const [plain = "", ...others] = Object.keys(measured);
  const ratio = (of: keyof Measured, name: string): string =>
    `${median((measured[name]?.[of] ?? []).map((each, round) => each / (measured[plain]?.[of][round] ?? each))).toFixed(2)}×`;
  printTable(
    `Calls, one after the other (medians of ${rounds} rounds of ${callsARound}; bar: issuesList at most 1.00× of fetch)`,
    ["how", "ms", "to fetch", "ms of CPU", "to fetch"],
    [plain, ...others].map((name) => [
      name,
      median(measured[name]?.wall ?? []).toFixed(3),
      ratio("wall", name),
      median(measured[name]?.cpu ?? []).toFixed(3),
      ratio("cpu", name),
    ]),
  );
  if (!("@gitbeaker/rest" in measured)) console.log("\n@gitbeaker/rest is not installed: npm ci in bench/peers");
}

function showCrowds(crowds: Readonly<Record<string, Crowd>>): void {
  printTable(
    `Calls of ${accounts} accounts, many at once`,
    ["store", "at once", "calls/s", "p99 ms", "ms of CPU"],
    Object.entries(crowds).flatMap(([store, { levels }]) =>
      levels.map(({ atOnce, aSecond, p99, cpu }) => [
        store,
        atOnce,
        Math.round(aSecond),
        p99.toFixed(1),
        cpu.toFixed(3),
      ]),
    ),
  );
  const weights = Object.entries(crowds).map(([store, { bytesAnAccount }]) => {
    return `${((bytesAnAccount * accounts) / 1024 / 1024).toFixed(1)} MiB (${store})`;
  });
  console.log(`\nHeap for ${accounts} accounts in memory: ${weights.join(", ")}`);
}
