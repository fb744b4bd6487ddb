import { shownSchema, type ShownSchema } from "./shown-schema.js";
import { createToolbox, type ToolboxOptions } from "./toolbox.js";

export type { ToolboxOptions } from "./toolbox.js";

/** A tool of Mastra, as its `createTool()` makes them. */
export interface MastraTool {
  id: string;
  description: string;
  inputSchema: ShownSchema;
  requireApproval: boolean | ((input: unknown) => boolean);
  execute: (input: unknown, context?: { readonly abortSignal?: AbortSignal | undefined }) => Promise<string>;
}

/**
 * The `tools` of a Mastra agent (version 1 and newer) for one person. What goes wrong is an answer; a run is suspended
 * before what a person should be asked about: by default what destroys, see the option `confirm`.
 *
 * @throws {GitLabToolError} `unknown_tool`, `invalid_input` for a selection that names what does not exist
 * @example
 * ```ts
 * const agent = new Agent({ id: "triage", name: "Triage", instructions, model, tools: getTools({ gitlab, identifier: "user_ada" }) });
 * ```
 */
export function getTools(options: ToolboxOptions): Record<string, MastraTool> {
  const { definitions, run, needsConfirmation } = createToolbox({ maxImageBytes: 0, ...options });
  return Object.fromEntries(
    definitions.map(({ name, description, inputSchema, confirm }): [string, MastraTool] => [
      name,
      {
        id: name,
        description,
        inputSchema: shownSchema(inputSchema),
        requireApproval: confirm ? (input) => needsConfirmation(name, input) : false,
        execute: async (input, context) =>
          (await run(name, input, { ...(context?.abortSignal && { signal: context.abortSignal }) })).text,
      },
    ]),
  );
}
