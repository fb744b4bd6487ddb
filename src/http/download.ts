import { randomUUID } from "node:crypto";
import { link, open, rm, stat, type FileHandle } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { limited, readBytes } from "./body.js";
import type { BodyFormat } from "./body-format.js";
import type { HttpResponse } from "./transport.js";

/** What a download brought: a file that was written, or its bytes. */
export interface Download {
  readonly file_name?: string;
  readonly content_type?: string;
  readonly size: number;
  /** Where it was written, with `save_to`. */
  readonly saved_to?: string;
  /** The bytes as base64, without `save_to`. */
  readonly content?: string;
  readonly encoding?: "base64";
}

/** What `save_to` writes without `max_bytes`: 2 MB of compressed zeros would fill a disk. */
const mostSavedBytes = 1024 ** 3;

/** Streams a download to the file `saveTo`, or reads it; more than `maxBytes` is `response_too_large` either way. */
export async function readDownload(
  response: HttpResponse,
  { saveTo, maxBytes }: Extract<BodyFormat, { as: "download" }>,
  limit: number,
): Promise<Download> {
  const name = fileName(response.headers.get("content-disposition"));
  const type = response.headers.get("content-type");
  const about = { ...(name && { file_name: name }), ...(type && { content_type: type }) };
  if (saveTo !== undefined) return { ...about, ...(await save(response, maxBytes ?? mostSavedBytes, saveTo)) };
  const bytes = await readBytes(response, Math.min(maxBytes ?? limit, limit));
  return { ...about, size: bytes.byteLength, content: Buffer.from(bytes).toString("base64"), encoding: "base64" };
}

/** The file appears whole or not at all: it is written beside its place and linked there. */
async function save(response: HttpResponse, limit: number, path: string): Promise<{ saved_to: string; size: number }> {
  // Short: the name that was asked for may be as long as names can be.
  const partial = join(dirname(path), `.${randomUUID()}.part`);
  let file: FileHandle | undefined;
  try {
    // Opened before anything is read: a body that is refused at once must not come before the file that is to be removed.
    file = await open(partial, "wx");
    await pipeline(limited(response, limit), file.createWriteStream());
    const { size } = await stat(partial);
    // Unlike a rename, a link does not replace what has come to be there in the meantime.
    await link(partial, path);
    return { saved_to: path, size };
  } catch (error) {
    if (error instanceof Error && "syscall" in error && "path" in error) {
      throw new GitLabToolError({
        code: "invalid_input",
        message: `${basename(path)} cannot be written: ${error.message}`,
        hint: "Give save_to a new name in a place that this process may write to.",
        cause: error,
      });
    }
    throw error;
  } finally {
    if (!file) response.body.cancel();
    await file?.close();
    await rm(partial, { force: true });
  }
}

/** RFC 6266, section 4.1: the name only, never a path. */
function fileName(disposition: string | null): string | undefined {
  const match =
    /filename\*=UTF-8''([^;]+)/i.exec(disposition ?? "") ?? /filename="?([^";]+)"?/i.exec(disposition ?? "");
  if (!match?.[1]) return undefined;
  try {
    return basename(decodeURIComponent(match[1].trim())) || undefined;
  } catch {
    return basename(match[1].trim()) || undefined;
  }
}
