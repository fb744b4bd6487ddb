import { empty, notFound, refuse, type Call, type Handlers } from "../server/handler.js";
import { contextOf } from "../state/context-of.js";
import type { DiffPosition, MergeRequestRecord } from "../state/issuable-records.js";
import type { ProjectContext } from "../state/project-context.js";
import { role } from "../state/records.js";
import type { ResourceRecord } from "../state/resource-records.js";
import { Refusal } from "../server/handler.js";
import { findMergeRequest } from "../issuables/issuable-find.js";
import { addNote } from "../issuables/issuable-changes.js";
import { findProject } from "../server/access.js";
import { underMergeRequest } from "../resources/engine/places.js";
import { findRecord, resourceHandlers, type Resource } from "../resources/engine/resource.js";
import { addComment, readPosition, resolveThread } from "./discussions.js";
import { findLineCode } from "./positions.js";

const path = "/projects/{id}/merge_requests/{merge_request_iid}/draft_notes";

/** Comments that only their author sees until they are published. */
const drafts: Resource = {
  name: "draft_notes",
  path,
  item: "draft_note_id",
  under: underMergeRequest,
  roles: { read: role.guest, write: role.guest },
  sees: ({ authorId }, { user }) => authorId === user?.id,
  defaults: { resolve_discussion: false, discussion_id: null, commit_id: null, line_code: null, position: null },
  write: (values, call, place, before) => {
    if (before !== undefined && values["note"] === undefined) refuse(400, "400 Bad request - Missing params to modify");
    const { in_reply_to_discussion_id: replyTo, ...written } = values;
    if (replyTo !== undefined && replyTo !== null) {
      const again = call.gitlab.resources
        .in("draft_notes", place.key)
        .some((draft) => draft.authorId === call.user?.id && draft.values["discussion_id"] === replyTo);
      if (again) refuse(400, { message: { author_id: ["has already been taken"] } });
      written["discussion_id"] = replyTo;
    }
    // Nothing is checked against the diff here, and an update without a position takes the place away.
    const position = readPosition(call);
    const code = position === null ? undefined : findLineCode(place.project?.repository ?? notFound(), position);
    return { ...written, position, line_code: code === undefined || code === "" ? null : code };
  },
  present: (record) => ({ author_id: record.authorId }),
};

function open(call: Call): { context: ProjectContext; item: MergeRequestRecord } {
  const context = contextOf(call, findProject(call));
  return { context, item: findMergeRequest(call, context, "merge_request_iid") };
}

/** Turns a draft into a comment. One whose place is not in the diff is lost, as it is in GitLab. */
function publish(call: Call, context: ProjectContext, item: MergeRequestRecord, draft: ResourceRecord): void {
  const { values } = draft;
  const replyTo = typeof values["discussion_id"] === "string" ? values["discussion_id"] : undefined;
  call.gitlab.resources.remove("draft_notes", draft);
  try {
    addComment(context, item, {
      body: String(values["note"]),
      position: replyTo === undefined ? (values["position"] as DiffPosition | null) : null,
      replyTo,
    });
  } catch (error) {
    if (error instanceof Refusal) return;
    throw error;
  }
  if (replyTo === undefined) return;
  const thread = item.notes.filter((note) => note.discussionId === replyTo);
  resolveThread(context, thread, values["resolve_discussion"] === true);
}

/** Draft notes: written, changed, published one by one or all at once. */
export const draftNoteResources: Handlers = {
  ...resourceHandlers(drafts),
  [`PUT ${path}/{draft_note_id}/publish`]: (call) => {
    const { context, item } = open(call);
    publish(call, context, item, findRecord(drafts, call, underMergeRequest(call)));
    return empty();
  },
  [`POST ${path}/bulk_publish`]: (call) => {
    const { context, item } = open(call);
    const place = underMergeRequest(call);
    const own = call.gitlab.resources.in("draft_notes", place.key).filter(({ authorId }) => authorId === context.me);
    for (const draft of own) publish(call, context, item, draft);
    const summary = call.params.text("note");
    if (summary !== undefined && summary !== "") addNote(context, item, summary, { system: false });
    const state = call.params.text("reviewer_state");
    if (state !== undefined) item.reviewStates.set(context.me, state);
    return empty();
  },
};
