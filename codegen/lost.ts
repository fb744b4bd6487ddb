import type { LostCreates } from "./lost-creates.js";
import type { Manifest } from "./manifest-files.js";
import type { ToolModel } from "./model.js";
import type { Problem } from "./problem.js";
import { suggestion } from "./suggestion.js";

type Report = { readonly problem: (problem: Problem) => void };

/** Where something is said of a tool's lost create. */
type Place = (word: string, message: string) => Problem;

/**
 * Where a lost create is looked for, by path: the manifest and `spec/lost.yaml` name the tools that list it and read it.
 * A list needs no more of a path than the create has.
 */
export function withLostPlaces(
  manifest: Manifest,
  { source, found }: Pick<LostCreates, "source" | "found">,
  tools: readonly ToolModel[],
  report: Report,
): ToolModel[] {
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  const problemAt = ({ name, lost }: ToolModel): Place => {
    const entry = lost && manifest.entries.find((one) => one.name === name);
    return (word, message) =>
      entry
        ? entry.source.problem([...entry.path, "lost", word], message)
        : source.problem(["found", name, word], message);
  };
  for (const name of Object.keys(found)) {
    const reason = byName.get(name)?.lost ? "its manifest says it" : `unknown tool "${name}"`;
    if (!byName.has(name) || byName.get(name)?.lost) report.problem(source.problem(["found", name], reason, "key"));
  }
  return tools.map((tool): ToolModel => {
    const lost = tool.lost ?? found[tool.name];
    if (!lost) return tool;
    const problem = problemAt(tool);
    const pathOf = (word: "in" | "one"): string | undefined => {
      const named = lost[word];
      if (named === undefined) return undefined;
      const other = byName.get(named);
      const fits = other && (word === "one" || isListFor(tool, other, lost.items !== undefined));
      const reason = other ? `${named} does not list what ${tool.name} makes` : `unknown tool "${named}"`;
      if (!fits) report.problem(problem(word, reason));
      return other?.path;
    };
    const [list, one] = [pathOf("in"), pathOf("one")];
    const { check = lost.in ?? listAt(tools, tool.path) } = lost;
    if (list === undefined && listAt(tools, tool.path) === undefined)
      report.problem(problem("match", "no tool lists what it makes; name one by `in`"));
    if (lost === found[tool.name])
      for (const [word, named] of Object.entries({ check: lost.check, secret: lost.secret?.remove }))
        if (named !== undefined && !byName.has(named)) report.problem(problem(word, `unknown tool "${named}"`));
    return {
      ...tool,
      lost: {
        ...lost,
        ...(check !== undefined && { check }),
        ...(list !== undefined && { in: list }),
        ...(one !== undefined && { one }),
      },
    };
  });
}

/** Tools whose lost creates nobody looks for know what shows what became of them. */
export function withOpenEnds(
  { source, open }: Pick<LostCreates, "source" | "open">,
  tools: readonly ToolModel[],
  report: Report,
): ToolModel[] {
  const names = tools.map(({ name }) => name);
  const checks = new Map<string, string>();
  for (const [index, { tools: said }] of open.entries())
    for (const [name, check] of Object.entries(said)) {
      const problem = (message: string, part: "key" | "value"): void =>
        report.problem(source.problem(["open", index, "tools", name], message, part));
      if (!names.includes(name)) problem(`unknown tool "${name}"${suggestion(name, names)}`, "key");
      if (!names.includes(check)) problem(`unknown tool "${check}"${suggestion(check, names)}`, "value");
      if (checks.has(name) || tools.find((tool) => tool.name === name)?.lost) problem("it is said already", "key");
      checks.set(name, check);
    }
  return tools.map((tool) => {
    const check = checks.get(tool.name);
    return check === undefined || tool.lost ? tool : { ...tool, lost: { check } };
  });
}

const listAt = (tools: readonly ToolModel[], path: string): string | undefined =>
  tools.find((tool) => tool.method === "GET" && tool.answer.list && tool.path === path)?.name;

const isListFor = (tool: ToolModel, { method, answer, path }: ToolModel, inside: boolean): boolean =>
  method === "GET" &&
  (answer.list || inside) &&
  [...path.matchAll(/\{\w+\}/g)].every(([name]) => tool.path.includes(name));
