import { allRows } from "../../generated/all-rows.js";
import type { ToolDefinition } from "../definition/definition.js";
import { definitionOf } from "./row.js";

let all: readonly ToolDefinition[] | undefined;

/**
 * The definitions of all generated tools, by name. It stands on the rows and not on the functions of `/tools`: the
 * client loads this lazily, and what is also loaded lazily is undefined in some bundles.
 */
export function allDefinitions(): readonly ToolDefinition[] {
  return (all ??= allRows
    .flatMap((rows) => Object.values(rows))
    .map((row) => definitionOf(row))
    .sort((a, b) => (a.name < b.name ? -1 : 1)));
}
