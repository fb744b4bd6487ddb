import type { ProjectContext } from "../state/project-context.js";
import type { MergeRequestRecord } from "../state/issuable-records.js";
import { isDraftTitle } from "../state/issuable-records.js";
import {
  backgroundCheck,
  detailedMergeStatus,
  diffsOf,
  discussionsResolved,
  hasConflicts,
  headPipeline,
  mayMerge,
  refsOf,
} from "./merge-request-refs.js";
import { pipelineBasicEntity, pipelineEntity } from "../ci/pipeline-entities.js";
import {
  isSubscribed,
  labelList,
  milestoneEntity,
  referencesOf,
  renderHtml,
  taskCompletion,
  timeStats,
  userNotes,
} from "../resources/planning/planning-entities.js";

type Entity = Readonly<Record<string, unknown>>;

const iso = (date: Date | null): string | null => date?.toISOString() ?? null;

/** A merge request as `view=simple` shows it. */
export function mergeRequestSimpleEntity(context: ProjectContext, item: MergeRequestRecord): Entity {
  return {
    id: item.id,
    iid: item.iid,
    project_id: item.projectId,
    title: item.title,
    description: item.description,
    state: item.state,
    created_at: item.createdAt.toISOString(),
    updated_at: item.updatedAt.toISOString(),
    web_url: `${context.webUrl}/-/merge_requests/${String(item.iid)}`,
  };
}

/** A merge request as lists show it. */
export function mergeRequestBasicEntity(
  context: ProjectContext,
  item: MergeRequestRecord,
  options: { readonly labelDetails?: boolean; readonly renderHtml?: boolean } = {},
): Entity {
  const { web_url: webUrl, ...start } = mergeRequestSimpleEntity(context, item);
  const person = (id: number | null): Entity | null => (id === null ? null : context.person(id));
  const milestone = context.planning.milestone(item.milestoneId);
  const assignees = item.assigneeIds.map((id) => context.person(id));
  const busy = backgroundCheck(context, item);
  const conflicts = hasConflicts(context, item);
  const references = referencesOf(context, item);
  return {
    ...start,
    merged_by: person(item.mergeUserId),
    merge_user: person(item.mergeUserId),
    merged_at: iso(item.mergedAt),
    closed_by: person(item.closedById),
    closed_at: iso(item.closedAt),
    ...(options.renderHtml === true && {
      title_html: renderHtml(item.title),
      description_html: renderHtml(item.description ?? ""),
    }),
    target_branch: item.targetBranch,
    source_branch: item.sourceBranch,
    user_notes_count: userNotes(item),
    upvotes: item.upvotes,
    downvotes: item.downvotes,
    author: { ...context.person(item.authorId), bot: context.gitlab.user(item.authorId).bot },
    assignees,
    assignee: assignees[0] ?? null,
    reviewers: item.reviewerIds.map((id) => context.person(id)),
    source_project_id: item.sourceProjectId,
    target_project_id: item.projectId,
    labels: labelList(context, item, options.labelDetails ?? false),
    draft: isDraftTitle(item.title),
    imported: false,
    imported_from: "none",
    work_in_progress: isDraftTitle(item.title),
    milestone: milestone === undefined ? null : milestoneEntity(context, milestone),
    merge_when_pipeline_succeeds: item.autoMerge,
    merge_status: busy !== undefined ? "checking" : conflicts ? "cannot_be_merged" : "can_be_merged",
    detailed_merge_status: busy ?? detailedMergeStatus(context, item),
    merge_after: iso(item.mergeAfter),
    sha: refsOf(context, item)?.head ?? null,
    merge_commit_sha: item.mergeCommitSha,
    squash_commit_sha: item.squashCommitSha,
    discussion_locked: item.discussionLocked,
    should_remove_source_branch: item.state === "merged" ? item.removeSourceBranch : null,
    force_remove_source_branch: item.removeSourceBranch,
    prepared_at: busy === "preparing" ? null : item.createdAt.toISOString(),
    ...(item.sourceProjectId !== item.projectId && {
      allow_collaboration: item.allowCollaboration,
      allow_maintainer_to_push: item.allowCollaboration,
    }),
    reference: `!${String(item.iid)}`,
    references,
    web_url: webUrl,
    time_stats: timeStats(item),
    squash: item.squash,
    squash_on_merge: item.squash,
    task_completion_status: taskCompletion(item.description),
    has_conflicts: conflicts,
    blocking_discussions_resolved: discussionsResolved(item),
    ...(context.premium && { approvals_before_merge: null }),
  };
}

/** One merge request with all its fields. */
export function mergeRequestEntity(
  context: ProjectContext,
  item: MergeRequestRecord,
  include: { readonly renderHtml?: boolean; readonly diverged?: boolean; readonly rebase?: boolean } = {},
): Entity {
  const refs = refsOf(context, item);
  const source = context.gitlab.projects.get(item.sourceProjectId);
  const pipeline = headPipeline(context, item);
  const changes = diffsOf(context, item).length;
  const { repository } = context.project;
  return {
    ...mergeRequestBasicEntity(context, item, { renderHtml: include.renderHtml }),
    subscribed: isSubscribed(context, item),
    changes_count: changes === 0 ? null : String(changes),
    latest_build_started_at: iso(pipeline?.startedAt ?? null),
    latest_build_finished_at: iso(pipeline?.finishedAt ?? null),
    first_deployed_to_production_at: null,
    pipeline: pipeline === undefined || source === undefined ? null : pipelineBasicEntity(context, pipeline),
    head_pipeline: pipeline === undefined || source === undefined ? null : pipelineEntity(context, pipeline),
    diff_refs: refs === undefined ? null : { base_sha: refs.base, head_sha: refs.head, start_sha: refs.start },
    merge_error: item.mergeError,
    ...(include.rebase === true && { rebase_in_progress: false }),
    ...(include.diverged === true && {
      diverged_commits_count: refs === undefined ? 0 : repository.between(refs.head, refs.start).length,
    }),
    first_contribution: false,
    user: { can_merge: mayMerge(context, item) },
  };
}
