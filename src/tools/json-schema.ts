import * as z from "zod/mini";
import type { ToolDefinition } from "../definition/definition.js";
import type { JsonSchema } from "./json-schema-type.js";
import { rowsJsonSchema } from "./row-json-schema.js";
import { parameterRows } from "./row.js";
import { isClearable } from "./schema.js";

export type { JsonSchema, ObjectSchema } from "./json-schema-type.js";

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

function jsonSchemaOf(definition: ToolDefinition, names: ReadonlySet<string>): JsonSchema {
  const rows = parameterRows(definition);
  if (!rows) return checkedJsonSchema(definition, names);
  return rowsJsonSchema(Object.entries(rows).filter(([name]) => names.has(name)));
}

/** No schema of an input takes names that it does not have, whatever a tool of somebody's own says. */
function checkedJsonSchema(definition: ToolDefinition, names: ReadonlySet<string>): JsonSchema {
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
