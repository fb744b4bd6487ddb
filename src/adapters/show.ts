import type { ToolDefinition } from "../tools/definition.js";
import { leanSchema } from "./lean.js";
import { outputSchema } from "./output-schema.js";
import type { Confirm, Showing, ToolboxDefinition } from "./toolbox-types.js";

/** Whether a person should be asked before the tool is run. */
export function asksFirst({ access }: Pick<ToolDefinition, "access">, confirm: Confirm = "destructive"): boolean {
  return confirm === "writes" ? access !== "read" : confirm === "destructive" && access === "destructive";
}

/**
 * A tool as a model is shown it, with whatever the toolbox's owner changes in that.
 *
 * @param inputSchema default: the lean one
 */
export function show(
  tool: ToolDefinition,
  { confirm, outputSchema: output, view, schema }: Showing = {},
  inputSchema = leanSchema(tool),
): ToolboxDefinition {
  const { name, title, description, area, access, idempotent } = tool;
  const shown: ToolboxDefinition = {
    ...{ name, title, description, area },
    inputSchema: { ...inputSchema, type: "object" },
    ...(output && { outputSchema: outputSchema(tool, view) }),
    ...{ access, idempotent },
    ...(asksFirst(tool, confirm) && { confirm: true }),
  };
  const changed = schema?.(shown);
  if (!changed) return shown;
  return {
    ...shown,
    ...(changed.title !== undefined && { title: changed.title }),
    ...(changed.description !== undefined && { description: changed.description }),
    ...(changed.inputSchema !== undefined && { inputSchema: changed.inputSchema }),
  };
}
