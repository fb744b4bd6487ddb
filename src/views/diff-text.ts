import { isObject } from "../is-object.js";
import { cutText } from "./cut.js";
import { estimateTokens } from "./estimate.js";
import { remark } from "./untrusted.js";

/** A changed file, as GitLab's lists of them have it. */
export interface DiffEntry {
  readonly old_path: string;
  readonly new_path: string;
  readonly new_file?: boolean | null | undefined;
  readonly deleted_file?: boolean | null | undefined;
  readonly renamed_file?: boolean | null | undefined;
  readonly too_large?: boolean | null | undefined;
  readonly collapsed?: boolean | null | undefined;
  readonly generated_file?: boolean | null | undefined;
  /** Absent in a compact view where it is empty. */
  readonly diff?: string | undefined;
}

/** Whether a value is a changed file: every list of diffs has both paths. */
export function isDiffEntry(value: unknown): value is DiffEntry {
  if (!isObject(value)) return false;
  const { old_path, new_path, diff } = value;
  return (
    typeof old_path === "string" && typeof new_path === "string" && (diff === undefined || typeof diff === "string")
  );
}

/** A file's diff in the unified form, plain: models read it as they know it, and pay for no escapes. */
export function unifiedDiff(entry: DiffEntry): string {
  const { old_path, new_path, new_file, deleted_file, renamed_file, diff = "" } = entry;
  const head = [
    `--- ${new_file ? "/dev/null" : `a/${old_path}`}`,
    `+++ ${deleted_file ? "/dev/null" : `b/${new_path}`}`,
    ...(renamed_file && diff === "" ? ["renamed, the text is the same"] : []),
    ...(entry.generated_file ? ["generated"] : []),
    ...(entry.too_large ? ["the diff is too large for GitLab to show"] : []),
    ...(entry.collapsed && diff === "" ? ["collapsed: GitLab shows the diff of this file alone"] : []),
  ];
  // `unidiff` has GitLab write the names itself.
  const body = diff.replace(/\n$/, "").replace(/^--- .*\n\+\+\+ .*\n/, "");
  return [...head, ...(body === "" ? [] : [body])].join("\n");
}

/** Diffs as one text within a budget, and what of them is in it. */
export interface DiffsText {
  readonly text: string;
  readonly items: readonly DiffEntry[];
}

/** Less than this is not worth a file's beginning. */
const leastTokens = 100;

/**
 * Files whole, one after the other, as far as they fit; one that would take more than half of the room is cut at the end
 * of a line.
 *
 * @param alone the tool that shows one file from a line on
 */
export function diffsText(entries: readonly DiffEntry[], room: number, alone?: string): DiffsText {
  const share = entries.length > 1 ? Math.floor(room / 2) : room;
  const parts: string[] = [];
  const items: DiffEntry[] = [];
  let left = room;
  for (const entry of entries) {
    const whole = unifiedDiff(entry);
    const cut = cutText(whole, Math.min(left, share), "start");
    const isWhole = cut.text.length === whole.length;
    if (!isWhole && items.length > 0 && left < Math.max(leastTokens, share / 2)) break;
    const part = isWhole ? whole : `${remark(cut.text.replace(/\n$/, ""), whole)}\n${cutNote(entry, cut, alone)}`;
    left -= estimateTokens(part) + 1;
    parts.push(part);
    items.push(isWhole ? entry : { ...entry, diff: cut.text });
    if (left <= 0) break;
  }
  return { text: parts.join("\n\n"), items };
}

/** How much of a file is there, and how to read on. The lines are those of the text, names included. */
function cutNote({ new_path }: DiffEntry, cut: ReturnType<typeof cutText>, alone: string | undefined): string {
  const shown =
    cut.lineLength === undefined
      ? `${cut.lines} of ${cut.of} lines of this file's diff`
      : `${cut.text.length} of ${cut.lineLength} characters of a line`;
  const more = alone && `; more: ${alone} with "file": ${JSON.stringify(new_path)}, "start_line": ${cut.lines + 1}`;
  return `[${shown}${more ?? ""}]`;
}
