import { fromLine } from "../http/text-body.js";

/**
 * A repository file with its content as text, from a line on; a binary file keeps its base64.
 *
 * @see https://docs.gitlab.com/api/repository_files/
 */
export function decodedFile(file: unknown, startLine: unknown): unknown {
  if (typeof file !== "object" || file === null || !("content" in file) || !("encoding" in file)) return file;
  if (typeof file.content !== "string") return file;
  const start = typeof startLine === "number" ? startLine : 1;
  if (file.encoding === "text") return { ...file, content: fromLine(file.content, start) };
  if (file.encoding !== "base64") return file;
  const bytes = Buffer.from(file.content, "base64");
  if (bytes.includes(0)) return file;
  try {
    // A byte order mark is part of the file: what is read can be written back unchanged.
    const content = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return { ...file, encoding: "text", content: fromLine(content, start) };
  } catch {
    return file;
  }
}
