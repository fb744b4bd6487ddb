import type { MergeRequestThreadReplyInput } from "../../generated/tools/merge-requests.js";
import { warnOfOnlyCommands } from "./only-commands.js";
import type { Workflow } from "./workflow.js";

/** A reply, and what became of its thread. */
export interface ThreadReplied {
  readonly discussion_id: string;
  readonly note_id?: number;
  /** Of a reply that waits for the review to be submitted. */
  readonly draft_note_id?: number;
  readonly resolved?: boolean;
}

/** Replies in a thread, and resolves or reopens it where that is wanted; a draft does both when it is published. */
export const run: Workflow<MergeRequestThreadReplyInput, ThreadReplied> = async (steps, input) => {
  const { project_id, merge_request_iid, discussion_id, body, draft, resolve } = input;
  const ref = { project_id, merge_request_iid };
  if (draft) {
    const made = await steps.write("gitlab_merge_request_draft_note_create", {
      ...{ ...ref, note: body, in_reply_to_discussion_id: discussion_id },
      ...(resolve !== undefined && { resolve_discussion: resolve }),
    });
    return { discussion_id, ...(made?.id && { draft_note_id: made.id }) };
  }
  if (resolve !== undefined) await steps.demand("gitlab_merge_request_discussion_resolve");
  const note = await steps.write("gitlab_merge_request_discussion_note_create", { ...ref, discussion_id, body });
  warnOfOnlyCommands(steps, note);
  // After the reply, which opens a thread again.
  if (resolve !== undefined)
    await steps.write("gitlab_merge_request_discussion_resolve", { ...ref, discussion_id, resolved: resolve });
  return { discussion_id, ...(note?.id && { note_id: note.id }), ...(resolve !== undefined && { resolved: resolve }) };
};
