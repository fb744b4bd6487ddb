import { merged } from "../input-type.js";
import type { OpenApiDocument, Schema } from "../openapi.js";
import type { Derived } from "./origin.js";
import { secret } from "./secrets.js";

const most = 10;

/** What a person would want to see of a thing, the most telling first. */
const informative = [
  ...[
    "iid",
    "id",
    "name",
    "title",
    "key",
    "slug",
    "path_with_namespace",
    "full_path",
    "path",
    "username",
    "tag_name",
    "ref",
    "sha",
  ],
  ...[
    "state",
    "status",
    "access_level",
    "visibility",
    "body",
    "note",
    "description",
    "labels",
    "version",
    "environment_scope",
  ],
  ...[
    "author",
    "user",
    "assignees",
    "assignee",
    "created_by",
    "milestone",
    "expires_at",
    "due_date",
    "created_at",
    "updated_at",
    "web_url",
  ],
];
const people = new Set(["author", "user", "assignee", "assignees", "created_by", "reviewers"]);
const wordy = new Set(["description"]);

/** Fields of the compact view from the answer's schema: identity, title and state, people, labels, dates, the link. */
export function viewOf(document: OpenApiDocument, schemas: readonly Schema[], isList: boolean): Derived<string[]> {
  const rule = "identity, title and state, people, labels, dates";
  const [first] = schemas;
  if (first === undefined) return { value: [], rule: "no answer is declared" };
  let schema = merged({ document }, first);
  if (schema.type === "array" && schema.items) schema = merged({ document }, schema.items);
  const properties = new Map(
    Object.entries(schema.properties ?? {}).map(([name, property]) => [name, merged({ document }, property)]),
  );
  const found: string[] = [];
  for (const name of informative) {
    const property = properties.get(name);
    if (property === undefined || (name === "id" && properties.has("iid")) || (isList && wordy.has(name))) continue;
    const path = pathOf(document, name, property);
    if (path !== undefined) found.push(path);
  }
  const plain = [...properties].flatMap(([name, property]) =>
    found.length < 4 &&
    !informative.includes(name) &&
    isPlain(property) &&
    !secret.test(name) &&
    !/^value$|_html$/.test(name)
      ? [name]
      : [],
  );
  return { value: [...found, ...plain.slice(0, Math.max(0, 8 - found.length))].slice(0, most), rule };
}

/** A field as it is, a person by the username, a milestone by its title. */
function pathOf(document: OpenApiDocument, name: string, property: Schema): string | undefined {
  const item = property.type === "array" && property.items ? merged({ document }, property.items) : property;
  const inner = item.properties ?? {};
  const list = property.type === "array" ? "[]" : "";
  if (people.has(name)) return Object.hasOwn(inner, "username") ? `${name}${list}.username` : undefined;
  if (Object.hasOwn(inner, "title")) return `${name}${list}.title`;
  return isPlain(property) || (property.type === "array" && isPlain(item)) ? name : undefined;
}

const isPlain = (schema: Schema): boolean =>
  schema.properties === undefined && ["string", "integer", "number", "boolean"].includes(schema.type ?? "");
