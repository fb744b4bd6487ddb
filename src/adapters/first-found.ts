import type { ToolDefinition } from "../definition/definition.js";
import type { JsonSchema } from "../tools/json-schema.js";
import { estimateTokens } from "../views/estimate.js";
import type { ToolboxDefinition } from "./toolbox-types.js";

/** What a tool's input may take of the answer: all of it stays within 300 tokens. */
const mostTokens = 130;

/** A tool that was found, with what is needed to call it. */
export interface FirstFound {
  readonly name: string;
  readonly access: string;
  readonly description: string;
  /** What each parameter takes, in a few signs: `text`, `integer`, `[text]`, `opened | closed`; required ones say so. */
  readonly input: Readonly<Record<string, string>>;
  /** The least input that is taken. */
  readonly example: Readonly<Record<string, unknown>>;
}

/**
 * The tool with its input: what is required always, and as many of the others, and of their descriptions, as fit.
 *
 * @param groups parameters of which at least one has to be given
 */
export function firstFound(
  {
    name,
    access,
    description,
    inputSchema,
  }: Pick<ToolboxDefinition, "name" | "access" | "description" | "inputSchema">,
  groups: readonly (readonly string[])[] = [],
): FirstFound {
  const { properties = {}, required: always = [] } = inputSchema;
  // Of a group of which one has to be given, the first will do.
  const one = new Map(groups.flatMap((group) => (group[0] === undefined ? [] : [[group[0], group] as const])));
  const required = [...always, ...one.keys()];
  const all = Object.entries(properties).toSorted(
    ([a], [b]) => Number(required.includes(b)) - Number(required.includes(a)),
  );
  const input: Record<string, string> = {};
  let left = mostTokens;
  const take = (parameter: string, text: string): boolean => {
    const cost = estimateTokens(`${parameter}: ${text}`) + 2;
    if (cost > left && !required.includes(parameter)) return false;
    left -= cost;
    input[parameter] = text;
    return true;
  };
  const rest: string[] = [];
  for (const [parameter, schema] of all) {
    const group = one.get(parameter);
    const needed = group ? ` (one of ${group.join(", ")} is required)` : always.includes(parameter) ? ", required" : "";
    const shape = typeOf(schema) + needed;
    const described = schema.description === undefined ? shape : `${shape}; ${schema.description}`;
    if (!take(parameter, described) && !take(parameter, shape)) rest.push(parameter);
  }
  if (rest.length > 0) input["…"] = `${rest.length} more, with gitlab_tool_describe`;
  return { name, access, description, input, example: exampleInput(inputSchema, groups) };
}

/**
 * The least input that a schema takes.
 *
 * @param groups parameters of which at least one has to be given
 */
export function exampleInput(
  { properties = {}, required = [] }: JsonSchema,
  groups: readonly (readonly string[])[] = [],
): Readonly<Record<string, unknown>> {
  const given = new Set([...required, ...groups.flatMap(([first]) => first ?? [])]);
  return Object.fromEntries(
    [...given].flatMap((parameter) => {
      const schema = properties[parameter];
      return schema ? [[parameter, exampleOf(parameter, schema)]] : [];
    }),
  );
}

/** Groups among the parameters that models are shown, of at least so many. */
export const shownGroups = (
  { curated }: Pick<ToolDefinition, "curated">,
  groups: readonly (readonly string[])[] | undefined,
  least: number,
): string[][] =>
  (groups ?? [])
    .map((group) => group.filter((name) => curated.includes(name)))
    .filter((group) => group.length >= least);

/** The first sentence of a description. */
export const firstSentence = (text: string): string => /^.*?\.(?=\s|$)/s.exec(text)?.[0] ?? text;

const words: Readonly<Record<string, string>> = { string: "text", object: "object" };

/** What a parameter takes, in a few signs. */
export function typeOf(schema: JsonSchema): string {
  if (schema.enum) return someOf(schema.enum.map(String));
  if (typeof schema["format"] === "string" && schema.type === "string") return schema["format"];
  if (schema.type === "array") return `[${schema.items ? typeOf(schema.items) : "any"}]`;
  if (schema.type === "object" && schema.properties) return `{ ${Object.keys(schema.properties).join(", ")} }`;
  const type = typeof schema.type === "string" ? schema.type : "any";
  return words[type] ?? type;
}

const mostWords = 8;

const someOf = (all: readonly string[]): string =>
  [...all.slice(0, mostWords), ...(all.length > mostWords ? ["…"] : [])].join(" | ");

/** What stands for a parameter whose form its type does not tell. */
const forms: Readonly<Record<string, string>> = { project_id: "group/project", group_id: "group", version: "1.2.3" };

function exampleOf(parameter: string, schema: JsonSchema): unknown {
  if (forms[parameter] !== undefined) return forms[parameter];
  if (schema.enum) return schema.enum[0];
  switch (schema.type) {
    case "integer":
    case "number":
      return 1;
    case "boolean":
      return true;
    case "array":
      return schema.items ? [exampleOf("", schema.items)] : [];
    case "object":
      return Object.fromEntries(
        (schema.required ?? []).map((name) => [name, exampleOf(name, schema.properties?.[name] ?? {})]),
      );
    default:
      return schema["format"] === "date"
        ? "2026-01-31"
        : schema["format"] === "date-time"
          ? "2026-01-31T12:00:00Z"
          : "…";
  }
}
