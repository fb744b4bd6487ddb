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
 * The parts of an output with images, in the words of the AI SDK's interface for models; `undefined` for any other output,
 * which perhaps comes out of a database.
 *
 * @param type `media` for version 5, `image-data` since 6
 */
export function imageParts<Type extends "media" | "image-data">(output: unknown, type: Type) {
  if (!isObject(output) || typeof output["text"] !== "string" || !Array.isArray(output["images"])) return undefined;
  const images = output["images"].filter(isImage);
  return [
    { type: "text" as const, text: output["text"] },
    ...images.map(({ data, mimeType }) => ({ type, data, mediaType: mimeType })),
  ];
}

const isImage = (image: unknown): image is ToolImage =>
  isObject(image) && typeof image["data"] === "string" && typeof image["mimeType"] === "string";
