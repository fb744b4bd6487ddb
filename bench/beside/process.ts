import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

export const peersFolder = fileURLToPath(new URL("../peers/", import.meta.url));

export interface Cost {
  /** Of the process and its threads, in milliseconds of processor time. */
  readonly cpuMs: number;
  /** The most that it held. */
  readonly megabytes: number;
}

/** Runs a program of Node in the peers' folder to its end: what it printed, and what it has cost. */
export async function runMeasured(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Cost & { readonly printed: string }> {
  const child = spawn(process.execPath, ["--import", `${peersFolder}cost.mjs`, ...args], {
    cwd: peersFolder,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  const ended = once(child, "close") as Promise<[number]>;
  const [printed, said, cost] = await Promise.all(child.stdio.slice(1).map((pipe) => text(pipe as Readable)));
  const [code] = await ended;
  if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code}: ${`${said}${printed}`.slice(-2000)}`);
  return { ...(JSON.parse(cost ?? "") as Cost), printed: printed ?? "" };
}

/** Every way once a round, nobody always first: what else the machine does hits all of them alike. */
export async function inRounds<Way extends string, Result>(
  rounds: number,
  ways: readonly Way[],
  measure: (way: Way) => Promise<Result>,
): Promise<Record<Way, Result[]>> {
  const results = Object.fromEntries(ways.map((way): [string, Result[]] => [way, []])) as Record<Way, Result[]>;
  for (let round = 0; round < rounds; round += 1) {
    const from = round % ways.length;
    for (const way of [...ways.slice(from), ...ways.slice(0, from)]) results[way].push(await measure(way));
  }
  return results;
}
