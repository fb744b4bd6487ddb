import type { ToolDefinition } from "../definition/definition.js";
import { curatedSchema, type JsonSchema } from "../tools/json-schema.js";
import { isSchema, mapParts } from "./schema-parts.js";

/** What every provider takes. */
const shared = new Set([
  ...["type", "description", "properties", "required", "items", "enum", "format", "anyOf"],
  ...["minimum", "maximum", "minItems", "maxItems"],
]);

const cache = new WeakMap<ToolDefinition, JsonSchema>();

/**
 * The curated schema less what a model has no use for: GitLab's defaults (a model that is told one repeats it), lengths
 * and patterns, that ids begin at 1, and `additionalProperties`. Input is checked in full before anything is sent.
 */
export function leanSchema(definition: ToolDefinition): JsonSchema {
  let schema = cache.get(definition);
  if (!schema) cache.set(definition, (schema = lean(curatedSchema(definition))));
  return schema;
}

function lean({ const: word, oneOf, ...schema }: JsonSchema): JsonSchema {
  // Tools of one's own say these, too; not every provider knows them, and all know what means the same.
  const said: JsonSchema = {
    ...schema,
    ...(word !== undefined && { enum: [word] }),
    ...(Array.isArray(oneOf) && { anyOf: oneOf.filter(isSchema) }),
  };
  const kept = Object.entries(said).filter(
    ([keyword, value]) => shared.has(keyword) && !(keyword === "minimum" && value === 1),
  );
  return mapParts(Object.fromEntries(kept), lean);
}
