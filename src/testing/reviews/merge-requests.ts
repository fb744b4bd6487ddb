import { requireCode, requireRole, requireUser } from "../server/access.js";
import { commitEntity, diffEntity } from "../resources/code/commit-entity.js";
import type { ProjectContext } from "../state/project-context.js";
import { contextFor, contextOf } from "../state/context-of.js";
import {
  created,
  forbidden,
  json,
  list,
  notFound,
  refuse,
  unauthorized,
  type Call,
  type Handlers,
} from "../server/handler.js";
import { bodyChange, changeOf, checkTitle, refuseExclusive } from "../issuables/issuable-body.js";
import { applyChange } from "../issuables/issuable-changes.js";
import { issuableTests, mergeRequestTests, passesAll } from "../issuables/issuable-filters.js";
import { findMergeRequest, findReviewed, mention } from "../issuables/issuable-find.js";
import { startMergeRequestPipeline } from "../resources/code/pushes.js";
import { versionsOf } from "./versions.js";
import { ordered } from "../issuables/issuable-order.js";
import { blankIssuable, type MergeRequestRecord } from "../state/issuable-records.js";
import { mergeRequestBasicEntity, mergeRequestEntity, mergeRequestSimpleEntity } from "./merge-request-entity.js";
import { mergeAndPush } from "./merge-request-merge.js";
import { commitsOf, detailedMergeStatus, diffsOf, headPipeline, mayMerge, refsOf } from "./merge-request-refs.js";
import { isSettled } from "../state/pipeline-records.js";
import { interpretQuickActions } from "../issuables/quick-actions.js";
import { role, type ProjectRecord } from "../state/records.js";

/** Merge requests of a project. */
export const mergeRequestHandlers: Handlers = {
  getApiV4ProjectsIdMergeRequests: (call) => {
    refuseExclusive(call);
    const project = findReviewed(call);
    requireCode(call, project);
    const context = contextOf(call, project);
    const { planning, now } = context;
    const { params } = call;
    const milestones = planning.milestonesOf(project.id);
    const filters = { gitlab: call.gitlab, userId: context.userId, milestones, me: call.user?.id, now };
    const passes = passesAll([...issuableTests(params, filters), ...mergeRequestTests(params, filters)]);
    const found = ordered(
      planning.mergeRequests.filter((item) => item.projectId === project.id && passes(item)),
      params.text("order_by") ?? "created_at",
      params.text("sort") ?? "desc",
      planning.labelsOf(project.id),
      milestones,
    );
    const labelDetails = params.flag("with_labels_details") ?? false;
    return list(found, (item) =>
      params.text("view") === "simple"
        ? mergeRequestSimpleEntity(context, item)
        : mergeRequestBasicEntity(context, item, { labelDetails, renderHtml: params.flag("render_html") }),
    );
  },

  getApiV4ProjectsIdMergeRequestsMergeRequestIid: (call) => {
    const context = contextOf(call, findReviewed(call));
    const item = findMergeRequest(call, context, "merge_request_iid");
    const { params } = call;
    return json(
      mergeRequestEntity(context, item, {
        renderHtml: params.flag("render_html"),
        diverged: params.flag("include_diverged_commits_count"),
        rebase: params.flag("include_rebase_in_progress"),
      }),
    );
  },

  getApiV4ProjectsIdMergeRequestsMergeRequestIidCommits: (call) => {
    const context = contextOf(call, findReviewed(call));
    const item = findMergeRequest(call, context, "merge_request_iid");
    return list(commitsOf(context, item), (commit) => commitEntity(context.gitlab, context.project, commit));
  },

  getApiV4ProjectsIdMergeRequestsMergeRequestIidDiffs: (call) => {
    const context = contextOf(call, findReviewed(call));
    const item = findMergeRequest(call, context, "merge_request_iid");
    const unidiff = call.params.flag("unidiff") ?? false;
    return list(diffsOf(context, item), (diff) => diffEntity(diff, unidiff));
  },

  postApiV4ProjectsIdMergeRequests: (call) => {
    const source = findReviewed(call);
    const me = requireRole(call, source, role.developer);
    refuseExclusive(call);
    const { params, gitlab } = call;
    const target = targetProject(call, source);
    if (target.archived || source.archived) forbidden();
    const context = contextFor(gitlab, target, me.id);
    checkTitle(params.text("title") ?? "");
    const item = newMergeRequest(context, {
      sourceProjectId: source.id,
      sourceBranch: params.text("source_branch") ?? "",
      targetBranch: params.text("target_branch") ?? "",
      title: params.text("title") ?? "",
      createdAt: context.now,
    });
    checkBranches(context, item, source);
    const {
      title: _title,
      description,
      state: _state,
      targetBranch: _target,
      ...change
    } = bodyChange(context, call, true);
    item.iid = context.planning.nextIid("merge_request", target.id);
    context.planning.mergeRequests.push(item);
    applyChange(context, item, change);
    const actions = interpretQuickActions(context, item, description ?? "");
    item.description = description === undefined ? null : actions.text;
    applyChange(context, item, actions.change);
    item.updatedAt = item.createdAt;
    mention(context, item, item.description);
    startMergeRequestPipeline(gitlab, item, me.id);
    versionsOf(context, item);
    // The rest is done in the background: pipeline and diff are not there yet, nor is it known whether it can be merged.
    return created({
      ...mergeRequestEntity(context, item),
      merge_status: "checking",
      detailed_merge_status: "preparing",
      prepared_at: null,
    });
  },

  putApiV4ProjectsIdMergeRequestsMergeRequestIid: (call) => {
    const context = contextOf(call, findReviewed(call));
    const item = findMergeRequest(call, context, "merge_request_iid");
    const change = changeOf(context, call, item, { level: role.developer, changeable });
    const target = change.targetBranch ?? item.targetBranch;
    const reopened = change.state === "reopen" && item.state === "closed";
    if (target !== item.targetBranch || reopened) {
      checkBranches(
        context,
        { ...item, targetBranch: target },
        context.gitlab.projects.get(item.sourceProjectId) ?? context.project,
      );
    }
    const actions = interpretQuickActions(context, item, change.description ?? "");
    if (typeof change.description === "string") change.description = actions.text;
    applyChange(context, item, change);
    applyChange(context, item, actions.change);
    return json(mergeRequestEntity(context, item));
  },

  putApiV4ProjectsIdMergeRequestsMergeRequestIidMerge: (call) => {
    const context = contextOf(call, findReviewed(call));
    requireUser(call);
    const item = findMergeRequest(call, context, "merge_request_iid");
    if (!mayMerge(context, item)) unauthorized();
    const { params } = call;
    const auto = params.flag("auto_merge") ?? params.flag("merge_when_pipeline_succeeds") ?? false;
    const pipeline = headPipeline(context, item);
    const waits = auto && pipeline !== undefined && !isSettled(pipeline.status);
    const status = detailedMergeStatus(context, item, waits ? ["ci_still_running"] : []);
    // GitLab looks at conflicts only after everything else, and says so differently.
    if (status === "conflict" || status === "need_rebase") refuse(422, "Branch cannot be merged");
    if (status !== "mergeable") refuse(405, "405 Method Not Allowed");
    const head = refsOf(context, item)?.head ?? "";
    const seen = params.text("sha");
    if (seen !== undefined && seen !== head) refuse(409, `SHA does not match HEAD of source branch: ${head}`);
    const removeSourceBranch = params.flag("should_remove_source_branch");
    if (waits) {
      item.autoMerge = true;
      item.mergeUserId = context.me;
      item.removeSourceBranch = removeSourceBranch ?? item.removeSourceBranch;
      item.squash = params.flag("squash") ?? item.squash;
      item.updatedAt = context.now;
      return json(mergeRequestEntity(context, item));
    }
    const merged = mergeAndPush(context, item, {
      message: params.text("merge_commit_message"),
      squashMessage: params.text("squash_commit_message"),
      squash: params.flag("squash"),
      removeSourceBranch,
    });
    if (!merged) refuse(422, "Branch cannot be merged");
    return json(mergeRequestEntity(context, item));
  },
};

const changeable = [
  "assignee_id",
  "assignee_ids",
  "description",
  "discussion_locked",
  "labels",
  "add_labels",
  "remove_labels",
  "milestone_id",
  "milestone",
  "remove_source_branch",
  "allow_collaboration",
  "allow_maintainer_to_push",
  "squash",
  "target_branch",
  "title",
  "state_event",
  "reviewer_ids",
  "merge_after",
  "approvals_before_merge",
];

function targetProject(call: Call, source: ProjectRecord): ProjectRecord {
  const id = call.params.integer("target_project_id");
  if (id === undefined || id === source.id) return source;
  const target = call.gitlab.projects.get(id);
  if (target === undefined || !call.gitlab.canSeeProject(call.user, target)) return notFound("Project");
  const related = source.forkedFromId === target.id || target.forkedFromId === source.id;
  return related ? target : refuse(422, { message: ["Source project is not a fork of the target project"] });
}

/** What GitLab says about branches that cannot make a merge request. */
function checkBranches(context: ProjectContext, item: MergeRequestRecord, source: ProjectRecord): void {
  const same = source.id === context.projectId;
  if (same && item.sourceBranch === item.targetBranch) {
    refuse(422, { message: ["You can't use same project/branch for source and target"] });
  }
  // Only the create looks for the branches; GitLab names both when both are missing.
  if (item.iid === 0) {
    const missing = {
      ...(!source.repository.branches.has(item.sourceBranch) && { source_branch: ["does not exist"] }),
      ...(!context.project.repository.branches.has(item.targetBranch) && { target_branch: ["does not exist"] }),
    };
    if (Object.keys(missing).length > 0) refuse(400, { message: missing });
  }
  const other = context.planning.mergeRequests.find(
    (candidate) =>
      candidate.state === "opened" &&
      candidate.id !== item.id &&
      candidate.projectId === item.projectId &&
      candidate.sourceProjectId === item.sourceProjectId &&
      candidate.sourceBranch === item.sourceBranch &&
      candidate.targetBranch === item.targetBranch,
  );
  if (other === undefined) return;
  refuse(409, { message: [`Another open merge request already exists for this source branch: !${String(other.iid)}`] });
}

/** A merge request without a number, not yet in the project's list. */
export function newMergeRequest(
  context: ProjectContext,
  start: Pick<MergeRequestRecord, "sourceProjectId" | "sourceBranch" | "targetBranch" | "title" | "createdAt">,
): MergeRequestRecord {
  return {
    ...blankIssuable(start.createdAt),
    kind: "merge_request",
    id: context.planning.nextId("merge_request"),
    iid: 0,
    projectId: context.projectId,
    ...start,
    state: "opened",
    authorId: context.me,
    reviewerIds: [],
    approvals: [],
    approvalsRequired: 0,
    removeSourceBranch: false,
    squash: false,
    allowCollaboration: false,
    mergeAfter: null,
    autoMerge: false,
    mergeUserId: null,
    mergedAt: null,
    mergeCommitSha: null,
    squashCommitSha: null,
    mergeError: null,
    lastRefs: null,
    reviewStates: new Map(),
    checkedAt: start.createdAt,
    frozenRefs: null,
  };
}
