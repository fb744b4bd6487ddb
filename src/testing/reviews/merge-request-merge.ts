import { signatureOf } from "../resources/code/commit-entity.js";
import type { ProjectContext } from "../state/project-context.js";
import { applyChange } from "../issuables/issuable-changes.js";
import type { MergeRequestRecord } from "../state/issuable-records.js";
import { pushed } from "../resources/code/pushes.js";
import { detailedMergeStatus, headPipeline, refsOf } from "./merge-request-refs.js";
import { isSettled } from "../state/pipeline-records.js";
import { closedIids } from "../resources/planning/planning-entities.js";

/** How to merge; what is left out follows the merge request's own settings. */
export interface MergeOptions {
  readonly message?: string;
  readonly squashMessage?: string;
  readonly squash?: boolean;
  readonly removeSourceBranch?: boolean;
}

/** Merges for good: moves the target branch, closes issues, removes the source branch. False when that is impossible. */
export function mergeNow(context: ProjectContext, item: MergeRequestRecord, options: MergeOptions = {}): boolean {
  const refs = refsOf(context, item);
  const user = context.gitlab.users.get(context.me);
  if (refs === undefined || user === undefined) return false;
  const { repository, settings } = context.project;
  const squash = options.squash ?? item.squash;
  const outcome = repository.merge({
    source: refs.head,
    target: item.targetBranch,
    message: options.message ?? mergeMessage(context, item),
    author: signatureOf(user, context.now),
    squashMessage: squash ? (options.squashMessage ?? item.title) : undefined,
    fastForward: settings["merge_method"] === "ff",
  });
  if (!outcome.merged) {
    item.mergeError = "Merge conflicts";
    return false;
  }
  item.state = "merged";
  item.frozenRefs = refs;
  item.squash = squash;
  item.autoMerge = false;
  item.mergeUserId = context.me;
  item.mergedAt = context.now;
  item.updatedAt = context.now;
  item.mergeCommitSha = settings["merge_method"] === "ff" ? null : outcome.commit.sha;
  item.squashCommitSha = outcome.squashCommit?.sha ?? null;
  item.mergeError = null;
  closeIssues(context, item);
  const source = context.gitlab.projects.get(item.sourceProjectId)?.repository;
  const remove = options.removeSourceBranch ?? item.removeSourceBranch;
  if (remove && source !== undefined && !source.isProtected(item.sourceBranch)) {
    source.branches.delete(item.sourceBranch);
  }
  return true;
}

/** Merges, with everything that follows from the target branch having moved. */
export function mergeAndPush(context: ProjectContext, item: MergeRequestRecord, options: MergeOptions = {}): boolean {
  const before = context.project.repository.branches.get(item.targetBranch);
  const merged = mergeNow(context, item, options);
  if (merged) {
    pushed(context.gitlab, context.project, { branch: item.targetBranch, before, userId: context.me });
  }
  return merged;
}

function mergeMessage(context: ProjectContext, item: MergeRequestRecord): string {
  const closes = closedIids(item.description).map((iid) => `#${String(iid)}`);
  const parts = [
    `Merge branch '${item.sourceBranch}' into '${item.targetBranch}'`,
    item.title,
    ...(closes.length === 0 ? [] : [`Closes ${closes.join(", ")}`]),
    `See merge request ${context.fullPath}!${String(item.iid)}`,
  ];
  return parts.join("\n\n");
}

/** Only what reaches the default branch closes issues. */
function closeIssues(context: ProjectContext, item: MergeRequestRecord): void {
  const { repository, settings } = context.project;
  if (item.targetBranch !== repository.defaultBranch || settings["autoclose_referenced_issues"] === false) return;
  for (const iid of closedIids(item.description)) {
    const issue = context.planning.issue(context.projectId, iid);
    if (issue !== undefined) applyChange(context, issue, { state: "close" });
  }
}

/** Merges whatever was set to merge by itself and has become mergeable, its pipeline having ended. */
export function finishAutoMerges(
  contextOfMerger: (item: MergeRequestRecord) => ProjectContext,
  items: readonly MergeRequestRecord[],
): void {
  for (const item of items) {
    if (!item.autoMerge || item.state !== "opened") continue;
    const context = contextOfMerger(item);
    const pipeline = headPipeline(context, item);
    if (pipeline === undefined || !isSettled(pipeline.status)) continue;
    if (pipeline.status === "success" && detailedMergeStatus(context, item) === "mergeable")
      mergeAndPush(context, item);
    else item.autoMerge = false;
  }
}
