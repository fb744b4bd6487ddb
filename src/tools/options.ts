import * as z from "zod/mini";
import type { ErrorCode } from "../errors/codes.js";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { correction, explain } from "./field-problems.js";

type Schema = z.ZodMiniType;

/** A schema for every option that an interface has, and for no other. */
export type ShapeOf<Options> = { readonly [Name in keyof Required<Options>]: Schema };

/** Schemas by option. */
export type Shape = Readonly<Record<string, Schema>>;

/** Options by their names. Any other name is refused: a limit with a misspelled name would not hold. */
export function strict<Options = Record<string, unknown>>(shape: ShapeOf<Options>): Schema {
  return z.strictObject(shape);
}

/** The part may be left out. */
export const maybe = (schema: Schema): Schema => z.optional(schema);

/** May be left out, but not be `undefined`: what was to be limited by a variable that is not set would not be. */
export const unlessUndefined = (schema: Schema): Schema => z.exactOptional(schema);

export const text: Schema = z.string();
export const flag: Schema = z.boolean();
export const texts: Schema = z.array(z.string());
export const choice = (words: readonly string[]): Schema => z.enum(words);
export const falseOr = (schema: Schema, wants: string): Schema =>
  z.union([z.literal(false), schema], `false or ${wants}`);
export const oneOrMore = (schema: Schema): Schema =>
  z.union([schema, z.array(schema)], "a string, or a list of strings");
/** Checked elsewhere, in more detail. */
export const anything: Schema = z.optional(z.unknown());

/** An object whose values are checked elsewhere. */
export const record: Schema = z.record(z.string(), z.unknown());
export const either = (one: Schema, other: Schema, wants: string): Schema => z.union([one, other], wants);

export const fitting = (fits: (value: unknown) => boolean, wants: string): Schema => z.custom(fits, wants);

export const listOf = (schema: Schema): Schema => z.array(schema);
export const func: Schema = z.custom((value) => typeof value === "function", "a function");

/** An object of somebody's own, known by a method. */
export const having = (method: string, wants: string): Schema =>
  z.custom(
    (value) => typeof value === "object" && value !== null && typeof Reflect.get(value, method) === "function",
    wants,
  );

export const abortSignal: Schema = z.custom((value) => value instanceof AbortSignal, "an AbortSignal");

/** A number that is not too small; infinity is one. */
export const from = (least: number): Schema =>
  z.custom((value) => typeof value === "number" && value >= least, `a number from ${least} on`);

/** A number above zero. */
export const positive: Schema = z.custom((value) => typeof value === "number" && value > 0, "a number above 0");

/** Timers cannot wait longer: beyond this they fire at once. */
const longestTimer = 2 ** 31 - 1;

/** Milliseconds that something may take. */
export const duration: Schema = z.custom(
  (value) => typeof value === "number" && value >= 1 && value <= longestTimer,
  `milliseconds, from 1 to ${longestTimer}`,
);

/** What is refused, and how. */
export interface Refusal {
  /** Whose options they are, for the message. */
  readonly of: string;
  readonly code?: ErrorCode;
  readonly toolName?: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** @throws {GitLabToolError} naming every option that does not fit, what it wants, and the nearest name there is */
export function checkOptions(schema: Schema, given: unknown, refusal: Refusal): void {
  const parsed = schema.safeParse(given);
  if (parsed.success) return;
  const problems = parsed.error.issues
    .flatMap((issue) => explain(issue, given, (path) => namesAt(schema, path), "an option"))
    .map((problem) => (problem.field === "" ? { ...problem, field: "options" } : problem));
  const { of: owner, code = "invalid_input", toolName, details } = refusal;
  throw new GitLabToolError({
    code,
    message: `${owner} cannot be used: ${problems.map(({ field, message }) => `${field}: ${message}`).join("; ")}.`,
    hint: `Nothing was sent. ${correction(problems)}.`,
    ...(toolName !== undefined && { toolName }),
    details: { ...details, fields: problems },
  });
}

/** Options that say who or where. One that is there without a value is a variable that is not set, not a wish for the default. */
const whoOrWhere = [
  "identifier",
  "connectionName",
  "expectedIdentifier",
  "baseUrl",
  "scopes",
  "redirectUri",
  "policy",
  "select",
  "audience",
] as const;

/** @throws {GitLabToolError} `invalid_input` where an option that says who or where is present and undefined */
export function refuseUndefined(options: unknown, owner: string): void {
  if (typeof options !== "object" || options === null) return;
  const fields = whoOrWhere.filter((name) => Object.hasOwn(options, name) && Reflect.get(options, name) === undefined);
  if (fields.length === 0) return;
  throw new GitLabToolError({
    code: "invalid_input",
    message: `${owner} cannot be used: ${fields.map((field) => `${field}: is undefined`).join("; ")}.`,
    hint: `Nothing was sent. Give ${fields.join(", ")} a value, or leave it out to have the default.`,
    details: { fields: fields.map((field) => ({ field, message: "is undefined" })) },
  });
}

/** The names that a schema has at a path. */
function namesAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): string[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  const [first, ...rest] = path;
  switch (def.type) {
    case "optional":
      return namesAt(def.innerType, path);
    case "union":
      return def.options.flatMap((option) => namesAt(option, path));
    case "object": {
      if (first === undefined) return Object.keys(def.shape);
      const part = def.shape[String(first)];
      return part ? namesAt(part, rest) : [];
    }
    default:
      return [];
  }
}
