import { levelFor } from "../state/branch-protection.js";
import type { ProjectContext } from "../state/project-context.js";
import type { MergeRequestRecord } from "../state/issuable-records.js";
import { isDraftTitle } from "../state/issuable-records.js";
import { isSettled } from "../state/pipeline-records.js";
import type { PipelineRecord } from "../state/pipeline-records.js";
import type { CommitRecord, FileDiff } from "../repository/model.js";

/** Base (where the branches parted), start (head of the target) and head of a merge request, as in `diff_refs`. */
export interface MergeRequestRefs {
  readonly base: string;
  readonly start: string;
  readonly head: string;
}

/** The commits that a merge request compares; undefined when one of its branches is gone. */
export function refsOf(context: ProjectContext, item: MergeRequestRecord): MergeRequestRefs | undefined {
  if (item.frozenRefs !== null) return item.frozenRefs;
  const { repository } = context.project;
  const source = context.gitlab.projects.get(item.sourceProjectId)?.repository;
  const head = source?.branches.get(item.sourceBranch);
  const start = repository.branches.get(item.targetBranch);
  // A merge request whose source branch is gone keeps what it compared.
  if (source === undefined || head === undefined || start === undefined) return item.lastRefs ?? undefined;
  if (source !== repository) repository.fetch(source);
  return { base: repository.mergeBase(start, head) ?? start, start, head };
}

const hasSource = ({ gitlab }: ProjectContext, item: MergeRequestRecord): boolean =>
  gitlab.projects.get(item.sourceProjectId)?.repository.branches.has(item.sourceBranch) === true;

/** Merge methods that take a branch only on top of its target. */
const straight = (method: unknown): boolean => method === "ff" || method === "rebase_merge";

/** The commits of a merge request, newest first. */
export function commitsOf(context: ProjectContext, item: MergeRequestRecord): CommitRecord[] {
  const refs = refsOf(context, item);
  return refs === undefined ? [] : context.project.repository.between(refs.base, refs.head);
}

/** What a merge request changes. */
export function diffsOf(context: ProjectContext, item: MergeRequestRecord): FileDiff[] {
  const refs = refsOf(context, item);
  return refs === undefined ? [] : context.project.repository.diff(refs.base, refs.head);
}

/** Whether the branches cannot be merged by themselves. */
export function hasConflicts(context: ProjectContext, item: MergeRequestRecord): boolean {
  const refs = item.state === "opened" ? refsOf(context, item) : undefined;
  return refs !== undefined && context.project.repository.conflicts(refs.head, refs.start).length > 0;
}

/** The newest pipeline of the merge request's head. */
export function headPipeline(context: ProjectContext, item: MergeRequestRecord): PipelineRecord | undefined {
  const head = refsOf(context, item)?.head;
  if (head === undefined) return undefined;
  const own = context.planning.latestPipeline(item.projectId, `refs/merge-requests/${String(item.iid)}/head`, head);
  return own ?? context.planning.latestPipeline(item.sourceProjectId, item.sourceBranch, head);
}

/** Whether all threads are resolved. */
export const discussionsResolved = (item: MergeRequestRecord): boolean =>
  item.notes.every((note) => !note.resolvable || note.resolvedById !== null);

/** So many approvals are missing; none on a plan that does not require any. */
export const approvalsLeft = (context: ProjectContext, item: MergeRequestRecord): number =>
  context.premium ? Math.max(0, item.approvalsRequired - item.approvals.length) : 0;

/**
 * GitLab's `detailed_merge_status`: the first of its checks that fails, in its order, or `mergeable`. `ignore` leaves
 * out checks that the caller takes care of, such as that of the pipeline before an automatic merge.
 */
export function detailedMergeStatus(
  context: ProjectContext,
  item: MergeRequestRecord,
  ignore: readonly string[] = [],
): string {
  const { settings } = context.project;
  const refs = refsOf(context, item);
  const failed = (): string[] => {
    if (item.state !== "opened") return ["not_open"];
    return [
      ...(item.mergeAfter !== null && item.mergeAfter > context.now ? ["merge_time"] : []),
      ...(isDraftTitle(item.title) ? ["draft_status"] : []),
      ...(refs === undefined || refs.base === refs.head || !hasSource(context, item) ? ["commits_status"] : []),
      ...(settings["only_allow_merge_if_all_discussions_are_resolved"] === true && !discussionsResolved(item)
        ? ["discussions_not_resolved"]
        : []),
      ...(settings["only_allow_merge_if_pipeline_succeeds"] === true ? pipelineCheck(context, item) : []),
      ...(approvalsLeft(context, item) > 0 ? ["not_approved"] : []),
      ...(hasConflicts(context, item) ? ["conflict"] : []),
      ...(straight(settings["merge_method"]) && refs !== undefined && refs.base !== refs.start ? ["need_rebase"] : []),
    ];
  };
  return failed().find((status) => !ignore.includes(status)) ?? "mergeable";
}

function pipelineCheck(context: ProjectContext, item: MergeRequestRecord): string[] {
  const status = headPipeline(context, item)?.status;
  if (status === undefined) return ["ci_must_pass"];
  if (status === "success") return [];
  if (status === "skipped" && context.project.settings["allow_merge_on_skipped_pipeline"] === true) return [];
  return [isSettled(status) ? "ci_must_pass" : "ci_still_running"];
}

/** What GitLab is still busy with in the background: it takes as long as `state.mergeCheckSeconds` says. */
export function backgroundCheck(
  { gitlab, now }: ProjectContext,
  item: MergeRequestRecord,
): "preparing" | "checking" | undefined {
  if (item.state !== "opened") return undefined;
  const since = (moment: Date): number => (now.getTime() - moment.getTime()) / 1000;
  const { preparing, checking } = gitlab.mergeCheckSeconds;
  if (since(item.createdAt) < preparing) return "preparing";
  return since(item.checkedAt) < checking ? "checking" : undefined;
}

/** Whether the caller may move the target branch: maintainers a protected one, developers any other. */
export function mayMerge(context: ProjectContext, item: MergeRequestRecord): boolean {
  return context.level >= levelFor(context.gitlab, context.project, item.targetBranch, "merge");
}
