import { callable, callableList, type ListTool, type Tool } from "./callable.js";
import type { ToolDefinition } from "../definition/definition.js";
import { definitionOf, type RowText, type ToolRow } from "./row.js";

type AnyRow = RowText | ToolRow | ToolDefinition;

/** Read when it is first asked for: a module of many tools is loaded for a few of them. */
const definitionLater =
  (row: AnyRow): (() => ToolDefinition) =>
  () =>
    typeof row === "object" && "input" in row ? row : definitionOf(row);

/** Makes a row or a definition callable. */
export function tool<Input, Data>(row: AnyRow): Tool<Input, Data> {
  return callable(definitionLater(row));
}

/** Makes the row or the definition of a list callable, with its `pages`. */
export function listTool<Input, Item>(row: AnyRow): ListTool<Input, Item> {
  return callableList(definitionLater(row));
}
