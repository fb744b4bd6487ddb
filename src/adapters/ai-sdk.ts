import { jsonSchema, tool, type JSONSchema7, type Tool } from "ai";
import { createToolbox, type ToolboxOptions } from "./toolbox.js";

export type { ToolboxOptions } from "./toolbox.js";

/**
 * The `tools` object of the AI SDK for one person's agent. Each tool answers with text; what goes wrong is an answer,
 * too.
 *
 * @throws {GitLabToolError} `unknown_tool`, `invalid_input` for a selection that names what does not exist
 * @example
 * ```ts
 * const { text } = await generateText({
 *   model,
 *   prompt,
 *   tools: getTools({ gitlab, identifier: "user_ada" }),
 *   stopWhen: stepCountIs(10),
 * });
 * ```
 */
export function getTools(options: ToolboxOptions): Record<string, Tool<Record<string, unknown>, string>> {
  const toolbox = createToolbox(options);
  const entries = toolbox.definitions.map((definition) => {
    const { name, title, description, inputSchema } = definition;
    const entry = tool({
      title,
      description,
      // Not validated here: the tool reads its input more forgivingly than a JSON Schema can say.
      inputSchema: jsonSchema<Record<string, unknown>>(inputSchema as JSONSchema7),
      execute: async (input, { abortSignal }) =>
        (await toolbox.run(name, input, { ...(abortSignal && { signal: abortSignal }) })).text,
    });
    return [name, entry] as const;
  });
  return Object.fromEntries(entries);
}
