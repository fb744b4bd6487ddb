/**
 * A generated tool is a row of data: what is known about it, and the types of its parameters. It is kept as JSON text,
 * which costs next to nothing to load and is read when the tool is first used. This file makes the row a definition,
 * whose schema is built when it is first used as well.
 */
import type { ZodMiniObject, ZodMiniType } from "zod/mini";
import type { ParameterPlace, ToolDefinition } from "../definition/definition.js";
import { isUpdate } from "./is-update.js";
import * as s from "./schema.js";

/** The type of a parameter as data: `type` is a word of `schema.ts`, beside its bounds and documentation. */
export type TypeRow =
  | (s.SchemaFacts & { readonly type: PlainType })
  | (s.SchemaFacts & { readonly type: "choice"; readonly values: readonly [string, ...string[]] })
  | (s.SchemaFacts & { readonly type: "integerChoice"; readonly values: readonly [number, ...number[]] })
  | (s.SchemaFacts & { readonly type: "list" | "array" | "record"; readonly item: TypeRow })
  | (s.SchemaFacts & { readonly type: "object"; readonly properties: Readonly<Record<string, PropertyRow>> });

type PlainType =
  | "integer"
  | "number"
  | "boolean"
  | "text"
  | "date"
  | "dateTime"
  | "iid"
  // A project, group or user.
  | "reference"
  // Where the specification does not say.
  | "value"
  | "json"
  | "file";

/** `clear` is what an update sends to clear it. */
export type PropertyRow = TypeRow & { readonly required?: true; readonly clear?: ParameterPlace["clear"] };

/** A parameter: where it goes, and what it takes. */
export type ParameterRow = ParameterPlace & PropertyRow;

/** A tool as the generator writes it. */
export interface ToolRow extends Omit<ToolDefinition, "input" | "parameters"> {
  readonly parameters: Readonly<Record<string, ParameterRow>>;
}

/** A row as JSON; of a tool made of several calls, with what loads these. */
export type RowText = string | { readonly row: string; readonly run: NonNullable<ToolRow["run"]> };

const definitions = new Map<string | ToolRow, ToolDefinition>();

/** The definition of a row: always the same one, however the row was reached. */
export function definitionOf(source: RowText | ToolRow): ToolDefinition {
  const key = typeof source === "object" && "row" in source ? source.row : source;
  let definition = definitions.get(key);
  if (!definition) definitions.set(key, (definition = defined(rowOf(source))));
  return definition;
}

const parametersByDefinition = new WeakMap<ToolDefinition, ToolRow["parameters"]>();

/** What the parameters take as data, where the definition is made of a row. */
export const parameterRows = (definition: ToolDefinition): ToolRow["parameters"] | undefined =>
  parametersByDefinition.get(definition);

function defined(row: ToolRow): ToolDefinition {
  const definition = { ...row, input: (names?: ReadonlySet<string>) => inputOf(row, names) };
  parametersByDefinition.set(definition, row.parameters);
  return definition;
}

function rowOf(source: RowText | ToolRow): ToolRow {
  if (typeof source === "string") return JSON.parse(source) as ToolRow;
  return "row" in source ? { ...(JSON.parse(source.row) as ToolRow), run: source.run } : source;
}

function inputOf({ method, path, parameters }: ToolRow, names?: ReadonlySet<string>): ZodMiniObject {
  const update = isUpdate({ method, path });
  const shown = names && Object.fromEntries(Object.entries(parameters).filter(([name]) => names.has(name)));
  return s.input(
    mapValues(shown ?? parameters, (row) => {
      const schema = schemaOf(row, update && row.in === "body");
      return row.required ? schema : s.optional(schema);
    }),
  );
}

/** A property below the top. In an update null clears it, or is refused; elsewhere it is not given. */
function propertyOf(row: PropertyRow, update: boolean): ZodMiniType {
  const schema = schemaOf(row, update);
  if (row.required) return schema;
  if (!update) return s.optional(schema);
  return s.optional(row.clear === undefined ? s.kept(schema) : s.clearable(schema, row.clear));
}

const mapValues = <Row>(
  rows: Readonly<Record<string, Row>>,
  schema: (row: Row) => ZodMiniType,
): Record<string, ZodMiniType> => Object.fromEntries(Object.entries(rows).map(([name, row]) => [name, schema(row)]));

/** `update`: it is in the body of one. */
function schemaOf(row: TypeRow, update: boolean): ZodMiniType {
  switch (row.type) {
    case "choice":
      return s.choice(row.values, row);
    case "integerChoice":
      return s.integerChoice(row.values, row);
    case "list":
    case "array":
    case "record":
      return s[row.type](schemaOf(row.item, update), row);
    case "object": {
      const properties = mapValues(row.properties, (property) => propertyOf(property, update));
      return s.object(properties, row, update ? "keep" : "drop");
    }
    default:
      return s[row.type](row);
  }
}
