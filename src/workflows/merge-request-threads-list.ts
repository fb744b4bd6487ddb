import type { MergeRequestThreadsListInput } from "../../generated/tools/merge-requests.js";
import { diffLines, lineAt, shownText, type Side } from "./diff-position.js";
import { readDiff, type ChangedFile, type MergeRequestRef } from "./merge-request-diff.js";
import type { ItemOf, Steps, Workflow } from "./workflow.js";

/** What somebody said in a thread. */
export interface ThreadNote {
  readonly id: number;
  readonly author: string;
  readonly body: string;
  readonly created_at: string;
  readonly suggestions?: readonly ThreadSuggestion[];
}

/** A suggested change of lines, in the state that it is in. */
export interface ThreadSuggestion {
  readonly id: number;
  readonly state: "applicable" | "applied" | "outdated";
  readonly from_line: number;
  readonly to_line: number;
  readonly to_content: string;
}

/** A thread of a review, or a comment that stands alone. */
export interface ReviewThread {
  /** The discussion's id, which replies and resolving take. */
  readonly id: string;
  /** A comment on the whole may be no thread that can be resolved. */
  readonly resolvable: boolean;
  readonly resolved: boolean;
  readonly resolved_by?: string;
  readonly file_path?: string;
  readonly side?: Side;
  readonly line?: number;
  /** What the line says now; absent where it is not in the diff any more. */
  readonly code?: string;
  /** The lines have changed since. */
  readonly outdated?: true;
  readonly notes: readonly ThreadNote[];
}

type Discussion = ItemOf<"gitlab_merge_request_discussions_list">;
type DiscussionNote = NonNullable<Discussion["notes"]>[number];

/** The threads of a merge request: unresolved ones first, then comments that stand alone, then what is resolved. */
export const run: Workflow<MergeRequestThreadsListInput, readonly ReviewThread[]> = async (steps, input) => {
  const { project_id, merge_request_iid, resolved } = input;
  const ref = { project_id, merge_request_iid };
  const threads: ReviewThread[] = [];
  for await (const discussion of steps.each("gitlab_merge_request_discussions_list", { ...ref, per_page: 100 })) {
    const thread = threadOf(discussion);
    if (thread && (resolved === undefined || (thread.resolvable && thread.resolved === resolved))) threads.push(thread);
  }
  const rank = ({ resolvable, resolved: done }: ReviewThread): number => (!resolvable ? 1 : done ? 2 : 0);
  return await withCode(
    steps,
    ref,
    threads.toSorted((a, b) => rank(a) - rank(b)),
  );
};

/** A discussion as a thread; what GitLab wrote itself is none. */
function threadOf({ id, notes: all }: Discussion): (ReviewThread & Placed) | undefined {
  const notes = (all ?? []).filter(({ system }) => !system);
  const [first] = notes;
  if (!first || !id) return undefined;
  const open = notes.filter((note) => note.resolvable);
  const by = open.map((note) => note.resolved_by?.username).find((name) => name !== undefined);
  const isResolved = open.length > 0 && open.every((note) => note.resolved === true);
  return {
    ...{ id, resolvable: open.length > 0, resolved: isResolved },
    ...(isResolved && by !== undefined && { resolved_by: by }),
    ...placeOf(first),
    notes: notes.map(noteOf),
  };
}

/** The commit that a place was counted in. */
interface Placed {
  readonly head?: string;
}

function placeOf({ position }: DiscussionNote): Partial<ReviewThread> & Placed {
  if (!position) return {};
  const { old_path, new_path, old_line, new_line, head_sha } = position;
  const side: Side = new_line === null || new_line === undefined ? "old" : "new";
  const line = side === "old" ? old_line : new_line;
  const path = side === "old" && line ? old_path : new_path;
  return {
    ...(path && { file_path: path }),
    ...(line && { side, line }),
    ...(line && head_sha && { head: head_sha }),
  };
}

function noteOf({ id, author, body, created_at, suggestions }: DiscussionNote): ThreadNote {
  return {
    ...{ id, author: author?.username ?? "", body, created_at },
    ...(suggestions?.length && {
      suggestions: suggestions.map((one) => ({
        id: one.id,
        state: one.applied ? "applied" : one.appliable ? "applicable" : "outdated",
        ...{ from_line: one.from_line, to_line: one.to_line, to_content: one.to_content },
      })),
    }),
  };
}

/** The threads with what their lines say now. The diff is read only where a thread stands in it, and no further. */
async function withCode(
  steps: Steps,
  ref: MergeRequestRef,
  threads: readonly (ReviewThread & Placed)[],
): Promise<readonly ReviewThread[]> {
  const missing = new Set(threads.flatMap(({ head, file_path }) => (head && file_path ? [file_path] : [])));
  if (missing.size === 0) return threads;
  const { refs, files } = await readDiff(steps, ref, (file) => {
    missing.delete(file.new_path);
    missing.delete(file.old_path);
    return missing.size === 0;
  });
  return threads.map(({ head, ...thread }) => {
    if (!head || thread.line === undefined || !thread.side) return thread;
    if (head !== refs.head_sha) return { ...thread, outdated: true };
    const code = codeAt(files, thread.side, thread.file_path ?? "", thread.line);
    return { ...thread, ...(code !== undefined && { code }) };
  });
}

function codeAt(files: readonly ChangedFile[], side: Side, path: string, line: number): string | undefined {
  const file = files.find((one) => (side === "old" ? one.old_path : one.new_path) === path);
  const found = file && lineAt(diffLines(file.diff), side, line);
  return found && shownText(found);
}
