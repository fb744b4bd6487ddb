import { isDeepStrictEqual } from "node:util";
import type { Facts, InputType, ParameterModel, PropertyModel } from "../model.js";
import { plain, type Difference, type Severity } from "./finding.js";

/** What is different in what a tool takes. What a tool no longer takes, or takes no longer, is breaking. */
export function inputDifferences(before: readonly ParameterModel[], after: readonly ParameterModel[]): Difference[] {
  const found: Difference[] = [];
  const now = new Map(after.map((parameter) => [parameter.name, parameter]));
  const was = new Set(before.map(({ name }) => name));
  for (const old of before) {
    const parameter = now.get(old.name);
    if (!parameter) {
      found.push(parameterSays("breaking", "parameter-removed", old.name, "gone"));
      continue;
    }
    found.push(
      ...placeDifferences(old, parameter),
      ...requiredDifferences(old.name, old, parameter),
      ...typeDifferences(old.name, old.type, parameter.type),
    );
  }
  for (const { name, required } of after)
    if (!was.has(name))
      found.push(
        required
          ? parameterSays("breaking", "required-parameter-added", name, "new, and required")
          : parameterSays("safe", "parameter-added", name, "new"),
      );
  return found;
}

const parameterSays = (severity: Severity, check: string, subject: string, change: string): Difference => ({
  severity,
  check,
  what: "parameter",
  subject: plain(subject),
  change,
});

/** How it is sent is ours to know: calls stay as they are, and a person sees that they still mean the same. */
function placeDifferences(was: ParameterModel, is: ParameterModel): Difference[] {
  const found: Difference[] = [];
  const changed = (what: string, old: string, now: string): void => {
    if (old !== now)
      found.push(
        parameterSays("review", "parameter-sent-differently", was.name, `${what} ${plain(now)}, was ${plain(old)}`),
      );
  };
  changed("goes into the", was.in, is.in);
  changed("is sent as", was.wire, is.wire);
  if (was.list && is.list) changed("as a list is sent with", was.list, is.list);
  if (was.nullable && !is.nullable)
    found.push(parameterSays("breaking", "parameter-not-nullable", was.name, "may not be null any more"));
  if (!was.nullable && is.nullable) found.push(parameterSays("safe", "parameter-nullable", was.name, "may be null"));
  return found;
}

function requiredDifferences(path: string, was: { required: boolean }, is: { required: boolean }): Difference[] {
  if (was.required === is.required) return [];
  return is.required
    ? [parameterSays("breaking", "parameter-became-required", path, "required now")]
    : [parameterSays("safe", "parameter-became-optional", path, "optional now")];
}

function typeDifferences(path: string, was: InputType, is: InputType): Difference[] {
  const facts = factDifferences(path, was.facts, is.facts);
  const was_ = itemOf(was);
  const is_ = itemOf(is);
  if (was_ && is_) {
    const narrower =
      was.kind === "list" && is.kind === "array"
        ? [parameterSays("breaking", "parameter-type-changed", path, "a list may not be a text with commas any more")]
        : [];
    return [...facts, ...narrower, ...typeDifferences(`${path}[]`, was_, is_)];
  }
  if (was.kind === "object" && is.kind === "object")
    return [...facts, ...propertyDifferences(path, was.properties, is.properties)];
  if (was.kind === "record" && is.kind === "record")
    return [...facts, ...typeDifferences(`${path}.*`, was.value, is.value)];
  const words = [was, is].map(valuesOf);
  if (words[0] && words[1]) return [...facts, ...valueDifferences(path, words[0], words[1])];
  if (was.kind === is.kind) {
    if (was.kind !== "text" || is.kind !== "text" || was.numeric === is.numeric) return facts;
  }
  const change = `${wordOf(is)}, was ${wordOf(was)}`;
  return accepts(is, was)
    ? [...facts, parameterSays("safe", "parameter-type-widened", path, change)]
    : [...facts, parameterSays("breaking", "parameter-type-changed", path, change)];
}

function propertyDifferences(
  path: string,
  before: readonly PropertyModel[],
  after: readonly PropertyModel[],
): Difference[] {
  const now = new Map(after.map((property) => [property.name, property]));
  const was = new Set(before.map(({ name }) => name));
  return [
    ...before.flatMap((old): Difference[] => {
      const at = `${path}.${old.name}`;
      const property = now.get(old.name);
      if (!property) return [parameterSays("breaking", "parameter-removed", at, "gone")];
      return [...requiredDifferences(at, old, property), ...typeDifferences(at, old.type, property.type)];
    }),
    ...after
      .filter(({ name }) => !was.has(name))
      .map(({ name, required }) =>
        required
          ? parameterSays("breaking", "required-parameter-added", `${path}.${name}`, "new, and required")
          : parameterSays("safe", "parameter-added", `${path}.${name}`, "new"),
      ),
  ];
}

function valueDifferences(path: string, before: readonly string[], after: readonly string[]): Difference[] {
  const gone = before.filter((value) => !after.includes(value));
  const added = after.filter((value) => !before.includes(value));
  return [
    ...(gone.length > 0
      ? [parameterSays("breaking", "parameter-value-removed", path, `takes ${listed(gone)} no longer`)]
      : []),
    ...(added.length > 0 ? [parameterSays("safe", "parameter-value-added", path, `takes ${listed(added)} too`)] : []),
  ];
}

const listed = (values: readonly string[]): string =>
  plain(values.slice(0, 10).join(", ")) + (values.length > 10 ? ` and ${values.length - 10} more` : "");

const bounds = ["minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems"] as const;

/** Bounds that keep out what was let in, and defaults that change what leaving it out means. */
function factDifferences(path: string, was: Facts, is: Facts): Difference[] {
  const found: Difference[] = [];
  const bound = (word: (typeof bounds)[number]): void => {
    const [old, now] = [was[word], is[word]];
    if (old === now) return;
    const upper = word.startsWith("max");
    const tighter = now !== undefined && (old === undefined || (upper ? now < old : now > old));
    const change = `${word} ${now ?? "none"}, was ${old ?? "none"}`;
    found.push(
      tighter
        ? parameterSays("breaking", "parameter-bound-tightened", path, change)
        : parameterSays("safe", "parameter-bound-loosened", path, change),
    );
  };
  for (const word of bounds) bound(word);
  if (was.pattern !== is.pattern)
    found.push(
      is.pattern === undefined
        ? parameterSays("safe", "parameter-bound-loosened", path, "has to fit no pattern any more")
        : parameterSays("review", "parameter-pattern-changed", path, `has to fit ${plain(is.pattern)}`),
    );
  if (!isDeepStrictEqual(was.default, is.default))
    found.push(
      parameterSays(
        "review",
        "parameter-default-changed",
        path,
        `default ${plain(JSON.stringify(is.default) ?? "none")}, was ${plain(JSON.stringify(was.default) ?? "none")}`,
      ),
    );
  return found;
}

const itemOf = (type: InputType): InputType | undefined =>
  type.kind === "list" || type.kind === "array" ? type.item : undefined;

const valuesOf = (type: InputType): string[] | undefined =>
  type.kind === "choice" || type.kind === "integerChoice" ? type.values.map(String) : undefined;

/** Whether everything that was taken still is. */
function accepts(is: InputType, was: InputType): boolean {
  const isNumeric = ["integer", "number", "integerChoice", "iid"].includes(was.kind);
  switch (is.kind) {
    case "value":
      return true;
    case "text":
      return ["text", "choice", "date", "dateTime"].includes(was.kind)
        ? is.numeric === true || was.kind !== "text" || was.numeric !== true
        : is.numeric === true && isNumeric;
    case "number":
      return isNumeric;
    case "integer":
      return was.kind === "integerChoice" || was.kind === "iid";
    case "list":
      return accepts(is.item, was) || was.kind === "text";
    case "dateTime":
      return was.kind === "date";
    case "record":
      return was.kind === "object" && is.value.kind === "value";
    default:
      return false;
  }
}

function wordOf(type: InputType): string {
  switch (type.kind) {
    case "text":
      return type.numeric ? "a text or a number" : "a text";
    case "choice":
    case "integerChoice":
      return `one of ${listed(type.values.map(String))}`;
    case "list":
    case "array":
      return `a list of ${wordOf(type.item).replace(/^an? /, "")}`;
    case "value":
      return "any value";
    case "date":
      return "a date";
    case "dateTime":
      return "a time";
    case "file":
      return "a file";
    case "record":
    case "object":
      return "an object";
    case "integer":
      return "an integer";
    default:
      return `a ${type.kind}`;
  }
}
