import { isObject } from "../is-object.js";
import type { ToolAnswer, ToolImage } from "./toolbox-types.js";

/** Of adapters whose frameworks do not show images to every model. */
export interface ImageOptions {
  /**
   * Shows models images of repositories, up to `maxImageBytes`. Only for providers that take images as answers of tools:
   * others get their Base64 as text, or an error. Default: false.
   */
  readonly images?: boolean | undefined;
}

/** What a tool's `execute` hands its framework: the text, and an object where images come with it. */
export type ToolOutput = string | { readonly text: string; readonly images: readonly ToolImage[] };

export const outputOf = ({ text, images }: ToolAnswer): ToolOutput => (images.length === 0 ? text : { text, images });

/**
 * An image among the parts of a tool's answer, in the words of the AI SDK's interface for models: those of version 5, those
 * of 6, and those of 7, which warns of the older ones
 * (https://ai-sdk.dev/docs/reference/ai-sdk-core/model-message#toolresultoutput).
 */
const forms = {
  media: ({ data, mimeType }: ToolImage) => ({ type: "media" as const, data, mediaType: mimeType }),
  "image-data": ({ data, mimeType }: ToolImage) => ({ type: "image-data" as const, data, mediaType: mimeType }),
  file: ({ data, mimeType }: ToolImage) => ({
    type: "file" as const,
    data: { type: "data" as const, data },
    mediaType: mimeType,
  }),
};

export type ImageForm = keyof typeof forms;

/** The forms, newest first. */
export const imageForms: readonly ImageForm[] = ["file", "image-data", "media"];

/**
 * The parts of an output with images; `undefined` for any other output, which perhaps comes out of a database.
 *
 * @param form which of them the framework takes
 */
export function imageParts<Form extends ImageForm>(output: unknown, form: Form) {
  if (!isObject(output) || typeof output["text"] !== "string" || !Array.isArray(output["images"])) return undefined;
  const part = forms[form] as (image: ToolImage) => ReturnType<(typeof forms)[Form]>;
  return [{ type: "text" as const, text: output["text"] }, ...output["images"].filter(isImage).map(part)];
}

const isImage = (image: unknown): image is ToolImage =>
  isObject(image) && typeof image["data"] === "string" && typeof image["mimeType"] === "string";
