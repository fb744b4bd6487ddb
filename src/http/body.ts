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

export type Readable = Pick<HttpResponse, "body">;

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
  const [only = new Uint8Array()] = chunks;
  return chunks.length > 1 ? Buffer.concat(chunks) : only;
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

const utf8 = new TextDecoder();

/** Reads a body as JSON; one without anything is `null`. */
export async function readJson(response: HttpResponse, limit: number): Promise<unknown> {
  const bytes = await readBytes(response, limit);
  if (bytes.byteLength === 0) return null;
  const text = utf8.decode(bytes);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    const html = /^\s*</.test(text);
    throw new GitLabToolError({
      code: "gitlab_unavailable",
      message: `GitLab's answer (status ${response.status}) is not JSON but ${html ? "an HTML page" : "something else"}.`,
      hint: html
        ? "A proxy or sign-in page answered in GitLab's place: check the connection's base URL and what stands in front of it."
        : "The answer was damaged on its way: call again.",
      retryable: !html,
      status: response.status,
    });
  }
}
