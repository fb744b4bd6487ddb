import { ToolMessage } from "@langchain/core/messages";
import { DynamicStructuredTool, type ToolRunnableConfig } from "@langchain/core/tools";
import * as z from "zod/mini";
import type { JsonSchema } from "../tools/json-schema.js";
import { createToolbox, type Toolbox, type ToolboxDefinition, type ToolboxOptions } from "./toolbox.js";

export type { ToolboxOptions } from "./toolbox.js";

/**
 * LangChain tools for one person's agent. Each answers with text; what goes wrong is an answer, too, with `status:
 * "error"`. Their `metadata.access` (`read`, `write`, `destructive`) is there for middleware that asks a person first.
 *
 * @throws {GitLabToolError} `unknown_tool`, `invalid_input` for a selection that names what does not exist
 * @example
 * ```ts
 * const agent = createAgent({ model, tools: getTools({ gitlab, identifier: "user_ada", select: { areas: ["issues"] } }) });
 * ```
 */
export function getTools(options: ToolboxOptions): DynamicStructuredTool[] {
  const toolbox = createToolbox(options);
  return toolbox.definitions.map((definition) => structuredTool(toolbox, definition));
}

function structuredTool(toolbox: Toolbox, definition: ToolboxDefinition): DynamicStructuredTool {
  const { name, description, inputSchema } = definition;
  return new DynamicStructuredTool({
    name,
    description,
    metadata: { area: definition.area, access: definition.access },
    schema: shown(inputSchema),
    async func(input: unknown, _manager, config?: ToolRunnableConfig) {
      const { text, isError } = await toolbox.run(name, input, { ...(config?.signal && { signal: config.signal }) });
      const tool_call_id = config?.toolCall?.id;
      if (!isError || tool_call_id === undefined) return text;
      return new ToolMessage({ content: text, tool_call_id, name, status: "error" });
    },
  });
}

/**
 * A schema that shows itself as the tool's JSON Schema and takes everything: the tool reads its input more forgivingly
 * than a JSON Schema can say ("42" is a number), and refuses the rest with an answer that helps, not an exception.
 */
function shown(inputSchema: JsonSchema): z.ZodMiniType<Record<string, unknown>, Record<string, unknown>> {
  const schema = z.record(z.string(), z.unknown());
  // zod would name the dialect in each of them, which models pay for and do not read.
  schema._zod.toJSONSchema = () => ({ ...structuredClone(inputSchema), $schema: undefined });
  return schema;
}
