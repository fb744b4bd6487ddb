import { expect, test } from "vitest";
import type { ToolDefinition } from "../../src/definition/definition.js";
import { allDefinitions } from "../../src/tools/all-definitions.js";
import { curatedSchema, fullSchema } from "../../src/tools/json-schema.js";
import { definitionOf, type ParameterRow, type ToolRow, type TypeRow } from "../../src/tools/row.js";

/** What the schema that checks the input says: a copy of a definition is known by no row. */
const checked = (definition: ToolDefinition): ToolDefinition => ({ ...definition });

test.each([
  ["models", curatedSchema],
  ["code", fullSchema],
] as const)("the JSON Schema of every tool says what its check says, to the letter: for %s", (_, schema) => {
  for (const definition of allDefinitions())
    expect(JSON.stringify(schema(definition)), definition.name).toBe(JSON.stringify(schema(checked(definition))));
});

const facts = { description: "What it is.", default: 3 };
const types: readonly TypeRow[] = [
  { type: "integer", minimum: 0, maximum: 9, ...facts },
  { type: "integer" },
  { type: "number", minimum: 0.5 },
  { type: "boolean", default: false },
  { type: "text", minLength: 1, maxLength: 5, pattern: "^[a-z/]+$", description: "Words" },
  { type: "text", default: "" },
  { type: "date", description: "A day" },
  { type: "dateTime" },
  { type: "iid", description: "Its number" },
  { type: "reference", ...facts },
  { type: "value", description: "Anything" },
  { type: "file", description: "A file" },
  { type: "choice", values: ["a", "b"], default: "a" },
  { type: "integerChoice", values: [10, 20] },
  { type: "list", item: { type: "text" }, minItems: 1, maxItems: 3 },
  { type: "array", item: { type: "object", properties: { id: { type: "integer", required: true } } } },
  { type: "record", item: { type: "value" }, description: "By name" },
  { type: "object", properties: {} },
  { type: "object", properties: { at: { type: "date", clear: null }, to: { type: "text", clear: "" } } },
];

const toolWith = (given: ParameterRow, method: ToolDefinition["method"] = "GET"): ToolDefinition => {
  const tool: Partial<ToolRow> = { method, path: "/api/v4/things/{id}", curated: [], parameters: { given } };
  return definitionOf(tool as ToolRow);
};

test.each(["GET", "PUT"] as const)("so does that of every type, in a %s", (method) => {
  for (const type of types) {
    const definition = toolWith({ in: method === "GET" ? "query" : "body", ...type }, method);
    expect(JSON.stringify(fullSchema(definition)), type.type).toBe(JSON.stringify(fullSchema(checked(definition))));
  }
});

test("any JSON value is said without a reference, which providers refuse", () => {
  const { properties } = fullSchema(toolWith({ in: "query", type: "json", description: "Anything" }));
  expect(properties).toEqual({ given: { description: "Anything" } });
});
