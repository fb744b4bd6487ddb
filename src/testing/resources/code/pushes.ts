import { startAutomatically } from "../../ci/pipeline-creation.js";
import { addNote, applyChange } from "../../issuables/issuable-changes.js";
import { refsOf } from "../../reviews/merge-request-refs.js";
import { contextFor } from "../../state/context-of.js";
import type { GitLabState } from "../../state/gitlab-state.js";
import type { MergeRequestRecord } from "../../state/issuable-records.js";
import type { PipelineRecord } from "../../state/pipeline-records.js";
import type { ProjectRecord } from "../../state/records.js";
import { closedIids } from "../planning/planning-entities.js";
import { commitTitle } from "./commit-entity.js";

/** A branch that has moved. */
export interface Push {
  readonly branch: string;
  /** The head before; undefined for a new branch. */
  readonly before: string | undefined;
  readonly userId: number;
}

/** What follows from a push: notes on merge requests, issues closed by commit messages, pipelines. */
export function pushed(gitlab: GitLabState, project: ProjectRecord, { branch, before, userId }: Push): void {
  const { repository } = project;
  const head = repository.branches.get(branch);
  if (head === undefined || head === before) return;
  project.lastActivityAt = gitlab.now();
  if (branch === repository.defaultBranch) closeIssues(gitlab, project, before, head, userId);
  const items = gitlab.planning.mergeRequests.filter(
    (item) => item.sourceProjectId === project.id && item.sourceBranch === branch && item.state === "opened",
  );
  for (const item of items) noteCommits(gitlab, project, item, before, userId);
  startAutomatically(gitlab, project, { ref: branch, source: "push", sha: head, userId });
  for (const item of items) startMergeRequestPipeline(gitlab, item, userId);
}

/** Commits that reach the default branch close the issues that they say they close. */
function closeIssues(
  gitlab: GitLabState,
  project: ProjectRecord,
  before: string | undefined,
  head: string,
  userId: number,
): void {
  if (project.settings["autoclose_referenced_issues"] === false) return;
  const context = contextFor(gitlab, project, userId);
  const commits = before === undefined ? [] : project.repository.between(before, head);
  for (const commit of commits) {
    for (const iid of closedIids(commit.message)) {
      const issue = gitlab.planning.issue(project.id, iid);
      if (issue?.state === "opened") applyChange(context, issue, { state: "close" });
    }
  }
}

function noteCommits(
  gitlab: GitLabState,
  source: ProjectRecord,
  item: MergeRequestRecord,
  before: string | undefined,
  userId: number,
): void {
  const context = contextFor(gitlab, gitlab.project(item.projectId), userId);
  const head = source.repository.branches.get(item.sourceBranch) ?? "";
  const commits = before === undefined ? [] : source.repository.between(before, head).reverse();
  const list = commits.map(({ sha, message }) => `<li>${sha.slice(0, 8)} - ${commitTitle(message)}</li>`).join("");
  const count = `${String(commits.length)} commit${commits.length === 1 ? "" : "s"}`;
  addNote(context, item, `added ${count}\n\n<ul>${list}</ul>`);
  item.updatedAt = context.now;
  item.checkedAt = context.now;
  // What was to be merged is another now: GitLab takes the order back.
  item.autoMerge = false;
  if (source.settings["reset_approvals_on_push"] !== false && context.premium) item.approvals = [];
}

/** The pipeline of a merge request, where the configuration has jobs for it. */
export function startMergeRequestPipeline(
  gitlab: GitLabState,
  item: MergeRequestRecord,
  userId: number,
): PipelineRecord | undefined {
  const project = gitlab.project(item.projectId);
  const head = refsOf(contextFor(gitlab, project, userId), item)?.head;
  if (head === undefined) return undefined;
  return startAutomatically(gitlab, project, {
    ref: `refs/merge-requests/${String(item.iid)}/head`,
    sourceBranch: item.sourceBranch,
    source: "merge_request_event",
    sha: head,
    userId,
  });
}

/** Removes a branch; merge requests from it keep the commits that they have. */
export function removeBranch(gitlab: GitLabState, project: ProjectRecord, branch: string): void {
  for (const item of gitlab.planning.mergeRequests) {
    if (item.sourceProjectId !== project.id || item.sourceBranch !== branch) continue;
    item.lastRefs = refsOf(contextFor(gitlab, gitlab.project(item.projectId), item.authorId), item) ?? item.lastRefs;
  }
  project.repository.branches.delete(branch);
}
