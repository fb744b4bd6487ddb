import { constants } from "node:fs";
import { open, realpath } from "node:fs/promises";
import { basename, isAbsolute, relative, resolve, sep } from "node:path";
import { systemCode } from "../errors/network.js";
import { FileContent } from "../http/file-content.js";
import type { Policy } from "../policy/policy.js";
import { mostFileBytes, tooLarge, type FileToRead } from "./file-input.js";

/** The file at a path, or why it cannot or may not be read. Links are followed first: none leads out of the folder. */
export async function readUpload(
  { path, file_name: name }: FileToRead,
  places: readonly Policy["uploads"][],
): Promise<FileContent | { readonly problem: string }> {
  if (places.includes(false))
    return { problem: "may not be a path here: no folder for uploads is set; give file_name and content" };
  const folders = places.filter((place) => typeof place === "string");
  try {
    const roots = await Promise.all(folders.map(async (folder) => await realpath(folder).catch(() => undefined)));
    const real = await realpath(resolve(folders[0] ?? ".", path)).catch((error: unknown) => {
      // Whether there is something outside is nobody's business.
      if (folders.length > 0 && roots.some((root) => root === undefined || leadsOut(root, resolve(root, path))))
        return undefined;
      throw error;
    });
    if (real === undefined || roots.some((root) => root === undefined || leadsOut(root, real)))
      return { problem: "leads out of the folder for uploads" };
    // The way was followed to its end: no link may have come to be there since, and a pipe is not waited for.
    const file = await open(real, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    try {
      const found = await file.stat();
      if (!found.isFile()) return { problem: "is not a file" };
      if (found.size > mostFileBytes) return { problem: `is too large: expected ${tooLarge}` };
      const bytes = new Uint8Array(found.size);
      let length = 0;
      while (length < bytes.length) {
        const { bytesRead } = await file.read(bytes, length, bytes.length - length, length);
        if (bytesRead === 0) break;
        length += bytesRead;
      }
      return new FileContent(name ?? basename(path), bytes.slice(0, length));
    } finally {
      await file.close();
    }
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    return { problem: code === "ENOENT" ? "does not exist" : `cannot be read (${code})` };
  }
}

function leadsOut(root: string, path: string): boolean {
  const way = relative(root, path);
  // The way to another drive is absolute.
  return way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way);
}
