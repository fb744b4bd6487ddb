import { flag, maybe } from "../options/words.js";
import { imageParts, outputOf, type ImageOptions, type ToolOutput } from "./image-output.js";
import { shownSchema, type ShownSchema } from "./shown-schema.js";
import { checkToolboxOptions } from "./toolbox-options.js";
import { openToolbox, type ToolboxOptions } from "./toolbox.js";

export type { ImageOptions, ToolOutput } from "./image-output.js";
export type { ToolboxOptions } from "./toolbox.js";

/** A tool of Mastra, as its `createTool()` makes them. */
export interface MastraTool {
  id: string;
  description: string;
  inputSchema: ShownSchema;
  requireApproval: boolean | ((input: unknown) => boolean);
  execute: (input: unknown, context?: { readonly abortSignal?: AbortSignal | undefined }) => Promise<ToolOutput>;
  toModelOutput: (output: unknown) => unknown;
}

/**
 * The `tools` of a Mastra agent (version 1 and newer) for one person. What goes wrong is an answer; a run is suspended
 * before what a person should be asked about: by default what destroys, see the option `confirm`. `images` shows
 * models images of repositories.
 *
 * @throws {GitLabToolError} `unknown_tool`, `invalid_input` for a selection that names what does not exist
 * @example
 * ```ts
 * const agent = new Agent({ id: "triage", name: "Triage", instructions, model, tools: getTools({ gitlab, identifier: "user_ada" }) });
 * ```
 */
export function getTools(options: ToolboxOptions & ImageOptions): Record<string, MastraTool> {
  checkToolboxOptions(options, { images: maybe(flag) });
  const { definitions, run, needsConfirmation } = openToolbox({
    ...options,
    ...(!options.images && { maxImageBytes: 0 }),
  });
  return Object.fromEntries(
    definitions.map(({ name, description, inputSchema, confirm }): [string, MastraTool] => [
      name,
      {
        id: name,
        description,
        inputSchema: shownSchema(inputSchema),
        requireApproval: confirm ? (input) => needsConfirmation(name, input) : false,
        execute: async (input, context) =>
          outputOf(await run(name, input, { ...(context?.abortSignal && { signal: context.abortSignal }) })),
        toModelOutput(output) {
          const value = imageParts(output, "image-data");
          if (value) return { type: "content", value };
          return { type: typeof output === "string" ? "text" : "json", value: output };
        },
      },
    ]),
  );
}
