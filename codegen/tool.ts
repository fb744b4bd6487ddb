import { functionName } from "../src/tools/function-name.js";
import { withClear } from "./clear.js";
import { answerOf, viewProblem } from "./answer.js";
import type { ManifestEntry } from "./manifest-files.js";
import type { Inherited, ManifestTool } from "./manifest.js";
import type { ParameterModel, ToolModel } from "./model.js";
import { namingOf, type Naming } from "./naming.js";
import { wireParameters, type OperationPlace, type WireParameter } from "./parameter.js";
import { withPolicy } from "./policy.js";
import type { Problem } from "./problem.js";
import { added, refine } from "./refine.js";
import { checkNames, type ReportProblem } from "./tool-names.js";

/** Where problems and notes of a join go. */
export interface Report {
  readonly problem: (problem: Problem) => void;
  readonly note: (message: string) => void;
}

/** Joins a tool of the manifest with its operation; reports all that does not fit, with its place. */
export function joinTool(entry: ManifestEntry, place: OperationPlace, inherited: Inherited, report: Report): ToolModel {
  const { tool, name } = entry;
  const note = (message: string): void => report.note(`${name}: ${message}`);
  const problem: ReportProblem = (path, message, part) =>
    report.problem(entry.source.problem([...entry.path, ...path], message, part));

  const naming = namingOf(tool, place, inherited.rename ?? []);
  const wire = wireParameters(place, naming.separate, note);
  const parameters = publicParameters(tool, place, wire, naming, inherited, problem);
  checkNames(tool, place, wire, parameters, naming, problem);

  const { answer, schemas } = answerOf(place, tool.answer);
  if ((answer.kind === "json" || answer.kind === "file") && schemas.length === 0)
    note("has no schema of its answer in the specification");
  for (const [index, path] of (tool.view ?? []).entries()) {
    const reason = viewProblem(place.document, schemas, path);
    if (reason !== undefined) problem(["view", index], `view ${reason}`);
  }

  const ordered = new Set([...tool.curated, ...parameters.keys()]);
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
    parameters: [...ordered].flatMap((shown) => parameters.get(shown) ?? []),
    curated: tool.curated,
    exclusive: tool.exclusive ?? [],
    required_one: tool.required_one ?? [],
    answer,
    ...(tool.content !== undefined && { content: tool.content }),
    view: tool.view ?? [],
    ...(tool.keywords && { keywords: tool.keywords }),
    ...(tool.reach && { reach: tool.reach }),
    ...(tool.confirm && { confirm: tool.confirm }),
    ...(tool.see && { see: tool.see }),
    ...(tool.since !== undefined && { since: tool.since }),
  };
}

/** The parameters under their public names, as the manifest describes them. */
function publicParameters(
  tool: ManifestTool,
  place: OperationPlace,
  wire: readonly WireParameter[],
  naming: Naming,
  inherited: Inherited,
  problem: ReportProblem,
): Map<string, ParameterModel> {
  const parameters = new Map<string, ParameterModel>();
  const request = { method: methodOf(place.method), path: place.path };
  for (const parameter of wire) {
    if (tool.omit?.some((given) => naming.means(given, parameter))) {
      if (parameter.required) problem(["omit"], `"${parameter.wire}" is required and cannot be omitted`);
      continue;
    }
    const name = naming.nameOf(parameter);
    const other = parameters.get(name);
    if (other) {
      const both = `"${other.wire}" (${other.in}) and "${parameter.wire}" (${parameter.in}) are both called "${name}"`;
      problem(tool.rename ? ["rename"] : ["operation"], `${both}; rename or omit one`);
      continue;
    }
    const { ref, iid } = naming.ruleOf(parameter) ?? {};
    const common = { ...(ref && { ref }), ...(iid && { iid }), ...inherited.parameters?.[name] };
    const required = parameter.required || (tool.require?.includes(name) ?? false);
    const refined = refine({ ...parameter, name, required }, common, tool.parameters?.[name] ?? {});
    parameters.set(name, withClear(place, withPolicy(request, refined)));
  }
  for (const [name, addition] of Object.entries(tool.add ?? {})) {
    if (parameters.has(name)) problem(["add", name], `the operation has a parameter "${name}" already`, "key");
    else parameters.set(name, added(name, addition, inherited.parameters?.[name]));
  }
  return parameters;
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
