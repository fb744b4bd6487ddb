import { jsonSchema, tool, toolModelMessageSchema, type Tool } from "ai";
import { isObject } from "../is-object.js";
import { flag, maybe } from "../options/words.js";
import {
  imageForms,
  imageParts,
  outputOf,
  type ImageForm,
  type ImageOptions,
  type ToolOutput,
} from "./image-output.js";
import { isRefusal } from "./refusal.js";
import { checkToolboxOptions } from "./toolbox-options.js";
import { openToolbox, type ToolboxOptions } from "./toolbox.js";

export type { ImageOptions, ToolOutput } from "./image-output.js";
export type { ToolboxOptions } from "./toolbox.js";

type AnySchema = Parameters<typeof jsonSchema>[0];

/** What the types of version 6, against which this is compiled, know of the forms. */
type DeclaredForm = Exclude<ImageForm, "file">;

let known: DeclaredForm | undefined;

/** The newest form of an image that the installed version's own schema takes. */
const imageForm = (): DeclaredForm => (known ??= (imageForms.find((form) => isTaken(form)) ?? "media") as DeclaredForm);

function isTaken(form: ImageForm): boolean {
  const value = imageParts({ text: "", images: [{ data: "", mimeType: "image/png" }] }, form);
  const result = { type: "tool-result", toolCallId: "1", toolName: "t", output: { type: "content", value } };
  return toolModelMessageSchema.safeParse({ role: "tool", content: [result] }).success;
}

/**
 * The `tools` object of the AI SDK (5 to 7) for one person's agent. Each tool answers with text; what goes wrong is an
 * answer, too, which the model gets as `error-text`. Tools that a person should be asked about have `needsApproval`
 * (AI SDK 6 and newer): by default those that destroy, see the option `confirm`. `images` shows
 * models images of repositories.
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
export function getTools(
  options: ToolboxOptions & ImageOptions,
): Record<string, Tool<Record<string, unknown>, ToolOutput>> {
  checkToolboxOptions(options, { images: maybe(flag) });
  const toolbox = openToolbox({ ...options, ...(!options.images && { maxImageBytes: 0 }) });
  const entries = toolbox.definitions.map(({ name, title, description, inputSchema }) => {
    const entry = tool({
      title,
      description,
      // Not validated here: the tool reads its input more forgivingly than a JSON Schema can say.
      inputSchema: jsonSchema<Record<string, unknown>>(inputSchema as AnySchema),
      needsApproval: (input: Record<string, unknown>) => toolbox.needsConfirmation(name, input),
      execute: async (input: Record<string, unknown>, { abortSignal }: { abortSignal?: AbortSignal | undefined }) =>
        outputOf(await toolbox.run(name, input, { ...(abortSignal && { signal: abortSignal }) })),
      toModelOutput(raw: unknown) {
        // AI SDK 5 hands over the output itself, later versions an object around it.
        const output = isObject(raw) && "output" in raw ? raw["output"] : raw;
        const parts = imageParts(output, imageForm());
        if (parts) return { type: "content", value: parts };
        const value = typeof output === "string" ? output : JSON.stringify(output);
        return { type: isRefusal(value) ? "error-text" : "text", value };
      },
    });
    return [name, entry] as const;
  });
  return Object.fromEntries(entries);
}
