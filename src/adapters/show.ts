import { callAccess, mostAccess } from "../policy/access.js";
import type { ToolDefinition } from "../definition/definition.js";
import type { JsonSchema } from "../tools/json-schema.js";
import { leanSchema } from "./lean.js";
import { outputSchema } from "./output-schema.js";
import type { Confirm, Showing, ToolboxDefinition } from "./toolbox-types.js";

/**
 * Whether a person should be asked before the tool is run: what ships something cannot be taken back either.
 *
 * @param input of the call, where there is one already
 */
export function asksFirst(
  tool: Pick<ToolDefinition, "access" | "confirm" | "destructive_when">,
  confirm: Confirm = "destructive",
  input?: unknown,
): boolean {
  const access = callAccess(tool, input);
  if (confirm === "writes") return access !== "read";
  return confirm === "destructive" && (access === "destructive" || tool.confirm === "ships");
}

/**
 * A tool as a model is shown it, with whatever the toolbox's owner changes in that.
 *
 * @param inputSchema default: the lean one
 */
export function show(
  tool: ToolDefinition,
  { confirm, outputSchema: output, policy, view, schema }: Showing = {},
  inputSchema = leanSchema(tool),
): ToolboxDefinition {
  const { name, title, description, area, access, idempotent } = tool;
  const saving = policy?.downloads ? inputSchema : withoutSaving(tool, inputSchema);
  const offered = policy?.uploads ? withPaths(tool, saving) : saving;
  const shown: ToolboxDefinition = {
    ...{ name, title, description, area },
    inputSchema: { ...offered, type: "object" },
    ...(output && { outputSchema: outputSchema(tool, view) }),
    ...{ access, idempotent },
    ...(asksFirst({ ...tool, access: mostAccess(tool) }, confirm) && { confirm: true }),
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

/** What would be refused is not offered: without a folder for downloads, a model saves nothing. */
function withoutSaving({ answer }: ToolDefinition, schema: JsonSchema): JsonSchema {
  if (answer !== "binary" || !schema.properties) return schema;
  const { save_to: _, ...properties } = schema.properties;
  return { ...schema, properties };
}

/** With a folder for uploads, a model may name a file in it in the place of a content. */
function withPaths({ parameters }: ToolDefinition, schema: JsonSchema): JsonSchema {
  const files = Object.entries(schema.properties ?? {}).filter(([name]) => parameters[name]?.file);
  if (files.length === 0) return schema;
  const changed = files.map(([name, { required: _, ...file }]): [string, JsonSchema] => {
    const path = { type: "string", description: "File to read, in the place of the content" };
    return [name, { ...file, properties: { path, ...file.properties } }];
  });
  return { ...schema, properties: { ...schema.properties, ...Object.fromEntries(changed) } };
}
