import { callable, callableList, type ListTool, type Tool } from "./callable.js";
import type { ToolDefinition } from "./definition.js";
import { definitionOf, type RowText, type ToolRow } from "./row.js";

type Given = RowText | ToolRow | ToolDefinition;

/** Read when it is first asked for: a module of many tools is loaded for a few of them. */
const definitionLater =
  (given: Given): (() => ToolDefinition) =>
  () =>
    typeof given === "object" && "input" in given ? given : definitionOf(given);

/** Makes a row or a definition callable. */
export function tool<Input, Data>(given: Given): Tool<Input, Data> {
  return callable(definitionLater(given));
}

/** Makes the row or the definition of a list callable, with its `pages`. */
export function listTool<Input, Item>(given: Given): ListTool<Input, Item> {
  return callableList(definitionLater(given));
}
