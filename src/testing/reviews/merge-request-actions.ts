import { startAutomatically } from "../ci/pipeline-creation.js";
import { requireRole, requireUser } from "../server/access.js";
import {
  created,
  empty,
  forbidden,
  json,
  list,
  notFound,
  refuse,
  unauthorized,
  type Call,
  type Handlers,
} from "../server/handler.js";
import { contextOf } from "../state/context-of.js";
import type { MergeRequestRecord } from "../state/issuable-records.js";
import type { ProjectContext } from "../state/project-context.js";
import { role } from "../state/records.js";
import { addNote } from "../issuables/issuable-changes.js";
import { findMergeRequest, findReviewed } from "../issuables/issuable-find.js";
import { closedIids, issueEntity } from "../resources/planning/planning-entities.js";
import { diffEntity, signatureOf } from "../resources/code/commit-entity.js";
import { pipelineEntity, pipelineListEntity } from "../ci/pipeline-entities.js";
import { pushed, startMergeRequestPipeline } from "../resources/code/pushes.js";
import { levelFor } from "../state/branch-protection.js";
import { approvalsEntity, unapprove } from "./approvals.js";
import { mergeRequestEntity } from "./merge-request-entity.js";
import { commitsOf, diffsOf, refsOf } from "./merge-request-refs.js";

const one = "/projects/{id}/merge_requests/{merge_request_iid}";

function open(call: Call): { context: ProjectContext; item: MergeRequestRecord } {
  const context = contextOf(call, findReviewed(call));
  return { context, item: findMergeRequest(call, context, "merge_request_iid") };
}

const pipelinesOf = ({ planning }: ProjectContext, item: MergeRequestRecord): typeof planning.pipelines =>
  planning.pipelines
    .filter(
      ({ projectId, ref }) =>
        (projectId === item.sourceProjectId && ref === item.sourceBranch) ||
        (projectId === item.projectId && ref === `refs/merge-requests/${String(item.iid)}/head`),
    )
    .reverse();

/** Takes an order to merge by itself back. GitLab answers 201 either way. */
function cancelAutoMerge(call: Call): ReturnType<typeof json> {
  const { context, item } = open(call);
  if (context.level < role.developer && item.authorId !== context.me) unauthorized();
  if (!item.autoMerge) {
    return json({ status: "error", message: "Can't cancel the automatic merge", http_status: 406 }, 201);
  }
  item.autoMerge = false;
  addNote(context, item, "canceled the automatic merge");
  return json({ status: "success" }, 201);
}

/** What people do with a merge request besides changing and merging it. */
export const mergeRequestActionHandlers: Handlers = {
  [`DELETE ${one}`]: (call) => {
    const { context, item } = open(call);
    if (context.level < role.owner && item.authorId !== requireUser(call).id) forbidden();
    const { mergeRequests } = context.planning;
    mergeRequests.splice(mergeRequests.indexOf(item), 1);
    return empty();
  },
  [`GET ${one}/changes`]: (call) => {
    const { context, item } = open(call);
    const unidiff = call.params.flag("unidiff") ?? false;
    const changes = diffsOf(context, item).map((diff) => diffEntity(diff, unidiff));
    return json({ ...mergeRequestEntity(context, item), changes, overflow: false });
  },
  [`GET ${one}/raw_diffs`]: (call) => {
    const { context, item } = open(call);
    const body = diffsOf(context, item)
      .map((diff) => `diff --git a/${diff.oldPath} b/${diff.newPath}\n${String(diffEntity(diff, true)["diff"])}`)
      .join("");
    return { kind: "text", status: 200, body, contentType: "text/plain" };
  },
  [`GET ${one}/closes_issues`]: (call) => {
    const { context, item } = open(call);
    const issues = closedIids(item.description).flatMap((iid) => context.planning.issue(context.projectId, iid) ?? []);
    return list(issues, (issue) => issueEntity(context, issue, { single: false }));
  },
  [`GET ${one}/participants`]: (call) => {
    const { context, item } = open(call);
    const ids = [
      item.authorId,
      ...item.assigneeIds,
      ...item.notes.filter(({ system }) => !system).map((note) => note.authorId),
    ];
    return list([...new Set(ids)], (id) => context.person(id));
  },
  [`GET ${one}/reviewers`]: (call) => {
    const { context, item } = open(call);
    return list(item.reviewerIds, (id) => ({
      user: context.person(id),
      state: item.approvals.some(({ userId }) => userId === id)
        ? "approved"
        : (item.reviewStates.get(id) ?? "unreviewed"),
      created_at: item.createdAt.toISOString(),
    }));
  },
  [`GET ${one}/pipelines`]: (call) => {
    const { context, item } = open(call);
    return list(pipelinesOf(context, item), (pipeline) => pipelineListEntity(context, pipeline));
  },
  [`POST ${one}/pipelines`]: (call) => {
    const { context, item } = open(call);
    const user = requireRole(call, context.project, role.developer);
    if (commitsOf(context, item).length === 0) refuse(405, "405 Method Not Allowed");
    const made =
      startMergeRequestPipeline(context.gitlab, item, user.id) ??
      startAutomatically(context.gitlab, context.project, {
        ref: item.sourceBranch,
        source: "push",
        sha: refsOf(context, item)?.head ?? "",
        userId: user.id,
      });
    return made === undefined
      ? refuse(400, { message: { base: ["No stages / jobs for this pipeline."] } })
      : json(pipelineEntity(context, made));
  },
  [`PUT ${one}/rebase`]: (call) => {
    const { context, item } = open(call);
    const source = context.gitlab.projects.get(item.sourceProjectId) ?? notFound();
    const user = requireUser(call);
    if (context.gitlab.projectRole(user, source) < levelFor(context.gitlab, source, item.sourceBranch, "push")) {
      forbidden("Cannot push to source branch");
    }
    const before = source.repository.branches.get(item.sourceBranch);
    if (before === undefined) forbidden("Source branch does not exist");
    const refs = refsOf(context, item);
    if (refs !== undefined && refs.base !== refs.start) {
      const committer = signatureOf(user, context.now);
      const done = context.project.repository.rebase(refs.base, refs.head, refs.start, committer);
      if (done === undefined)
        item.mergeError = "Rebase failed: Rebase locally, resolve all conflicts, then push the branch.";
      else {
        source.repository.fetch(context.project.repository);
        source.repository.branches.set(item.sourceBranch, done);
        item.mergeError = null;
        if (call.params.flag("skip_ci") !== true) {
          pushed(context.gitlab, source, { branch: item.sourceBranch, before, userId: user.id });
        }
      }
    }
    return json({ rebase_in_progress: true }, 202);
  },
  [`POST ${one}/cancel_merge_when_pipeline_succeeds`]: cancelAutoMerge,
  [`POST ${one}/cancel_auto_merge`]: cancelAutoMerge,
  [`POST ${one}/unapprove`]: (call) => {
    const { context, item } = open(call);
    requireUser(call);
    if (!item.approvals.some(({ userId }) => userId === context.me)) notFound();
    unapprove(context, item);
    return created(approvalsEntity(context, item));
  },
  [`GET ${one}/approval_state`]: (call) => {
    const { context, item } = open(call);
    if (!context.premium) refuse(404, { error: "404 Not Found" });
    const approved = item.approvals.map(({ userId }) => context.person(userId));
    const rule = {
      id: item.id,
      name: "All Members",
      rule_type: "any_approver",
      eligible_approvers: [],
      approvals_required: item.approvalsRequired,
      users: [],
      groups: [],
      contains_hidden_groups: false,
      approved_by: approved,
      approved: approved.length >= item.approvalsRequired,
      overridden: false,
    };
    return json({ approval_rules_overwritten: false, rules: item.approvalsRequired > 0 ? [rule] : [] });
  },
};
