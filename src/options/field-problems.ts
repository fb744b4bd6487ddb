import { nearest } from "./nearest.js";

/** A field of an input, or an option, that does not fit, and what it wants. */
export interface FieldProblem {
  readonly field: string;
  readonly message: string;
  /** The nearest valid name or value. */
  readonly nearest?: string;
}

/** What to do about problems: a name that was meant in place of another, and the rest to be corrected. */
export function correction(problems: readonly FieldProblem[]): string {
  const renamed = problems.filter(({ nearest, message }) => nearest !== undefined && message.startsWith("is not "));
  const others = problems.filter((problem) => !renamed.includes(problem)).map(({ field }) => field);
  const names = renamed.map(({ field, nearest = "" }) => `use ${nearest} instead of ${field}`);
  const text = [...(others.length > 0 ? [`correct ${others.join(", ")}`] : []), ...names].join(", ");
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

/** @param noun what a name is called, such as `a parameter` */
export function unknownName(parent: string, key: string, names: readonly string[], noun: string): FieldProblem {
  const near = nearest(key, names);
  return {
    field: parent === "" ? key : `${parent}.${key}`,
    message: near ? `is not ${noun}; did you mean ${near}?` : `is not ${noun}`,
    ...(near && { nearest: near }),
  };
}

/** A value that is none of those there are. */
export function notOneOf(field: string, value: unknown, values: readonly string[]): FieldProblem {
  const near = typeof value === "string" ? nearest(value, values) : undefined;
  const message = `expected one of ${values.join(", ")}${near ? ` (did you mean ${near}?)` : ""}`;
  return { field, message, ...(near && { nearest: near }) };
}

export const article = (type: string): string => (/^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`);

/** The kind of a value, never the value: it may be a secret. */
export function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  return article(typeof value);
}
