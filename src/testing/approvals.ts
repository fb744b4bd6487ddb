import { requirePlan } from "./access.js";
import type { Desk } from "./desk.js";
import { deskOf } from "./desk-of.js";
import { created, json, refuse, unauthorized, type Handlers } from "./handler.js";
import { addNote } from "./issuable-changes.js";
import type { MergeRequestRecord } from "./issuable-records.js";
import { approvalsLeft, detailedMergeStatus, hasConflicts, refsOf } from "./merge-request-refs.js";
import { findMergeRequest, findReviewed } from "./issuable-find.js";
import { mergeRequestSimpleEntity } from "./merge-request-entity.js";
import { role } from "./records.js";

/** Records the caller's approval. */
export function approve(desk: Desk, item: MergeRequestRecord): void {
  if (!mayApprove(desk, item)) return;
  item.approvals.push({ userId: desk.me, approvedAt: desk.now });
  addNote(desk, item, "approved this merge request");
  item.updatedAt = desk.now;
}

/** Takes the caller's approval back. */
export function unapprove(desk: Desk, item: MergeRequestRecord): void {
  item.approvals = item.approvals.filter((approval) => approval.userId !== desk.me);
  addNote(desk, item, "unapproved this merge request");
  item.updatedAt = desk.now;
}

/** Whether the caller may approve: a developer who is not the author, once, while the merge request is open. */
export function mayApprove(desk: Desk, item: MergeRequestRecord): boolean {
  const approved = item.approvals.some((approval) => approval.userId === desk.me);
  const ownAllowed = desk.project.settings["merge_requests_author_approval"] === true;
  return (
    desk.level >= role.developer && item.state === "opened" && !approved && (ownAllowed || item.authorId !== desk.me)
  );
}

function approvalsEntity(desk: Desk, item: MergeRequestRecord): Readonly<Record<string, unknown>> {
  const { web_url: _webUrl, ...start } = mergeRequestSimpleEntity(desk, item);
  const left = approvalsLeft(desk, item);
  return {
    ...start,
    merge_status: hasConflicts(desk, item) ? "cannot_be_merged" : "can_be_merged",
    detailed_merge_status: detailedMergeStatus(desk, item),
    approved: left === 0,
    approvals_required: item.approvalsRequired,
    approvals_left: left,
    require_password_to_approve: false,
    approved_by: item.approvals.map((approval) => ({
      user: desk.person(approval.userId),
      approved_at: approval.approvedAt.toISOString(),
    })),
    suggested_approvers: [],
    approvers: [],
    approver_groups: [],
    user_has_approved: item.approvals.some((approval) => approval.userId === desk.me),
    user_can_approve: mayApprove(desk, item),
    approval_rules_left: [],
    has_approval_rules: item.approvalsRequired > 0,
    merge_request_approvers_available: true,
    multiple_approval_rules_available: true,
    invalid_approvers_rules: [],
  };
}

/** Approvals, a Premium feature as far as this instance is concerned. */
export const approvalHandlers: Handlers = {
  getApiV4ProjectsIdMergeRequestsMergeRequestIidApprovals: (call) => {
    const project = findReviewed(call);
    const desk = deskOf(call, project);
    const item = findMergeRequest(call, desk, "merge_request_iid");
    requirePlan(call, project, "premium");
    return json(approvalsEntity(desk, item));
  },

  postApiV4ProjectsIdMergeRequestsMergeRequestIidApprove: (call) => {
    const project = findReviewed(call);
    const desk = deskOf(call, project);
    const item = findMergeRequest(call, desk, "merge_request_iid");
    requirePlan(call, project, "premium");
    if (!mayApprove(desk, item)) unauthorized();
    const head = refsOf(desk, item)?.head ?? "";
    const seen = call.params.text("sha");
    if (seen !== undefined && seen !== head) refuse(409, `SHA does not match HEAD of source branch: ${head}`);
    approve(desk, item);
    return created(approvalsEntity(desk, item));
  },
};
