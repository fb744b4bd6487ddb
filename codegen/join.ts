import type { Corrected } from "./correct.js";
import type { Manifest } from "./manifest-files.js";
import type { Model, ToolModel } from "./model.js";
import { suggestion } from "./suggestion.js";
import { operations } from "./openapi.js";
import type { OperationPlace } from "./parameter.js";
import { refuse, type Problem } from "./problem.js";
import { joinTool } from "./tool.js";

/**
 * Joins the corrected specification and the manifest into one model.
 *
 * @throws {ProblemsError} with everything in the manifest that the specification does not bear out.
 */
export function join({ corrected: document, notes, operationIds }: Corrected, manifest: Manifest): Model {
  const problems: Problem[] = [];
  const found: string[] = [...notes];
  const places = new Map<string, OperationPlace>();
  for (const place of operations(document)) {
    const { operationId } = place.operation;
    if (operationId !== undefined) places.set(operationId, { document, ...place });
  }
  const report = {
    problem: (problem: Problem) => problems.push(problem),
    note: (message: string) => found.push(message),
  };
  const tools = manifest.entries.flatMap((entry): ToolModel[] => {
    const place = places.get(entry.tool.operation);
    if (place) return [joinTool(entry, place, manifest.inherited.value, report)];
    const reason = `unknown operation "${entry.tool.operation}"${suggestion(entry.tool.operation, operationIds)}`;
    const added = "; run `spec update` when it is new in the manifest";
    problems.push(entry.source.problem([...entry.path, "operation"], reason + added));
    return [];
  });
  problems.push(...unknownTools(manifest, tools));
  refuse(problems);
  found.push(...unused(manifest, tools));
  const areas = manifest.areas
    .map(({ file }) => ({
      name: file.area,
      title: file.title,
      ...(file.description && { description: file.description }),
      tools: tools.filter(({ area }) => area === file.area),
    }))
    .filter((area) => area.tools.length > 0);
  return { version: document.info.version, areas, notes: found };
}

/** Tools that the manifest refers to and does not have, and parameters that those lack. */
function unknownTools({ entries, inherited }: Manifest, tools: readonly ToolModel[]): Problem[] {
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  const reasonAgainst = (reference: string): string | undefined => {
    const [name = "", parameter] = reference.split(" with ");
    const tool = byName.get(name);
    if (!tool) return `unknown tool "${name}"${suggestion(name, byName.keys())}`;
    const lacks = parameter !== undefined && !tool.parameters.some((one) => one.name === parameter);
    return lacks ? `${name} has no parameter "${parameter}"` : undefined;
  };
  const said = [
    ...Object.entries(inherited.value.parameters ?? {}).map(
      ([name, { finder }]) => [inherited.source, ["parameters", name, "finder"], finder] as const,
    ),
    ...entries.flatMap(({ source, path, tool }) => [
      ...Object.entries(tool.parameters ?? {}).map(
        ([name, { finder }]) => [source, [...path, "parameters", name, "finder"], finder] as const,
      ),
      ...Object.entries(tool.see ?? {}).map(([about, name]) => [source, [...path, "see", about], name] as const),
    ]),
  ];
  return said.flatMap(([source, path, reference]) => {
    const reason = reference === undefined ? undefined : reasonAgainst(reference);
    return reason === undefined ? [] : [source.problem(path, reason)];
  });
}

/** What the manifest says once for all tools, and no tool has. */
function unused(manifest: Manifest, tools: readonly ToolModel[]): string[] {
  const used = new Set(tools.flatMap(({ parameters }) => parameters.map(({ name }) => name)));
  const { source, value } = manifest.inherited;
  return Object.keys(value.parameters ?? {})
    .filter((name) => !used.has(name))
    .map((name) => {
      const { file, line, column } = source.place(["parameters", name], "key");
      return `${file}:${line}:${column} no tool has a parameter "${name}"`;
    });
}
