import { article, kindOf, notOneOf, unknownName, type FieldProblem } from "../options/field-problems.js";
import { cannotBeCleared } from "./clearing.js";

/** What zod says of a value, as far as it is used here. */
export interface SchemaIssue {
  readonly code?: string | undefined;
  readonly path?: readonly PropertyKey[] | undefined;
  readonly message: string;
  readonly expected?: unknown;
  readonly values?: readonly unknown[];
  readonly keys?: readonly string[];
  readonly minimum?: unknown;
  readonly maximum?: unknown;
  readonly origin?: string;
  readonly pattern?: string;
  /** The issues of each form that was tried. */
  readonly errors?: readonly (readonly SchemaIssue[])[];
}

/**
 * What an issue of the schema means, in words: which field, what it wants, and the nearest valid value.
 *
 * @param input what was checked
 */
export function schemaProblems(issue: SchemaIssue, input: unknown): FieldProblem[] {
  const path = issue.path ?? [];
  const field = path.length === 0 ? "input" : path.map(String).join(".");
  if (issue.code === "unrecognized_keys")
    return (issue.keys ?? []).map((key) => unknownName(field, key, [], "a parameter"));
  // Of several forms, the one whose fields were looked at is the one that was meant.
  const meant = issue.errors?.find((issues) =>
    issues.some((inner) => inner.code === "unrecognized_keys" || (inner.path ?? []).length > 0),
  );
  if (meant)
    return meant.flatMap((inner) => schemaProblems({ ...inner, path: [...path, ...(inner.path ?? [])] }, input));
  const value = path.reduce<unknown>(
    (at, key) => (typeof at === "object" && at !== null ? Reflect.get(at, key) : undefined),
    input,
  );
  if (value === undefined && issue.code === "invalid_type") return [{ field, message: "is required" }];
  if (issue.code === "invalid_value") return [notOneOf(field, value, (issue.values ?? []).map(String))];
  return [{ field, message: expectation(issue, value) }];
}

const units: Readonly<Record<string, string>> = { string: "characters", array: "items" };

function expectation(issue: SchemaIssue, value: unknown): string {
  const unit = units[issue.origin ?? ""];
  switch (issue.code) {
    case "invalid_type":
      return `expected ${article(issue.expected === "int" || issue.expected === "number" ? "number" : String(issue.expected))}, got ${kindOf(value)}`;
    case "too_small":
      return unit ? `needs at least ${String(issue.minimum)} ${unit}` : `must be at least ${String(issue.minimum)}`;
    case "too_big":
      return unit ? `may have at most ${String(issue.maximum)} ${unit}` : `must be at most ${String(issue.maximum)}`;
    case "invalid_format":
      return `does not match ${issue.pattern ?? "the format"}`;
    default:
      if (issue.message === cannotBeCleared) return issue.message;
      return issue.message.startsWith("Invalid") ? "does not fit" : `expected ${issue.message}`;
  }
}
