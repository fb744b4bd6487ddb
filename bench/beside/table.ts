import { figuresOf, limitOf, misses, show, type Figure, type Report } from "./figure.js";

const withUnit = (value: number, unit: string): string => `${show(value)}${unit === "" ? "" : ` ${unit}`}`;

const barOf = (figure: Figure): string => {
  const limit = limitOf(figure);
  if (limit === undefined) return "";
  const { of } = figure.bar ?? {};
  return `${of === undefined ? withUnit(limit, figure.unit) : `that of ${of}`}${misses(figure) ? ": missed" : ""}`;
};

/** Rows of cells: what is measured, ours, the others, what ours may be at most. */
export function rowsOf(figures: readonly Figure[]): string[][] {
  return figures.map((figure) => {
    const others = Object.entries(figure.values).filter(([way]) => way !== figure.ours);
    return [
      figure.title,
      withUnit(figure.values[figure.ours] ?? NaN, figure.unit),
      others.map(([way, value]) => `${way} ${show(value)}`).join(", "),
      barOf(figure),
    ];
  });
}

export const head = ["what", "gitlab-agent-tools", "beside it", "at most"] as const;

/** The table of docs/bench.md, and what README.md shows of it. */
export function toMarkdown(report: Report, only?: readonly string[]): string {
  const shown = figuresOf(report).filter(({ title }) => only?.includes(title) ?? true);
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rowsOf(shown).map(line)].join("\n");
}

/** When, where and with which versions it was measured. */
export function provenance({ groups, machine, versions }: Report): string {
  const { processor, cores, gigabytes, system, node } = machine;
  const measured = Object.values(groups);
  const range = (values: readonly string[]): string => [...new Set([values[0], values.at(-1)])].join(" to ");
  const dates = range(measured.map(({ date }) => date).toSorted());
  const loads = measured.flatMap(({ load }) => load).toSorted((a, b) => a - b);
  const load = range(loads.map((one) => one.toFixed(1)));
  const packages = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `${dates}, ${processor}, ${cores} cores, ${gigabytes} GB, ${system}, Node ${node}, load ${load}; ${packages.join(", ")}.`;
}
