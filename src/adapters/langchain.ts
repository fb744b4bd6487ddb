import { ToolMessage } from "@langchain/core/messages";
import { DynamicStructuredTool, type ToolRunnableConfig } from "@langchain/core/tools";
import { shownSchema } from "./shown-schema.js";
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
  const { name, description, inputSchema, area, access } = definition;
  return new DynamicStructuredTool({
    name,
    description,
    metadata: { area, access },
    schema: shownSchema(inputSchema),
    async func(input: unknown, _manager, config?: ToolRunnableConfig) {
      const { text, images, isError } = await toolbox.run(name, input, {
        ...(config?.signal && { signal: config.signal }),
      });
      const tool_call_id = config?.toolCall?.id;
      if (tool_call_id === undefined || (!isError && images.length === 0)) return text;
      if (isError) return new ToolMessage({ content: text, tool_call_id, name, status: "error" });
      const shown = images.map(({ mimeType, data }) => ({
        type: "image_url",
        image_url: { url: `data:${mimeType};base64,${data}` },
      }));
      return new ToolMessage({ content: [{ type: "text", text }, ...shown], tool_call_id, name });
    },
  });
}
