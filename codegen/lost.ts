import type { Manifest } from "./manifest-files.js";
import type { ToolModel } from "./model.js";
import type { Problem } from "./problem.js";

/**
 * Where a lost create is looked for, by path: the manifest names the tools that list it and read it. A list needs no
 * more of a path than the create has.
 */
export function withLostPlaces(
  manifest: Manifest,
  tools: readonly ToolModel[],
  report: { readonly problem: (problem: Problem) => void },
): ToolModel[] {
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  return tools.map((tool): ToolModel => {
    const { lost } = tool;
    if (!lost) return tool;
    const entry = manifest.entries.find(({ name }) => name === tool.name);
    const pathOf = (word: "in" | "one"): string | undefined => {
      const named = lost[word];
      if (named === undefined) return undefined;
      const found = byName.get(named);
      const fits = found && (word === "one" || isListFor(tool, found));
      const reason = found ? `${named} does not list what ${tool.name} makes` : `unknown tool "${named}"`;
      if (!fits && entry) report.problem(entry.source.problem([...entry.path, "lost", word], reason));
      return found?.path;
    };
    const [list, one] = [pathOf("in"), pathOf("one")];
    const check = lost.check ?? lost.in ?? listAt(tools, tool.path);
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

const listAt = (tools: readonly ToolModel[], path: string): string | undefined =>
  tools.find((tool) => tool.method === "GET" && tool.answer.list && tool.path === path)?.name;

const isListFor = (tool: ToolModel, { method, answer, path }: ToolModel): boolean =>
  method === "GET" && answer.list && [...path.matchAll(/\{\w+\}/g)].every(([name]) => tool.path.includes(name));
