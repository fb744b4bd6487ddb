import { existsSync, readFileSync } from "node:fs";
import type { ToolDefinition } from "../definition/definition.js";
import type { JsonSchema, ObjectSchema } from "../tools/json-schema.js";
import { shownField, viewTree, type ViewNode } from "../views/view-tree.js";
import { isSchema } from "./schema-parts.js";

/** OpenAPI 3.0's `Schema`, as far as answers use it. */
interface ResponseSchema extends JsonSchema {
  readonly $ref?: string;
  readonly nullable?: boolean;
  readonly allOf?: readonly ResponseSchema[];
  readonly items?: ResponseSchema;
  readonly properties?: Readonly<Record<string, ResponseSchema>>;
}

type Document = Readonly<Record<string, unknown>>;

/**
 * The JSON Schema of a tool's structured content: the view of GitLab's answer, an object as MCP wants it. Lists are
 * `{ items, page }`, text is `{ text }`. Nothing is required and nothing else forbidden: GitLab's instances differ in
 * version and plan, and a client must not refuse an answer for it.
 */
export function outputSchema(definition: ToolDefinition, view: "full" | "compact" = "compact"): ObjectSchema {
  if (definition.answer === "text") return object({ text: { type: "string" } });
  const response = responseSchema(definition);
  if (definition.answer === "binary" || definition.answer === "empty" || !response) return object({});
  const show = (schema: ResponseSchema): JsonSchema =>
    view === "full" || definition.view.length === 0
      ? plain(schema, [])
      : compact(resolve(schema).schema, viewTree(definition.view));
  const { schema } = resolve(response);
  if (schema.type !== "array") {
    const shown = show(response);
    const warns = definition.access !== "read" || definition.content !== undefined;
    return { ...shown, type: "object", ...(warns && { properties: { ...shown.properties, warnings } }) };
  }
  return object({ items: { type: "array", items: show(schema.items ?? {}) }, page: pageSchema });
}

const object = (properties: Readonly<Record<string, JsonSchema>>): ObjectSchema => ({ type: "object", properties });

const integer = { type: "integer" };
const warnings: JsonSchema = { type: "array", items: { type: "string" } };
const pageSchema = object({
  page: integer,
  perPage: integer,
  nextPage: integer,
  total: integer,
  totalPages: integer,
  hasMore: { type: "boolean" },
});

/** A schema of the document with its references resolved; in a cycle, nothing is said. */
function plain(source: ResponseSchema, above: readonly string[]): JsonSchema {
  const { schema, name } = resolve(source);
  if (name !== undefined && above.includes(name)) return {};
  const path = name === undefined ? above : [...above, name];
  const { type, properties, items } = schema;
  return {
    ...(typeof type === "string" && { type: schema.nullable ? [type, "null"] : type }),
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([key, part]) => [key, plain(part, path)])),
    }),
    ...(items && { items: plain(items, path) }),
  };
}

/** What {@link toCompact} makes of a value of the schema: never null, since null is left out. */
function compact(schema: ResponseSchema, { fields }: ViewNode): JsonSchema {
  const properties: Record<string, JsonSchema> = {};
  for (const [name, node] of fields) {
    const part = schema.properties?.[name];
    const shown = shownField(name, node);
    properties[shown.name] = part ? field(part, node, shown.flatten) : {};
  }
  return object(properties);
}

function field(source: ResponseSchema, node: ViewNode, flatten: string | undefined): JsonSchema {
  const { schema } = resolve(source);
  if (schema.type === "array") return { type: "array", items: field(schema.items ?? {}, node, flatten) };
  // A field that is taken whole may turn into a name.
  if (node.fields.size === 0) return schema.type === "object" ? {} : typed(schema);
  if (flatten === undefined) return compact(schema, node);
  const inner = node.fields.get(flatten);
  const part = schema.properties?.[flatten];
  return inner && part ? field(part, inner, shownField(flatten, inner).flatten) : {};
}

const typed = ({ type }: ResponseSchema): JsonSchema => (typeof type === "string" ? { type } : {});

/** Follows `$ref`, also one that stands in a lone `allOf` beside `nullable`. */
function resolve(schema: ResponseSchema): { readonly schema: ResponseSchema; readonly name?: string } {
  const [first, ...others] = schema.allOf ?? [];
  const ref = schema.$ref ?? (others.length === 0 ? first?.$ref : undefined);
  if (ref === undefined) return { schema };
  const found = schemaAt(ref.replace(/^#\//, "").split("/"));
  return { schema: { ...found, ...(schema.nullable && { nullable: true }) }, name: ref };
}

function responseSchema({ path, method }: ToolDefinition): ResponseSchema | undefined {
  const responses = at(document(), ["paths", path, method.toLowerCase(), "responses"]);
  if (!isSchema(responses)) return undefined;
  const success = Object.keys(responses).find((status) => status.startsWith("2"));
  const found = success && at(responses, [success, "content", "application/json", "schema"]);
  return isSchema(found) ? found : undefined;
}

function schemaAt(path: readonly string[]): ResponseSchema {
  const found = at(document(), path);
  return isSchema(found) ? found : {};
}

const at = (root: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (value, key) => (typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined),
    root,
  );

let loaded: Document | undefined;

/** The corrected specification. It lies at the package's root, above the sources and what they are built to. */
function document(): Document {
  loaded ??= JSON.parse(readFileSync(documentUrl(), "utf8")) as Document;
  return loaded;
}

function documentUrl(): URL {
  const name = "generated/openapi.json";
  for (const folder of ["../../", "../../../"]) {
    const candidate = new URL(`${folder}${name}`, import.meta.url);
    if (existsSync(candidate)) return candidate;
  }
  throw new Error(`${name} is missing: run "npm run generate"`);
}
