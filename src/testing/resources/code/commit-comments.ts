import { createHash } from "node:crypto";
import { fill } from "../engine/fill.js";
import { requireUser } from "../../server/access.js";
import { findCode, findCommit } from "./code-access.js";
import { created, list, refuse, type Call, type Handlers } from "../../server/handler.js";
import type { CommitCommentRecord } from "../../state/records.js";
import { userById } from "../users/user-entity.js";

const discussions = "/projects/{id}/repository/commits/{noteable_id}/discussions";

/** Comments on commits, each of which begins a thread. */
export const commitCommentHandlers: Handlers = {
  getApiV4ProjectsIdRepositoryCommitsShaComments: (call) => {
    const project = findCode(call);
    const { sha } = findCommit(call, project);
    const comments = call.gitlab.commitComments.filter((one) => one.projectId === project.id && one.sha === sha);
    return list(comments, (comment) => commentEntity(call, comment));
  },

  postApiV4ProjectsIdRepositoryCommitsShaComments: (call) => {
    const project = findCode(call);
    const user = requireUser(call);
    const commit = findCommit(call, project);
    const { params } = call;
    const note = params.text("note") ?? "";
    if (note.trim() === "") return refuse(400, { message: { note: ["can't be blank"] } });
    const path = params.text("path") ?? null;
    const diff = project.repository
      .commitDiff(commit)
      .find(({ newPath, oldPath }) => [newPath, oldPath].includes(path ?? ""));
    if (path !== null && !params.has("line")) return refuse(400, { error: "line is missing" });
    // A file that the commit does not change makes it a comment on the whole commit.
    const placed = path !== null && diff !== undefined;
    const lineType = params.text("line_type") === "old" ? "old" : "new";
    const comment: CommitCommentRecord = {
      projectId: project.id,
      sha: commit.sha,
      note,
      path: placed ? path : null,
      line: !placed ? null : (params.integer("line") ?? null),
      lineType: !placed ? null : lineType,
      authorId: user.id,
      createdAt: call.gitlab.now(),
    };
    call.gitlab.commitComments.push(comment);
    return created(commentEntity(call, comment));
  },

  [`GET ${discussions}`]: (call) => {
    const project = findCode(call);
    const { sha } = findCommit(call, project, "noteable_id");
    const comments = call.gitlab.commitComments.filter((one) => one.projectId === project.id && one.sha === sha);
    return list(comments, (comment) => threadEntity(call, comment));
  },

  [`POST ${discussions}`]: (call) => {
    const project = findCode(call);
    const user = requireUser(call);
    const { sha } = findCommit(call, project, "noteable_id");
    const note = call.params.text("body") ?? "";
    if (note.trim() === "") return refuse(400, '400 Bad request - Note {note: ["can\'t be blank"]}');
    const whole = { path: null, line: null, lineType: null };
    const comment: CommitCommentRecord = {
      ...whole,
      projectId: project.id,
      sha,
      note,
      authorId: user.id,
      createdAt: call.gitlab.now(),
    };
    call.gitlab.commitComments.push(comment);
    return created(threadEntity(call, comment));
  },
};

function threadEntity(call: Call, comment: CommitCommentRecord): Record<string, unknown> {
  const { gitlab, document, operation } = call;
  const at = comment.createdAt.toISOString();
  const number = gitlab.commitComments.indexOf(comment) + 1;
  const answer = operation.answer?.schema && document.merged(operation.answer.schema);
  const thread = answer?.type === "array" && answer.items ? document.merged(answer.items) : answer;
  const notes = thread?.properties?.["notes"] && document.merged(thread.properties["notes"]);
  const note = fill(document, notes?.type === "array" ? notes.items : notes, {
    id: number,
    type: "DiscussionNote",
    body: comment.note,
    author: userById(gitlab, comment.authorId),
    created_at: at,
    updated_at: at,
    system: false,
    noteable_type: "Commit",
    project_id: comment.projectId,
    commit_id: comment.sha,
    resolvable: false,
    commands_changes: {},
  });
  const id = createHash("sha1")
    .update(`${comment.sha} ${String(number)}`)
    .digest("hex");
  return { id, individual_note: false, resolvable: false, notes: [note] };
}

const commentEntity = ({ gitlab }: Call, comment: CommitCommentRecord): Record<string, unknown> => ({
  note: comment.note,
  path: comment.path,
  line: comment.line,
  line_type: comment.lineType,
  author: userById(gitlab, comment.authorId),
  created_at: comment.createdAt.toISOString(),
});
