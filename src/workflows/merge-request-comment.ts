import type { MergeRequestCommentInput } from "../../generated/tools/merge-requests.js";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { findPlace, type CommentPlace } from "./comment-place.js";
import type { MergeRequestRef } from "./merge-request-diff.js";
import { warnOfOnlyCommands } from "./only-commands.js";
import { refused } from "./refused.js";
import { withSuggestion } from "./suggestion-block.js";
import type { Steps, Workflow } from "./workflow.js";

/** A comment, and where it went. */
export interface Commented extends Omit<CommentPlace, "position" | "file_path"> {
  /** Of a comment that is published: its thread, which can be replied to and resolved. */
  readonly discussion_id?: string;
  readonly note_id?: number;
  /** Of one that waits for the review to be submitted. */
  readonly draft_note_id?: number;
  readonly file_path?: string;
}

/** Comments on a merge request, a file of it, or lines of its diff; their position is computed from what was read. */
export const run: Workflow<MergeRequestCommentInput, Commented> = async (steps, input) => {
  const { project_id, merge_request_iid, file, line, end_line, quote } = input;
  const ref = { project_id, merge_request_iid };
  if (end_line !== undefined && line === undefined)
    throw refused("end_line is given without line.", "Give the first line as line.");
  if (line !== undefined && file === undefined) throw refused("line is given without file.", "Give the file's path.");
  if (file === undefined && quote === undefined) {
    if (input.suggestion !== undefined) throw refused("A suggestion replaces lines.", "Give file and line, or quote.");
    return await write(steps, ref, input, input.body);
  }
  for (let attempt = 1; ; attempt += 1) {
    const place = await findPlace(steps, ref, input);
    const body = withSuggestion(input.body, input.suggestion, place);
    try {
      return await write(steps, ref, input, body, place);
    } catch (error) {
      if (!isPlaceRefused(error)) throw error;
      // Somebody may have pushed between reading and writing: once more, from what the diff is now.
      if (attempt === 1) continue;
      throw refused(
        `GitLab does not find ${place.file_path}${place.line === undefined ? "" : `:${place.line}`} in the diff. It resolves no lines while the merge request is in conflict.`,
        "Leave line and quote out to comment on the file, or file as well to comment on the whole.",
        { ...(error.status !== undefined && { status: error.status }) },
        "validation_failed",
      );
    }
  }
};

/** `Note {:line_code=>["can't be blank", …]}`, in the words of whichever Ruby: only the name of the field is certain. */
const isPlaceRefused = (error: unknown): error is GitLabToolError =>
  error instanceof GitLabToolError &&
  error.status === 400 &&
  /line_code/.test(`${error.message} ${JSON.stringify(error.details ?? {})}`);

async function write(
  steps: Steps,
  ref: MergeRequestRef,
  { draft }: MergeRequestCommentInput,
  body: string,
  place?: CommentPlace,
): Promise<Commented> {
  const { position, ...where }: Partial<CommentPlace> = place ?? {};
  const placed = position && { position };
  if (!draft) {
    const thread = await steps.write("gitlab_merge_request_discussion_create", { ...ref, body, ...placed });
    warnOfOnlyCommands(steps, thread);
    const [note] = thread?.notes ?? [];
    return { ...(thread?.id && { discussion_id: thread.id }), ...(note && { note_id: note.id }), ...where };
  }
  const made = await steps.write("gitlab_merge_request_draft_note_create", { ...ref, note: body, ...placed });
  // GitLab checks the place of a draft only when it is published, and loses the text where there is none.
  if (made && position?.position_type === "text" && !made.line_code)
    throw new GitLabToolError({
      code: "validation_failed",
      message: `GitLab does not find ${where.file_path ?? "the file"}:${where.line ?? ""} in the diff; the draft ${made.id} would be lost on publishing.`,
      hint: `Delete it (gitlab_merge_request_draft_note_delete, ${made.id}), then comment without a line.`,
      details: { draft_note_id: made.id },
    });
  return { ...(made?.id && { draft_note_id: made.id }), ...where };
}
