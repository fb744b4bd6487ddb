import type { ManifestTool } from "./manifest.js";
import type { ParameterModel } from "./model.js";
import type { Naming } from "./naming.js";
import { suggestion } from "./suggestion.js";
import type { OperationPlace, WireParameter } from "./parameter.js";

export type ReportProblem = (path: readonly (string | number)[], message: string, part?: "key" | "value") => void;

/** Reports every name in a tool of the manifest that no parameter has, and every required one that is not curated. */
export function checkNames(
  tool: ManifestTool & { readonly curated: readonly string[] },
  place: OperationPlace,
  wire: readonly WireParameter[],
  parameters: ReadonlyMap<string, ParameterModel>,
  naming: Naming,
  problem: ReportProblem,
): void {
  const operation = place.operation.operationId ?? "the operation";
  const lacks = (name: string, names: Iterable<string>): string =>
    `${operation} has no parameter "${name}"${suggestion(name, names)}`;
  const unknown = (name: string): string => {
    const actual = wire.find((parameter) => parameter.wire === name);
    const shown = actual && naming.nameOf(actual);
    return shown !== undefined && parameters.has(shown)
      ? `${operation} has no parameter "${name}"; it is called "${shown}" here`
      : lacks(name, parameters.keys());
  };

  const lists: [path: (string | number)[], names: readonly string[]][] = [
    [["curated"], tool.curated],
    [["require"], tool.require ?? []],
    ...(tool.exclusive ?? []).map((group, index): [(string | number)[], string[]] => [["exclusive", index], group]),
    ...(tool.required_one ?? []).map((group, index): [(string | number)[], string[]] => [
      ["required_one", index],
      group,
    ]),
  ];
  for (const [path, names] of lists)
    for (const [index, name] of names.entries()) {
      if (!parameters.has(name)) problem([...path, index], unknown(name));
      else if (names.indexOf(name) !== index) problem([...path, index], `"${name}" stands here twice`);
    }
  for (const name of Object.keys(tool.parameters ?? {}))
    if (!parameters.has(name)) problem(["parameters", name], unknown(name), "key");

  for (const [name, { marks }] of Object.entries(tool.add ?? {}))
    if (marks !== undefined && !parameters.has(marks)) problem(["add", name, "marks"], unknown(marks));

  const wireNames = wire.map((parameter) => parameter.wire);
  for (const name of Object.keys(tool.rename ?? {}))
    if (!wire.some((parameter) => [parameter.wire, `${parameter.in}.${parameter.wire}`].includes(name)))
      problem(["rename", name], lacks(name, wireNames), "key");
  for (const [index, name] of (tool.omit ?? []).entries())
    if (!wire.some((parameter) => naming.means(name, parameter))) problem(["omit", index], lacks(name, wireNames));

  for (const { name, required } of parameters.values())
    if (required && !tool.curated.includes(name))
      problem(["curated"], `"${name}" is required, and has to be curated`, "key");
}
