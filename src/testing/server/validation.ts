import { refuse } from "./handler.js";
import type { Operation, Schema } from "./document.js";
import type { Values } from "./parameters.js";
import { UploadedFile } from "./uploaded-file.js";

const truths = new Set(["true", "t", "1", "on", "y", "yes", "false", "f", "0", "off", "n", "no"]);

const declaresPagination = /\/repository\/(?:tree|commits)$/;

type Fault = "is invalid" | "does not have a valid value";

/**
 * Checks the parameters of a request like Grape: what the document does not know is ignored, everything that is wrong is
 * named at once, in its order.
 */
export function validate({ parameters, path: operationPath }: Operation, path: Values, values: Values): void {
  const problems: string[] = [];
  for (const { name, in: place, required, schema } of parameters) {
    const value = place === "path" ? path[name] : valueOf(values, name);
    if (value === undefined) {
      if (required && place !== "path" && !isWithinNothing(values, name)) problems.push(`${name} is missing`);
      continue;
    }
    // Members are added one by one or several at once, "1,2", though the document says integer.
    if (name === "user_id" && place === "body" && /^\d+(?:,\d+)*$/.test(String(isScalar(value) ? value : ""))) continue;
    // Only the tree and the commits declare values; elsewhere GitLab looks for `keyset` and nothing else.
    if (name === "pagination" && !declaresPagination.test(operationPath)) continue;
    const fault = check(schema, value);
    if (fault !== undefined) problems.push(`${name} ${fault}`);
  }
  for (const name of ["page", "per_page"]) {
    const known = parameters.some((parameter) => parameter.name === name);
    if (!known && values[name] !== undefined && check({ type: "integer" }, values[name]) !== undefined) {
      problems.push(`${name} is invalid`);
    }
  }
  if (String(values["per_page"]) === "0") problems.push("per_page has a value not allowed");
  if (problems.length > 0) refuse(400, { error: problems.join(", ") });
}

/** `range[start]` is required of who sends a `range`. */
function isWithinNothing(values: Values, name: string): boolean {
  const outer = /^(\w+)\[\w+\]$/.exec(name)?.[1];
  return outer !== undefined && values[outer] === undefined;
}

/** The document names what is inside a hash `not[labels]`. */
function valueOf(values: Values, name: string): unknown {
  const opens = name.indexOf("[");
  if (opens === -1) return values[name];
  const outer = values[name.slice(0, opens)];
  const inner = name.slice(opens + 1, -1);
  return inner === "" ? outer : isHash(outer) ? outer[inner] : undefined;
}

function check(schema: Schema, value: unknown): Fault | undefined {
  // Grape takes an empty string for no value, except where text is wanted; null is no value anywhere.
  if (value === null) return undefined;
  if (value instanceof UploadedFile) return (schema.type ?? "string") === "string" ? undefined : "is invalid";
  const options = schema.oneOf ?? schema.anyOf;
  if (options !== undefined) {
    const faults = options.map((option) => check(option, value));
    return faults.includes(undefined) ? undefined : (faults.find((fault) => fault !== "is invalid") ?? "is invalid");
  }
  if (schema.allOf?.[0] !== undefined) return check(schema.allOf[0], value);
  if (value === "" && schema.type !== "string") return undefined;
  return checkType(schema, value);
}

function checkType(schema: Schema, value: unknown): Fault | undefined {
  switch (schema.type) {
    case "integer":
      return isScalar(value) && /^-?\d+$/.test(String(value)) ? checkNumber(schema, Number(value)) : "is invalid";
    case "number":
      return isScalar(value) && Number.isFinite(Number(value)) ? checkNumber(schema, Number(value)) : "is invalid";
    case "boolean":
      return isScalar(value) && truths.has(String(value).toLowerCase()) ? undefined : "is invalid";
    case "array":
      return checkList(schema, value);
    case "object":
      return isHash(value) ? undefined : "is invalid";
    case "string":
      return checkText(schema, value);
    default:
      return undefined;
  }
}

function checkNumber({ enum: allowed, minimum, maximum }: Schema, value: number): Fault | undefined {
  const outside = (minimum !== undefined && value < minimum) || (maximum !== undefined && value > maximum);
  return outside || (allowed !== undefined && !allowed.includes(value)) ? "does not have a valid value" : undefined;
}

function checkText({ enum: allowed, format }: Schema, value: unknown): Fault | undefined {
  if (!isScalar(value)) return "is invalid";
  const text = String(value);
  if (allowed !== undefined) return allowed.includes(text) || text === "" ? undefined : "does not have a valid value";
  const moment = format === "date-time" || format === "date";
  return moment && text !== "" && Number.isNaN(Date.parse(text)) ? "is invalid" : undefined;
}

/** Text is split at its commas where a list is wanted: most of GitLab's lists are declared to do so. */
function checkList({ items }: Schema, value: unknown): Fault | undefined {
  const entries = Array.isArray(value) ? value : isScalar(value) ? String(value).split(",") : undefined;
  if (entries === undefined) return "is invalid";
  const faults = entries.map((entry) => (entry === null ? "is invalid" : check(items ?? {}, entry)));
  return faults.find((fault) => fault !== undefined);
}

const isScalar = (value: unknown): value is string | number | boolean =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean";

const isHash = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
