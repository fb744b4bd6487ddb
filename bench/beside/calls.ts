import { median } from "../answers.js";
import { measureCalls, type Measured } from "../calls.js";
import type { Figure } from "./figure.js";

const plain = "fetch and JSON.parse";
const names: Readonly<Record<string, string>> = {
  issuesList: "gitlab-agent-tools",
  "issuesList, compact": "gitlab-agent-tools, compact view",
};

/** A list of 20 issues: one call after the other, and 16 at once. */
export async function callFigures(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const [atOnce, title] of [
    [1, "A call that lists 20 issues, processor time"],
    [16, "The same, 16 at once"],
  ] as const) {
    const measured = await measureCalls(atOnce);
    figures.push({
      title,
      unit: "ms",
      ours: "gitlab-agent-tools",
      values: Object.fromEntries(
        Object.entries(measured).map(([way, of]) => [names[way] ?? way, paired(of, measured[plain] ?? of)]),
      ),
      bar: { most: 1, of: plain },
    });
  }
  return figures;
}

/** The median of the ratios to the round of the plain way beside it, in what that way takes at its median. */
function paired(of: Measured, to: Measured): number {
  return median(of.cpu.map((cpu, round) => cpu / (to.cpu[round] ?? cpu))) * median(to.cpu);
}
