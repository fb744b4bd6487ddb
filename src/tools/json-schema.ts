import * as z from "zod/mini";
import type { ToolDefinition } from "../definition/definition.js";
import { isClearable } from "./schema.js";

/** JSON Schema as far as tool inputs use it (draft 2020-12). */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly enum?: readonly unknown[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly [keyword: string]: unknown;
}

export type ObjectSchema = JsonSchema & { readonly type: "object" };

const cache = new WeakMap<ToolDefinition, JsonSchema>();

/** The JSON Schema of a tool's curated input: what models are shown. */
export function curatedSchema(definition: ToolDefinition): JsonSchema {
  let schema = cache.get(definition);
  if (!schema) {
    schema = jsonSchemaOf(definition, new Set(definition.curated));
    cache.set(definition, schema);
  }
  return schema;
}

/** The JSON Schema of every parameter that code may use. */
export function fullSchema(definition: ToolDefinition): JsonSchema {
  return jsonSchemaOf(definition, new Set(Object.keys(definition.parameters)));
}

/** No schema of an input takes names that it does not have, whatever a tool of somebody's own says. */
function jsonSchemaOf(definition: ToolDefinition, names: ReadonlySet<string>): JsonSchema {
  const { shape } = definition.input(names)._zod.def;
  const shown = Object.entries(shape).filter(([name]) => names.has(name));
  const { $schema: _dialect, ...rest } = z.toJSONSchema(z.strictObject(Object.fromEntries(shown)), {
    io: "input",
    unrepresentable: "any",
    // The bounds of what JavaScript can count are not GitLab's.
    override: ({ zodSchema, jsonSchema }) => {
      if (isClearable(zodSchema)) {
        const [shown] = jsonSchema.anyOf ?? [];
        delete jsonSchema.anyOf;
        Object.assign(jsonSchema, shown);
      }
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      // What is shown as one type says nothing of the others.
      if (jsonSchema.type !== undefined) delete jsonSchema.anyOf;
    },
  }) as JsonSchema & { $schema?: string };
  return rest;
}
