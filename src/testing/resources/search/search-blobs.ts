import type { ProjectRecord } from "../../state/records.js";
import { isBinary, textOf } from "../../repository/diffing.js";

/** A place in a file, as a search for code gives it. */
export interface BlobMatch {
  readonly basename: string;
  readonly data: string;
  readonly path: string;
  readonly filename: string;
  readonly id: null;
  readonly ref: string;
  readonly startline: number;
  readonly project_id: number;
}

/**
 * Files with a line that has the words, or whose name has them. `filename:`, `path:` and `extension:` narrow the search.
 */
export function searchBlobs(
  project: ProjectRecord,
  ref: string | undefined,
  query: string,
  context: number,
): BlobMatch[] {
  const { repository } = project;
  if (repository.isEmpty) return [];
  const searchedRef = ref ?? repository.defaultBranch;
  const filters = new Map(
    [...query.matchAll(/\b(filename|path|extension):(\S+)/g)].map(([, key, value]) => [key, value]),
  );
  const text = query
    .replace(/\b(?:filename|path|extension):\S+/g, "")
    .trim()
    .toLowerCase();
  return [...repository.tree(searchedRef)].flatMap(([path, blob]) => {
    const name = path.split("/").at(-1) ?? path;
    if (!(filters.get("filename") === undefined || glob(filters.get("filename") ?? "", name))) return [];
    if (!path.includes(filters.get("path") ?? "")) return [];
    if (filters.has("extension") && !name.endsWith(`.${filters.get("extension") ?? ""}`)) return [];
    const match = (data: string, startline: number): BlobMatch => ({
      basename: path.replace(/\.[^./]+$/, ""),
      data,
      path,
      filename: path,
      id: null,
      ref: searchedRef,
      startline,
      project_id: project.id,
    });
    const lines = isBinary(blob) ? [] : textOf(blob).split("\n");
    const hit = text === "" ? 0 : lines.findIndex((line) => line.toLowerCase().includes(text));
    if (hit >= 0 && lines.length > 0) {
      const start = Math.max(0, hit - context);
      return [match(`${lines.slice(start, hit + context + 1).join("\n")}\n`, start + 1)];
    }
    return path.toLowerCase().includes(text) ? [match(lines.slice(0, context + 1).join("\n"), 1)] : [];
  });
}

function glob(pattern: string, name: string): boolean {
  const source = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${source.join(".*")}$`, "i").test(name);
}
