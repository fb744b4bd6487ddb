import { createHash } from "node:crypto";
import type { DiffPosition } from "../state/issuable-records.js";
import { textOf } from "../repository/diffing.js";
import type { FileDiff } from "../repository/model.js";
import type { Repository } from "../repository/repository.js";

interface HunkLine {
  readonly type: "added" | "removed" | "unchanged";
  readonly old: number;
  readonly new: number;
}

/** `PATH_OLD_NEW` with the path hashed; both counters are always there. */
const lineCode = (path: string, oldLine: number, newLine: number): string =>
  `${createHash("sha1").update(path).digest("hex")}_${String(oldLine)}_${String(newLine)}`;

/** The lines of a patch with the counters of both sides. */
function diffLines(patch: string): HunkLine[] {
  const lines: HunkLine[] = [];
  let [before, after] = [0, 0];
  for (const line of patch.split("\n").slice(0, -1)) {
    const hunk = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/.exec(line);
    if (hunk !== null) [before, after] = [Number(hunk[1]), Number(hunk[2])];
    else if (line.startsWith("+")) lines.push({ type: "added", old: before, new: after++ });
    else if (line.startsWith("-")) lines.push({ type: "removed", old: before++, new: after });
    else if (!line.startsWith("\\")) lines.push({ type: "unchanged", old: before++, new: after++ });
  }
  return lines;
}

/**
 * The line code of a position, found as GitLab does: in the file that both paths name, the line whose numbers are those
 * of the position, an absent one being absent. Undefined where there is none, `""` for comments on a whole file.
 *
 * @see https://docs.gitlab.com/api/discussions/#create-a-new-thread-in-the-merge-request-diff
 */
export function findLineCode(repository: Repository, position: DiffPosition): string | undefined {
  const { base_sha: base, head_sha: head, old_path: oldPath, new_path: newPath } = position;
  const [start, end] = [repository.commit(base), repository.commit(head)];
  if (start === undefined || end === undefined || repository.commit(position.start_sha) === undefined) return undefined;
  const file = repository.diff(start.sha, end.sha).find((diff) => diff.oldPath === oldPath && diff.newPath === newPath);
  if (file === undefined) return undefined;
  if (position.position_type !== "text") return "";
  const [before, after] = [position.old_line, position.new_line];
  const found = diffLines(file.patch).find((line) =>
    line.type === "added"
      ? before === null && line.new === after
      : line.type === "removed"
        ? after === null && line.old === before
        : line.old === before && line.new === after,
  );
  if (found !== undefined) return lineCode(newPath, found.old, found.new);
  return before !== null && after !== null && isUnfolded(repository, file, base, before, after)
    ? lineCode(newPath, before, after)
    : undefined;
}

/** Whether an unchanged line outside of every hunk has both numbers right. */
function isUnfolded(repository: Repository, file: FileDiff, base: string, before: number, after: number): boolean {
  if (file.newFile || file.deletedFile || file.binary || file.patch === "") return false;
  const blob = repository.tree(base).get(file.oldPath);
  const length = blob === undefined ? 0 : textOf(blob).replace(/\n$/, "").split("\n").length;
  if (before < 1 || before > length) return false;
  const lines = diffLines(file.patch);
  const offsets = [...file.patch.matchAll(/^@@ -(\d+)(?:,\d+)? \+(\d+)/gm)].map(([, a, c]) => ({
    old: Number(a),
    offset: Number(c) - Number(a),
  }));
  const next = offsets.find(({ old }) => old > before);
  const last = lines.at(-1);
  const end =
    last === undefined ? 0 : last.new - last.old + (last.type === "added" ? 1 : last.type === "removed" ? -1 : 0);
  const offset = next === undefined ? end : next === offsets[0] ? 0 : next.offset;
  const inside = lines.some((line) => line.old === before && line.type !== "added");
  return !inside && after - before === offset;
}
