import { jsonSchema, tool, type Tool } from "ai";
import { isRefusal } from "./refusal.js";
import { createToolbox, type ToolboxOptions } from "./toolbox.js";

export type { ToolboxOptions } from "./toolbox.js";

type AnySchema = Parameters<typeof jsonSchema>[0];

/**
 * The `tools` object of the AI SDK (5 to 7) for one person's agent. Each tool answers with text; what goes wrong is an
 * answer, too, which the model gets as `error-text`. Tools that a person should be asked about have `needsApproval`
 * (AI SDK 6 and newer): by default those that destroy, see the option `confirm`.
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
  // The form of images differs between the versions.
  const toolbox = createToolbox({ maxImageBytes: 0, ...options });
  const entries = toolbox.definitions.map(({ name, title, description, inputSchema }) => {
    const entry = tool({
      title,
      description,
      // Not validated here: the tool reads its input more forgivingly than a JSON Schema can say.
      inputSchema: jsonSchema<Record<string, unknown>>(inputSchema as AnySchema),
      needsApproval: (input: Record<string, unknown>) => toolbox.needsConfirmation(name, input),
      execute: async (input: Record<string, unknown>, { abortSignal }: { abortSignal?: AbortSignal | undefined }) =>
        (await toolbox.run(name, input, { ...(abortSignal && { signal: abortSignal }) })).text,
      toModelOutput(raw: unknown) {
        const value = textOf(raw);
        return { type: isRefusal(value) ? "error-text" : "text", value };
      },
    });
    return [name, entry] as const;
  });
  return Object.fromEntries(entries);
}

/** AI SDK 5 hands over the output itself, later versions an object around it. */
function textOf(raw: unknown): string {
  const output: unknown = typeof raw === "object" && raw !== null && "output" in raw ? raw.output : raw;
  return typeof output === "string" ? output : JSON.stringify(output);
}
