import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { median } from "../answers.js";
import type { Figure } from "./figure.js";
import { inRounds, peersFolder, runMeasured } from "./process.js";

const rounds = 2;
const document = "../../generated/openapi.json";

/** What each makes of the same document; all write into the peers' `made`. */
const generators = {
  "openapi-typescript: types": ["node_modules/openapi-typescript/bin/cli.js", document, "-o", "made/openapi.ts"],
  // What its command starts as a process of its own, whose cost would not be seen.
  "@hey-api/openapi-ts: types, zod, functions": [
    "node_modules/@hey-api/openapi-ts/dist/run.mjs",
    ...["-f", "hey-api.config.mjs", "-s"],
  ],
  "gitlab-agent-tools: types, schemas, tools": [
    "../../dist/src/cli/main.js",
    ...["generate", "--spec", document, "--out", "made/ours"],
  ],
} as const;

type Generator = keyof typeof generators;

/** Making typed code of the OpenAPI document that this package carries, as each command does it. */
export async function generationFigures(): Promise<Figure[]> {
  await rm(join(peersFolder, "made"), { recursive: true, force: true });
  await mkdir(join(peersFolder, "made"));
  const runs = await inRounds(rounds, Object.keys(generators) as Generator[], (generator) =>
    runMeasured(generators[generator]),
  );
  const of = (what: "cpuMs" | "megabytes", one: number): Record<string, number> =>
    Object.fromEntries(
      Object.entries(runs).map(([generator, costs]) => [generator, median(costs.map((cost) => cost[what])) / one]),
    );
  const ours = "gitlab-agent-tools: types, schemas, tools";
  const bar = { most: 1, of: "@hey-api/openapi-ts: types, zod, functions" };
  return [
    { title: "Generating from GitLab's document, processor time", unit: "s", ours, values: of("cpuMs", 1000), bar },
    { title: "Generating, memory at most", unit: "MB", ours, values: of("megabytes", 1), bar },
  ];
}
