import type { MergeRequestCommentInput } from "../../generated/tools/merge-requests.js";
import {
  diffLines,
  filePosition,
  lineAt,
  nearestOn,
  numberOn,
  shownText,
  textPosition,
  unfolded,
  type DiffLine,
  type FilePosition,
  type Side,
  type TextPosition,
} from "./diff-position.js";
import {
  readDiff,
  withText,
  type ChangedFile,
  type MergeRequestDiff,
  type MergeRequestRef,
} from "./merge-request-diff.js";
import { nearestFiles } from "./nearest-files.js";
import { quotedLines } from "./quoted-lines.js";
import { refused } from "./refused.js";
import type { Steps } from "./workflow.js";

/** Where a comment goes, as GitLab takes it and as a person reads it. */
export interface CommentPlace {
  readonly position: TextPosition | FilePosition;
  readonly file_path: string;
  readonly side?: Side;
  /** The first line, or the only one. */
  readonly line?: number;
  readonly end_line?: number;
  /** What stands there. */
  readonly code?: string;
}

type PlaceInput = Pick<MergeRequestCommentInput, "file" | "line" | "end_line" | "side" | "quote">;
type ReadSteps = Pick<Steps, "read" | "each">;

/** A line that can be commented on. */
type CommentableLine = Omit<DiffLine, "text"> & { readonly text: string };

/** The place that a comment was given; refused, with what is nearest to it, where GitLab has none. */
export async function findPlace(steps: ReadSteps, ref: MergeRequestRef, input: PlaceInput): Promise<CommentPlace> {
  const { file: path, line, end_line = line, side, quote } = input;
  if (line !== undefined && end_line !== undefined && end_line < line)
    throw refused("end_line is before line.", "Give the first line as line and the last one as end_line.");
  const pathOf = (file: ChangedFile): string => (side === "old" ? file.old_path : file.new_path);
  const diff = await readDiff(steps, ref, (file) => path !== undefined && pathOf(file) === path);
  if (quote !== undefined) return await quotedPlace(steps, ref, diff, input, quote);
  const found = diff.files.find((file) => pathOf(file) === path) ?? noFile(diff.files, path ?? "", side);
  if (line === undefined || end_line === undefined)
    return { position: filePosition(diff.refs, found), file_path: pathOf(found) };
  const file = await withText(steps, ref, diff, found);
  // A deleted file has no other side.
  const on = side ?? (file.deleted_file ? "old" : "new");
  const last = await lineOf(steps, ref, diff, { file, side: on, number: end_line });
  const first = end_line === line ? last : await lineOf(steps, ref, diff, { file, side: on, number: line });
  return placed(diff, file, on, first, last);
}

function placed(
  { refs }: MergeRequestDiff,
  file: ChangedFile,
  side: Side,
  first: CommentableLine,
  last: CommentableLine,
): CommentPlace {
  const [line, end_line] = [numberOn(side, first), numberOn(side, last)];
  return {
    position: textPosition(refs, file, last, first),
    ...{ file_path: side === "old" ? file.old_path : file.new_path, side, line },
    ...(end_line !== line && { end_line }),
    code: end_line === line ? shownText(first) : `${shownText(first)}\n…\n${shownText(last)}`,
  };
}

/** So many places of a quoted text are told of. */
const mostPlaces = 5;

async function quotedPlace(
  steps: ReadSteps,
  ref: MergeRequestRef,
  diff: MergeRequestDiff,
  { file: path, side }: PlaceInput,
  quote: string,
): Promise<CommentPlace> {
  const among = path === undefined ? diff.files : diff.files.filter((file) => isCalled(file, path));
  if (among.length === 0) noFile(diff.files, path ?? "", side);
  // What GitLab folds away for its length is looked into only where it was named.
  const files = path === undefined ? among : await Promise.all(among.map((file) => withText(steps, ref, diff, file)));
  const places = quotedLines(files, quote, side);
  const [first, ...others] = places;
  if (first && others.length === 0) return placed(diff, first.file, first.side, first.first, first.last);
  if (!first)
    throw refused(
      "The quoted text is not in the diff.",
      "Copy it from the diff (gitlab_merge_request_file_diff_get), or give file and line: lines outside of the diff's hunks are found by number only.",
    );
  const shown = places.slice(0, mostPlaces).map(({ file, side: on, first: line }) => {
    const [name, number] = on === "old" ? [file.old_path, line.old] : [file.new_path, line.new];
    return `${name}:${number}${on === "old" ? " (old)" : ""}`;
  });
  throw refused(
    `The quoted text stands in the diff ${places.length} times: ${shown.join(", ")}${places.length > mostPlaces ? " …" : ""}.`,
    "Quote more of it, or give file and line.",
    { places: shown },
  );
}

const isCalled = (file: ChangedFile, path: string): boolean => file.new_path === path || file.old_path === path;

/** The line of a number: of the diff, or outside of its hunks where the old file has it. */
async function lineOf(
  steps: ReadSteps,
  ref: MergeRequestRef,
  { refs }: MergeRequestDiff,
  { file, side, number }: { readonly file: ChangedFile; readonly side: Side; readonly number: number },
): Promise<CommentableLine> {
  const lines = diffLines(file.diff);
  const found = lineAt(lines, side, number);
  if (found) return found;
  const outside = unfolded(file, side, number);
  const old = outside && (await oldLine(steps, ref, file.old_path, refs.base_sha, outside.old));
  if (outside && old !== undefined) return { ...outside, text: old };
  const nearest = nearestOn(lines, side, number).map(
    (line) => `${numberOn(side, line)}: ${JSON.stringify(shownText(line))}`,
  );
  const why =
    side === "old" && file.new_file
      ? "The file is new: it has no old side."
      : side === "new" && file.deleted_file
        ? "The file is deleted: it has no new side."
        : `${side === "old" ? file.old_path : file.new_path} has no line ${number} on its ${side} side.`;
  throw refused(
    nearest.length > 0 ? `${why} Nearest: ${nearest.join("; ")}.` : why,
    nearest.length > 0
      ? "Comment on one of these lines, or leave line out to comment on the file."
      : `Give "side": "${side === "old" ? "new" : "old"}", or leave line out to comment on the file.`,
    { lines: nearestOn(lines, side, number).map((line) => numberOn(side, line)) },
  );
}

/** A line of the old file. GitLab unfolds it only where it is there. */
async function oldLine(
  { read }: ReadSteps,
  { project_id }: MergeRequestRef,
  file_path: string,
  sha: string,
  number: number,
): Promise<string | undefined> {
  if (number < 1) return undefined;
  const { content, encoding } = await read("gitlab_file_get", { project_id, file_path, ref: sha });
  if (encoding !== "text") return undefined;
  return content.replace(/\n$/, "").split("\n")[number - 1];
}

/** A changed file by its path, the new one first. */
export const findFile = (files: readonly ChangedFile[], path: string): ChangedFile =>
  files.find((file) => file.new_path === path) ??
  files.find((file) => file.old_path === path) ??
  notChanged(files, path, "Call gitlab_merge_request_changed_files_list for its changed files.");

function noFile(files: readonly ChangedFile[], path: string, side?: Side): never {
  const other = files.find((file) => isCalled(file, path));
  if (other) {
    const [now, on] = side === "old" ? [other.old_path, "old"] : [other.new_path, "new"];
    const hint =
      side === "old" ? `Give "file": "${now}".` : `Give "file": "${now}", or "side": "old" for the old text.`;
    throw refused(`${path} is ${now} on the ${on} side of the diff: it was renamed.`, hint);
  }
  notChanged(
    files,
    path,
    "Comment on a changed file (gitlab_merge_request_changed_files_list), or on the whole with neither file nor line.",
  );
}

function notChanged(files: readonly ChangedFile[], path: string, hint: string): never {
  const near = nearestFiles(
    path,
    files.map((file) => file.new_path),
  );
  throw refused(
    `${path} is not changed by the merge request${near.length > 0 ? `. Nearest: ${near.join(", ")}` : ""}.`,
    hint,
    { nearest: near },
  );
}
