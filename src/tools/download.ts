import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { rename, rm, stat } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { readBytes } from "../http/body.js";

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

/** Streams a download to `save_to`, or reads up to `max_bytes` of it; more is `response_too_large`. */
export async function download(
  values: Readonly<Record<string, unknown>>,
  response: Response,
  limit: number,
): Promise<Download> {
  const { save_to: target, max_bytes: most } = values;
  const name = fileName(response.headers.get("content-disposition"));
  const type = response.headers.get("content-type");
  const about = { ...(name && { file_name: name }), ...(type && { content_type: type }) };
  if (typeof target === "string") return { ...about, ...(await save(response, resolve(target))) };
  const bytes = await readBytes(response, typeof most === "number" ? most : limit);
  return { ...about, size: bytes.byteLength, content: Buffer.from(bytes).toString("base64"), encoding: "base64" };
}

/** Refuses a target that cannot be written, before anything is asked of GitLab. */
export async function checkTarget(target: string): Promise<string | undefined> {
  const path = resolve(target);
  const [folder, existing] = await Promise.all([
    stat(dirname(path)).catch(() => undefined),
    stat(path).catch(() => undefined),
  ]);
  if (!folder?.isDirectory()) return `the folder ${dirname(path)} does not exist`;
  return existing?.isDirectory() ? "is a folder; give the name of a file" : undefined;
}

/** The file appears whole or not at all: it is written beside its place and renamed. */
async function save(response: Response, path: string): Promise<{ saved_to: string; size: number }> {
  const partial = `${path}.${randomUUID()}.part`;
  try {
    await pipeline(
      response.body ? Readable.from(response.body) : Readable.from([]),
      createWriteStream(partial, { flags: "wx" }),
    );
    const { size } = await stat(partial);
    await rename(partial, path);
    return { saved_to: path, size };
  } catch (error) {
    await rm(partial, { force: true });
    if (error instanceof Error && "syscall" in error && "path" in error) {
      throw new GitLabToolError({
        code: "invalid_input",
        message: `${basename(path)} cannot be written: ${error.message}`,
        hint: "Give save_to a place that this process may write to.",
        cause: error,
      });
    }
    throw error;
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
