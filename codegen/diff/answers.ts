import { answerOf } from "../answer.js";
import { merged } from "../input-type.js";
import type { ToolModel } from "../model.js";
import type { OpenApiDocument, Schema } from "../openapi.js";
import type { OperationPlace } from "../parameter.js";
import { plain, type Difference, type Severity } from "./finding.js";

/** A tool, and where its operation stands. */
export interface PlacedTool {
  readonly tool: ToolModel;
  readonly place: OperationPlace;
}

/** Below this an answer is looked at no further. */
const maxDepth = 6;

/** What is different in what a tool brings back. What a view or a caller's code reads has to stay. */
export function answerDifferences(before: PlacedTool, after: PlacedTool): Difference[] {
  const [was, is] = [before.tool.answer, after.tool.answer];
  const whole = (severity: Severity, check: string, change: string): Difference => ({
    severity,
    check,
    what: "answer",
    change,
  });
  if (was.kind !== is.kind) {
    const change = `${is.kind}, was ${was.kind}`;
    return [
      was.kind === "any"
        ? whole("review", "answer-declared", change)
        : whole("breaking", "answer-kind-changed", change),
    ];
  }
  if (was.list !== is.list)
    return [
      whole(
        "breaking",
        "answer-list-changed",
        is.list ? "a list in pages, was one thing" : "one thing, was a list in pages",
      ),
    ];
  const old = answerOf(before.place, was.kind).schemas;
  const now = answerOf(after.place, is.kind).schemas;
  const context: Comparison = {
    before: before.place.document,
    after: after.place.document,
    // A field of the view may have another beside it: `name?other`.
    shown: new Set(before.tool.view.flatMap((path) => path.split("?")[0] ?? [])),
    found: [],
  };
  for (const [index, schema] of old.entries()) {
    const other = now[index];
    if (other) compareSchemas(context, schema, other, "", []);
  }
  const emptied =
    is.nullable && !was.nullable ? [whole("review", "answer-may-be-empty", "may be empty (204, 304)")] : [];
  return [...emptied, ...unique(context.found)];
}

interface Comparison {
  readonly before: OpenApiDocument;
  readonly after: OpenApiDocument;
  readonly shown: ReadonlySet<string>;
  readonly found: Difference[];
}

/** Schemas are compared by what they hold: what they are called is the document's affair. */
function compareSchemas(
  context: Comparison,
  mine: Schema,
  other: Schema,
  path: string,
  above: readonly string[],
): void {
  const pair = `${nameOf(mine)} ${nameOf(other)}`;
  if (above.length > maxDepth || (pair !== " " && above.includes(pair))) return;
  const within = [...above, pair];
  const was = merged({ document: context.before }, mine);
  const is = merged({ document: context.after }, other);
  const field = (severity: Severity, check: string, at: string, change: string): void => {
    context.found.push({
      severity,
      check,
      what: at === "" ? "answer" : "answer field",
      ...(at && { subject: plain(at) }),
      change,
    });
  };
  const [old, now] = [kindOf(was), kindOf(is)];
  if (old !== now) {
    const severity = old === "any" ? "safe" : now === "any" ? "review" : "breaking";
    field(severity, "answer-type-changed", path, `${now}, was ${old}`);
    return;
  }
  if (!was.nullable && is.nullable) field("review", "answer-became-nullable", path, "may be null");
  if (was.nullable && !is.nullable) field("safe", "answer-not-nullable", path, "is never null");
  if (was.enum && is.enum) {
    const added = is.enum.filter((value) => !was.enum?.includes(value));
    // Values that come are always possible: the types of answers leave them open.
    if (added.length > 0) field("safe", "answer-value-added", path, `may be ${plain(added.map(String).join(", "))}`);
  }
  if (was.items && is.items) {
    // A list's view is about its items.
    compareSchemas(context, was.items, is.items, path === "" ? "" : `${path}[]`, within);
    return;
  }
  const before = propertiesOf(context.before, was);
  const after = propertiesOf(context.after, is);
  for (const [name, schema] of before) {
    const at = path === "" ? name : `${path}.${name}`;
    const same = after.get(name);
    if (same) compareSchemas(context, schema, same, at, within);
    else if (!isOpen(is)) {
      const shown = [...context.shown].some(
        (one) => one === at || one.startsWith(`${at}.`) || one.startsWith(`${at}[]`),
      );
      field(shown ? "breaking" : "review", "answer-field-removed", at, shown ? "gone, and the view shows it" : "gone");
    }
  }
  for (const name of after.keys())
    if (!before.has(name)) field("safe", "answer-field-added", path === "" ? name : `${path}.${name}`, "new");
}

/** The name that a schema is referred to by; one that may be null is referred to within `allOf`. */
const nameOf = ({ $ref, allOf }: Schema): string => $ref ?? allOf?.[0]?.$ref ?? "";

const isOpen = ({ additionalProperties }: Schema): boolean =>
  additionalProperties !== undefined && additionalProperties !== false;

/** What a schema is, formats aside: `int32` and the like make no difference in JSON. */
function kindOf(schema: Schema): string {
  if (schema.oneOf ?? schema.anyOf) return "one of several";
  return schema.type ?? (schema.properties ? "object" : schema.items ? "array" : "any");
}

function propertiesOf(document: OpenApiDocument, schema: Schema): Map<string, Schema> {
  const found = new Map<string, Schema>();
  for (const variant of [schema, ...(schema.oneOf ?? schema.anyOf ?? []).map((part) => merged({ document }, part))])
    for (const [name, property] of Object.entries(variant.properties ?? {})) found.set(name, property);
  return found;
}

function unique(found: readonly Difference[]): Difference[] {
  return [...new Map(found.map((one) => [JSON.stringify(one), one])).values()];
}
