import { signatureOf } from "./commit-entity.js";
import type { Desk } from "./desk.js";
import { applyChange } from "./issuable-changes.js";
import type { MergeRequestRecord } from "./issuable-records.js";
import { detailedMergeStatus, headPipeline, refsOf } from "./merge-request-refs.js";
import { isSettled } from "./pipeline-records.js";
import { closedIids } from "./planning-entities.js";

/** How to merge; what is left out follows the merge request's own settings. */
export interface MergeOptions {
  readonly message?: string;
  readonly squashMessage?: string;
  readonly squash?: boolean;
  readonly removeSourceBranch?: boolean;
}

/** Merges for good: moves the target branch, closes issues, removes the source branch. False when that is impossible. */
export function mergeNow(desk: Desk, item: MergeRequestRecord, options: MergeOptions = {}): boolean {
  const refs = refsOf(desk, item);
  const user = desk.world.users.get(desk.me);
  if (refs === undefined || user === undefined) return false;
  const { repository, settings } = desk.project;
  const squash = options.squash ?? item.squash;
  const outcome = repository.merge({
    source: refs.head,
    target: item.targetBranch,
    message: options.message ?? mergeMessage(desk, item),
    author: signatureOf(user, desk.now),
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
  item.mergeUserId = desk.me;
  item.mergedAt = desk.now;
  item.updatedAt = desk.now;
  item.mergeCommitSha = settings["merge_method"] === "ff" ? null : outcome.commit.sha;
  item.squashCommitSha = outcome.squashCommit?.sha ?? null;
  item.mergeError = null;
  closeIssues(desk, item);
  const source = desk.world.projects.get(item.sourceProjectId)?.repository;
  const remove = options.removeSourceBranch ?? item.removeSourceBranch;
  if (remove && source !== undefined && !source.isProtected(item.sourceBranch)) {
    source.branches.delete(item.sourceBranch);
  }
  return true;
}

function mergeMessage(desk: Desk, item: MergeRequestRecord): string {
  const closes = closedIids(item.description).map((iid) => `#${String(iid)}`);
  const parts = [
    `Merge branch '${item.sourceBranch}' into '${item.targetBranch}'`,
    item.title,
    ...(closes.length === 0 ? [] : [`Closes ${closes.join(", ")}`]),
    `See merge request ${desk.fullPath}!${String(item.iid)}`,
  ];
  return parts.join("\n\n");
}

/** Only what reaches the default branch closes issues. */
function closeIssues(desk: Desk, item: MergeRequestRecord): void {
  const { repository, settings } = desk.project;
  if (item.targetBranch !== repository.defaultBranch || settings["autoclose_referenced_issues"] === false) return;
  for (const iid of closedIids(item.description)) {
    const issue = desk.planning.issue(desk.projectId, iid);
    if (issue !== undefined) applyChange(desk, issue, { state: "close" });
  }
}

/** Merges whatever was set to merge by itself and has become mergeable, its pipeline having ended. */
export function finishAutoMerges(
  deskOfMerger: (item: MergeRequestRecord) => Desk,
  items: readonly MergeRequestRecord[],
): void {
  for (const item of items) {
    if (!item.autoMerge || item.state !== "opened") continue;
    const desk = deskOfMerger(item);
    const pipeline = headPipeline(desk, item);
    if (pipeline === undefined || !isSettled(pipeline.status)) continue;
    if (pipeline.status === "success" && detailedMergeStatus(desk, item) === "mergeable") mergeNow(desk, item);
    else item.autoMerge = false;
  }
}
