import { callable, callableList, type ListTool, type Tool } from "./callable.js";
import type { ToolDefinition } from "./definition.js";
import { definitionOf, type ToolRow } from "./row.js";

const asDefinition = (given: ToolRow | ToolDefinition): ToolDefinition =>
  "input" in given ? given : definitionOf(given);

/** Makes a row or a definition callable. */
export function tool<Input, Data>(given: ToolRow | ToolDefinition): Tool<Input, Data> {
  return callable(asDefinition(given));
}

/** Makes the row or the definition of a list callable, with its `pages`. */
export function listTool<Input, Item>(given: ToolRow | ToolDefinition): ListTool<Input, Item> {
  return callableList(asDefinition(given));
}
