import { isObject } from "../is-object.js";
import type { JsonSchema } from "../tools/json-schema.js";

export const isSchema = (value: unknown): value is JsonSchema => isObject(value);

/** The schema with `change` made to the schemas directly inside it. */
export function mapParts(schema: JsonSchema, change: (part: JsonSchema) => JsonSchema): JsonSchema {
  const { properties, items, anyOf } = schema;
  return {
    ...schema,
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, part]) => [name, change(part)])),
    }),
    ...(items && { items: change(items) }),
    ...(anyOf && { anyOf: anyOf.map(change) }),
  };
}
