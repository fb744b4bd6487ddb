import type { ToolModel } from "./model.js";

/** Names of path parameters differ between operations of one place. */
const placeOf = (path: string): string => path.replaceAll(/\{\w+\}/g, "{}");

/**
 * Finders where they would show something else: what lies in a list at a tool's own path is found there, and the path of
 * something new is no file of the repository. What a name means elsewhere is said once in `spec/parameters.yaml`.
 */
export function withOwnFinders(tools: readonly ToolModel[]): ToolModel[] {
  const lists = new Map(
    tools
      .filter(({ method, answer, path }) => method === "GET" && answer.list && path !== "")
      .map(({ path, name }) => [placeOf(path), name] as const),
  );
  const paths = new Map(tools.map(({ name, path }) => [name, placeOf(path)]));
  const finderOf = (tool: ToolModel, finder: string, wire: string, where: string): string | undefined => {
    if (finder === "gitlab_repository_tree_list" && !tool.path.includes("/repository/") && where !== "local")
      return tool.area === "files" ? finder : undefined;
    const [before] = tool.path.split(`/{${wire}}`);
    if (where !== "path" || before === tool.path || before === undefined) return finder;
    const list = lists.get(placeOf(before));
    const [name = ""] = finder.split(" ");
    return list === undefined || paths.get(name) === placeOf(before) ? finder : list;
  };
  return tools.map((tool) => ({
    ...tool,
    parameters: tool.parameters.map((parameter) => {
      const { finder, wire, in: where, ...rest } = parameter;
      if (finder === undefined) return parameter;
      const own = finderOf(tool, finder, wire, where);
      return { ...rest, wire, in: where, ...(own !== undefined && { finder: own }) };
    }),
  }));
}
