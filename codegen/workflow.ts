import { isAtMost } from "../src/policy/access.js";
import { functionName } from "../src/tools/function-name.js";
import { scopesOf } from "./derive/plan.js";
import type { ManifestWorkflow } from "./manifest.js";
import type { WorkflowParameter } from "./manifest-workflow.js";
import type { WorkflowEntry } from "./manifest-files.js";
import type { InputType, ParameterModel, PropertyModel, ToolModel } from "./model.js";
import { Override, type Entry } from "./override.js";
import { choiceOf, factsOf } from "./refine.js";
import { suggestion } from "./suggestion.js";
import type { Common, Report } from "./tool.js";

/** A tool made of several calls: all that is known of it stands in the manifest, but for its steps themselves. */
export function joinWorkflow(
  entry: WorkflowEntry,
  { inherited }: Omit<Common, "vocabulary">,
  report: Report,
): ToolModel {
  const { name, tool, source, path } = entry;
  const problem: Entry["problem"] = (at, message, part) => source.problem([...path, ...at], message, part);
  const said = new Override({ name, problem }, report.redundant);
  const parameters = Object.entries(tool.input).map(([own, parameter]) => parameterOf(own, parameter, inherited));
  const names = parameters.map((parameter) => parameter.name);
  checkNames(tool, parameters, (at, message) => report.problem(problem(at, message)));
  const answer = tool.answer ?? "json";
  return {
    name,
    functionName: functionName(name),
    operationId: "",
    method: tool.access === "read" ? "GET" : "POST",
    path: "",
    title: tool.title,
    description: tool.description,
    area: entry.area,
    level: "extended",
    access: tool.access,
    idempotent: said.value("idempotent", tool.idempotent, {
      value: tool.access === "read",
      rule: "several calls repeat harmlessly only where they are reads",
    }),
    ...(tool.tier && { tier: tool.tier }),
    ...(tool.verification && { verification: tool.verification }),
    ...(tool.role !== undefined && { role: tool.role }),
    scopes: said.value("scopes", tool.scopes, scopesOf(tool.access)),
    deprecated: false,
    parameters,
    curated: said.value("curated", tool.curated, { value: names, rule: "all of its parameters" }),
    exclusive: tool.exclusive ?? [],
    required_one: tool.required_one ?? [],
    answer: { kind: answer, list: false, schemas: [], nullable: false },
    view: tool.view ?? [],
    steps: tool.steps,
    ...(tool.aliases && { aliases: tool.aliases }),
    ...(tool.keywords && { keywords: tool.keywords }),
    ...(tool.confirm && { confirm: tool.confirm }),
    ...(tool.see && { see: tool.see }),
    ...(tool.shows !== undefined && { shows: tool.shows }),
    ...(tool.seen !== undefined && { seen: tool.seen }),
    ...(tool.since !== undefined && { since: tool.since }),
    origins: said.origins,
  };
}

/** A parameter: none is sent as it is, and one that names a project or a person stays fit for a path. */
function parameterOf(name: string, parameter: WorkflowParameter, inherited: Common["inherited"]): ParameterModel {
  const rule = inherited.rename?.find(({ to, ref }) => to === name && ref !== undefined);
  const common = inherited.parameters?.[name] ?? {};
  const ref = parameter.ref ?? rule?.ref;
  const iid = parameter.iid ?? common.iid;
  const { finder = common.finder, since } = parameter;
  const said = { ...(ref && { type: "reference" as const }), ...(iid && { type: "iid" as const }), ...parameter };
  return {
    name,
    wire: name,
    in: ref ? "path" : "local",
    required: parameter.required ?? false,
    ...(ref && { ref }),
    ...(iid && { iid }),
    ...(finder !== undefined && { finder }),
    ...(since !== undefined && { since }),
    type: typeOf(said),
  };
}

/** What says a type, at whatever depth. */
type Typed = Omit<WorkflowParameter, "type" | "items" | "properties" | "ref" | "iid" | "minItems" | "maxItems"> & {
  readonly minItems?: number | undefined;
  readonly maxItems?: number | undefined;
  readonly type?: WorkflowParameter["type"] | undefined;
  readonly items?: Typed | undefined;
  readonly properties?: Readonly<Record<string, Typed>> | undefined;
};

function typeOf(schema: Typed): InputType {
  const facts = factsOf(schema);
  const choice = schema.enum && choiceOf(schema.enum);
  if (choice) return { ...choice, facts };
  if (schema.format) return { kind: schema.format === "date" ? "date" : "dateTime", facts };
  switch (schema.type) {
    case "array":
      return { kind: "array", item: typeOf(schema.items ?? {}), facts: { ...facts, ...lengthsOf(schema) } };
    case "object":
      return { kind: "object", properties: Object.entries(schema.properties ?? {}).map(propertyOf), facts };
    case undefined:
    case "string":
      return { kind: "text", facts };
    default:
      return { kind: schema.type, facts };
  }
}

const lengthsOf = ({ minItems, maxItems }: Typed) => ({
  ...(minItems !== undefined && { minItems }),
  ...(maxItems !== undefined && { maxItems }),
});

const propertyOf = ([name, schema]: readonly [string, Typed]): PropertyModel => ({
  name,
  required: schema.required ?? false,
  type: typeOf(schema),
});

function checkNames(
  tool: ManifestWorkflow,
  parameters: readonly ParameterModel[],
  problem: (at: readonly (string | number)[], message: string) => void,
): void {
  const names = parameters.map(({ name }) => name);
  const lists: [at: (string | number)[], list: readonly string[]][] = [
    [["curated"], tool.curated ?? []],
    ...(tool.exclusive ?? []).map((list, index): [(string | number)[], string[]] => [["exclusive", index], list]),
    ...(tool.required_one ?? []).map((list, index): [(string | number)[], string[]] => [["required_one", index], list]),
  ];
  for (const [at, list] of lists)
    for (const [index, name] of list.entries())
      if (!names.includes(name))
        problem([...at, index], `the input has no parameter "${name}"${suggestion(name, names)}`);
  for (const { name, required } of parameters)
    if (required && tool.curated && !tool.curated.includes(name))
      problem(["curated"], `"${name}" is required, and has to be curated`);
}

/** Steps that do not exist, and those that do more than the tool says of itself. */
export function checkSteps(
  { tool, source, path }: WorkflowEntry,
  tools: ReadonlyMap<string, ToolModel>,
  report: Report,
): void {
  for (const [index, name] of tool.steps.entries()) {
    const step = tools.get(name);
    const reason = !step
      ? `unknown tool "${name}"${suggestion(name, tools.keys())}`
      : step.steps
        ? `${name} is made of several calls itself`
        : !isAtMost(step.access, tool.access)
          ? `${name} is ${step.access}, and the tool says that it is ${tool.access}`
          : undefined;
    if (reason !== undefined) report.problem(source.problem([...path, "steps", index], reason));
  }
}
