import { nearest } from "./nearest.js";
import { cannotBeCleared } from "./schema.js";

/** A field that does not fit, and what it wants. */
export interface FieldProblem {
  readonly field: string;
  readonly message: string;
  /** The nearest valid name or value. */
  readonly nearest?: string;
}

/** What zod says of a value, as far as it is used here. */
export interface Issue {
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
  readonly errors?: readonly (readonly Issue[])[];
}

/** The names that are known at a path of the schema; none where it does not say. */
export type NamesAt = (path: readonly PropertyKey[]) => readonly string[];

/**
 * What an issue of the schema means, in words: which field, what it wants, and the nearest valid name or value.
 *
 * @param given what was checked
 * @param noun what a name of the schema is called
 */
export function explain(issue: Issue, given: unknown, namesAt: NamesAt, noun = "a parameter"): FieldProblem[] {
  const path = issue.path ?? [];
  const field = path.map(String).join(".");
  if (issue.code === "unrecognized_keys")
    return (issue.keys ?? []).map((key) => unknownName(field, key, namesAt(path), noun));
  // Of several forms, the one whose fields were looked at is the one that was meant.
  const meant = issue.errors?.find((issues) =>
    issues.some((inner) => inner.code === "unrecognized_keys" || (inner.path ?? []).length > 0),
  );
  if (meant)
    return meant.flatMap((inner) =>
      explain({ ...inner, path: [...path, ...(inner.path ?? [])] }, given, namesAt, noun),
    );
  const value = path.reduce<unknown>(
    (at, key) => (typeof at === "object" && at !== null ? Reflect.get(at, key) : undefined),
    given,
  );
  if (value === undefined && issue.code === "invalid_type") return [{ field, message: "is required" }];
  if (issue.code === "invalid_value") {
    const values = (issue.values ?? []).map(String);
    const near = typeof value === "string" ? nearest(value, values) : undefined;
    const message = `expected one of ${values.join(", ")}${near ? ` (did you mean ${near}?)` : ""}`;
    return [{ field, message, ...(near && { nearest: near }) }];
  }
  return [{ field, message: wanted(issue, value) }];
}

/** What to do about problems: a name that was meant in place of another, and the rest to be corrected. */
export function correction(problems: readonly FieldProblem[]): string {
  const renamed = problems.filter(({ nearest, message }) => nearest !== undefined && message.startsWith("is not "));
  const others = problems.filter((problem) => !renamed.includes(problem)).map(({ field }) => field);
  const names = renamed.map(({ field, nearest = "" }) => `use ${nearest} instead of ${field}`);
  const text = [...(others.length > 0 ? [`correct ${others.join(", ")}`] : []), ...names].join(", ");
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

function unknownName(parent: string, key: string, names: readonly string[], noun: string): FieldProblem {
  const near = nearest(key, names);
  return {
    field: parent === "" ? key : `${parent}.${key}`,
    message: near ? `is not ${noun}; did you mean ${near}?` : `is not ${noun}`,
    ...(near && { nearest: near }),
  };
}

const units: Readonly<Record<string, string>> = { string: "characters", array: "items" };

function wanted(issue: Issue, value: unknown): string {
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

const article = (type: string): string => (/^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`);

/** The kind of a value, never the value: it may be a secret. */
export function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  return article(typeof value);
}
