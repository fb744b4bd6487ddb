import type { ToolDefinition } from "../tools/definition.js";
import { curatedSchema, type JsonSchema } from "../tools/json-schema.js";

/** Everything of a schema but what documents GitLab's defaults: a model that is told a default repeats it. */
function lean(schema: JsonSchema, keep: (keyword: string) => boolean = () => true): JsonSchema {
  const entries = Object.entries(schema).flatMap(([keyword, value]): [string, unknown][] => {
    if (keyword === "default" || !keep(keyword)) return [];
    if (keyword === "properties" && isSchemas(value)) {
      return [[keyword, Object.fromEntries(Object.entries(value).map(([name, part]) => [name, lean(part, keep)]))]];
    }
    return [[keyword, isSchema(value) ? lean(value, keep) : value]];
  });
  return Object.fromEntries(entries);
}

const isSchema = (value: unknown): value is JsonSchema =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isSchemas = (value: unknown): value is Record<string, JsonSchema> => isSchema(value);

/** A definition for MCP's `tools/list` (Model Context Protocol specification 2025-06-18, "Tools"). */
export interface McpToolDefinition {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly inputSchema: JsonSchema;
  readonly annotations?: Readonly<Record<string, boolean>>;
}

/** Only hints that differ from the protocol's defaults are said: every client pays for the others. */
function annotations(definition: ToolDefinition): Record<string, boolean> {
  if (definition.access === "read") return { readOnlyHint: true };
  return {
    ...(definition.access === "write" && { destructiveHint: false }),
    ...(definition.idempotent && { idempotentHint: true }),
  };
}

export function toMcp(definition: ToolDefinition): McpToolDefinition {
  const { name, title, description } = definition;
  const inputSchema = lean(curatedSchema(definition), (keyword) => keyword !== "additionalProperties");
  return { name, title, description, inputSchema, annotations: annotations(definition) };
}

/** A function tool of OpenAI's Responses API; `strict` follows its structured-output rules. */
export interface OpenAiToolDefinition {
  readonly type: "function";
  readonly name: string;
  readonly description: string;
  readonly parameters: JsonSchema;
  readonly strict: boolean;
}

export function toOpenAi(definition: ToolDefinition, options: { strict?: boolean } = {}): OpenAiToolDefinition {
  const { name, description } = definition;
  const schema = lean(curatedSchema(definition));
  return {
    type: "function",
    name,
    description,
    parameters: options.strict ? strict(schema) : schema,
    strict: options.strict ?? false,
  };
}

const strictKeywords = new Set([
  "type",
  "description",
  "properties",
  "required",
  "items",
  "enum",
  "additionalProperties",
  "pattern",
  "format",
  "minimum",
  "maximum",
]);

/** All properties required, optional ones nullable, nothing else allowed (OpenAI documentation, "Structured outputs"). */
function strict(schema: JsonSchema): JsonSchema {
  const { properties, items, required = [], ...rest } = schema;
  const kept = Object.fromEntries(Object.entries(rest).filter(([keyword]) => strictKeywords.has(keyword)));
  if (items) return { ...kept, items: strict(items) };
  if (!properties) return kept;
  const all = Object.entries(properties).map(([name, part]): [string, JsonSchema] => {
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
  return { ...schema, ...(type && { type }), ...(schema.enum && { enum: [...schema.enum, null] }) };
}

/** A tool of Anthropic's Messages API. */
export interface AnthropicToolDefinition {
  readonly name: string;
  readonly description: string;
  readonly input_schema: JsonSchema & { readonly type: "object" };
}

export function toAnthropic(definition: ToolDefinition): AnthropicToolDefinition {
  const { name, description } = definition;
  return { name, description, input_schema: { ...lean(curatedSchema(definition)), type: "object" } };
}

/** A function declaration of the Gemini API, whose schemas are a subset of OpenAPI 3.0. */
export interface GeminiFunctionDeclaration {
  readonly name: string;
  readonly description: string;
  readonly parameters?: JsonSchema;
}

const geminiKeywords = new Set([
  "type",
  "description",
  "properties",
  "required",
  "items",
  "enum",
  "format",
  "minimum",
  "maximum",
  "minItems",
  "maxItems",
]);

export function toGemini(definition: ToolDefinition): GeminiFunctionDeclaration {
  const { name, description } = definition;
  const parameters = forGemini(lean(curatedSchema(definition), (keyword) => geminiKeywords.has(keyword)));
  // An object without properties is refused: a function without parameters declares none.
  return Object.keys(parameters.properties ?? {}).length === 0
    ? { name, description }
    : { name, description, parameters };
}

/** `format` only where Gemini knows it; enums only of strings. */
function forGemini(schema: JsonSchema): JsonSchema {
  const { format, enum: values, properties, items, ...rest } = schema;
  return {
    ...rest,
    ...(format === "date-time" && { format }),
    ...(values?.every((value) => typeof value === "string") && { enum: values }),
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, part]) => [name, forGemini(part)])),
    }),
    ...(items && { items: forGemini(items) }),
  };
}

/** A standalone JSON Schema (draft 2020-12) of the tool's input. */
export function toJsonSchemaDocument(definition: ToolDefinition): JsonSchema {
  const { name, description } = definition;
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: name,
    description,
    ...curatedSchema(definition),
  };
}
