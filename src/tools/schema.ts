/**
 * The words that generated input schemas are built from. Each understands what models send for its type ("42", "true",
 * "#42", "a,b"), and says in JSON Schema what it wants.
 */
import { isObject } from "../is-object.js";
import * as z from "zod/mini";
import { cannotBeCleared, isOptional } from "./clearing.js";
import { readFileInput } from "./file-input.js";

type MiniSchema = z.ZodMiniType;

/** Bounds and documentation, named as in JSON Schema. */
export interface SchemaFacts {
  readonly description?: string;
  /** What GitLab assumes when the parameter is left out. Documentation only: it is never sent. */
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
  readonly format?: string;
}

/** `read` turns what may be meant into a value of `schema`; JSON Schema shows `schema` alone. */
function reading<S extends MiniSchema>(read: (value: unknown) => unknown, schema: S, facts: SchemaFacts): MiniSchema {
  const { description, default: assumed } = facts;
  const documented = { ...(description && { description }), ...(assumed !== undefined && { default: assumed }) };
  const described = Object.keys(documented).length > 0 ? schema.check(z.meta(documented)) : schema;
  return z.pipe(z.transform(read), described);
}

const readInteger = (value: unknown): unknown =>
  typeof value === "string" && /^\s*[+-]?\d+\s*$/.test(value) ? Number(value) : value;
const readNumber = (value: unknown): unknown =>
  typeof value === "string" && value.trim() !== "" && !Number.isNaN(Number(value)) ? Number(value) : value;
const readBoolean = (value: unknown): unknown => {
  const word = typeof value === "string" ? value.trim().toLowerCase() : value;
  return word === "true" ? true : word === "false" ? false : value;
};
const readText = (value: unknown): unknown =>
  typeof value === "number" || typeof value === "boolean" ? String(value) : value;

const bounds = (facts: SchemaFacts) => [
  ...(facts.minimum === undefined ? [] : [z.minimum(facts.minimum)]),
  ...(facts.maximum === undefined ? [] : [z.maximum(facts.maximum)]),
];

/** How many items a list may have. */
const lengths = ({ minItems, maxItems }: SchemaFacts) => [
  ...(minItems === undefined ? [] : [z.minLength(minItems)]),
  ...(maxItems === undefined ? [] : [z.maxLength(maxItems)]),
];

export const integer = (facts: SchemaFacts = {}): MiniSchema =>
  reading(readInteger, z.int().check(...bounds(facts)), facts);

export const number = (facts: SchemaFacts = {}): MiniSchema =>
  reading(readNumber, z.number().check(...bounds(facts)), facts);

export const boolean = (facts: SchemaFacts = {}): MiniSchema => reading(readBoolean, z.boolean(), facts);

export const text = (facts: SchemaFacts = {}): MiniSchema =>
  reading(
    readText,
    z
      .string()
      .check(
        ...(facts.minLength === undefined ? [] : [z.minLength(facts.minLength)]),
        ...(facts.maxLength === undefined ? [] : [z.maxLength(facts.maxLength)]),
        ...(facts.pattern === undefined ? [] : [z.regex(new RegExp(facts.pattern, "u"))]),
      ),
    facts,
  );

const iso8601 = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;
const isMoment = (value: string): boolean =>
  iso8601.test(value) && !Number.isNaN(Date.parse(value.replace(" ", "T"))) && isDay(value.slice(0, 10));

/** JavaScript takes the 30th of February for the 2nd of March. */
function isDay(day: string): boolean {
  const time = Date.parse(day);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day);
}

/** A moment as ISO 8601; GitLab reads a bare date as its midnight in UTC. */
export const dateTime = (facts: SchemaFacts = {}): MiniSchema =>
  reading(
    readText,
    z.string().check(z.refine(isMoment, "an ISO 8601 date and time"), z.meta({ format: "date-time" })),
    facts,
  );

/** A day as `YYYY-MM-DD`. */
export const date = (facts: SchemaFacts = {}): MiniSchema =>
  reading(
    readText,
    z.string().check(
      z.refine((day) => day.length === 10 && isMoment(day), "a date YYYY-MM-DD"),
      z.meta({ format: "date" }),
    ),
    facts,
  );

/** One of the given words, in whatever case where that leaves no doubt. */
export const choice = (values: readonly [string, ...string[]], facts: SchemaFacts = {}): MiniSchema =>
  reading((value) => inCase(readText(value), values), z.enum(values), facts);

function inCase(input: unknown, values: readonly string[]): unknown {
  if (typeof input !== "string" || values.includes(input)) return input;
  const alike = values.filter((value) => value.toLowerCase() === input.toLowerCase());
  return alike.length === 1 ? alike[0] : input;
}

/** One of the given whole numbers. */
export const integerChoice = (values: readonly [number, ...number[]], facts: SchemaFacts = {}): MiniSchema =>
  reading(
    readInteger,
    z.int().check(
      z.refine((value) => values.includes(value), `one of ${values.join(", ")}`),
      z.meta({ enum: [...values] }),
    ),
    facts,
  );

/** A list, also given as a string with commas. `[]` is kept: in an update it clears. */
export const list = (item: MiniSchema, facts: SchemaFacts = {}): MiniSchema =>
  reading(
    (value) => {
      if (typeof value === "string")
        return value
          .split(",")
          .map((part) => part.trim())
          .filter((part) => part !== "");
      return typeof value === "number" ? [value] : value;
    },
    z.array(item).check(...lengths(facts)),
    facts,
  );

/** A list whose items may hold commas or are objects: only an array, or an array as JSON, is understood. */
export const array = (item: MiniSchema, facts: SchemaFacts = {}): MiniSchema =>
  reading(readJson, z.array(item).check(...lengths(facts)), facts);

function readJson(value: unknown): unknown {
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

/** An object with the given properties; names outside them are refused. */
export const object = (
  properties: Readonly<Record<string, MiniSchema>>,
  facts: SchemaFacts = {},
  nulls: "drop" | "keep" = "drop",
): MiniSchema =>
  reading(
    (value) => (nulls === "drop" ? withoutNulls(readJson(value), properties) : readJson(value)),
    z.strictObject(properties),
    facts,
  );

/** Where something is made, models send `null` for optional properties that they do not mean to set. */
function withoutNulls(value: unknown, properties: Readonly<Record<string, MiniSchema>>): unknown {
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).filter(([name, part]) => part !== null || !isOptional(properties[name])),
  );
}

const clearables = new WeakSet<z.core.$ZodType>();

/** Null clears it: `clear` is sent. JSON Schema shows `schema` alone, as it does for parameters that null clears. */
export function clearable(schema: MiniSchema, clear: unknown): MiniSchema {
  if (clear !== null)
    return z.pipe(
      z.transform((value: unknown): unknown => (value === null ? clear : value)),
      schema,
    );
  const orNull = z.nullable(schema);
  clearables.add(orNull);
  return orNull;
}

/** Whether null is said of it only for what clears. */
export const isClearable = (schema: z.core.$ZodType): boolean => clearables.has(schema);

/** Null is refused in words: what an update cannot clear. */
export const kept = (schema: MiniSchema): MiniSchema =>
  z.pipe(
    z.transform((value: unknown, { issues }): unknown => {
      if (value === null) issues.push({ code: "custom", input: value, message: cannotBeCleared });
      return value;
    }),
    schema,
  );

/** An object with properties of any name. */
export const record = (value: MiniSchema, facts: SchemaFacts = {}): MiniSchema =>
  reading(readJson, z.record(z.string(), value), facts);

/** Any JSON value, where GitLab's specification does not say. */
export const json = (facts: SchemaFacts = {}): MiniSchema => reading((value) => value, z.json(), facts);

const scalars = (): MiniSchema => z.union([z.string(), z.number(), z.boolean()]);

/**
 * Text, a number, true or false, or a list of them: where GitLab's specification does not say. It is shown as text:
 * providers want one type for each place, and GitLab reads any of them from text.
 */
export const value = (facts: SchemaFacts = {}): MiniSchema =>
  reading(
    readJson,
    z.union([z.string(), z.number(), z.boolean(), z.array(scalars())]).check(z.meta({ type: "string" })),
    facts,
  );

/** The number after `#` or `!` that people see; `"#42"` and `"!42"` are understood. */
export const iid = (facts: SchemaFacts = {}): MiniSchema =>
  reading(
    (value) => readInteger(typeof value === "string" ? value.replace(/^\s*[#!]/, "") : value),
    z.int().check(z.minimum(1)),
    facts,
  );

/** A project, group or user: number, path or web URL. What it means is decided by the account's instance. */
export const reference = (facts: SchemaFacts = {}): MiniSchema =>
  reading(readText, z.string().check(z.minLength(1)), facts);

export const fileSchema = {
  type: "object",
  properties: {
    file_name: { type: "string" },
    content: { type: "string" },
    encoding: { type: "string", enum: ["text", "base64"] },
  },
  required: ["file_name", "content"],
  additionalProperties: false,
} as const;

/** A file: its name and content, as JSON Schema shows it, or the path of one, for whoever may read files. */
export const file = ({ description }: SchemaFacts = {}): MiniSchema =>
  z.pipe(
    z.transform((value: unknown, { issues }): unknown => {
      const found = readFileInput(readJson(value));
      if (value === undefined) issues.push({ code: "invalid_type", input: value, expected: "object" });
      else if ("problem" in found) issues.push({ code: "custom", input: "", message: found.problem });
      return found;
    }),
    z.unknown().check(z.meta({ ...fileSchema, ...(description && { description }) })),
  );

export const optional = (schema: MiniSchema): MiniSchema => z.optional(schema);

/** A tool's whole input. */
export const input = (properties: Readonly<Record<string, MiniSchema>>): z.ZodMiniObject => z.strictObject(properties);
