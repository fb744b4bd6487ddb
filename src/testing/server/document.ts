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
  readonly additionalProperties?: boolean | Schema;
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

/** The answer that the document declares for an operation's success. */
export interface DeclaredAnswer {
  readonly status: number;
  /** Undefined where no body is declared. */
  readonly contentType: string | undefined;
  readonly schema: Schema | undefined;
}

/** One operation of the corrected OpenAPI document. What is read of it, is read once. */
export interface Operation {
  readonly operationId: string;
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly answer?: DeclaredAnswer;
}

interface RawParameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema?: Schema;
}

type RawContent = Readonly<Record<string, { readonly schema?: Schema }>>;

interface RawOperation {
  readonly operationId?: string;
  readonly parameters?: readonly RawParameter[];
  readonly responses?: Readonly<Record<string, { readonly content?: RawContent }>>;
  readonly requestBody?: { readonly $ref?: string; readonly content?: RawContent };
}

interface RawDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, RawOperation | readonly RawParameter[]>>>>;
  readonly components?: {
    readonly schemas?: Readonly<Record<string, Schema>>;
    readonly requestBodies?: Readonly<Record<string, RawOperation["requestBody"]>>;
  };
}

let loaded: ApiDocument | undefined;

/** The document that the package ships, read once per process. */
export function loadDocument(): ApiDocument {
  loaded ??= new ApiDocument(JSON.parse(readFileSync(documentPath(), "utf8")) as RawDocument);
  return loaded;
}

export const documentPath = (): string => packageFile("generated/openapi.json");

/** A file of the package, whose root is above both the sources and what they are built to. */
export function packageFile(name: string): string {
  let folder = new URL("./", import.meta.url);
  for (;;) {
    const candidate = new URL(name, folder);
    if (existsSync(candidate)) return fileURLToPath(candidate);
    const parent = new URL("../", folder);
    if (parent.href === folder.href) throw new Error(`${name} is missing: run "npm run generate"`);
    folder = parent;
  }
}

const methods = ["get", "post", "put", "patch", "delete"];

/** GitLab's API as the specification describes it. */
export class ApiDocument {
  readonly operations: readonly Operation[];
  readonly #merged = new WeakMap<Schema, Schema>();

  constructor(private readonly raw: RawDocument) {
    this.operations = Object.entries(raw.paths).flatMap(([path, item]) => {
      const shared = Array.isArray(item["parameters"]) ? (item["parameters"] as readonly RawParameter[]) : [];
      return methods.flatMap((method) => {
        const operation = item[method];
        if (operation === undefined || !("operationId" in operation) || operation.operationId === undefined) return [];
        return [new DocumentOperation(raw, method.toUpperCase(), path, operation.operationId, operation, shared)];
      });
    });
  }

  /** Follows references up to a schema that is none. */
  resolve(schema: Schema): Schema {
    return resolve(this.raw, schema);
  }

  /** The schema itself: references followed, its parts joined, the first of several choices taken. */
  merged(schema: Schema): Schema {
    const known = this.#merged.get(schema);
    if (known !== undefined) return known;
    const found = this.resolve(schema);
    const choice = (found.oneOf ?? found.anyOf)?.[0];
    const result = choice === undefined ? this.#joined(found) : this.merged(choice);
    const nullable = schema.nullable === true && result.nullable !== true ? { ...result, nullable: true } : result;
    this.#merged.set(schema, nullable);
    return nullable;
  }

  #joined(schema: Schema): Schema {
    if (schema.allOf === undefined) return schema;
    const parts = schema.allOf.map((part) => this.merged(part));
    const joined: Schema = Object.assign({}, ...parts, schema) as Schema;
    const properties = Object.assign(
      {},
      ...parts.map((part) => part.properties),
      schema.properties,
    ) as Schema["properties"];
    return { ...joined, allOf: undefined, properties };
  }

  /** An entity or a request body by the name that the document gives it. */
  schema(name: string): Schema | undefined {
    return this.raw.components?.schemas?.[name];
  }
}

class DocumentOperation implements Operation {
  #parameters: readonly Parameter[] | undefined;

  constructor(
    private readonly document: RawDocument,
    readonly method: string,
    readonly path: string,
    readonly operationId: string,
    private readonly raw: RawOperation,
    private readonly shared: readonly RawParameter[],
  ) {}

  /** Resolved on first use: of some four hundred operations a test meets a few. */
  get parameters(): readonly Parameter[] {
    const { document, raw, shared } = this;
    this.#parameters ??= [
      ...[...shared, ...(raw.parameters ?? [])].flatMap((parameter) => readParameter(document, parameter)),
      ...bodyParameters(document, raw),
    ];
    return this.#parameters;
  }

  get answer(): DeclaredAnswer | undefined {
    const status = Object.keys(this.raw.responses ?? {}).find((key) => key.startsWith("2"));
    if (status === undefined) return undefined;
    const [contentType, media] = Object.entries(this.raw.responses?.[status]?.content ?? {})[0] ?? [];
    return { status: Number(status), contentType, schema: media?.schema };
  }
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
