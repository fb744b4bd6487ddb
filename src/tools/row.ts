/**
 * A generated tool is a row of data: what is known about it, and the types of its parameters. This file makes the row a
 * definition, whose schema is built when it is first used.
 */
import type { ZodMiniObject, ZodMiniType } from "zod/mini";
import type { ParameterPlace, ToolDefinition } from "./definition.js";
import * as s from "./schema.js";

/** The type of a parameter as data: `type` is a word of `schema.ts`, beside its bounds and documentation. */
export type TypeRow =
  | (s.Facts & { readonly type: PlainType })
  | (s.Facts & { readonly type: "choice"; readonly values: readonly [string, ...string[]] })
  | (s.Facts & { readonly type: "integerChoice"; readonly values: readonly [number, ...number[]] })
  | (s.Facts & { readonly type: "list" | "array" | "record"; readonly item: TypeRow })
  | (s.Facts & { readonly type: "object"; readonly properties: Readonly<Record<string, PropertyRow>> });

type PlainType =
  "integer" | "number" | "boolean" | "text" | "date" | "dateTime" | "iid" | "reference" | "value" | "json";

export type PropertyRow = TypeRow & { readonly required?: true };

/** A parameter: where it goes, and what it takes. */
export type ParameterRow = ParameterPlace & PropertyRow;

/** A tool as the generator writes it. */
export interface ToolRow extends Omit<ToolDefinition, "input" | "parameters"> {
  readonly parameters: Readonly<Record<string, ParameterRow>>;
}

const definitions = new WeakMap<ToolRow, ToolDefinition>();

/** The definition of a row: always the same one, however the row was reached. */
export function definitionOf(row: ToolRow): ToolDefinition {
  let definition = definitions.get(row);
  if (!definition) definitions.set(row, (definition = { ...row, input: () => inputOf(row) }));
  return definition;
}

function inputOf({ parameters }: ToolRow): ZodMiniObject {
  return s.input(schemasOf(parameters));
}

const schemasOf = (rows: Readonly<Record<string, PropertyRow>>): Record<string, ZodMiniType> =>
  Object.fromEntries(
    Object.entries(rows).map(([name, row]) => [name, row.required ? schemaOf(row) : s.optional(schemaOf(row))]),
  );

function schemaOf(row: TypeRow): ZodMiniType {
  switch (row.type) {
    case "choice":
      return s.choice(row.values, row);
    case "integerChoice":
      return s.integerChoice(row.values, row);
    case "list":
    case "array":
    case "record":
      return s[row.type](schemaOf(row.item), row);
    case "object":
      return s.object(schemasOf(row.properties), row);
    default:
      return s[row.type](row);
  }
}
