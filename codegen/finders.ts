import type { Inherited } from "./manifest.js";
import type { ParameterModel, ToolModel } from "./model.js";

/** Names of path parameters differ between operations of one place. */
const placeOf = (path: string): string => path.replaceAll(/\{\w+\}/g, "{}");

/**
 * Finders where they would show something else: what lies in a list at a tool's own path is found there. What a name means
 * elsewhere, and below which paths alone, is said once in `spec/parameters.yaml`.
 */
export function withOwnFinders(tools: readonly ToolModel[], { parameters: said = {} }: Inherited): ToolModel[] {
  const lists = new Map(
    tools
      .filter(({ method, answer, path }) => method === "GET" && answer.list && path !== "")
      .map(({ path, name }) => [placeOf(path), name] as const),
  );
  const paths = new Map(tools.map(({ name, path }) => [name, placeOf(path)]));
  const finderOf = (tool: ToolModel, parameter: ParameterModel, finder: string): string | undefined => {
    const { name, wire, in: where } = parameter;
    const { finder_below: place } = said[name] ?? {};
    const [before = ""] = where === "path" ? tool.path.split(`/{${wire}}`) : [];
    const list = before === tool.path ? undefined : lists.get(placeOf(before));
    // A tool of several calls has no path.
    if (place !== undefined && tool.path !== "" && !tool.path.includes(place)) return list;
    const [toolName = ""] = finder.split(" ");
    const found = paths.get(toolName);
    // One of several calls is said on purpose, to show more than the list.
    return list === undefined || found === "" || found === placeOf(before) ? finder : list;
  };
  return tools.map((tool) => ({
    ...tool,
    parameters: tool.parameters.map((parameter) => {
      const { finder, ...rest } = parameter;
      if (finder === undefined) return parameter;
      const own = finderOf(tool, parameter, finder);
      return { ...rest, ...(own !== undefined && { finder: own }) };
    }),
  }));
}
