import { aliases, areas, toolAreas, toolNames, type ToolName } from "../../generated/tool-names.js";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type { ToolDefinition } from "../definition/definition.js";
import { kindOf } from "../options/field-problems.js";
import { functionName } from "./function-name.js";
import { nearestTool, suggested } from "./nearest-tool.js";
import type { RowText } from "./row.js";

/** Whether a string names a tool. */
function isToolName(name: string): name is ToolName {
  return Object.hasOwn(toolAreas, name);
}

/** By every name that a tool was looked up by. */
const found = new Map<string, ToolDefinition>();

/** The definition of a tool. Loads the tool's area on first use, not the other tools. */
export async function lookUp(toolName: string): Promise<ToolDefinition> {
  const known = found.get(toolName);
  if (known) return known;
  const name = typeof toolName === "string" ? (aliases[toolName] ?? toolName) : toolName;
  if (typeof name !== "string" || !isToolName(name)) throw unknownTool(name);
  const area: Promise<Readonly<Record<string, RowText>>> = areas[toolAreas[name]]();
  const [rows, { definitionOf }] = await Promise.all([area, import("./row.js")]);
  const row = rows[functionName(name)];
  if (row === undefined) throw unknownTool(name);
  const definition = definitionOf(row);
  found.set(toolName, definition);
  return definition;
}

/** @param toolName what a caller without types passed may be no string */
function unknownTool(toolName: unknown): GitLabToolError {
  const name = typeof toolName === "string" ? toolName : kindOf(toolName);
  const near = typeof toolName === "string" ? nearestTool(name, toolNames) : undefined;
  const said = near && suggested(near);
  return new GitLabToolError({
    code: "unknown_tool",
    message: `There is no tool ${JSON.stringify(name.slice(0, 100))}${said ? `; did you mean ${said}?` : "."}`,
    hint: said ? `Call ${said}, or list the tools.` : "List the tools: gitlab-agent-tools tools list.",
    toolName: name.slice(0, 100),
    ...(near && { details: { nearest: near.name } }),
  });
}
