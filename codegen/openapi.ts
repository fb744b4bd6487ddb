/** The parts of an OpenAPI 3.0 document that we read. Unknown members are allowed everywhere and ignored. */
import { isObject } from "../src/is-object.js";

export interface OpenApiDocument {
  openapi: string;
  info: { title: string; version: string; license?: { name: string; url?: string } };
  servers?: unknown[];
  paths: Record<string, PathItem>;
  components?: Components;
}

export interface Components {
  schemas?: Record<string, Schema>;
  parameters?: Record<string, Parameter | Reference>;
  requestBodies?: Record<string, RequestBody | Reference>;
  responses?: Record<string, Response | Reference>;
  headers?: Record<string, unknown>;
}

export const methods = ["get", "put", "post", "delete", "options", "head", "patch", "trace"] as const;
export type Method = (typeof methods)[number];

export interface PathItem extends Partial<Record<Method, Operation>> {
  parameters?: (Parameter | Reference)[];
}

export interface Operation {
  operationId?: string;
  parameters?: (Parameter | Reference)[];
  requestBody?: RequestBody | Reference;
  responses?: Record<string, Response | Reference>;
  deprecated?: boolean;
  "x-gitlab-tier"?: unknown;
}

export interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  style?: string;
  explode?: boolean;
  schema?: Schema;
  content?: Record<string, MediaType>;
}

export interface RequestBody {
  required?: boolean;
  content?: Record<string, MediaType>;
}

export interface Response {
  description?: string;
  content?: Record<string, MediaType>;
}

export interface MediaType {
  schema?: Schema;
}

export interface Schema {
  $ref?: string;
  type?: string;
  format?: string;
  enum?: unknown[];
  default?: unknown;
  nullable?: boolean;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  oneOf?: Schema[];
  anyOf?: Schema[];
  allOf?: Schema[];
  "x-comma-separated"?: boolean;
}

export interface Reference {
  $ref: string;
}

/** JSON pointer (RFC 6901) of a path. */
export function pointer(path: readonly (string | number)[]): string {
  return path.map((segment) => `/${String(segment).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** The path that a local reference (`#/a/b`) points along; undefined for a reference to another document. */
export function referencePath(reference: string): string[] | undefined {
  if (!reference.startsWith("#/")) return undefined;
  const decode = (segment: string): string => {
    try {
      return decodeURIComponent(segment);
    } catch {
      return segment; // a bare % is a character of the name
    }
  };
  return reference
    .slice(2)
    .split("/")
    .map((segment) => decode(segment).replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** What stands at a path of a document. */
export function lookUp(root: unknown, path: readonly string[]): unknown {
  let node = root;
  for (const segment of path) {
    if (Array.isArray(node)) node = node[Number(segment)];
    else if (isObject(node) && Object.hasOwn(node, segment)) node = node[segment];
    else return undefined;
  }
  return node;
}

/** Follows references until something else comes. References were checked when the document was read. */
export function resolve<T extends object>(document: OpenApiDocument, value: T | Reference): T {
  let node: T | Reference = value;
  for (let steps = 0; steps < 50 && "$ref" in node && typeof node.$ref === "string"; steps += 1) {
    const path = referencePath(node.$ref);
    const target = path && lookUp(document, path);
    if (!isObject(target)) break;
    node = target as T | Reference;
  }
  return node as T;
}

/** Every operation of a document with where it stands, in the document's order. */
export function* operations(
  document: OpenApiDocument,
): Generator<{ path: string; item: PathItem; method: Method; operation: Operation }> {
  for (const [path, item] of Object.entries(document.paths)) {
    if (!isObject(item)) continue;
    for (const method of methods) {
      const operation = item[method];
      if (isObject(operation)) yield { path, item, method, operation };
    }
  }
}
