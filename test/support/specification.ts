import { readFileSync } from "node:fs";
import { Ajv, type ValidateFunction } from "ajv";
import addFormats from "ajv-formats";
import type { RecordedRequest } from "gitlab-agent-tools/testing";

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema?: Json;
}

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required?: boolean; readonly content: Record<string, { readonly schema: Json }> };
  readonly responses: Record<string, { readonly content?: Record<string, { readonly schema: Json }> }>;
}

interface Document {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, Json> };
}

/** OpenAPI 3.0 says `nullable`, JSON Schema says `null`. */
function toJsonSchema(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toJsonSchema);
  if (!isObject(value)) return value;
  const schema = Object.fromEntries(Object.entries(value).map(([key, part]) => [key, toJsonSchema(part)]));
  if (schema["nullable"] !== true) return schema;
  const { nullable: _, ...rest } = schema;
  if (typeof rest["type"] !== "string") return { anyOf: [rest, { type: "null" }] };
  return {
    ...rest,
    type: [rest["type"], "null"],
    ...(Array.isArray(rest["enum"]) && { enum: [...(rest["enum"] as unknown[]), null] }),
  };
}

/** The corrected document, as a judge of what goes over the wire. Knows nothing of the code under test. */
export class Specification {
  readonly #document: Document;
  readonly #operations = new Map<
    string,
    { readonly method: string; readonly path: string; readonly operation: Operation }
  >();
  // Each schema is used a few times: to make its validator fast would take longer than it saves.
  readonly #ajv = new Ajv({ strict: false, allErrors: true, code: { optimize: false } });
  readonly #compiled = new Map<unknown, ValidateFunction>();
  /** operationId by tool name. */
  readonly operationOf: ReadonlyMap<string, string>;

  constructor() {
    this.#document = JSON.parse(readFileSync("generated/openapi.json", "utf8")) as Document;
    addFormats.default(this.#ajv);
    this.#ajv.addSchema({ $id: "doc", components: toJsonSchema(this.#document.components) });
    for (const [path, item] of Object.entries(this.#document.paths)) {
      for (const [method, operation] of Object.entries(item)) {
        if (isObject(operation) && operation.operationId)
          this.#operations.set(operation.operationId, { method, path, operation });
      }
    }
    const { tools } = JSON.parse(readFileSync("generated/manifest.json", "utf8")) as {
      tools: { name: string; method: string; path: string }[];
    };
    const at = new Map([...this.#operations].map(([id, { method, path }]) => [`${method.toUpperCase()} ${path}`, id]));
    const entries = tools.map(({ name, method, path }): [string, string] => [name, at.get(`${method} ${path}`) ?? ""]);
    this.operationOf = new Map(entries);
  }

  /** What is wrong with a request for an operation; empty when nothing is. */
  faultsOfRequest(operationId: string, request: RecordedRequest): string[] {
    const found = this.#operations.get(operationId);
    if (!found) return [`${operationId} is not in the specification`];
    const { method, path, operation } = found;
    const faults: string[] = [];
    if (request.method.toLowerCase() !== method) faults.push(`method ${request.method}, not ${method}`);
    const template = new RegExp(`^${path.replace(/[.()]/g, "\\$&").replace(/\{\w+\}/g, "([^/]+)")}$`);
    if (!template.test(request.path)) faults.push(`path ${request.path} does not fit ${path}`);
    const query = new URLSearchParams(request.query);
    const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === "query");
    for (const name of new Set(query.keys())) {
      const plain = name.replace(/\[\]$/, "");
      const parameter = declared.find((candidate) => candidate.name === plain);
      if (!parameter) faults.push(`query parameter ${name} is not declared`);
      else if (name.endsWith("[]") && !JSON.stringify(parameter.schema).includes('"array"'))
        faults.push(`${name} is no list`);
    }
    for (const { name, required } of declared) {
      // A member of an object is required where there is such an object.
      const isMember = /\[\w+\]$/.test(name);
      if (required && !isMember && !query.has(name) && !query.has(`${name}[]`))
        faults.push(`required query parameter ${name} is missing`);
    }
    const content = operation.requestBody?.content;
    const schema = (content?.["application/json"] ?? content?.["multipart/form-data"])?.schema;
    const names = Object.keys(request.body);
    if (!schema && names.length > 0) faults.push(`a body is not declared: ${names.join(", ")}`);
    if (schema) faults.push(...this.#bodyFaults(schema, request.body));
    return faults;
  }

  #bodyFaults(schema: Json, body: Json): string[] {
    const resolved = this.#resolve(schema);
    const properties = isObject(resolved["properties"]) ? resolved["properties"] : {};
    const undeclared = Object.keys(body).filter((name) => !(name in properties));
    // A list that goes out as one string with commas is judged as the list that it is.
    const values = Object.fromEntries(
      Object.entries(body).map(([name, value]) => {
        const property = properties[name];
        const comma = isObject(property) && property["x-comma-separated"] === true && typeof value === "string";
        // A file, of which the emulator keeps what describes it, is text to the specification.
        const file = isObject(property) && property["format"] === "binary" && isObject(value);
        return [name, comma ? value.split(",") : file ? JSON.stringify(value) : value];
      }),
    );
    return [...undeclared.map((name) => `body property ${name} is not declared`), ...this.#faults(schema, values)];
  }

  /** What is wrong with an answer's body; empty when nothing is. */
  faultsOfAnswer(operationId: string, status: number, body: unknown): string[] {
    const response = this.#operations.get(operationId)?.operation.responses[String(status)];
    if (!response) return [`status ${status} of ${operationId} is not in the specification`];
    const schema = response.content?.["application/json"]?.schema;
    return schema ? this.#faults(schema, body) : [];
  }

  #resolve(schema: Json): Json {
    const ref = schema["$ref"];
    return typeof ref === "string"
      ? this.#resolve(this.#document.components.schemas[ref.split("/").at(-1) ?? ""] ?? {})
      : schema;
  }

  #faults(schema: Json, value: unknown): string[] {
    let validate = this.#compiled.get(schema);
    if (!validate) {
      const text = JSON.stringify(toJsonSchema(schema)).replaceAll('"#/components/', '"doc#/components/');
      validate = this.#ajv.compile(JSON.parse(text) as Json);
      this.#compiled.set(schema, validate);
    }
    return validate(value)
      ? []
      : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath || "body"} ${message ?? ""}`);
  }
}
