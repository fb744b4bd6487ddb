import type { Figure } from "./figure.js";
import { inRounds, runMeasured } from "./process.js";

const rounds = 9;

const entries = {
  nothing: [],
  "gitlab-agent-tools": ["../../dist/src/index.js"],
  "gitlab-agent-tools and its /tools": ["../../dist/src/index.js", "../../dist/src/tools.js"],
  "openapi-fetch": ["openapi-fetch"],
  "@gitbeaker/rest": ["@gitbeaker/rest"],
} as const;

type Entry = keyof typeof entries;

/** What the first import costs, beyond Node itself. */
export async function importFigure(): Promise<Figure> {
  const runs = await inRounds(rounds, Object.keys(entries) as Entry[], (entry) => {
    const code = entries[entry].map((name) => `await import(${JSON.stringify(name)});`).join("");
    return runMeasured(["--input-type=module", "-e", code]);
  });
  // What else the machine does only adds: the least counts.
  const cpu = (entry: Entry): number => Math.min(...runs[entry].map(({ cpuMs }) => cpuMs));
  const { nothing: _, ...imported } = entries;
  return {
    title: "Import, processor time beyond Node's own",
    unit: "ms",
    ours: "gitlab-agent-tools",
    values: Object.fromEntries((Object.keys(imported) as Entry[]).map((entry) => [entry, cpu(entry) - cpu("nothing")])),
    bar: { most: 60 },
  };
}
