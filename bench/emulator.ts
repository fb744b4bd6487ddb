import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { createGitLabEmulator } from "../src/testing/index.js";
import { newIssue } from "../src/testing/issuables/issues.js";
import { contextFor } from "../src/testing/state/context-of.js";

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

const source = `
const begun = performance.now();
const { createGitLabEmulator } = await import("${new URL("../dist/src/testing/index.js", import.meta.url).href}");
const gitlab = await createGitLabEmulator();
console.log(performance.now() - begun);
await gitlab.close();
`;

/** What the emulator costs those who test with it: to start, per call, and in memory. */
export async function benchEmulator(): Promise<void> {
  const starts = Array.from({ length: 7 }, () => {
    const ran = spawnSync(process.execPath, ["--input-type=module", "-e", source], {
      encoding: "utf8",
      cwd: fileURLToPath(new URL("..", import.meta.url)),
    });
    return Number(ran.stdout);
  }).filter((value) => value > 0);
  console.log(
    starts.length === 0
      ? "emulator: run `npm run build` first to measure its start"
      : `emulator: import and start ${median(starts).toFixed(0)} ms (median of ${String(starts.length)}, from dist)`,
  );
  const gitlab = await createGitLabEmulator();
  try {
    const project = gitlab.state.projectByPath("acme/app");
    const ada = gitlab.state.userByName("ada");
    if (project === undefined || ada === undefined) throw new Error("The seed has changed");
    const context = contextFor(gitlab.state, project, ada.id);
    for (let count = gitlab.state.planning.issues.length; count < 2000; count += 1) {
      const issue = newIssue(context, ada.id, context.now);
      gitlab.state.planning.issues.push({ ...issue, title: `Issue ${String(count)}` });
    }
    const headers = { authorization: `Bearer ${gitlab.tokens.create({ username: "ada", scopes: ["api"] })}` };
    const list = async (): Promise<number> => {
      const begun = performance.now();
      await (await fetch(`${gitlab.baseUrl}/api/v4/projects/acme%2Fapp/issues`, { headers })).arrayBuffer();
      return performance.now() - begun;
    };
    for (let round = 0; round < 50; round += 1) await list();
    const times = [];
    for (let round = 0; round < 200; round += 1) times.push(await list());
    console.log(
      `emulator: 20 of 2,000 issues ${median(times).toFixed(2)} ms (median of ${String(times.length)}, over HTTP)`,
    );
    const heap = (): number => {
      globalThis.gc?.();
      return process.memoryUsage().heapUsed / 1_048_576;
    };
    const read = async (): Promise<void> => {
      await (await fetch(`${gitlab.baseUrl}/api/v4/user`, { headers })).arrayBuffer();
    };
    for (let call = 0; call < 12_000; call += 1) await read();
    const before = heap();
    const calls = Number(process.env["EMULATOR_BENCH_CALLS"] ?? 100_000);
    for (let call = 0; call < calls; call += 1) await read();
    console.log(
      `emulator: heap ${before.toFixed(0)} MB before and ${heap().toFixed(0)} MB after ${String(calls)} more requests`,
    );
  } finally {
    await gitlab.close();
  }
}
