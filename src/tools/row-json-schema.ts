/**
 * The JSON Schema of what a row's parameters take, made of the data: the schema that checks them says the same
 * (`schema.ts`), and a server that lists its tools would make a thousand of those first.
 */
import type { JsonSchema, ObjectSchema } from "./json-schema-type.js";
import type { PropertyRow, TypeRow } from "./row.js";
import { fileSchema, type SchemaFacts } from "./schema.js";

/** An object with these parameters or properties and no others. */
export function rowsJsonSchema(rows: readonly (readonly [name: string, row: PropertyRow])[]): ObjectSchema {
  const required = rows.filter(([, row]) => row.required).map(([name]) => name);
  return {
    type: "object",
    properties: Object.fromEntries(rows.map(([name, row]) => [name, jsonSchemaOf(row)])),
    ...(required.length > 0 && { required }),
    additionalProperties: false,
  };
}

function jsonSchemaOf(row: TypeRow): JsonSchema {
  return { ...typeOf(row), ...given(row, row.type === "file" ? ["description"] : ["description", "default"]) };
}

function typeOf(row: TypeRow): JsonSchema {
  switch (row.type) {
    case "integer":
    case "number":
      return { type: row.type, ...given(row, ["minimum", "maximum"]) };
    case "iid":
      return { type: "integer", minimum: 1 };
    case "boolean":
      return { type: "boolean" };
    case "text":
      return { type: "string", ...given(row, ["minLength", "maxLength", "pattern"]) };
    case "reference":
      return { type: "string", minLength: 1 };
    case "date":
      return { type: "string", format: "date" };
    case "dateTime":
      return { type: "string", format: "date-time" };
    case "choice":
      return { type: "string", enum: [...row.values] };
    case "integerChoice":
      return { type: "integer", enum: [...row.values] };
    case "list":
    case "array":
      return { ...given(row, ["minItems", "maxItems"]), type: "array", items: jsonSchemaOf(row.item) };
    case "record":
      return { type: "object", propertyNames: { type: "string" }, additionalProperties: jsonSchemaOf(row.item) };
    case "object":
      return rowsJsonSchema(Object.entries(row.properties));
    case "file":
      return { ...fileSchema };
    case "value":
      return { type: "string" };
    case "json":
      return {};
  }
}

type Keyword = Exclude<keyof SchemaFacts, "format">;

/** These keywords, as far as the row has them. */
function given(facts: SchemaFacts, keywords: readonly Keyword[]): JsonSchema {
  return Object.fromEntries(keywords.flatMap((word) => (facts[word] === undefined ? [] : [[word, facts[word]]])));
}
