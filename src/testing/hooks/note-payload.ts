import { isIssue } from "../issuables/issuable-changes.js";
import type { GitLabState } from "../state/gitlab-state.js";
import type { CommitCommentRecord, ProjectRecord } from "../state/records.js";
import { commitBody, issuable, projectBody, time, type Body, type Payload } from "./entities.js";
import { isIssuable, isNote, type Happening } from "./rows.js";

/** A comment, on an issue, a merge request or a commit. */
export function notePayload(gitlab: GitLabState, project: ProjectRecord, happening: Happening, user: Body): Payload {
  const { row, what } = happening;
  const item = isIssuable(row.parent) ? row.parent : undefined;
  const note = isNote(row.record) ? row.record : undefined;
  const comment = note === undefined ? (row.record as CommitCommentRecord) : undefined;
  const kind = item === undefined ? "commit" : item.kind;
  const hidden = note?.internal === true || (item !== undefined && isIssue(item) && item.confidential);
  return {
    kind: "note",
    setting: hidden ? "confidential_note_events" : "note_events",
    header: `${hidden ? "Confidential " : ""}Note Hook`,
    body: {
      object_kind: "note",
      event_type: hidden ? "confidential_note" : "note",
      user,
      project_id: project.id,
      project: projectBody(gitlab, project),
      object_attributes: {
        id: note?.id ?? 0,
        note: row.fields["note"],
        noteable_type: kind === "issue" ? "Issue" : kind === "merge_request" ? "MergeRequest" : "Commit",
        noteable_id: item?.id ?? null,
        commit_id: comment?.sha ?? null,
        author_id: note?.authorId ?? comment?.authorId,
        discussion_id: note?.discussionId,
        type: note?.type ?? null,
        system: false,
        internal: note?.internal ?? false,
        position: note?.position ?? null,
        created_at: time(note?.createdAt ?? comment?.createdAt ?? null),
        action: what === "created" ? "create" : "update",
        url:
          item === undefined
            ? `${gitlab.projectUrl(project)}/-/commit/${comment?.sha ?? ""}`
            : `${gitlab.projectUrl(project)}/-/${kind}s/${String(item.iid)}#note_${String(note?.id)}`,
      },
      [kind]: item === undefined ? commitBody(gitlab, project, comment?.sha ?? "") : issuable(gitlab, project, item),
    },
  };
}
