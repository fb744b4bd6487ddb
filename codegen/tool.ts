import { answerOf, viewProblem } from "./answer.js";
import { refine, added } from "./refine.js";
import type { Manifest, ManifestEntry } from "./manifest-files.js";
import { functionName } from "./manifest-files.js";
import type { Inherited, Refinement } from "./manifest.js";
import type { ParameterModel, ToolModel } from "./model.js";
import { suggestion } from "./nearest.js";
import { wireParameters, type OperationPlace, type WireParameter } from "./parameter.js";
import type { Problem } from "./problem.js";

/** Where problems and notes of a join go. */
export interface Report {
  readonly problem: (problem: Problem) => void;
  readonly note: (message: string) => void;
}

type Rename = NonNullable<Inherited["rename"]>[number];

/** Joins a tool of the manifest with its operation; reports all that does not fit, with its place. */
export function joinTool(
  entry: ManifestEntry,
  place: OperationPlace,
  inherited: Manifest["inherited"]["value"],
  report: Report,
): ToolModel {
  const { tool, name } = entry;
  const note = (message: string): void => report.note(`${name}: ${message}`);
  const problem = (path: readonly (string | number)[], message: string, part: "key" | "value" = "value"): void =>
    report.problem(entry.source.problem([...entry.path, ...path], message, part));

  const renames = renamesOf(place, inherited.rename ?? []);
  const renamed = new Map(Object.entries(tool.rename ?? {}));
  const separate = new Set([...renamed.keys(), ...renames.map(({ from }) => from), ...(tool.omit ?? [])]);
  const wire = wireParameters(place, separate, note);
  const wireNames = wire.map((parameter) => parameter.wire);

  const publicName = (parameter: WireParameter): { name: string; rule?: Rename } => {
    const rule = renames.find(
      ({ from }) => from === parameter.wire && (parameter.in === "path" || !place.path.includes(`{${from}}`)),
    );
    const name = renamed.get(parameter.wire) ?? rule?.to ?? parameter.wire;
    return { name, ...(rule && { rule }) };
  };
  const omitted = new Set(tool.omit ?? []);
  const parameters = new Map<string, ParameterModel>();
  for (const parameter of wire) {
    const { name: shown, rule } = publicName(parameter);
    if (omitted.has(shown) || omitted.has(parameter.wire)) {
      if (parameter.required) problem(["omit"], `"${parameter.wire}" is required and cannot be omitted`);
      continue;
    }
    const other = parameters.get(shown);
    if (other) {
      const both = `"${other.wire}" (${other.in}) and "${parameter.wire}" (${parameter.in}) are both called "${shown}"`;
      problem(tool.rename ? ["rename"] : ["operation"], `${both}; rename or omit one`);
      continue;
    }
    const own = tool.parameters?.[shown];
    const common: Refinement = {
      ...(rule?.ref && { ref: rule.ref }),
      ...(rule?.iid && { iid: rule.iid }),
      ...inherited.parameters?.[shown],
    };
    const required = parameter.required || (tool.require?.includes(shown) ?? false);
    parameters.set(shown, refine({ ...parameter, name: shown, required }, common, own ?? {}));
  }
  for (const [shown, addition] of Object.entries(tool.add ?? {})) {
    if (parameters.has(shown)) problem(["add", shown], `the operation has a parameter "${shown}" already`, "key");
    else parameters.set(shown, added(shown, addition, inherited.parameters?.[shown]));
  }

  const shownNames = [...parameters.keys()];
  const known = new Set(shownNames);
  const unknown = (given: string): string => {
    const actual = wire.find((parameter) => parameter.wire === given);
    const shown = actual && publicName(actual).name;
    const reason =
      shown !== undefined && known.has(shown) ? `; it is called "${shown}" here` : suggestion(given, shownNames);
    return `${place.operation.operationId ?? "the operation"} has no parameter "${given}"${reason}`;
  };
  const check = (names: readonly string[] | undefined, ...path: (string | number)[]): void => {
    for (const [index, given] of (names ?? []).entries()) {
      if (!known.has(given)) problem([...path, index], unknown(given));
      else if (names?.indexOf(given) !== index) problem([...path, index], `"${given}" stands here twice`);
    }
  };
  check(tool.curated, "curated");
  check(tool.require, "require");
  for (const [index, group] of (tool.exclusive ?? []).entries()) check(group, "exclusive", index);
  for (const [index, group] of (tool.required_one ?? []).entries()) check(group, "required_one", index);
  for (const given of Object.keys(tool.parameters ?? {}))
    if (!known.has(given)) problem(["parameters", given], unknown(given), "key");
  for (const given of renamed.keys())
    if (!wireNames.includes(given))
      problem(
        ["rename", given],
        `${place.operation.operationId ?? "the operation"} has no parameter "${given}"${suggestion(given, wireNames)}`,
        "key",
      );
  for (const [index, given] of (tool.omit ?? []).entries())
    if (!wire.some((parameter) => parameter.wire === given || publicName(parameter).name === given))
      problem(
        ["omit", index],
        `${place.operation.operationId ?? "the operation"} has no parameter "${given}"${suggestion(given, wireNames)}`,
      );
  for (const parameter of parameters.values())
    if (parameter.required && !tool.curated.includes(parameter.name))
      problem(["curated"], `"${parameter.name}" is required, and has to be curated`, "key");

  const { answer, schemas } = answerOf(place, tool.answer);
  if ((answer.kind === "json" || answer.kind === "file") && schemas.length === 0)
    note("has no schema of its answer in the specification");
  for (const [index, path] of (tool.view ?? []).entries()) {
    const reason = viewProblem(place.document, schemas, path);
    if (reason !== undefined) problem(["view", index], `view ${reason}`);
  }

  const ordered = [...tool.curated, ...shownNames.filter((shown) => !tool.curated.includes(shown))];
  return {
    name,
    functionName: functionName(name),
    operationId: tool.operation,
    method: methodOf(place.method),
    path: place.path,
    title: tool.title,
    description: tool.description,
    area: entry.area,
    access: tool.access,
    idempotent: tool.idempotent ?? (place.method !== "post" && place.method !== "patch"),
    ...(tool.tier && { tier: tool.tier }),
    ...(tool.verification && { verification: tool.verification }),
    ...(tool.role !== undefined && { role: tool.role }),
    scopes: tool.scopes ?? (tool.access === "read" ? ["read_api", "api"] : ["api"]),
    deprecated: place.operation.deprecated === true,
    parameters: ordered.flatMap((shown) => parameters.get(shown) ?? []),
    curated: tool.curated,
    exclusive: tool.exclusive ?? [],
    required_one: tool.required_one ?? [],
    answer,
    view: tool.view ?? [],
  };
}

/** Inherited renames of a path, the one with the longest path first. */
function renamesOf(place: OperationPlace, rules: readonly Rename[]): Rename[] {
  return rules
    .filter(({ path }) => place.path === path || place.path.startsWith(path.endsWith("/") ? path : `${path}/`))
    .sort((a, b) => b.path.length - a.path.length);
}

function methodOf(method: OperationPlace["method"]): ToolModel["method"] {
  switch (method) {
    case "post":
      return "POST";
    case "put":
      return "PUT";
    case "patch":
      return "PATCH";
    case "delete":
      return "DELETE";
    default:
      return "GET";
  }
}
