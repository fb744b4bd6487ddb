import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { nearest } from "../options/nearest.js";
import { LogSearcher } from "../views/log-search.js";
import { readBytes, tooLarge, type Readable } from "./body.js";
import type { TextRange } from "./body-format.js";

/** Reads a text, or the part of it that is asked for: only that much is kept in memory. */
export async function readText(response: Readable, part: TextRange = {}, limit: number): Promise<string> {
  const { startLine, tailLines, maxBytes, search } = part;
  if (search) return await searchLog(response, { ...part, search }, limit);
  if (tailLines === undefined && maxBytes === undefined)
    return fromLine(new TextDecoder().decode(await readBytes(response, limit)), startLine);
  const bytes = Math.min(maxBytes ?? limit, limit);
  return await readTail(response, { bytes, ...(tailLines !== undefined && { lines: tailLines }) });
}

/** The lines that match, of a log that may be longer than `limit`. */
async function searchLog(
  response: Readable,
  { search, startLine, tailLines }: TextRange & Required<Pick<TextRange, "search">>,
  limit: number,
): Promise<string> {
  const { section, grep, contextLines = 2 } = search;
  const searcher = new LogSearcher({
    ...(grep !== undefined && { grep }),
    ...(section !== undefined && { section }),
    context: contextLines,
    start: startLine ?? 1,
    tail: tailLines ?? Infinity,
  });
  for await (const line of readLines(response, limit)) {
    searcher.push(line);
    if (searcher.size > limit) throw tooLarge(limit);
  }
  const { text, sections } = searcher.end();
  if (section !== undefined && !sections.includes(section)) throw noSection(section, sections);
  return text;
}

function noSection(name: string, sections: readonly string[]): GitLabToolError {
  const near = nearest(name, sections);
  return new GitLabToolError({
    code: "not_found",
    message: `The log has no section ${JSON.stringify(name)}${near === undefined ? "" : `; did you mean ${near}?`}.`,
    hint:
      sections.length === 0
        ? "It has no sections at all: leave section out."
        : `Its sections: ${sections.slice(0, 50).join(", ")}.`,
    details: { sections: sections.slice(0, 50) },
  });
}

/** Text from a line on, counted from 1. */
export function fromLine(text: string, start = 1): string {
  let from = 0;
  for (let line = 1; line < start; line += 1) {
    const end = text.indexOf("\n", from);
    if (end < 0) return "";
    from = end + 1;
  }
  return text.slice(from);
}

/** Lines of text without their ends, as they come; no line may be longer than `limit` characters. */
async function* readLines(response: Readable, limit: number): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of response.body.chunks()) {
    const text = decoder.decode(chunk, { stream: true });
    let from = 0;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", from)) {
      yield rest + text.slice(from, end);
      rest = "";
      from = end + 1;
    }
    rest += text.slice(from);
    if (rest.length > limit) throw tooLarge(limit);
  }
  rest += decoder.decode();
  if (rest !== "") yield rest;
}

/**
 * Reads text and keeps its end: the last `lines` lines, at most `bytes` bytes. Holds no more than that and a chunk,
 * however long the text is.
 */
async function readTail(response: Readable, limits: { lines?: number; bytes: number }): Promise<string> {
  const chunks: { bytes: Buffer; newlines: number }[] = [];
  let size = 0;
  let newlines = 0;
  for await (const part of response.body.chunks()) {
    const chunk = { bytes: Buffer.from(part), newlines: countNewlines(part) };
    chunks.push(chunk);
    size += chunk.bytes.byteLength;
    newlines += chunk.newlines;
    // Chunks in front of the part that can still matter are let go.
    for (let first = chunks[0]; first && chunks.length > 1; first = chunks[0]) {
      const enoughBytes = size - first.bytes.byteLength >= limits.bytes;
      const enoughLines = limits.lines !== undefined && newlines - first.newlines > limits.lines;
      if (!enoughBytes && !enoughLines) break;
      size -= first.bytes.byteLength;
      newlines -= first.newlines;
      chunks.shift();
    }
  }
  let tail: Uint8Array = Buffer.concat(chunks.map((chunk) => chunk.bytes));
  if (tail.byteLength > limits.bytes) tail = fromCharacter(tail.subarray(tail.byteLength - limits.bytes));
  const text = new TextDecoder().decode(tail);
  return limits.lines === undefined ? text : lastLines(text, limits.lines);
}

function countNewlines(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) count += 1;
  return count;
}

/** Skips the rest of a UTF-8 character that was cut (RFC 3629, section 3). */
function fromCharacter(bytes: Uint8Array): Uint8Array {
  let start = 0;
  while (start < 4 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start += 1;
  return bytes.subarray(start);
}

function lastLines(text: string, lines: number): string {
  let at = text.endsWith("\n") ? text.length - 1 : text.length;
  for (let count = 0; count < lines; count += 1) {
    // A search from before the start would find a newline at 0 again.
    at = at === 0 ? -1 : text.lastIndexOf("\n", at - 1);
    if (at < 0) return text;
  }
  return text.slice(at + 1);
}
