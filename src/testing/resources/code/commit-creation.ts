import { created, json, notFound, refuse, type Answer, type Call, type Handlers } from "../../server/handler.js";
import { actionsOf, bad, changesOf, startOf } from "./commit-actions.js";
import { findCommit, findWritableCode, mayPush, requirePush } from "./code-access.js";
import { commitEntity, signatureOf } from "./commit-entity.js";
import { pushed } from "./pushes.js";
import { isRefName } from "./ref-names.js";

/** A commit that others are made from: cherry-picked, or taken back. */
function transplant(call: Call, kind: "cherry_pick" | "revert"): Answer {
  const { project, user } = findWritableCode(call);
  const commit = findCommit(call, project);
  const branch = call.params.text("branch") ?? "";
  const { repository } = project;
  const head = repository.branches.get(branch) ?? notFound("Branch");
  requirePush(call, project, branch);
  const parent = commit.parents[0];
  const [from, to] = kind === "cherry_pick" ? [parent, commit.sha] : [commit.sha, parent];
  const outcome = repository.transplant(from, to, head);
  const dryRun = call.params.flag("dry_run") === true;
  if ("conflicts" in outcome) {
    const verb = kind === "cherry_pick" ? "cherry-pick" : "revert";
    const message = `Sorry, we cannot ${verb} this commit automatically. This commit may already have been ${kind === "cherry_pick" ? "cherry-picked" : "reverted"}, or a more recent commit may have updated some of its content.`;
    return refuse(400, {
      message,
      error_code: outcome.conflicts.length === 0 ? "empty" : "conflict",
      ...(dryRun && { dry_run: "error" }),
    });
  }
  if (dryRun) return json({ dry_run: "success" });
  const message =
    call.params.text("message") ??
    (kind === "cherry_pick"
      ? `${commit.message.trimEnd()}\n\n(cherry picked from commit ${commit.sha})`
      : `Revert "${commit.message.split("\n")[0] ?? ""}"\n\nThis reverts commit ${commit.sha}`);
  const now = call.gitlab.now();
  const made = repository.commitTo(branch, {
    message,
    author: kind === "cherry_pick" ? commit.author : signatureOf(user, now),
    committer: signatureOf(user, now),
    changes: outcome.changes,
  });
  pushed(call.gitlab, project, { branch, before: head, userId: user.id });
  return created(commitEntity(call.gitlab, project, made));
}

/** Commits of several changes, and what else is made from commits. */
export const commitCreationHandlers: Handlers = {
  "POST /projects/{id}/repository/commits": (call) => {
    const { project, user } = findWritableCode(call);
    const { params, gitlab } = call;
    const { repository } = project;
    const branch = params.text("branch") ?? "";
    const message = params.text("commit_message") ?? "";
    if (branch === "") bad("branch is required");
    if (message === "") bad("commit_message is required");
    const actions = actionsOf(call);
    if (actions.length === 0 && params.flag("allow_empty") !== true) {
      bad("Provide at least one action, or set allow_empty to true");
    }
    if (!isRefName(branch)) refuse(400, "Branch name is invalid");
    if (!mayPush(call, project, branch)) requirePush(call, project, branch);
    const start = startOf(call, project, branch);
    const before = repository.branches.get(branch);
    const changes = changesOf(project, start, actions);
    const wasEmpty = repository.isEmpty;
    if (start !== undefined && start !== branch) repository.branches.set(branch, repository.resolve(start) ?? "");
    const now = gitlab.now();
    const commit = repository.commitTo(branch, {
      message,
      author: {
        name: params.text("author_name") ?? user.name,
        email: params.text("author_email") ?? user.email,
        date: now,
      },
      committer: signatureOf(user, now),
      changes,
    });
    if (wasEmpty) repository.defaultBranch = branch;
    pushed(gitlab, project, { branch, before, userId: user.id });
    const diffs = repository.commitDiff(commit);
    const [additions, deletions] = [
      diffs.reduce((sum, diff) => sum + diff.additions, 0),
      diffs.reduce((sum, diff) => sum + diff.deletions, 0),
    ];
    return created({
      ...commitEntity(gitlab, project, commit),
      ...(params.flag("stats") !== false && { stats: { additions, deletions, total: additions + deletions } }),
      status: null,
      project_id: project.id,
      last_pipeline: null,
    });
  },
  "POST /projects/{id}/repository/commits/{sha}/cherry_pick": (call) => transplant(call, "cherry_pick"),
  "POST /projects/{id}/repository/commits/{sha}/revert": (call) => transplant(call, "revert"),
};
