import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type { HttpResponse } from "./transport.js";

export function tooLarge(limit: number, size?: number): GitLabToolError {
  const mebibyte = 1024 * 1024;
  const say = (bytes: number): string => (bytes < mebibyte ? `${bytes} bytes` : `${(bytes / mebibyte).toFixed(1)} MiB`);
  return new GitLabToolError({
    code: "response_too_large",
    message: `GitLab's answer is larger than ${say(limit)}${size === undefined ? "" : ` (${say(size)})`}.`,
    hint: "Ask for less: a smaller per_page, a narrower filter, tail_lines for a log, save_to for a download.",
    details: { limitBytes: limit, ...(size !== undefined && { sizeBytes: size }) },
  });
}

type Readable = Pick<HttpResponse, "body">;

function checkLength({ body }: Readable, limit: number): void {
  if (body.length === undefined || body.length <= limit) return;
  body.cancel();
  throw tooLarge(limit, body.length);
}

/** The body as it comes, ended with `response_too_large` once it is longer than `limit` bytes. */
export async function* limited(response: Readable, limit: number): AsyncGenerator<Uint8Array, void, undefined> {
  checkLength(response, limit);
  let size = 0;
  for await (const chunk of response.body.chunks()) {
    size += chunk.byteLength;
    if (size > limit) throw tooLarge(limit);
    yield chunk;
  }
}

/** Reads a body to its end, or stops with `response_too_large`. */
export async function readBytes(response: Readable, limit: number): Promise<Uint8Array> {
  checkLength(response, limit);
  if (response.body.length !== undefined) return await response.body.whole();
  const chunks: Uint8Array[] = [];
  for await (const chunk of limited(response, limit)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Lines of text without their ends, as they come; no line may be longer than `limit` characters. */
export async function* readLines(response: Readable, limit: number): AsyncGenerator<string, void, undefined> {
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

/** Reads a body up to `limit` bytes and leaves the rest. */
export async function readHead(response: Readable, limit: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body.chunks()) {
    chunks.push(chunk);
    size += chunk.byteLength;
    if (size >= limit) break;
  }
  return new TextDecoder().decode(Buffer.concat(chunks).subarray(0, limit));
}

/**
 * Reads text and keeps its end: the last `lines` lines, at most `bytes` bytes. Holds no more than that and a chunk,
 * however long the text is.
 */
export async function readTail(response: Readable, limits: { lines?: number; bytes: number }): Promise<string> {
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
