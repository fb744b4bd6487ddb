import type { MergeRequestReviewSubmitInput } from "../../generated/tools/merge-requests.js";
import type { MergeRequestRef } from "./merge-request-diff.js";
import { refused } from "./refused.js";
import type { ItemOf, Steps, Workflow } from "./workflow.js";

/** A review that others can see now. */
export interface ReviewSubmitted {
  readonly verdict: "comment" | "approve" | "request_changes";
  /** The drafts that have become comments. */
  readonly published: readonly PublishedDraft[];
  readonly summary?: string;
  readonly approved?: boolean;
}

export interface PublishedDraft {
  readonly file_path?: string;
  readonly line?: number;
  readonly body: string;
}

type DraftNote = ItemOf<"gitlab_merge_request_draft_notes_list">;

/** Publishes one's drafts with a summary, then approves or requests changes; says what others see of it. */
export const run: Workflow<MergeRequestReviewSubmitInput, ReviewSubmitted> = async (steps, input) => {
  const { project_id, merge_request_iid, summary, verdict = "comment", sha } = input;
  const ref = { project_id, merge_request_iid };
  const drafts = await draftsOf(steps, ref);
  checkPlaces(drafts);
  if (drafts.length === 0 && summary === undefined && verdict === "comment")
    throw refused(
      "There is nothing to submit: no drafts of yours, no summary, no verdict.",
      'Write drafts first (gitlab_merge_request_comment with "draft": true), or give a summary.',
    );
  const approves = verdict === "approve";
  if (approves) await steps.demand("gitlab_merge_request_approve");
  const reviewed = approves ? (sha ?? (await steps.seen("gitlab_merge_request_approve", ref))) : undefined;
  if (drafts.length > 0 || summary !== undefined || verdict === "request_changes")
    await steps.write("gitlab_merge_request_draft_notes_bulk_publish", {
      ...ref,
      ...(summary !== undefined && { note: summary }),
      ...(verdict !== "approve" && {
        reviewer_state: verdict === "request_changes" ? "requested_changes" : "reviewed",
      }),
    });
  const approval = approves
    ? await steps.write("gitlab_merge_request_approve", { ...ref, ...(reviewed !== undefined && { sha: reviewed }) })
    : undefined;
  const lost = await lostOf(steps, ref, drafts);
  for (const draft of lost)
    steps.warn(`GitLab did not publish this draft, and it is gone: ${JSON.stringify(draft.note)}`);
  return {
    verdict,
    published: drafts.filter((draft) => !lost.includes(draft)).map(publishedOf),
    ...(summary !== undefined && { summary }),
    ...(approval && { approved: true }),
  };
};

async function draftsOf(steps: Steps, ref: MergeRequestRef): Promise<readonly DraftNote[]> {
  const drafts: DraftNote[] = [];
  for await (const draft of steps.each("gitlab_merge_request_draft_notes_list", ref)) drafts.push(draft);
  // GitLab has no order for them.
  return drafts.toSorted((a, b) => (a.id ?? 0) - (b.id ?? 0));
}

/** GitLab deletes a draft whose place it does not find, and says that all went well: such a review is not submitted. */
function checkPlaces(drafts: readonly DraftNote[]): void {
  const lost = drafts.filter(
    ({ position, line_code, discussion_id }) =>
      !discussion_id &&
      position?.["position_type"] === "text" &&
      (position["new_line"] || position["old_line"]) &&
      !line_code,
  );
  if (lost.length === 0) return;
  const names = lost.map(({ id, position }) => `${id ?? ""} (${pathOf(position)})`).join(", ");
  throw refused(
    `Drafts would be lost, for their lines are not in the diff: ${names}.`,
    "Write each anew by gitlab_merge_request_comment, delete the old one (gitlab_merge_request_draft_note_delete), then submit.",
    { drafts: lost.map(({ id }) => id) },
    "conflict",
  );
}

const pathOf = (position: DraftNote["position"]): string =>
  typeof position?.["new_path"] === "string" ? position["new_path"] : "";

/** So many comments are looked at, the newest ones. */
const mostNotes = 100;

/** Drafts that are among the newest comments no more than among the drafts. */
async function lostOf(steps: Steps, ref: MergeRequestRef, drafts: readonly DraftNote[]): Promise<readonly DraftNote[]> {
  const spoken = drafts.filter(({ note }) => !isCommands(note ?? ""));
  if (spoken.length === 0 || spoken.length >= mostNotes) return [];
  const notes = await steps.read("gitlab_merge_request_notes_list", {
    ...{ ...ref, sort: "desc", order_by: "created_at", per_page: mostNotes },
  });
  const bodies = notes.map(({ body }) => withoutCommands(body));
  return spoken.filter(({ note }) => !bodies.includes(withoutCommands(note ?? "")));
}

/** Quick actions are carried out and leave no text. */
const withoutCommands = (text: string): string =>
  text
    .replaceAll("\r", "")
    .split("\n")
    .filter((line) => !/^\/[a-z]/.test(line))
    .join("\n")
    .trim();
const isCommands = (text: string): boolean => withoutCommands(text) === "";

function publishedOf({ note, position }: DraftNote): PublishedDraft {
  // The document says nothing of a draft's position; a general one has no paths.
  const { new_line, old_line, new_path } = position ?? {};
  const line = new_line ?? old_line;
  return {
    ...(typeof new_path === "string" && { file_path: new_path }),
    ...(typeof line === "number" && { line }),
    body: note ?? "",
  };
}
