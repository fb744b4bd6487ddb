/**
 * Where a comment on a line of a merge request goes. GitLab looks for the line of the diff whose two numbers equal the
 * position's, an absent one being absent; what it does not find it refuses, or loses when a draft is published.
 *
 * @see https://docs.gitlab.com/api/discussions/#create-a-new-thread-in-the-merge-request-diff
 */
import { createHash } from "node:crypto";

/** The commits between which a diff lies. */
export interface DiffRefs {
  readonly base_sha: string;
  readonly start_sha: string;
  readonly head_sha: string;
}

/** A file of a diff, as GitLab lists it. */
export interface DiffFile {
  readonly old_path: string;
  readonly new_path: string;
  readonly new_file?: boolean | undefined;
  readonly deleted_file?: boolean | undefined;
  readonly diff: string;
}

export type Side = "old" | "new";

/** A line with the counters of both sides: each line has both, also where it exists on one side only. */
export interface DiffLine {
  readonly kind: "added" | "removed" | "unchanged";
  readonly old: number;
  readonly new: number;
  readonly text: string;
}

/** A position as GitLab takes it. */
export interface TextPosition extends DiffRefs {
  readonly position_type: "text";
  readonly old_path: string;
  readonly new_path: string;
  readonly old_line?: number;
  readonly new_line?: number;
  readonly line_range?: { readonly start: LineRef; readonly end: LineRef };
}

/** A whole file, where no line can be commented on. */
export interface FilePosition extends DiffRefs {
  readonly position_type: "file";
  readonly old_path: string;
  readonly new_path: string;
}

interface LineRef {
  readonly line_code: string;
  readonly type: "old" | "new";
}

/** The lines of a diff's text. Counts in the heads of hunks are not needed, and are not read. */
export function diffLines(diff: string): DiffLine[] {
  const lines: DiffLine[] = [];
  let old = 0;
  let fresh = 0;
  let inHunk = false;
  for (const line of diff.replace(/\n$/, "").split("\n")) {
    const [, a, c] = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/.exec(line) ?? [];
    if (a !== undefined && c !== undefined) {
      [old, fresh, inHunk] = [Number(a), Number(c), true];
      continue;
    }
    // Before the first hunk stand the names of the files; `\ No newline at end of file` is no line.
    if (!inHunk || line.startsWith("\\")) continue;
    const text = line.slice(1);
    if (line.startsWith("+")) lines.push({ kind: "added", old, new: fresh++, text });
    else if (line.startsWith("-")) lines.push({ kind: "removed", old: old++, new: fresh, text });
    else lines.push({ kind: "unchanged", old: old++, new: fresh++, text });
  }
  return lines;
}

/** What a line says, without the half of a Windows line end that belongs to it. */
export const shownText = ({ text }: Pick<DiffLine, "text">): string => text.replace(/\r$/, "");

/** Whether a line is there on a side. */
export const isOn = (side: Side, { kind }: DiffLine): boolean => kind !== (side === "new" ? "removed" : "added");

/** A line's number on a side. */
export const numberOn = (side: Side, line: DiffLine): number => (side === "new" ? line.new : line.old);

/** The line of a diff that has a number on a side. */
export const lineAt = (lines: readonly DiffLine[], side: Side, number: number): DiffLine | undefined =>
  lines.find((line) => isOn(side, line) && numberOn(side, line) === number);

/**
 * An unchanged line outside of every hunk: GitLab unfolds the old file around it. The sides are apart there by what the
 * hunks before it have added and removed. Whether the old file is as long as that has to be looked up.
 *
 * @returns `undefined` where there is no such line: the file is new or deleted, or nothing of it has changed
 */
export function unfolded(file: DiffFile, side: Side, number: number): Omit<DiffLine, "text"> | undefined {
  const lines = diffLines(file.diff);
  if (file.new_file || file.deleted_file || lines.length === 0 || number < 1) return undefined;
  let apart = 0;
  for (const line of lines) {
    if (numberOn(side, line) > number) break;
    // After a line, the next ones are as far apart as its counters will be.
    const after = line.kind === "added" ? 1 : line.kind === "removed" ? -1 : 0;
    apart = line.new - line.old + after;
  }
  return side === "new"
    ? { kind: "unchanged", old: number - apart, new: number }
    : { kind: "unchanged", old: number, new: number + apart };
}

/**
 * GitLab's code of a line: the path hashed, and both counters.
 *
 * @see https://gitlab.com/gitlab-org/gitlab/-/blob/master/lib/gitlab/git.rb
 */
const lineCode = (path: string, line: Pick<DiffLine, "old" | "new">): string =>
  `${createHash("sha1").update(path).digest("hex")}_${line.old}_${line.new}`;

/** The position of a comment on a line, or on all lines from `first` on. */
export function textPosition(
  refs: DiffRefs,
  { old_path, new_path }: Pick<DiffFile, "old_path" | "new_path">,
  line: Omit<DiffLine, "text">,
  first: Omit<DiffLine, "text"> = line,
): TextPosition {
  const ref = (one: Omit<DiffLine, "text">): LineRef => ({
    line_code: lineCode(new_path === "" ? old_path : new_path, one),
    type: one.kind === "added" ? "new" : "old",
  });
  const isRange = first.old !== line.old || first.new !== line.new;
  return {
    ...refs,
    ...{ position_type: "text", old_path, new_path },
    ...(line.kind !== "added" && { old_line: line.old }),
    ...(line.kind !== "removed" && { new_line: line.new }),
    ...(isRange && { line_range: { start: ref(first), end: ref(line) } }),
  };
}

/** The position of a comment on a file as a whole. */
export const filePosition = (
  refs: DiffRefs,
  { old_path, new_path }: Pick<DiffFile, "old_path" | "new_path">,
): FilePosition => ({ ...refs, position_type: "file", old_path, new_path });

/** The lines of a side nearest to a number, which can be commented on. */
export const nearestOn = (lines: readonly DiffLine[], side: Side, number: number, most = 3): DiffLine[] =>
  lines
    .filter((line) => isOn(side, line))
    .toSorted((a, b) => Math.abs(numberOn(side, a) - number) - Math.abs(numberOn(side, b) - number))
    .slice(0, most)
    .toSorted((a, b) => numberOn(side, a) - numberOn(side, b));
