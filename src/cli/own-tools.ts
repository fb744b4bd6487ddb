import { isAbsolute, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { isObject } from "../is-object.js";
import type { ToolDefinition } from "../definition/definition.js";
import { ownTools, type OwnTool } from "../tools/own-tools.js";
import { UsageError } from "./output.js";
import { isModule } from "./selection.js";

/**
 * The tools that modules export: each by itself, in an array, or in an object such as the `tools` that `generate --spec`
 * makes. Their code runs here: they are named by whoever starts the command, and by nobody else.
 *
 * @param files whatever `--tools` says
 * @throws {UsageError} for a module that cannot be loaded, or has none
 * @throws {GitLabToolError} `invalid_input` for two tools of one name, or one that GitLab's tools have
 */
export async function loadOwnTools(files: readonly string[] = []): Promise<readonly OwnTool[]> {
  const found = new Map<ToolDefinition, OwnTool>();
  for (const module of files.filter(isModule))
    for (const tool of await toolsOf(module)) found.set(tool.definition, tool);
  const tools = [...found.values()];
  ownTools(tools);
  return tools;
}

async function toolsOf(module: string): Promise<readonly OwnTool[]> {
  const path = isAbsolute(module) ? module : resolve(module);
  const exported: unknown = await import(pathToFileURL(path).href).catch((error: unknown) => {
    const because = error instanceof Error ? error.message : String(error);
    const how = /\.[cm]?tsx?$/.test(module) ? " Compile it to JavaScript first." : "";
    throw new UsageError(`--tools: ${module} cannot be loaded: ${because}.${how}`, { cause: error });
  });
  const values = isObject(exported) ? Object.values(exported) : [];
  const tools = values.flatMap((value): unknown[] =>
    Array.isArray(value) ? value : isObject(value) ? Object.values(value) : [value],
  );
  const own = tools.filter(isOwnTool);
  if (own.length === 0)
    throw new UsageError(`--tools: ${module} exports no tool that defineTool or generate has made.`);
  return own;
}

function isOwnTool(value: unknown): value is OwnTool {
  return typeof value === "function" && "definition" in value && isObject(value.definition);
}
