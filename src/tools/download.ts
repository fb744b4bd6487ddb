import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { link, lstat, realpath, rm, stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { systemCode } from "../errors/network.js";
import { limited, readBytes } from "../http/body.js";
import type { HttpResponse } from "../http/transport.js";

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

/** Streams a download to `save_to`, or reads it; more than `max_bytes` is `response_too_large` either way. */
export async function download(
  values: Readonly<Record<string, unknown>>,
  response: HttpResponse,
  limit: number,
): Promise<Download> {
  const { save_to: target, max_bytes: most } = values;
  const name = fileName(response.headers.get("content-disposition"));
  const type = response.headers.get("content-type");
  const about = { ...(name && { file_name: name }), ...(type && { content_type: type }) };
  const requestedBytes = typeof most === "number" ? most : undefined;
  if (typeof target === "string") {
    return { ...about, ...(await save(limited(response, requestedBytes ?? mostSavedBytes), target)) };
  }
  const bytes = await readBytes(response, Math.min(requestedBytes ?? limit, limit));
  return { ...about, size: bytes.byteLength, content: Buffer.from(bytes).toString("base64"), encoding: "base64" };
}

/** Where a download may be written: anywhere, only below a folder, or nowhere. */
export type DownloadPlace = string | false | undefined;

/**
 * The absolute path of a target, or why nothing can be written there; settled before anything is asked of GitLab.
 * Links are followed first, so that none leads out of the folder, and a file that exists is never replaced.
 */
export async function resolveTarget(
  target: string,
  places: readonly DownloadPlace[],
): Promise<{ path: string } | { problem: string }> {
  if (places.includes(false)) return { problem: "may not be used here: no folder for downloads is set; leave it out" };
  const folders = places.filter((place) => typeof place === "string");
  const absolute = resolve(folders[0] ?? ".", target);
  const parent = await realpath(dirname(absolute)).catch(() => undefined);
  if (parent === undefined || !(await stat(parent)).isDirectory()) {
    return { problem: `the folder ${dirname(absolute)} does not exist` };
  }
  for (const folder of folders) {
    const root = await realpath(folder).catch(() => undefined);
    const way = root === undefined ? ".." : relative(root, parent);
    // The way to another drive is absolute.
    if (way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way))
      return { problem: "leads out of the folder for downloads" };
  }
  const path = join(parent, basename(absolute));
  let existing;
  try {
    existing = await lstat(path);
  } catch (error) {
    const code = systemCode(error);
    if (code !== "ENOENT") return { problem: `cannot be the name of a file here (${code ?? "unknown reason"})` };
  }
  if (existing?.isDirectory()) return { problem: "is a folder; give the name of a file" };
  return existing ? { problem: "exists already; give another name" } : { path };
}

/** The file appears whole or not at all: it is written beside its place and linked there. */
async function save(chunks: AsyncIterable<Uint8Array>, path: string): Promise<{ saved_to: string; size: number }> {
  // Short: the name that was asked for may be as long as names can be.
  const partial = join(dirname(path), `.${randomUUID()}.part`);
  try {
    await pipeline(chunks, createWriteStream(partial, { flags: "wx" }));
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
