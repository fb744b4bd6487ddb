import { mostAccess } from "../policy/access.js";
import type { ToolDefinition } from "../definition/definition.js";
import { curatedSchema, type JsonSchema } from "../tools/json-schema.js";
import { leanSchema } from "./lean.js";
import { mapParts } from "./schema-parts.js";
import type { ToolboxDefinition } from "./toolbox-types.js";

/** A tool, as the registry has it or as a toolbox shows it. */
export type AnyDefinition = ToolDefinition | ToolboxDefinition;

/** What a model is shown of the input. */
const inputSchemaOf = (definition: AnyDefinition): JsonSchema =>
  "inputSchema" in definition ? definition.inputSchema : leanSchema(definition);

/** A definition for MCP's `tools/list` (Model Context Protocol specification 2025-06-18 and 2025-11-25, "Tools"). */
export interface McpToolDefinition {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly inputSchema: JsonSchema & { readonly type: "object" };
  readonly outputSchema?: JsonSchema & { readonly type: "object" };
  readonly annotations: McpAnnotations;
}

/** Hints for clients that ask people before a call (Model Context Protocol schema, `ToolAnnotations`). */
export interface McpAnnotations {
  readonly title?: string;
  readonly readOnlyHint?: boolean;
  readonly destructiveHint?: boolean;
  readonly idempotentHint?: boolean;
  readonly openWorldHint?: boolean;
}

export interface McpOptions {
  /**
   * `lean` (default) says `readOnlyHint` of reads, `destructiveHint` and a true `idempotentHint` of the others, and
   * leaves to the protocol's defaults what equals them. `full` says every hint, which costs every client a quarter
   * more.
   */
  readonly annotations?: "lean" | "full";
  /** The schema of the structured content, from `outputSchema` of `output-schema.ts`. */
  readonly outputSchema?: JsonSchema & { readonly type: "object" };
}

export function toMcp(definition: AnyDefinition, options: McpOptions = {}): McpToolDefinition {
  const { name, title, description } = definition;
  const outputSchema = options.outputSchema ?? ("outputSchema" in definition ? definition.outputSchema : undefined);
  return {
    name,
    title,
    description,
    inputSchema: { ...inputSchemaOf(definition), type: "object" },
    ...(outputSchema && { outputSchema }),
    annotations: options.annotations === "full" ? fullAnnotations(definition) : leanAnnotations(definition),
  };
}

function leanAnnotations(definition: AnyDefinition): McpAnnotations {
  const { access, idempotent } = definition;
  if (access === "read") return { readOnlyHint: true };
  return { destructiveHint: mostAccess(definition) === "destructive", ...(idempotent && { idempotentHint: true }) };
}

function fullAnnotations(definition: AnyDefinition): McpAnnotations {
  const { title, access, idempotent } = definition;
  return {
    title,
    readOnlyHint: access === "read",
    destructiveHint: mostAccess(definition) === "destructive",
    idempotentHint: idempotent,
    // What people wrote into GitLab comes back in its answers.
    openWorldHint: true,
  };
}

/** A function tool of OpenAI's Responses API; `strict` follows its structured-output rules. */
export interface OpenAiToolDefinition {
  readonly type: "function";
  readonly name: string;
  readonly description: string;
  readonly parameters: JsonSchema;
  readonly strict: boolean;
}

export interface OpenAiOptions {
  /** Structured outputs: every parameter is required, those that are optional may be null. */
  readonly strict?: boolean | undefined;
}

export function toOpenAi(definition: AnyDefinition, options: OpenAiOptions = {}): OpenAiToolDefinition {
  const { name, description } = definition;
  const schema = inputSchemaOf(definition);
  return {
    type: "function",
    name,
    description,
    parameters: options.strict ? strict(schema) : schema,
    strict: options.strict ?? false,
  };
}

const anyObject: JsonSchema = { type: "string", description: "A JSON object" };

/** What strict mode understands (OpenAI documentation, "Structured outputs: supported schemas"). */
const strictKeywords = new Set([
  ...["type", "description", "properties", "required", "items", "enum", "anyOf", "additionalProperties"],
  ...["pattern", "format", "multipleOf", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"],
  ...["minItems", "maxItems"],
]);

function strict(schema: JsonSchema): JsonSchema {
  const kept = Object.fromEntries(Object.entries(schema).filter(([keyword]) => strictKeywords.has(keyword)));
  if (schema.type !== "object") return mapParts(kept, strict);
  // Nothing could be given to an object that may have any fields: it comes as JSON.
  if (!schema.properties) return anyObject;
  const required = schema.required ?? [];
  const all = Object.entries(schema.properties ?? {}).map(([name, part]): [string, JsonSchema] => {
    const inner = strict(part);
    return [name, required.includes(name) ? inner : nullable(inner)];
  });
  return {
    ...kept,
    properties: Object.fromEntries(all),
    required: all.map(([name]) => name),
    additionalProperties: false,
  };
}

function nullable(schema: JsonSchema): JsonSchema {
  const type = typeof schema.type === "string" ? [schema.type, "null"] : schema.type;
  if (schema.anyOf) return { ...schema, anyOf: [...schema.anyOf, { type: "null" }] };
  return { ...schema, ...(type && { type }), ...(schema.enum && { enum: [...schema.enum, null] }) };
}

/** A tool of Anthropic's Messages API. */
export interface AnthropicToolDefinition {
  readonly name: string;
  readonly description: string;
  readonly input_schema: JsonSchema & { readonly type: "object" };
}

export function toAnthropic(definition: AnyDefinition): AnthropicToolDefinition {
  const { name, description } = definition;
  return { name, description, input_schema: { ...inputSchemaOf(definition), type: "object" } };
}

/** A function declaration of the Gemini API, whose schemas are a subset of OpenAPI 3.0. */
export interface GeminiFunctionDeclaration {
  readonly name: string;
  readonly description: string;
  /**
   * A `Schema` of the API. Its SDK types words such as `"string"` as an enum, which nothing but that enum fits: hence
   * no more than an object here.
   */
  readonly parameters?: object;
}

export function toGemini(definition: AnyDefinition): GeminiFunctionDeclaration {
  const { name, description } = definition;
  const parameters = forGemini(inputSchemaOf(definition));
  // An object without properties is refused: a function without parameters declares none.
  return Object.keys(parameters.properties ?? {}).length === 0
    ? { name, description }
    : { name, description, parameters };
}

/** What the API's `Schema` has (Gemini API reference, "Schema"). */
const geminiKeywords = new Set([
  ...["type", "description", "properties", "required", "items", "enum", "anyOf", "format", "nullable"],
  ...["minimum", "maximum", "minItems", "maxItems"],
]);

/** `format` only where Gemini knows it; enums only of strings; an object of any fields as JSON, since none is refused. */
function forGemini({ type, ...rest }: JsonSchema): JsonSchema {
  const schema: JsonSchema = { ...(typeof type === "object" ? oneTypeEach(type) : type && { type }), ...rest };
  if (schema.type === "object" && !schema.properties) return anyObject;
  const kept = Object.entries(schema).filter(
    ([keyword, value]) =>
      geminiKeywords.has(keyword) &&
      (keyword !== "format" || value === "date-time") &&
      (keyword !== "enum" || schema.enum?.every((word) => typeof word === "string")),
  );
  return mapParts(Object.fromEntries(kept), forGemini);
}

/** `type` is one word there. */
function oneTypeEach(types: readonly string[]): JsonSchema {
  const [first, ...more] = types.filter((type) => type !== "null");
  const anyOf = more.length > 0 && [first, ...more].map((type): JsonSchema => ({ ...(type && { type }) }));
  return { ...(anyOf ? { anyOf } : first && { type: first }), ...(types.includes("null") && { nullable: true }) };
}

/** A standalone JSON Schema (draft 2020-12) of the tool's input, with every bound and default. */
export function toJsonSchemaDocument(definition: ToolDefinition): JsonSchema {
  const { name, description } = definition;
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: name,
    description,
    ...curatedSchema(definition),
  };
}
