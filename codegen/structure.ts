import { compare } from "./problem.js";
import type { Path } from "./yaml-source.js";
import { isObject } from "../src/is-object.js";

type Kind =
  | "document"
  | "info"
  | "pathItem"
  | "operation"
  | "parameter"
  | "requestBody"
  | "response"
  | "header"
  | "mediaType"
  | "schema"
  | "components";
type NodeShape = "data" | Kind | { readonly map: Kind; readonly ordered?: true } | { readonly list: Kind };

/**
 * What an OpenAPI 3.0 document is made of, without its prose (`description`, `summary`, `title`, `example`, `tags`,
 * `externalDocs`). Knowing the kind of every node keeps a *property* that is called `description` or `example`.
 */
const shapes: Record<Kind, Readonly<Record<string, NodeShape>>> = {
  document: { openapi: "data", info: "info", paths: { map: "pathItem" }, components: "components" },
  info: { title: "data", version: "data", license: "data" },
  pathItem: {
    parameters: { list: "parameter" },
    get: "operation",
    put: "operation",
    post: "operation",
    delete: "operation",
    options: "operation",
    head: "operation",
    patch: "operation",
    trace: "operation",
  },
  operation: {
    operationId: "data",
    deprecated: "data",
    parameters: { list: "parameter" },
    requestBody: "requestBody",
    responses: { map: "response" },
  },
  parameter: {
    name: "data",
    in: "data",
    required: "data",
    deprecated: "data",
    allowEmptyValue: "data",
    style: "data",
    explode: "data",
    allowReserved: "data",
    schema: "schema",
    content: { map: "mediaType" },
  },
  requestBody: { required: "data", content: { map: "mediaType" } },
  response: { headers: { map: "header" }, content: { map: "mediaType" } },
  header: { required: "data", style: "data", explode: "data", schema: "schema" },
  mediaType: { schema: "schema" },
  schema: {
    type: "data",
    format: "data",
    nullable: "data",
    enum: "data",
    default: "data",
    minimum: "data",
    maximum: "data",
    exclusiveMinimum: "data",
    exclusiveMaximum: "data",
    multipleOf: "data",
    minLength: "data",
    maxLength: "data",
    pattern: "data",
    minItems: "data",
    maxItems: "data",
    uniqueItems: "data",
    minProperties: "data",
    maxProperties: "data",
    readOnly: "data",
    writeOnly: "data",
    deprecated: "data",
    discriminator: "data",
    required: "data",
    properties: { map: "schema", ordered: true },
    additionalProperties: "schema",
    items: "schema",
    oneOf: { list: "schema" },
    anyOf: { list: "schema" },
    allOf: { list: "schema" },
    not: "schema",
  },
  components: {
    schemas: { map: "schema" },
    parameters: { map: "parameter" },
    requestBodies: { map: "requestBody" },
    responses: { map: "response" },
    headers: { map: "header" },
  },
};

/** Extensions that say something about the API; `x-displayName` and the like are prose. */
const isFact = (extension: string): boolean => /^x-(?:gitlab-|comma-separated$)/.test(extension);

/**
 * Calls `visit` for every node of a part of a document, with its kind and path. Prose, examples and data are not
 * entered, so a `$ref` seen is a reference.
 */
export function walk(
  value: unknown,
  kind: Kind,
  path: Path,
  visit: (node: Record<string, unknown>, path: Path, kind: Kind) => void,
): void {
  if (!isObject(value)) return;
  visit(value, path, kind);
  for (const [key, shape] of Object.entries(shapes[kind])) {
    const child = value[key];
    if (child === undefined || shape === "data") continue;
    if (typeof shape === "string") walk(child, shape, [...path, key], visit);
    else if ("list" in shape && Array.isArray(child))
      child.forEach((item, index) => walk(item, shape.list, [...path, key, index], visit));
    else if ("map" in shape && isObject(child))
      for (const [name, item] of Object.entries(child)) walk(item, shape.map, [...path, key, name], visit);
  }
}

/**
 * A copy without prose, in one order whatever the order of the original. Properties and parameters keep theirs: it
 * means something to readers, and does not depend on the rest of the document.
 */
export function withoutProse(value: unknown, kind: Kind): unknown {
  if (!isObject(value)) return value;
  if (typeof value["$ref"] === "string") return { $ref: value["$ref"] };
  const copy: Record<string, unknown> = {};
  // OpenAPI requires a response's description; an empty one keeps the document valid.
  if (kind === "response") copy["description"] = "";
  for (const [key, shape] of Object.entries(shapes[kind])) {
    if (!Object.hasOwn(value, key)) continue;
    const child = value[key];
    if (shape === "data") copy[key] = child;
    else if (typeof shape === "string") copy[key] = withoutProse(child, shape);
    else if ("list" in shape)
      copy[key] = Array.isArray(child) ? child.map((item) => withoutProse(item, shape.list)) : child;
    else copy[key] = isObject(child) ? mapWithoutProse(child, shape.map, shape.ordered) : child;
  }
  for (const key of Object.keys(value).filter(isFact).sort(compare)) copy[key] = value[key];
  return copy;
}

function mapWithoutProse(map: Record<string, unknown>, kind: Kind, ordered?: true): Record<string, unknown> {
  const entries = Object.entries(map).filter(([name]) => ordered || !name.startsWith("x-"));
  if (!ordered) entries.sort(([a], [b]) => compare(a, b));
  return Object.fromEntries(entries.map(([name, item]) => [name, withoutProse(item, kind)]));
}
