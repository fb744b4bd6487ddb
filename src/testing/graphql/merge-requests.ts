import { contextFor } from "../state/context-of.js";
import type { MergeRequestRecord } from "../state/issuable-records.js";
import { isDraftTitle } from "../state/issuable-records.js";
import type { ProjectContext } from "../state/project-context.js";
import { role } from "../state/records.js";
import { mayReadIssue, mayReadMergeRequest } from "../state/visibility.js";
import { closedIids } from "../resources/planning/planning-entities.js";
import {
  approvalsLeft,
  backgroundCheck,
  commitsOf,
  detailedMergeStatus,
  diffsOf,
  hasConflicts,
  headPipeline,
  mayMerge,
  refsOf,
} from "../reviews/merge-request-refs.js";
import { mayApprove } from "../reviews/approvals.js";
import { connection, type PageArguments } from "./connection.js";
import { gid } from "./ids.js";
import { discussionsOf } from "./notes.js";
import { pipelineNode } from "./pipelines.js";
import { labelNodes, milestoneNode } from "./planning.js";
import { homeNode } from "./home.js";
import { iso, userNode, type Node, type View } from "./view.js";

export const mergeRequestUrl = ({ gitlab }: View, item: MergeRequestRecord): string =>
  `${gitlab.projectUrl(gitlab.project(item.projectId))}/-/merge_requests/${String(item.iid)}`;

const reviewStateOf = (item: MergeRequestRecord, id: number): string =>
  item.approvals.some(({ userId }) => userId === id)
    ? "APPROVED"
    : (item.reviewStates.get(id) ?? "unreviewed").toUpperCase();

/** A merge request; what takes a comparison of branches is worked out when it is asked for. */
export function mergeRequestNode(view: View, item: MergeRequestRecord): Node {
  const { gitlab, user } = view;
  const project = gitlab.project(item.projectId);
  const context = contextFor(gitlab, project, user?.id ?? 0);
  const home = { project };
  const resolvable = (): Map<string, boolean> => {
    const threads = new Map<string, boolean>();
    for (const note of item.notes) {
      if (!note.resolvable) continue;
      threads.set(note.discussionId, (threads.get(note.discussionId) ?? true) && note.resolvedById !== null);
    }
    return threads;
  };
  const interaction = (id: number): Node => ({
    mergeRequestInteraction: {
      reviewState: reviewStateOf(item, id),
      approved: item.approvals.some(({ userId }) => userId === id),
      canMerge: mayMerge(contextFor(gitlab, project, id), item),
    },
  });
  const people = (ids: readonly number[], type: string) => (args: PageArguments) =>
    connection(ids, args, (id) => userNode(view, id, type, interaction(id)));
  const approvers = (args: PageArguments): Node =>
    connection(item.approvals, args, ({ userId }) => userNode(view, userId));
  const premium = context.premium;
  return {
    __typename: "MergeRequest",
    id: gid("MergeRequest", item.id),
    iid: String(item.iid),
    title: item.title,
    name: item.title,
    description: item.description,
    state: item.state,
    draft: isDraftTitle(item.title),
    webUrl: mergeRequestUrl(view, item),
    webPath: new URL(mergeRequestUrl(view, item)).pathname,
    reference: ({ full }: { readonly full?: boolean | null }) =>
      `${full === true ? context.fullPath : ""}!${String(item.iid)}`,
    projectId: item.projectId,
    project: () => homeNode(view, home),
    targetProject: () => homeNode(view, home),
    sourceProject: () => {
      const source = gitlab.projects.get(item.sourceProjectId);
      return source === undefined ? null : homeNode(view, { project: source });
    },
    createdAt: iso(item.createdAt),
    updatedAt: iso(item.updatedAt),
    mergedAt: iso(item.mergedAt),
    sourceBranch: item.sourceBranch,
    targetBranch: item.targetBranch,
    mergeCommitSha: item.mergeCommitSha,
    mergeError: item.mergeError,
    diffHeadSha: () => refsOf(context, item)?.head ?? null,
    diffRefs: () => {
      const refs = refsOf(context, item);
      return refs === undefined ? null : { baseSha: refs.base, startSha: refs.start, headSha: refs.head };
    },
    commitCount: () => commitsOf(context, item).length,
    diffStatsSummary: () => {
      const diffs = diffsOf(context, item);
      const sum = (field: "additions" | "deletions"): number => diffs.reduce((total, diff) => total + diff[field], 0);
      return { fileCount: diffs.length, additions: sum("additions"), deletions: sum("deletions") };
    },
    detailedMergeStatus: () => statusWord(context, item),
    mergeabilityChecks: () => checks(context, item),
    conflicts: () => hasConflicts(context, item),
    shouldBeRebased: () => detailedMergeStatus(context, item) === "need_rebase",
    autoMergeEnabled: item.autoMerge,
    autoMergeStrategy: item.autoMerge ? "merge_when_checks_pass" : null,
    author: () => userNode(view, item.authorId, "MergeRequestAuthor", interaction(item.authorId)),
    assignees: people(item.assigneeIds, "MergeRequestAssignee"),
    reviewers: people(item.reviewerIds, "MergeRequestReviewer"),
    labels: (args: PageArguments) => labelNodes(view, home, item.labels, args),
    milestone: () => {
      const milestone = gitlab.planning.milestone(item.milestoneId);
      return milestone === undefined ? null : milestoneNode(view, project, milestone);
    },
    approved: () => approvalsLeft(context, item) === 0,
    approvedBy: approvers,
    approvalsRequired: premium ? item.approvalsRequired : null,
    approvalsLeft: () => (premium ? approvalsLeft(context, item) : null),
    approvalState: {
      approvalRulesOverwritten: false,
      rules: () =>
        premium
          ? [
              {
                name: "All Members",
                type: "ANY_APPROVER",
                section: null,
                approvalsRequired: item.approvalsRequired,
                approved: approvalsLeft(context, item) === 0,
                approvedBy: approvers,
              },
            ]
          : [],
    },
    resolvableDiscussionsCount: () => resolvable().size,
    resolvedDiscussionsCount: () => [...resolvable().values()].filter((resolved) => resolved).length,
    discussions: (args: PageArguments) =>
      discussionsOf(view, { item, webUrl: mergeRequestUrl(view, item), level: context.level }, args),
    linkedWorkItems: () =>
      closedIids(item.description).flatMap((iid) => {
        const issue = gitlab.planning.issue(item.projectId, iid);
        return issue !== undefined && mayReadIssue(gitlab, user, issue)
          ? [{ linkType: "CLOSES", workItem: () => view.show.workItem(issue) }]
          : [];
      }),
    headPipeline: () => {
      const pipeline = headPipeline(context, item);
      return pipeline === undefined ? null : pipelineNode(view, pipeline);
    },
    userPermissions: () => ({
      canApprove: mayApprove(context, item),
      canMerge: mayMerge(context, item),
      updateMergeRequest: context.level >= role.developer || item.authorId === user?.id,
      pushToSourceBranch: gitlab.projectRole(user, gitlab.project(item.sourceProjectId)) >= role.developer,
    }),
  };
}

const statusWord = (context: ProjectContext, item: MergeRequestRecord): string =>
  (backgroundCheck(context, item) ?? detailedMergeStatus(context, item)).toUpperCase();

/** Every check with what came of it; those that a project has not switched on are inactive. */
function checks(context: ProjectContext, item: MergeRequestRecord): Node[] {
  const { settings } = context.project;
  const failed: string[] = [];
  for (;;) {
    const next = detailedMergeStatus(context, item, failed);
    if (next === "mergeable" || failed.includes(next)) break;
    failed.push(next);
    if (next === "not_open") break;
  }
  const failing = new Set(failed.map((status) => (status === "ci_still_running" ? "ci_must_pass" : status)));
  const running = failed.includes("ci_still_running");
  const active: Readonly<Record<string, boolean>> = {
    not_open: true,
    draft_status: true,
    commits_status: true,
    conflict: true,
    discussions_not_resolved: settings["only_allow_merge_if_all_discussions_are_resolved"] === true,
    ci_must_pass: settings["only_allow_merge_if_pipeline_succeeds"] === true,
    not_approved: context.premium && item.approvalsRequired > 0,
    need_rebase: settings["merge_method"] === "ff" || settings["merge_method"] === "rebase_merge",
    merge_time: item.mergeAfter !== null,
  };
  return Object.entries(active).map(([name, isActive]) => ({
    identifier: name.toUpperCase(),
    status: !isActive
      ? "INACTIVE"
      : !failing.has(name)
        ? "SUCCESS"
        : name === "ci_must_pass" && running
          ? "CHECKING"
          : "FAILED",
  }));
}

interface MergeRequestFilters extends PageArguments {
  readonly state?: string | null;
  readonly search?: string | null;
  readonly iids?: readonly string[] | null;
  readonly sourceBranches?: readonly string[] | null;
  readonly targetBranches?: readonly string[] | null;
  readonly draft?: boolean | null;
  readonly labelName?: readonly string[] | null;
  readonly authorUsername?: string | null;
  readonly assigneeUsername?: string | null;
  readonly reviewerUsername?: string | null;
  readonly sort?: string | null;
}

/** Merge requests that the asker may read, those that a test and the filters of a list take. */
export function mergeRequestsOf(
  view: View,
  filters: MergeRequestFilters,
  test: (item: MergeRequestRecord) => boolean,
): Node {
  const { gitlab, user } = view;
  const id = (name: string): number => gitlab.userByName(name)?.id ?? -1;
  const { state, search, iids, draft, labelName, authorUsername, assigneeUsername, reviewerUsername } = filters;
  const found = gitlab.planning.mergeRequests.filter(
    (item) =>
      test(item) &&
      mayReadMergeRequest(gitlab, user, item) &&
      (state == null || state === "all" || item.state === state) &&
      (search == null || item.title.toLowerCase().includes(search.toLowerCase())) &&
      (iids == null || iids.includes(String(item.iid))) &&
      (filters.sourceBranches == null || filters.sourceBranches.includes(item.sourceBranch)) &&
      (filters.targetBranches == null || filters.targetBranches.includes(item.targetBranch)) &&
      (draft == null || isDraftTitle(item.title) === draft) &&
      (labelName == null || labelName.every((name) => item.labels.includes(name))) &&
      (authorUsername == null || item.authorId === id(authorUsername)) &&
      (assigneeUsername == null || item.assigneeIds.includes(id(assigneeUsername))) &&
      (reviewerUsername == null || item.reviewerIds.includes(id(reviewerUsername))),
  );
  const [, field, direction] = /^(\w+?)_(asc|desc)$/i.exec(filters.sort ?? "created_desc") ?? [];
  const time = (item: MergeRequestRecord): number =>
    (field?.toLowerCase() === "updated" ? item.updatedAt : item.createdAt).getTime();
  const turn = direction?.toLowerCase() === "asc" ? 1 : -1;
  found.sort((one, other) => turn * (time(one) - time(other) || one.id - other.id));
  return connection(found, filters, (item) => mergeRequestNode(view, item));
}
