/**
 * The options of public functions: tables of what each may be, and one check for all of them. They are checked when a
 * client is made, which cannot wait, so they do without zod, which takes longer to load than all the rest of a client.
 */
import type { ErrorCode } from "../errors/codes.js";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { correction, type FieldProblem } from "./field-problems.js";

/** What an option may be. `Type` ties it to the option's own type. */
export interface Check<Type = unknown> {
  /** What is wrong with a value, if anything. `field` is its name, with the names above it; of the options, none. */
  readonly problems: (value: unknown, field: string) => readonly FieldProblem[];
  /** May be left out; `undefined` is as good as that, or is not: see `unlessUndefined`. */
  readonly optional?: "or undefined" | "but not undefined";
  /** For the compiler alone. */
  readonly type?: Type;
}

/** A check for every option that an interface has, and for no other. */
export type ShapeOf<Options> = { readonly [Name in keyof Required<Options>]: Check<Options[Name]> };

/** Checks by option. */
export type Shape = Readonly<Record<string, Check>>;

/** What is refused, and how. */
export interface OptionsRefusal {
  /** Whose options they are, for the message. */
  readonly of: string;
  readonly code?: ErrorCode;
  readonly toolName?: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** @throws {GitLabToolError} naming every option that does not fit, what it wants, and the nearest name there is */
export function checkOptions(check: Check, value: unknown, refusal: OptionsRefusal): void {
  const problems = check
    .problems(value, "")
    .map((problem) => (problem.field === "" ? { ...problem, field: "options" } : problem));
  if (problems.length === 0) return;
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
