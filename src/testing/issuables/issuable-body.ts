import type { ProjectContext } from "../state/project-context.js";
import { requireUser } from "../server/access.js";
import { forbidden, invalid, refuse, type Call } from "../server/handler.js";
import type { IssuableChange } from "./issuable-changes.js";
import type { IssuableRecord, IssueRecord } from "../state/issuable-records.js";

const mutuallyExclusive: readonly (readonly string[])[] = [
  ["author_id", "author_username"],
  ["assignee_id", "assignee_username"],
  ["milestone_id", "milestone"],
  ["reviewer_id", "reviewer_username"],
  ["merge_user_id", "merge_user_username"],
  ["iteration_id", "iteration_title"],
];

/** Refuses parameters that exclude each other, in Grape's words; also inside `not`. */
export function refuseExclusive(call: Call): void {
  for (const names of mutuallyExclusive) {
    if (names.every((name) => call.params.has(name))) {
      refuse(400, { error: `${names.join(", ")} are mutually exclusive` });
    }
    if (names.every((name) => call.params.nested("not").has(name))) {
      refuse(400, { error: `${names.map((name) => `not[${name}]`).join(", ")} are mutually exclusive` });
    }
  }
}

/** Refuses an update that changes nothing, in Grape's words. */
export function requireOneOf(call: Call, names: readonly string[]): void {
  if (names.some((name) => call.params.sent(name))) return;
  refuse(400, { error: `${names.join(", ")} are missing, at least one parameter must be provided` });
}

/** Titles that GitLab refuses. */
export function checkTitle(title: string): void {
  if (title.trim() === "") invalid({ title: ["can't be blank"] });
  if (title.length > 255) invalid({ title: ["is too long (maximum is 255 characters)"] });
}

/** What takes which role in an update, and the names of which it takes one at least. */
interface Changing {
  readonly level: number;
  readonly changeable: readonly string[];
}

/** What an update asks to change. Who wrote a thing, or is assigned to it, may change it without the role that takes. */
export function changeOf(
  context: ProjectContext,
  call: Call,
  item: IssuableRecord,
  { level, changeable }: Changing,
): IssuableChange {
  const me = requireUser(call);
  const own = item.authorId === me.id || item.assigneeIds.includes(me.id);
  if (context.level < level && !own) forbidden();
  requireOneOf(call, changeable);
  const change = bodyChange(context, call, context.level >= level);
  if (change.title !== undefined) checkTitle(change.title);
  return change;
}

/**
 * What a body asks to change. Labels, people, milestones and dates take a role: GitLab leaves them out without a word
 * for anybody below it.
 */
export function bodyChange(context: ProjectContext, call: Call, metadata: boolean): IssuableChange {
  const { params } = call;
  const change: IssuableChange = {};
  const title = params.text("title");
  if (title !== undefined) change.title = title;
  if (params.sent("description")) change.description = params.text("description") ?? null;
  const event = params.text("state_event");
  if (event === "close" || event === "reopen") change.state = event;
  if (params.sent("discussion_locked") && metadata) change.discussionLocked = params.flag("discussion_locked") ?? false;
  if (params.sent("confidential")) change.confidential = params.flag("confidential") ?? false;
  if (params.sent("remove_source_branch")) change.removeSourceBranch = params.flag("remove_source_branch") ?? false;
  if (params.sent("squash")) change.squash = params.flag("squash") ?? false;
  const collaboration = params.flag("allow_collaboration") ?? params.flag("allow_maintainer_to_push");
  if (collaboration !== undefined) change.allowCollaboration = collaboration;
  const target = params.text("target_branch");
  if (target !== undefined) change.targetBranch = target;
  if (params.sent("merge_after")) {
    const time = Date.parse(params.text("merge_after") ?? "");
    change.mergeAfter = Number.isNaN(time) ? null : new Date(time);
  }
  const approvals = params.integer("approvals_before_merge");
  if (approvals !== undefined && context.premium) change.approvalsRequired = approvals;
  if (metadata) Object.assign(change, metadataChange(context, call));
  return change;
}

function metadataChange(context: ProjectContext, call: Call): IssuableChange {
  const { params } = call;
  const change: IssuableChange = {};
  if (params.sent("labels")) change.labels = params.list("labels");
  if (params.has("add_labels")) change.addLabels = params.list("add_labels");
  if (params.has("remove_labels")) change.removeLabels = params.list("remove_labels");
  const people = (ids: string, id: string): number[] | undefined => {
    const name = params.sent(ids) ? ids : params.sent(id) ? id : undefined;
    if (name === undefined) return undefined;
    const known = params
      .list(name)
      .map(Number)
      .filter((user) => context.isMember(user));
    // Several assignees or reviewers are a Premium feature: of a longer list, Free keeps the first.
    return context.premium ? known : known.slice(0, 1);
  };
  const assignees = people("assignee_ids", "assignee_id");
  if (assignees !== undefined) change.assigneeIds = assignees;
  const reviewers = people("reviewer_ids", "reviewer_id");
  if (reviewers !== undefined) change.reviewerIds = reviewers;
  if (params.sent("milestone_id") || params.sent("milestone")) {
    const id = params.integer("milestone_id");
    const title = params.text("milestone");
    const found = context.planning
      .milestonesOf(context.projectId)
      .find((milestone) => milestone.id === id || (title !== undefined && milestone.title === title));
    change.milestoneId = found?.id ?? null;
  }
  for (const [name, key] of [
    ["due_date", "dueDate"],
    ["start_date", "startDate"],
  ] as const) {
    if (!params.sent(name)) continue;
    const value = params.text(name) ?? "";
    change[key] = /^\d{4}-\d{2}-\d{2}/.test(value) ? value.slice(0, 10) : null;
  }
  if (params.sent("weight") && context.premium) change.weight = params.integer("weight") ?? null;
  const type = params.text("issue_type");
  if (isIssueType(type)) change.issueType = type;
  const severity = params.text("severity")?.toUpperCase();
  if (isSeverity(severity)) change.severity = severity;
  return change;
}

const isIssueType = (value: string | undefined): value is IssueRecord["issueType"] =>
  value !== undefined && ["issue", "incident", "test_case", "requirement", "task", "ticket"].includes(value);

const isSeverity = (value: string | undefined): value is IssueRecord["severity"] =>
  value !== undefined && ["UNKNOWN", "LOW", "MEDIUM", "HIGH", "CRITICAL"].includes(value);
