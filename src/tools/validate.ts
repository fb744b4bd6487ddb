import type * as z from "zod/mini";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { inputTooDeep } from "../errors/too-deep.js";
import { deepField } from "../views/depth.js";
import { FileContent } from "../http/file-content.js";
import { hiddenPattern } from "../views/hidden-text.js";
import { leftOutPattern } from "../views/left-out.js";
import { maskPattern } from "../views/secrets.js";
import { correction, kindOf, unknownName, type FieldProblem } from "../options/field-problems.js";
import { cannotBeCleared, isOptional } from "./clearing.js";
import type { ToolDefinition } from "../definition/definition.js";
import { isUpdate } from "./is-update.js";
import { schemaProblems } from "./schema-problems.js";
import { pathProblem } from "../policy/reference.js";

/** The input of a call, by parameter. */
export type Values = Readonly<Record<string, unknown>>;

interface InputSchema {
  readonly whole: z.ZodMiniObject;
  readonly fields: Readonly<Record<string, z.ZodMiniType>>;
  readonly required: readonly string[];
  /** Nothing is asked of the fields together, as `refine` does, and what is left out has no value. */
  readonly isPlain: boolean;
}

const schemas = new WeakMap<ToolDefinition, InputSchema>();

/** The input schema of a tool, built once. */
export function inputSchema(definition: ToolDefinition): InputSchema {
  let schema = schemas.get(definition);
  if (!schema) {
    const whole = definition.input();
    const { shape, checks = [] } = whole._zod.def;
    const fields = shape as InputSchema["fields"];
    const required = Object.keys(fields).filter((name) => !isOptional(fields[name]));
    const leavesOut = Object.values(fields).every((field) => !isOptional(field) || isLeftOut(field));
    schemas.set(definition, (schema = { whole, fields, required, isPlain: checks.length === 0 && leavesOut }));
  }
  return schema;
}

function isLeftOut(field: z.ZodMiniType): boolean {
  const { success, data } = field.safeParse(undefined);
  return success && data === undefined;
}

/**
 * Turns what a caller or a model gave into values of the tool's schema, or throws `invalid_input` naming every field
 * that does not fit. Nothing has been sent by then.
 */
export function validate(definition: ToolDefinition, raw: unknown): Values {
  const input = raw ?? {};
  if (typeof input !== "object" || Array.isArray(input)) {
    throw invalid(definition, [{ field: "input", message: `expected an object, got ${kindOf(input)}` }]);
  }
  const deep = Object.values(input).some(isNested) ? deepField(input) : undefined;
  if (deep !== undefined) throw inputTooDeep(definition.name, deep);
  const problems: FieldProblem[] = [];
  const named = withAlias(definition, { ...input }, problems);
  const { present, cleared, unknown } = sortEmpty(definition, named, problems);
  const read = readFields(inputSchema(definition), present) ?? readWhole(definition, present, problems);
  const names = Object.keys(definition.parameters);
  for (const name of unknown) problems.push(unknownName("", name, names, "a parameter"));
  const values = { ...read, ...cleared };
  problems.push(...together(definition, { ...present, ...cleared }), ...unsafePaths(definition, values));
  for (const [field, value] of Object.entries(values))
    if (hasHalfCharacter(value)) problems.push({ field, message: "has half a character in it (a lone surrogate)" });
  for (const field of notBase64(values))
    problems.push({ field, message: "is not base64; leave encoding out where it is text" });
  if (problems.length > 0) throw invalid(definition, problems);
  return values;
}

/** Field by field: tools take many, and a call gives few of them. `undefined` where something does not fit, or might not. */
function readFields({ fields, required, isPlain }: InputSchema, present: Values): Values | undefined {
  if (!isPlain || required.some((name) => !(name in present))) return undefined;
  const values: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(present)) {
    const read = fields[name]?.safeParse(value);
    if (!read?.success) return undefined;
    values[name] = read.data;
  }
  return values;
}

function readWhole(definition: ToolDefinition, present: Values, problems: FieldProblem[]): Values {
  const parsed = inputSchema(definition).whole.safeParse(present);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) problems.push(...schemaProblems(issue, present));
  return present;
}

const isThing = (value: unknown): value is object => typeof value === "object" && value !== null;

/** More than a list of words. */
const isNested = (value: unknown): boolean =>
  isThing(value) && !ArrayBuffer.isView(value) && Object.values(value).some(isThing);

export function invalid(definition: ToolDefinition, problems: readonly FieldProblem[]): GitLabToolError {
  const list = problems.map(({ field, message }) => `${field}: ${message}`).join("; ");
  return new GitLabToolError({
    code: "invalid_input",
    message: `The input of ${definition.name} does not fit: ${list}${list.endsWith("?") ? "" : "."}`,
    hint: `Nothing was sent. ${correction(problems)} and call ${definition.name} again.`,
    toolName: definition.name,
    details: { fields: problems },
  });
}

const owners: ReadonlySet<string> = new Set(["project_id", "group_id", "user_id"]);

/** `id` is accepted for the parameter that GitLab calls so in the path: `project_id`, `group_id`, `user_id`. */
function withAlias(
  definition: ToolDefinition,
  values: Record<string, unknown>,
  problems: FieldProblem[],
): Record<string, unknown> {
  if (!("id" in values) || "id" in definition.parameters) return values;
  const inPath = Object.entries(definition.parameters).filter(
    ([, place]) => place.in === "path" || (place.in === "local" && place.ref !== undefined),
  );
  const [name] = inPath.find(([, place]) => place.name === "id") ?? inPath.find(([own]) => owners.has(own)) ?? [];
  if (name === undefined) return values;
  const { id, ...rest } = values;
  if (isEmpty(rest[name])) return { ...rest, [name]: id };
  if (!isEmpty(id) && String(id) !== String(rest[name])) {
    problems.push({ field: "id", message: `contradicts ${name}; give one of them`, nearest: name });
  }
  return rest;
}

/** Text that no URL and no UTF-8 can have: JSON writes it as an escape, such as `\ud83d` without what belongs to it. */
function hasHalfCharacter(value: unknown): boolean {
  if (typeof value === "string") return !value.isWellFormed();
  // Bytes are no text, and many.
  return isThing(value) && !ArrayBuffer.isView(value) && Object.entries(value).flat().some(hasHalfCharacter);
}

/** Contents that are no base64 although the word beside them says so: GitLab decodes what it can of them. */
function notBase64(value: object, path = ""): string[] {
  const inside = Object.entries(value).flatMap(([name, inner]: [string, unknown]) =>
    isThing(inner) && !ArrayBuffer.isView(inner) ? notBase64(inner, `${path}${name}.`) : [],
  );
  const { content, encoding } = value as Values;
  const isWrong = encoding === "base64" && typeof content === "string" && !isBase64(content);
  return isWrong ? [`${path}content`, ...inside] : inside;
}

/** With line breaks, and with or without its padding. */
const isBase64 = (text: string): boolean => {
  const digits = text.replaceAll(/\s+/g, "").replace(/={1,2}$/, "");
  return /^[A-Za-z0-9+/]*$/.test(digits) && digits.length % 4 !== 1;
};

/** A mutation that clears some of what it takes is an update. */
const clears = ({ parameters }: ToolDefinition): boolean =>
  Object.values(parameters).some(({ in: where, clear }) => where === "variable" && clear !== undefined);

const isEmpty = (value: unknown): boolean => value === undefined || value === null || value === "";

/**
 * What is empty is a value where it is required, and clears in an update. Elsewhere it is not given: models send `null`
 * and `""` for what they do not mean to set.
 */
function sortEmpty(
  definition: ToolDefinition,
  values: Record<string, unknown>,
  problems: FieldProblem[],
): { readonly present: Values; readonly cleared: Values; readonly unknown: readonly string[] } {
  const { fields } = inputSchema(definition);
  const present: Record<string, unknown> = {};
  const cleared: Record<string, unknown> = {};
  const unknown: string[] = [];
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) continue;
    const place = Object.hasOwn(definition.parameters, name) ? definition.parameters[name] : undefined;
    if (!place) unknown.push(name);
    else if (!isEmpty(value) || !isOptional(fields[name])) present[name] = value;
    else if (place.clear !== undefined) cleared[name] = place.clear;
    else if (place.in === "body" ? isUpdate(definition) : place.in === "variable" && clears(definition))
      problems.push({ field: name, message: cannotBeCleared });
  }
  return { present, cleared, unknown };
}

function together(definition: ToolDefinition, present: Values): FieldProblem[] {
  const problems: FieldProblem[] = [];
  for (const group of definition.exclusive ?? []) {
    const used = group.filter((name) => name in present);
    const [first, ...others] = used;
    if (first && others.length > 0)
      problems.push({ field: others.join(", "), message: `cannot be combined with ${first}; give one of them` });
  }
  for (const group of definition.required_one ?? []) {
    if (!group.some((name) => name in present))
      problems.push({ field: group.join(", "), message: "one of them is required" });
  }
  return problems;
}

/**
 * A path parameter must stay one part of the path: URL parsers walk up at `.` and `..` even where they were encoded
 * (WHATWG URL, "double-dot URL path segment").
 */
function unsafePaths(definition: ToolDefinition, values: Values): FieldProblem[] {
  const problems: FieldProblem[] = [];
  for (const [field, value] of Object.entries(values)) {
    if (typeof value !== "string" || definition.parameters[field]?.in !== "path") continue;
    const message = pathProblem(value);
    if (message) problems.push({ field, message });
  }
  return problems;
}

/**
 * @throws {GitLabToolError} `invalid_input` for a mask, or a marker of hidden text: written, it destroys what it stands
 * for; looked for, nothing has it
 */
export function withoutMasks(definition: ToolDefinition, values: Values): Values {
  const field = fieldWith(maskPattern, values);
  const left = field ?? fieldWith(leftOutPattern, values);
  const marked = left ?? fieldWith(hiddenPattern, values);
  if (marked === undefined) return values;
  const message =
    field === undefined && left !== undefined
      ? "contains what stands in the place of a text that was left out, which would be destroyed; leave that text alone"
      : field === undefined
        ? "contains a marker of hidden text, which is not in GitLab's text; leave it out, or write what it stands for, such as <!-- … -->"
        : definition.access === "read"
          ? "contains a mask in place of a secret, which GitLab knows nothing of; leave it out"
          : "contains a mask in place of a secret, which would be destroyed; leave that part of the text alone";
  throw invalid(definition, [{ field: marked, message }]);
}

/** The first field of an input in which a mask or a marker stands: written back, it would destroy what it hides. */
function fieldWith(pattern: RegExp, input: Values): string | undefined {
  return (
    Object.keys(input).find((name) => holds(pattern, input[name])) ??
    (holdsBytes(pattern, input) ? "content" : undefined)
  );
}

function holds(pattern: RegExp, value: unknown): boolean {
  if (typeof value === "string") return pattern.test(value);
  if (typeof value !== "object" || value === null) return false;
  if (value instanceof FileContent && value.matches(pattern)) return true;
  if (Object.entries(value).some(([name, inner]) => pattern.test(name) || holds(pattern, inner))) return true;
  return holdsBytes(pattern, value);
}

/** A file's text may be given as base64, beside the word that says so. */
function holdsBytes(pattern: RegExp, value: object): boolean {
  const { content, encoding } = value as Values;
  return (
    encoding === "base64" && typeof content === "string" && pattern.test(Buffer.from(content, "base64").toString())
  );
}
