import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The parts of a schema that decide whether a parameter is valid. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly nullable?: boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: Schema;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

/** A parameter of an operation, wherever it is sent. */
export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "body";
  readonly required: boolean;
  readonly schema: Schema;
}

/** One operation of the corrected OpenAPI document, references resolved as far as requests need it. */
export interface Operation {
  readonly operationId: string;
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
}

interface RawParameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema?: Schema;
}

interface RawOperation {
  readonly operationId?: string;
  readonly parameters?: readonly RawParameter[];
  readonly requestBody?: { readonly $ref?: string; readonly content?: Readonly<Record<string, { schema?: Schema }>> };
}

interface RawDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, RawOperation | readonly RawParameter[]>>>>;
  readonly components?: {
    readonly schemas?: Readonly<Record<string, Schema>>;
    readonly requestBodies?: Readonly<Record<string, RawOperation["requestBody"]>>;
  };
}

let loaded: { readonly operations: readonly Operation[] } | undefined;

/** The operations that the package's tools use, read once per process. */
export function loadOperations(): readonly Operation[] {
  loaded ??= { operations: readOperations(documentPath()) };
  return loaded.operations;
}

/** The document lies at the package's root, above both the sources and what they are built to. */
export function documentPath(): string {
  const name = "generated/openapi.json";
  let folder = new URL("./", import.meta.url);
  for (;;) {
    const candidate = new URL(name, folder);
    if (existsSync(candidate)) return fileURLToPath(candidate);
    const parent = new URL("../", folder);
    if (parent.href === folder.href) throw new Error(`${name} is missing: run "npm run generate"`);
    folder = parent;
  }
}

function readOperations(path: string): Operation[] {
  const document = JSON.parse(readFileSync(path, "utf8")) as RawDocument;
  const operations: Operation[] = [];
  for (const [template, item] of Object.entries(document.paths)) {
    const shared = Array.isArray(item["parameters"]) ? (item["parameters"] as readonly RawParameter[]) : [];
    for (const method of ["get", "post", "put", "patch", "delete"]) {
      const operation = item[method];
      if (operation === undefined || !("operationId" in operation) || operation.operationId === undefined) continue;
      operations.push({
        operationId: operation.operationId,
        method: method.toUpperCase(),
        path: template,
        parameters: [
          ...[...shared, ...(operation.parameters ?? [])].flatMap((parameter) => readParameter(document, parameter)),
          ...bodyParameters(document, operation),
        ],
      });
    }
  }
  return operations;
}

function readParameter(document: RawDocument, { name, in: place, required, schema }: RawParameter): Parameter[] {
  if (place !== "path" && place !== "query") return [];
  return [{ name, in: place, required: required === true, schema: resolve(document, schema ?? {}) }];
}

function bodyParameters(document: RawDocument, operation: RawOperation): Parameter[] {
  const { requestBody } = operation;
  const body =
    requestBody?.$ref === undefined
      ? requestBody
      : document.components?.requestBodies?.[requestBody.$ref.split("/").at(-1) ?? ""];
  const schema = resolve(document, Object.values(body?.content ?? {})[0]?.schema ?? {});
  return Object.entries(schema.properties ?? {}).map(([name, property]) => ({
    name,
    in: "body",
    required: schema.required?.includes(name) === true,
    schema: resolve(document, property),
  }));
}

function resolve(document: RawDocument, schema: Schema): Schema {
  if (schema.$ref === undefined) return schema;
  const target = document.components?.schemas?.[schema.$ref.split("/").at(-1) ?? ""];
  if (target === undefined) throw new Error(`The document has no ${schema.$ref}`);
  return resolve(document, target);
}
