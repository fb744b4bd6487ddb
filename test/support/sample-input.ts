import type { ToolDefinition } from "../../src/definition/definition.js";
import { fullSchema, type JsonSchema } from "../../src/tools/json-schema.js";

/** Places that the emulator has from the start. */
const places: Readonly<Record<string, unknown>> = {
  project_id: "acme/app",
  group_id: "acme",
  user_id: 1,
  sha: "main",
  version: "1.2.3",
};

/** Input that a tool's schema takes: a value for all that is required, whatever it means. */
export function sampleInput(definition: ToolDefinition): Record<string, unknown> {
  const { properties = {}, required = [] } = fullSchema(definition);
  const asked = [...required, ...(definition.required_one ?? []).flatMap(([first]) => first ?? [])];
  return Object.fromEntries(asked.map((name) => [name, places[name] ?? sample(properties[name] ?? {})]));
}

function sample(schema: JsonSchema): unknown {
  if (schema.enum) return schema.enum[0];
  switch (schema.type) {
    case "integer":
    case "number":
      return typeof schema["minimum"] === "number" ? schema["minimum"] : 1;
    case "boolean":
      return true;
    case "array":
      return [sample(schema.items ?? { type: "string" })];
    case "object":
      return Object.fromEntries((schema.required ?? []).map((name) => [name, sample(schema.properties?.[name] ?? {})]));
    default:
      return schema["format"] === "date" || schema["format"] === "date-time" ? "2026-01-02" : "text";
  }
}
