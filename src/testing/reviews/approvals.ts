import type { ProjectContext } from "../state/project-context.js";
import { contextOf } from "../state/context-of.js";
import { created, json, refuse, unauthorized, type Handlers } from "../server/handler.js";
import { addNote } from "../issuables/issuable-changes.js";
import type { MergeRequestRecord } from "../state/issuable-records.js";
import { approvalsLeft, detailedMergeStatus, hasConflicts, refsOf } from "./merge-request-refs.js";
import { findMergeRequest, findReviewed } from "../issuables/issuable-find.js";
import { mergeRequestSimpleEntity } from "./merge-request-entity.js";
import { role } from "../state/records.js";

/** Records the caller's approval. */
export function approve(context: ProjectContext, item: MergeRequestRecord): void {
  if (!mayApprove(context, item)) return;
  item.approvals.push({ userId: context.me, approvedAt: context.now });
  addNote(context, item, "approved this merge request");
  item.updatedAt = context.now;
}

/** Takes the caller's approval back. */
export function unapprove(context: ProjectContext, item: MergeRequestRecord): void {
  item.approvals = item.approvals.filter((approval) => approval.userId !== context.me);
  addNote(context, item, "unapproved this merge request");
  item.updatedAt = context.now;
}

/** Whether the caller may approve: a developer who is not the author, once, while the merge request is open. */
export function mayApprove(context: ProjectContext, item: MergeRequestRecord): boolean {
  const approved = item.approvals.some((approval) => approval.userId === context.me);
  const ownAllowed = context.project.settings["merge_requests_author_approval"] === true;
  return (
    context.level >= role.developer &&
    item.state === "opened" &&
    !approved &&
    (ownAllowed || item.authorId !== context.me)
  );
}

/** Who has approved, and who is still to. */
export function approvalsEntity(context: ProjectContext, item: MergeRequestRecord): Readonly<Record<string, unknown>> {
  const { web_url: _webUrl, ...start } = mergeRequestSimpleEntity(context, item);
  const left = approvalsLeft(context, item);
  return {
    ...start,
    merge_status: hasConflicts(context, item) ? "cannot_be_merged" : "can_be_merged",
    detailed_merge_status: detailedMergeStatus(context, item),
    approved: left === 0,
    approvals_required: item.approvalsRequired,
    approvals_left: left,
    require_password_to_approve: false,
    approved_by: item.approvals.map((approval) => ({
      user: context.person(approval.userId),
      approved_at: approval.approvedAt.toISOString(),
    })),
    suggested_approvers: [],
    approvers: [],
    approver_groups: [],
    user_has_approved: item.approvals.some((approval) => approval.userId === context.me),
    user_can_approve: mayApprove(context, item),
    approval_rules_left: left > 0 ? [{ id: item.id, name: "All Members", rule_type: "any_approver" }] : [],
    has_approval_rules: item.approvalsRequired > 0,
    merge_request_approvers_available: true,
    multiple_approval_rules_available: true,
    invalid_approvers_rules: [],
  };
}

/** Approvals. Only their rules are paid for: https://docs.gitlab.com/api/merge_request_approvals/ */
export const approvalHandlers: Handlers = {
  getApiV4ProjectsIdMergeRequestsMergeRequestIidApprovals: (call) => {
    const project = findReviewed(call);
    const context = contextOf(call, project);
    const item = findMergeRequest(call, context, "merge_request_iid");
    return json(approvalsEntity(context, item));
  },

  postApiV4ProjectsIdMergeRequestsMergeRequestIidApprove: (call) => {
    const project = findReviewed(call);
    const context = contextOf(call, project);
    const item = findMergeRequest(call, context, "merge_request_iid");
    if (!mayApprove(context, item)) unauthorized();
    const head = refsOf(context, item)?.head ?? "";
    const seen = call.params.text("sha");
    if (seen !== undefined && seen !== head) refuse(409, `SHA does not match HEAD of source branch: ${head}`);
    approve(context, item);
    return created(approvalsEntity(context, item));
  },
};
