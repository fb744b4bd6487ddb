import { role } from "./records.js";
import type { Desk } from "./desk.js";
import type { MergeRequestRecord } from "./issuable-records.js";
import { isDraftTitle } from "./issuable-records.js";
import { isSettled } from "./pipeline-records.js";
import type { PipelineRecord } from "./pipeline-records.js";
import type { CommitRecord, FileDiff } from "./repository/model.js";

/** Base (where the branches parted), start (head of the target) and head of a merge request, as in `diff_refs`. */
export interface MergeRequestRefs {
  readonly base: string;
  readonly start: string;
  readonly head: string;
}

/** The commits that a merge request compares; undefined when one of its branches is gone. */
export function refsOf(desk: Desk, item: MergeRequestRecord): MergeRequestRefs | undefined {
  if (item.frozenRefs !== null) return item.frozenRefs;
  const { repository } = desk.project;
  const source = desk.world.projects.get(item.sourceProjectId)?.repository;
  const head = source?.branches.get(item.sourceBranch);
  const start = repository.branches.get(item.targetBranch);
  if (source === undefined || head === undefined || start === undefined) return undefined;
  if (source !== repository) repository.fetch(source);
  return { base: repository.mergeBase(start, head) ?? start, start, head };
}

/** The commits of a merge request, newest first. */
export function commitsOf(desk: Desk, item: MergeRequestRecord): CommitRecord[] {
  const refs = refsOf(desk, item);
  return refs === undefined ? [] : desk.project.repository.between(refs.base, refs.head);
}

/** What a merge request changes. */
export function diffsOf(desk: Desk, item: MergeRequestRecord): FileDiff[] {
  const refs = refsOf(desk, item);
  return refs === undefined ? [] : desk.project.repository.diff(refs.base, refs.head);
}

/** Whether the branches cannot be merged by themselves. */
export function hasConflicts(desk: Desk, item: MergeRequestRecord): boolean {
  const refs = item.state === "opened" ? refsOf(desk, item) : undefined;
  return refs !== undefined && desk.project.repository.conflicts(refs.head, refs.start).length > 0;
}

/** The newest pipeline of the merge request's head. */
export function headPipeline(desk: Desk, item: MergeRequestRecord): PipelineRecord | undefined {
  const head = refsOf(desk, item)?.head;
  return head === undefined ? undefined : desk.planning.latestPipeline(item.sourceProjectId, item.sourceBranch, head);
}

/** Whether all threads are resolved. */
export const discussionsResolved = (item: MergeRequestRecord): boolean =>
  item.notes.every((note) => !note.resolvable || note.resolvedById !== null);

/** So many approvals are missing; none on a plan that does not require any. */
export const approvalsLeft = (desk: Desk, item: MergeRequestRecord): number =>
  desk.premium ? Math.max(0, item.approvalsRequired - item.approvals.length) : 0;

/**
 * GitLab's `detailed_merge_status`: the first of its checks that fails, in its order, or `mergeable`. `ignore` leaves
 * out checks that the caller takes care of, such as that of the pipeline before an automatic merge.
 */
export function detailedMergeStatus(desk: Desk, item: MergeRequestRecord, ignore: readonly string[] = []): string {
  const { settings } = desk.project;
  const refs = refsOf(desk, item);
  const failed = (): string[] => {
    if (item.state !== "opened") return ["not_open"];
    return [
      ...(item.mergeAfter !== null && item.mergeAfter > desk.now ? ["merge_time"] : []),
      ...(isDraftTitle(item.title) ? ["draft_status"] : []),
      ...(refs === undefined || refs.base === refs.head ? ["commits_status"] : []),
      ...(settings["only_allow_merge_if_all_discussions_are_resolved"] === true && !discussionsResolved(item)
        ? ["discussions_not_resolved"]
        : []),
      ...(settings["only_allow_merge_if_pipeline_succeeds"] === true ? pipelineCheck(desk, item) : []),
      ...(approvalsLeft(desk, item) > 0 ? ["not_approved"] : []),
      ...(hasConflicts(desk, item) ? ["conflict"] : []),
      ...(settings["merge_method"] === "ff" && refs !== undefined && refs.base !== refs.start ? ["need_rebase"] : []),
    ];
  };
  return failed().find((status) => !ignore.includes(status)) ?? "mergeable";
}

function pipelineCheck(desk: Desk, item: MergeRequestRecord): string[] {
  const status = headPipeline(desk, item)?.status;
  if (status === undefined) return ["ci_must_pass"];
  if (status === "success") return [];
  if (status === "skipped" && desk.project.settings["allow_merge_on_skipped_pipeline"] === true) return [];
  return [isSettled(status) ? "ci_must_pass" : "ci_still_running"];
}

/** Whether the caller may move the target branch: maintainers a protected one, developers any other. */
export function mayMerge(desk: Desk, item: MergeRequestRecord): boolean {
  const isProtected = desk.project.repository.isProtected(item.targetBranch);
  return desk.level >= (isProtected ? role.maintainer : role.developer);
}
