import { merged } from "./input-type.js";
import type { AnswerModel } from "./model.js";
import { suggestion } from "./suggestion.js";
import { resolve, type OpenApiDocument, type Response, type Schema } from "./openapi.js";
import type { OperationPlace } from "./parameter.js";
import { compare } from "./problem.js";

interface Found {
  readonly answer: AnswerModel;
  /** What the answer's JSON can be. */
  readonly schemas: readonly Schema[];
}

/** How an operation's answer becomes data; `declared` is what the manifest says. */
export function answerOf(
  { document, operation, method }: OperationPlace,
  declared: AnswerModel["kind"] | undefined,
): Found {
  const responses = Object.entries(operation.responses ?? {}).sort(([a], [b]) => compare(a, b));
  const found = responses.flatMap(([status, response]) => {
    if (!/^2\d\d$/.test(status)) return [];
    const [contentType, media] = Object.entries(resolve<Response>(document, response).content ?? {})[0] ?? [];
    return contentType === undefined || !media?.schema ? [] : [{ status, contentType, schema: media.schema }];
  });
  const [first] = found;
  const kind =
    declared ?? (first ? kindOf(first.contentType) : undeclared(method, Object.keys(operation.responses ?? {})));
  const nullable = responses.some(([status]) => status === "204" || status === "304");
  if (!first || (kind !== "json" && kind !== "file"))
    return { answer: { kind, list: false, schemas: [], nullable }, schemas: [] };
  const alike = found.filter(({ contentType }) => kindOf(contentType) === kindOf(first.contentType));
  return {
    answer: {
      kind,
      list: method === "get" && merged({ document }, first.schema).type === "array",
      schemas: alike.map(({ status, contentType }) => ({ status, contentType })),
      nullable,
    },
    schemas: alike.map(({ schema }) => schema),
  };
}

/** Where no body is declared there is none after a deletion, and where the status says so; else it can be anything. */
function undeclared(method: string, statuses: readonly string[]): AnswerModel["kind"] {
  const successes = statuses.filter((status) => /^2\d\d$/.test(status));
  const none = method === "delete" || method === "head" || successes.every((status) => /^20[245]$/.test(status));
  return none ? "empty" : "any";
}

function kindOf(contentType: string): AnswerModel["kind"] {
  if (/[/+]json\b/.test(contentType)) return "json";
  return contentType.startsWith("text/") ? "text" : "binary";
}

/** Says what is wrong with a path of the compact view, or nothing. It is right when one of the answers has it. */
export function viewProblem(document: OpenApiDocument, roots: readonly Schema[], path: string): string | undefined {
  const problems = roots.map((root) => pathProblem(document, root, path));
  return roots.length === 0
    ? `"${path}": the answer has no fields`
    : problems.includes(undefined)
      ? undefined
      : problems[0];
}

function pathProblem(document: OpenApiDocument, root: Schema, path: string): string | undefined {
  let schema = merged({ document }, root);
  // A list's view is about its items.
  if (schema.type === "array" && schema.items) schema = merged({ document }, schema.items);
  let walked = "";
  const [fields = "", beside] = path.split("?");
  if (beside !== undefined) {
    const reason = pathProblem(document, root, beside);
    if (reason !== undefined) return reason;
  }
  const segments = fields.split(".");
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
