import type * as Diff from "diff";
import { lazily } from "../lazily.js";
import type { Blob, FileDiff, Tree } from "./model.js";
import { fileMode, makeBlob } from "./hashing.js";

const diff = lazily<typeof Diff>("diff");

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Git calls a file binary that has a NUL among its first bytes. */
export const isBinary = (blob: Blob): boolean => blob.content.subarray(0, 8000).includes(0);

export const textOf = (blob: Blob): string => decoder.decode(blob.content);

/** How `to` differs from `from`, in the order of the paths; a file that moved much as it was is one renamed file. */
export function diffTrees(from: Tree, to: Tree): FileDiff[] {
  const origins = originsOf(from, to);
  const moved = new Set([...origins.values()].map(([path]) => path));
  const diffs: FileDiff[] = [];
  for (const [path, after] of to) {
    const before = from.get(path);
    if (before !== undefined) {
      if (before.id !== after.id || before.executable !== after.executable)
        diffs.push(fileDiff(path, path, before, after));
      continue;
    }
    const origin = origins.get(path);
    diffs.push(
      origin === undefined ? fileDiff(path, path, undefined, after) : fileDiff(origin[0], path, origin[1], after),
    );
  }
  for (const [path, before] of from)
    if (!to.has(path) && !moved.has(path)) diffs.push(fileDiff(path, path, before, undefined));
  return diffs.sort((a, b) => (a.newPath < b.newPath ? -1 : a.newPath > b.newPath ? 1 : 0));
}

/**
 * The removed file that each added one was, by the added one's path: first those that are the same, then those most
 * alike (git's `--find-renames`, 50%).
 */
function originsOf(from: Tree, to: Tree): Map<string, [path: string, blob: Blob]> {
  const added = [...to].filter(([path]) => !from.has(path));
  const removed = new Map([...from].filter(([path]) => !to.has(path)));
  const origins = new Map<string, [string, Blob]>();
  const take = (path: string, origin: [string, Blob] | undefined): void => {
    if (origin === undefined) return;
    origins.set(path, origin);
    removed.delete(origin[0]);
  };
  for (const [path, after] of added)
    take(
      path,
      [...removed].find(([, blob]) => blob.id === after.id && blob.content.length > 0),
    );
  for (const [path, after] of added) {
    if (origins.has(path) || isBinary(after)) continue;
    const [best] = [...removed]
      .map(([name, blob]) => ({ name, blob, share: similarity(blob, after) }))
      .filter(({ share }) => share >= 0.5)
      .sort((a, b) => b.share - a.share);
    take(path, best && [best.name, best.blob]);
  }
  return origins;
}

/** The share of the larger file's bytes that stand in lines of both. */
function similarity(one: Blob, other: Blob): number {
  const largest = Math.max(one.content.length, other.content.length);
  const smallest = Math.min(one.content.length, other.content.length);
  if (isBinary(one) || smallest < largest / 2 || smallest === 0) return 0;
  const counts = new Map<string, number>();
  for (const line of textOf(one).split("\n")) counts.set(line, (counts.get(line) ?? 0) + 1);
  let shared = 0;
  for (const line of textOf(other).split("\n")) {
    const left = counts.get(line) ?? 0;
    if (left === 0) continue;
    counts.set(line, left - 1);
    shared += Buffer.byteLength(line) + 1;
  }
  return Math.min(1, shared / largest);
}

function fileDiff(oldPath: string, newPath: string, before: Blob | undefined, after: Blob | undefined): FileDiff {
  const binary = [before, after].some((blob) => blob !== undefined && isBinary(blob));
  const changed = before?.id !== after?.id;
  const patch =
    binary || !changed
      ? ""
      : hunks(before === undefined ? "" : textOf(before), after === undefined ? "" : textOf(after));
  const lines = patch.split("\n").filter((line) => !line.startsWith("@@"));
  return {
    oldPath,
    newPath,
    oldMode: before === undefined ? "0" : fileMode(before),
    newMode: after === undefined ? "0" : fileMode(after),
    newFile: before === undefined,
    renamedFile: oldPath !== newPath,
    deletedFile: after === undefined,
    patch: binary && changed ? `Binary files a/${oldPath} and b/${newPath} differ\n` : patch,
    binary,
    additions: binary ? 0 : lines.filter((line) => line.startsWith("+")).length,
    deletions: binary ? 0 : lines.filter((line) => line.startsWith("-")).length,
  };
}

/** The hunks as git writes them: without file headers, a count of one left out. */
function hunks(before: string, after: string): string {
  const patch = diff().structuredPatch("a", "b", before, after, "", "", { context: 3 });
  const range = (start: number, count: number): string =>
    count === 1 ? String(start) : `${String(start)},${String(count)}`;
  return patch.hunks
    .map((hunk) => {
      const head = `@@ -${range(hunk.oldStart, hunk.oldLines)} +${range(hunk.newStart, hunk.newLines)} @@`;
      return `${[head, ...hunk.lines].join("\n")}\n`;
    })
    .join("");
}

/**
 * Merges two trees that come from `base`, file by file; where both sides changed a file, the source's patch has to apply
 * to the target's text.
 */
export function mergeTrees(base: Tree, target: Tree, source: Tree): { tree: Tree; conflicts: string[] } {
  const tree = new Map(target);
  const conflicts: string[] = [];
  for (const path of new Set([...base.keys(), ...source.keys()])) {
    const [origin, ours, theirs] = [base.get(path), target.get(path), source.get(path)];
    if (theirs?.id === origin?.id || theirs?.id === ours?.id) continue;
    if (ours?.id === origin?.id) {
      if (theirs === undefined) tree.delete(path);
      else tree.set(path, theirs);
      continue;
    }
    const both = ours === undefined || theirs === undefined ? undefined : mergeBlobs(origin, ours, theirs);
    if (both === undefined) conflicts.push(path);
    else tree.set(path, both);
  }
  return { tree, conflicts };
}

function mergeBlobs(base: Blob | undefined, ours: Blob, theirs: Blob): Blob | undefined {
  if (base === undefined || [base, ours, theirs].some(isBinary)) return undefined;
  const patch = diff().structuredPatch("a", "b", textOf(base), textOf(theirs), "", "", { context: 1 });
  const merged = diff().applyPatch(textOf(ours), patch, { fuzzFactor: 0 });
  return merged === false ? undefined : makeBlob(merged, theirs.executable || ours.executable);
}
