import { Kind, visit } from "graphql";
import { functionName } from "../../src/tools/function-name.js";
import type { NamedThing } from "../../src/definition/graphql-call.js";
import { leadsElsewhere } from "../../src/policy/parameter-words.js";
import { snakeCase } from "../../src/views/fold.js";
import { scopesOf } from "../derive/plan.js";
import type { ManifestEntry } from "../manifest-files.js";
import type { Inherited, TextTool } from "../manifest.js";
import type { Level, ParameterModel, ToolModel } from "../model.js";
import type { Problem, ReportAt } from "../problem.js";
import { refine } from "../refine.js";
import { suggestion } from "../suggestion.js";
import { checkOlder } from "./older.js";
import { needsIn, partsOf } from "./parts.js";
import { placesOf } from "./place.js";
import type { Schemas } from "./schema.js";
import { nodesOf, shapeAt, shapeOf, typeOf } from "./shape.js";
import { readGraphQLText, type GraphQLText } from "./text.js";
import { variablesOf, type Variable } from "./variables.js";
import { graphqlViewProblem } from "./view.js";

export interface TextContext {
  readonly root: string;
  readonly schemas: Schemas;
  readonly inherited: Inherited;
  readonly level: Level;
  /** Enumerations that the answers' types name. */
  readonly enums: Set<string>;
  readonly problem: (problem: Problem) => void;
}

/** A tool of a GraphQL text: its parameters are the variables, its data what the text brings back at `result`. */
export async function joinText(
  { name, area, source, path, tool }: ManifestEntry<TextTool>,
  context: TextContext,
): Promise<ToolModel | undefined> {
  const { root, schemas, inherited, level, enums } = context;
  const problem = (at: readonly (string | number)[], message: string, part?: "key" | "value"): void =>
    context.problem(source.problem([...path, ...at], message, part));
  const text = await readGraphQLText(root, tool.graphql, schemas);
  if ("problems" in text) {
    for (const one of text.problems) context.problem(one);
    return undefined;
  }
  const { title, description, access = text.isMutation ? undefined : "read" } = tool;
  if (title === undefined || description === undefined) {
    problem(["graphql"], `${name} needs a title and a description: a text says neither`);
    return undefined;
  }
  if (access === undefined || (access === "read") === text.isMutation) {
    problem(["access"], text.isMutation ? "a mutation is write or destructive: say which" : "a query is a read");
    return undefined;
  }
  const needsOf = needsIn(text, schemas);
  const { result = "" } = tool;
  const shape = shapeAt(shapeOf(text, schemas.whole, needsOf, enums), result);
  if (!shape) {
    problem(["result"], result === "" ? `"result" is missing` : `"${result}": the text does not ask for that`);
    return undefined;
  }
  const item = nodesOf(shape) ?? (shape.kind === "list" ? shape.item : undefined);
  for (const [index, one] of (tool.view ?? []).entries()) {
    const reason = graphqlViewProblem(shape, one);
    if (reason !== undefined) problem(["view", index], `view ${reason}`);
  }
  const variables = variablesOf(text, schemas, needsOf);
  checkNames(tool, variables, problem);
  const place = tool.place ?? (variables.has("path") ? "path" : undefined);
  if (place !== undefined && !variables.has(place)) problem(["place"], `the text has no variable "${place}"`);
  const parameters = parametersOf(text, tool, variables, place, inherited);
  const named = [...parameters.keys()];
  for (const [key, given] of [
    ...Object.keys(tool.parameters ?? {}).map((one) => [["parameters", one], one] as const),
    ...(tool.curated ?? []).map((one, index) => [["curated", index], one] as const),
  ])
    if (!parameters.has(given)) problem(key, `${name} has no parameter "${given}"${suggestion(given, named)}`, "key");
  if (tool.older) checkOlder(tool.older, { name, parameters, shape: item ?? shape }, problem);
  const curated = tool.curated ?? named;
  const owners = ["project_id", "group_id"].filter((owner) => parameters.has(owner));
  const isNeeded = owners.length > 1 && !parameters.has("work_item");
  const ordered = new Set([...curated, ...named]);
  return {
    name,
    functionName: functionName(name),
    operationId: text.operation.name?.value ?? name,
    method: "POST",
    path: "/api/graphql",
    title,
    description,
    area,
    level,
    access,
    idempotent: tool.idempotent ?? !text.isMutation,
    ...(tool.tier && { tier: tool.tier }),
    ...(tool.role !== undefined && { role: tool.role }),
    scopes: tool.scopes ?? scopesOf(access).value,
    deprecated: false,
    parameters: [...ordered].flatMap((one) => parameters.get(one) ?? []),
    curated,
    exclusive: [...(owners.length > 1 ? [owners] : []), ...(tool.exclusive ?? [])],
    required_one: [...(isNeeded ? [owners] : []), ...(tool.required_one ?? [])],
    answer: {
      kind: "json",
      list: item !== undefined,
      schemas: [],
      nullable: false,
      type: typeOf({ ...(item ?? shape), nullable: false }),
    },
    view: tool.view ?? [],
    ...(tool.keywords && { keywords: tool.keywords }),
    ...(tool.aliases && { aliases: tool.aliases }),
    ...(tool.reach && { reach: tool.reach }),
    ...(tool.confirm && { confirm: tool.confirm }),
    ...(tool.see && { see: tool.see }),
    ...(tool.lost && { lost: tool.lost }),
    ...(tool.since !== undefined && { since: tool.since }),
    graphql: {
      text: partsOf(text, needsOf),
      result,
      ...(place !== undefined && { place }),
      ...(variables.has("isProject") && { isProject: true as const }),
      ...(tool.older && { older: tool.older }),
    },
    origins: {},
  };
}

function checkNames(tool: TextTool, variables: ReadonlyMap<string, Variable>, problem: ReportAt): void {
  const lacks = (name: string): string => `the text has no variable "${name}"${suggestion(name, variables.keys())}`;
  for (const renamed of Object.keys(tool.rename ?? {}))
    if (!variables.has(renamed)) problem(["rename", renamed], lacks(renamed), "key");
  for (const [index, omitted] of (tool.omit ?? []).entries())
    if (!variables.has(omitted)) problem(["omit", index], lacks(omitted));
  for (const [name, choices] of Object.entries(tool.switches ?? {}))
    for (const [value, variable] of Object.entries(choices))
      if (!variables.has(variable)) problem(["switches", name, value], lacks(variable));
}

/** What names an item of its own where the text does not say otherwise. */
const alwaysNamed: Readonly<Record<string, string>> = { "input.id": "work_item", "input.noteableId": "work_item" };

function parametersOf(
  text: GraphQLText,
  tool: TextTool,
  variables: ReadonlyMap<string, Variable>,
  place: string | undefined,
  inherited: Inherited,
): Map<string, ParameterModel> {
  const parameters = new Map<string, ParameterModel>();
  const add = (model: ParameterModel): void => {
    const common = inherited.parameters?.[model.name] ?? {};
    const own = tool.parameters?.[model.name] ?? {};
    const names = own.names ?? model.names;
    // A global id may lead anywhere: what is not looked up by name is refused under an allow-list until it is declared.
    const { reach: leading, ...plain } = model;
    const isHeld = names !== undefined && (!unheld.has(names) || own.within !== undefined);
    const refined = refine(leading && !isHeld ? { ...plain, reach: leading } : plain, common, own);
    parameters.set(model.name, { ...refined, ...(names && { names, type: namedType(names, refined) }) });
  };
  const switches = Object.entries(tool.switches ?? {});
  const switched = new Set(switches.flatMap(([, values]) => Object.values(values)));
  const own = [...variables.values()].flatMap((variable): ParameterModel[] => {
    const { wire, required, type, isId, needs } = variable;
    if (wire === place || wire === "isProject" || switched.has(wire) || tool.omit?.includes(wire)) return [];
    const renamed = tool.rename?.[wire];
    if (wire.includes(".") && renamed === undefined && alwaysNamed[wire] === undefined) return [];
    const iid = wire === "iid" ? iidOf(text) : undefined;
    const isItem = iid === "work_item" || alwaysNamed[wire] !== undefined;
    const leaf = wire.split(".").at(-1) ?? wire;
    const name = renamed ?? (isItem ? "work_item" : iid === undefined ? snakeCase(leaf) : "merge_request_iid");
    const reaches = isId || leadsElsewhere({ in: "variable", wire: snakeCase(leaf) });
    const model: ParameterModel = {
      name,
      wire,
      in: "variable",
      required,
      ...needs,
      ...(name === "work_item" && { names: "work_item" as const }),
      ...(reaches && { reach: "out" as const }),
      ...(text.isMutation && /^(?:description|body)$/.test(leaf) && { text: "markdown" as const }),
      type: iid === "merge_request" ? { kind: "iid", facts: {} } : type,
      ...(iid === "merge_request" && { iid }),
    };
    return [model];
  });
  const isWithin = Object.values(tool.parameters ?? {}).some(({ within }) => within !== undefined);
  const kinds = placesOf(text, tool.place !== undefined || isWithin || own.some(isPlaced));
  for (const kind of kinds)
    add({
      name: `${kind}_id`,
      wire: `${kind}_id`,
      in: "local",
      ref: kind,
      required: kinds.length === 1 && !own.some(({ name }) => name === "work_item"),
      type: { kind: "reference", facts: {} },
    });
  if (isWithin) {
    const type = { kind: "text" as const, facts: {} };
    add({ name: "work_item", wire: "work_item", in: "local", names: "work_item", required: false, type });
  }
  for (const model of own) add(model);
  for (const [name, choices] of switches) {
    const [first = "", ...others] = Object.keys(choices);
    const type = { kind: "choice" as const, values: [first, ...others] as const, facts: {} };
    add({ name, wire: name, in: "variable", required: true, switch: choices, type });
  }
  return parameters;
}

/** Where they lie cannot be asked by themselves. */
const unheld: ReadonlySet<NamedThing> = new Set(["note", "discussion"]);

/** Found in the call's place. */
const placedThings: ReadonlySet<NamedThing> = new Set(["work_item"]);
const isPlaced = ({ names }: ParameterModel): boolean => names !== undefined && placedThings.has(names);

/** People's names in place of a global id, or a list of them. */
function namedType(names: NamedThing, { type }: ParameterModel): ParameterModel["type"] {
  if (names === "custom_field") return { kind: "record", value: { kind: "value", facts: {} }, facts: type.facts };
  if (type.kind === "list" || type.kind === "array")
    return { kind: "list", item: { kind: "text", facts: {} }, facts: type.facts };
  return { kind: "text", numeric: true, facts: { minLength: 1, ...type.facts } };
}

/** What the variable `iid` is the number of: the field that it is an argument of says so. */
function iidOf({ document }: GraphQLText): "work_item" | "merge_request" {
  let field = "";
  visit(document, {
    Field({ name, arguments: args = [] }) {
      if (args.some(({ value }) => value.kind === Kind.VARIABLE && value.name.value === "iid")) field = name.value;
    },
  });
  return field === "mergeRequest" ? "merge_request" : "work_item";
}
