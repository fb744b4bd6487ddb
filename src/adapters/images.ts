import type { ToolDefinition } from "../definition/definition.js";
import type { ToolImage } from "./toolbox-types.js";

/** The formats that models take, by their first bytes. */
const formats: readonly { readonly mimeType: ToolImage["mimeType"]; readonly begins: RegExp }[] = [
  // https://www.w3.org/TR/png-3/#5PNG-file-signature
  { mimeType: "image/png", begins: /^\x89PNG\r\n/ },
  // https://www.w3.org/Graphics/JPEG/itu-t81.pdf: start of image, then a marker
  { mimeType: "image/jpeg", begins: /^\xff\xd8\xff/ },
  // https://www.w3.org/Graphics/GIF/spec-gif89a.txt
  { mimeType: "image/gif", begins: /^GIF8[79]a/ },
  // https://developers.google.com/speed/webp/docs/riff_container: four bytes of size in between
  { mimeType: "image/webp", begins: /^RIFF[^]{4}WEBP/ },
];

/** What models are handed of a repository's image, unless the toolbox says otherwise. */
export const defaultMaxImageBytes = 1024 * 1024;

/** The image that a repository file is, if it is one that models take and not too large. */
export function imageOf({ answer }: ToolDefinition, data: unknown, maxBytes: number): ToolImage | undefined {
  if (answer !== "file" || typeof data !== "object" || data === null) return undefined;
  const { encoding, content } = data as { readonly encoding?: unknown; readonly content?: unknown };
  if (encoding !== "base64" || typeof content !== "string") return undefined;
  // Four characters are three bytes, less the padding.
  if ((content.length / 4) * 3 - 2 > maxBytes) return undefined;
  const head = atob(content.slice(0, 16));
  const format = formats.find(({ begins }) => begins.test(head));
  return format && { mimeType: format.mimeType, data: content };
}
