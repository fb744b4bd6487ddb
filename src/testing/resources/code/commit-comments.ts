import { requireUser } from "../../server/access.js";
import { findCode, findCommit } from "./code-access.js";
import { created, list, refuse, type Call, type Handlers } from "../../server/handler.js";
import type { CommitCommentRecord } from "../../state/records.js";
import { userById } from "../users/user-entity.js";

/** Comments on commits. */
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
};

const commentEntity = ({ gitlab }: Call, comment: CommitCommentRecord): Record<string, unknown> => ({
  note: comment.note,
  path: comment.path,
  line: comment.line,
  line_type: comment.lineType,
  author: userById(gitlab, comment.authorId),
  created_at: comment.createdAt.toISOString(),
});
