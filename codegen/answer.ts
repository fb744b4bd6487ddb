import { merged } from "./input-type.js";
import type { AnswerModel } from "./model.js";
import { suggestion } from "./nearest.js";
import { resolve, type OpenApiDocument, type Operation, type Response, type Schema } from "./openapi.js";

interface Found {
  readonly answer: AnswerModel;
  /** The schema of what the answer's JSON is. */
  readonly schema?: Schema;
}

/** How an operation's answer becomes data; `wanted` is what the manifest says. */
export function answerOf(
  document: OpenApiDocument,
  operation: Operation,
  wanted: AnswerModel["kind"] | undefined,
): Found {
  const responses = Object.entries(operation.responses ?? {}).map(
    ([status, response]) => [status, resolve<Response>(document, response)] as const,
  );
  const nullable = responses.some(([status]) => status === "304" || status === "204");
  const successes = responses.filter(([status]) => /^2/.test(status)).sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [status, response] of successes) {
    const [contentType, media] = Object.entries(response.content ?? {})[0] ?? [];
    if (contentType === undefined || !media?.schema) continue;
    const kind = wanted ?? kindOf(contentType);
    if (kind !== "json" && kind !== "file") return { answer: { kind, list: false, nullable } };
    const schema = merged({ document }, media.schema);
    const list = schema.type === "array";
    const successive = successes.some(([other]) => other === "204");
    return {
      answer: { kind, list, schema: { status, contentType }, nullable: successive || (nullable && !list) },
      schema: media.schema,
    };
  }
  return { answer: { kind: wanted ?? "empty", list: false, nullable } };
}

function kindOf(contentType: string): AnswerModel["kind"] {
  if (/[/+]json\b/.test(contentType)) return "json";
  return contentType.startsWith("text/") ? "text" : "binary";
}

/** Says what is wrong with a path of the compact view, or nothing. */
export function viewProblem(document: OpenApiDocument, root: Schema, path: string): string | undefined {
  let schema = merged({ document }, root);
  // A list's view is about its items.
  if (schema.type === "array" && schema.items) schema = merged({ document }, schema.items);
  let walked = "";
  const segments = path.split(".");
  for (const [index, segment] of segments.entries()) {
    const name = segment.replace(/\[\]$/, "");
    const properties = propertiesOf(document, schema);
    const next = properties.get(name);
    if (next === undefined) {
      if (schema.additionalProperties !== undefined && schema.additionalProperties !== false) return undefined;
      const known = [...properties.keys()];
      const where = walked === "" ? "the answer" : `"${walked}"`;
      return known.length === 0
        ? `"${path}": ${where} has no fields in the specification`
        : `"${path}": ${where} has no field "${name}"${suggestion(name, known)}`;
    }
    walked = walked === "" ? segment : `${walked}.${segment}`;
    const isList = next.type === "array";
    const whole = isList && index === segments.length - 1;
    if (isList !== segment.endsWith("[]") && !whole)
      return isList
        ? `"${path}": "${name}" is a list; write "${name}[]"`
        : `"${path}": "${name}" is not a list; write "${name}"`;
    schema = isList && next.items ? merged({ document }, next.items) : next;
  }
  return undefined;
}

function propertiesOf(document: OpenApiDocument, schema: Schema): Map<string, Schema> {
  const found = new Map<string, Schema>();
  for (const variant of [schema, ...(schema.oneOf ?? schema.anyOf ?? []).map((part) => merged({ document }, part))])
    for (const [name, property] of Object.entries(variant.properties ?? {}))
      found.set(name, merged({ document }, property));
  return found;
}
