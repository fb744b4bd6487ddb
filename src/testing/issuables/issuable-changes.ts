import { createHash } from "node:crypto";
import type { ProjectContext } from "../state/project-context.js";
import { withoutDraft } from "../state/issuable-records.js";
import type { IssuableRecord, IssueRecord, MergeRequestRecord, NoteRecord } from "../state/issuable-records.js";
import { isDraftTitle } from "../state/issuable-records.js";
import { refsOf } from "../reviews/merge-request-refs.js";
import { humanDuration } from "./quick-action-text.js";

/** A change of an issue or a merge request, wherever it comes from: a request's body or a quick action. */
export interface IssuableChange {
  title?: string;
  description?: string | null;
  /** Replaces all labels; `addLabels` and `removeLabels` work on what is there. */
  labels?: readonly string[];
  addLabels?: readonly string[];
  removeLabels?: readonly string[];
  assigneeIds?: readonly number[];
  reviewerIds?: readonly number[];
  milestoneId?: number | null;
  state?: "close" | "reopen";
  discussionLocked?: boolean;
  confidential?: boolean;
  dueDate?: string | null;
  startDate?: string | null;
  weight?: number | null;
  issueType?: IssueRecord["issueType"];
  severity?: IssueRecord["severity"];
  timeEstimate?: number;
  addTimeSpent?: number;
  subscribed?: boolean;
  targetBranch?: string;
  removeSourceBranch?: boolean;
  squash?: boolean;
  allowCollaboration?: boolean;
  mergeAfter?: Date | null;
  approvalsRequired?: number;
}

/** Writes a note, a system note unless told otherwise. */
export function addNote(
  context: ProjectContext,
  item: IssuableRecord,
  body: string,
  options: Partial<Omit<NoteRecord, "id" | "body">> = {},
): NoteRecord {
  const createdAt = options.createdAt ?? context.now;
  const id = context.planning.nextId("note");
  const note: NoteRecord = {
    id,
    discussionId:
      options.discussionId ??
      createHash("sha1")
        .update(`discussion ${String(id)}`)
        .digest("hex"),
    position: options.position ?? null,
    lineCode: options.lineCode ?? null,
    suggestions: options.suggestions ?? [],
    authorId: options.authorId ?? context.me,
    body,
    system: options.system ?? true,
    internal: options.internal ?? false,
    type: options.type ?? null,
    resolvable: options.resolvable ?? false,
    resolvedById: null,
    resolvedAt: null,
    createdAt,
    updatedAt: createdAt,
  };
  item.notes.push(note);
  return note;
}

/** Puts something on somebody's list, unless they did it themselves or it is there already. */
export function addTodo(context: ProjectContext, item: IssuableRecord, userId: number, action: string): void {
  if (userId === context.me && action !== "assigned") return;
  const { resources } = context.gitlab;
  const place = `users/${String(userId)}`;
  const known = resources
    .in("todos", place)
    .some(({ values }) => values["target"] === item.id && values["action"] === action && values["state"] === "pending");
  const values = { target: item.id, kind: item.kind, action, state: "pending" };
  if (!known) resources.add("todos", place, values, { by: context.me, at: context.now });
}

/** The spelling of labels that the project has; unknown ones are made, as GitLab does for whoever may label. */
function ensureLabels(context: ProjectContext, names: readonly string[]): string[] {
  const { planning, projectId } = context;
  return [...new Set(names)].map((name) => {
    const known = planning.labelsOf(projectId).find((label) => label.name === name);
    if (known !== undefined) return known.name;
    planning.labels.push({
      id: planning.nextId("label"),
      projectId,
      name,
      color: "#6699cc",
      description: null,
      priority: null,
      archived: false,
    });
    return name;
  });
}

/**
 * Carries out a change and records what people would see as activity. Labels, milestones and states leave no note:
 * GitLab keeps those as resource events, which the notes of the REST API do not show.
 */
export function applyChange(context: ProjectContext, item: IssuableRecord, change: IssuableChange): void {
  changeTexts(context, item, change);
  changePeople(context, item, change);
  const unwanted = new Set(change.removeLabels ?? []);
  const labels = [...(change.labels ?? item.labels), ...(change.addLabels ?? [])];
  if (change.labels !== undefined || change.addLabels !== undefined || change.removeLabels !== undefined) {
    const kept = ensureLabels(context, labels).filter((label) => !unwanted.has(label));
    item.labels = context.premium ? withoutRivals(kept) : kept;
  }
  if (change.milestoneId !== undefined) item.milestoneId = change.milestoneId;
  if (change.discussionLocked !== undefined && change.discussionLocked !== (item.discussionLocked ?? false)) {
    item.discussionLocked = change.discussionLocked;
    const what = item.kind === "issue" ? "issue" : "merge request";
    addNote(context, item, `${change.discussionLocked ? "locked" : "unlocked"} the discussion in this ${what}`);
  }
  if (change.timeEstimate !== undefined) {
    item.timeEstimate = change.timeEstimate;
    const human = humanDuration(change.timeEstimate);
    addNote(context, item, human === null ? "removed time estimate" : `changed time estimate to ${human}`);
  }
  if (change.addTimeSpent !== undefined) {
    item.timeSpent = Math.max(0, item.timeSpent + change.addTimeSpent);
    const verb = change.addTimeSpent < 0 ? "subtracted" : "added";
    addNote(context, item, `${verb} ${humanDuration(Math.abs(change.addTimeSpent)) ?? "0s"} of time spent`);
  }
  if (change.subscribed !== undefined) {
    const others = item.subscriberIds.filter((id) => id !== context.me);
    item.subscriberIds = change.subscribed ? [...others, context.me] : others;
  }
  if (isIssue(item)) changeIssue(context, item, change);
  if (isMergeRequest(item)) changeMergeRequest(context, item, change);
  if (change.state !== undefined) changeState(context, item, change.state);
  item.updatedAt = context.now;
}

/** Of scoped labels, `prio::1` and `prio::2`, the last one stays: https://docs.gitlab.com/user/project/labels/ */
function withoutRivals(labels: readonly string[]): string[] {
  const scope = (label: string): string | undefined => /^(.+)::[^:]*(?:[^:]|:(?!:))*$/.exec(label)?.[1];
  return labels.filter((label, index) => {
    const own = scope(label);
    return own === undefined || !labels.slice(index + 1).some((other) => scope(other) === own);
  });
}

function changeTexts(context: ProjectContext, item: IssuableRecord, change: IssuableChange): void {
  if (change.title !== undefined && change.title !== item.title) {
    const wasDraft = isDraftTitle(item.title);
    const draft = isDraftTitle(change.title);
    const onlyDraft = withoutDraft(item.title) === withoutDraft(change.title);
    if (item.kind === "merge_request" && wasDraft !== draft) {
      addNote(context, item, `marked this merge request as **${draft ? "draft" : "ready"}**`);
    }
    if (item.kind === "issue" || !onlyDraft) {
      addNote(context, item, `changed title from **{-${item.title}-}** to **{+${change.title}+}**`);
    }
    item.title = change.title;
  }
  if (change.description !== undefined && change.description !== item.description) {
    item.description = change.description;
    addNote(context, item, "changed the description");
  }
}

function changePeople(context: ProjectContext, item: IssuableRecord, change: IssuableChange): void {
  const mentions = (ids: readonly number[]): string => ids.map((id) => `@${context.username(id)}`).join(", ");
  if (change.assigneeIds !== undefined) {
    const added = change.assigneeIds.filter((id) => !item.assigneeIds.includes(id));
    const removed = item.assigneeIds.filter((id) => !change.assigneeIds?.includes(id));
    item.assigneeIds = [...new Set(change.assigneeIds)];
    for (const id of added) addTodo(context, item, id, "assigned");
    const said = [
      ...(added.length === 0 ? [] : [`assigned to ${mentions(added)}`]),
      ...(removed.length === 0 ? [] : [`unassigned ${mentions(removed)}`]),
    ];
    if (said.length > 0) addNote(context, item, said.join(" and "));
  }
  if (change.reviewerIds !== undefined && isMergeRequest(item)) {
    const added = change.reviewerIds.filter((id) => !item.reviewerIds.includes(id));
    const removed = item.reviewerIds.filter((id) => !change.reviewerIds?.includes(id));
    item.reviewerIds = [...new Set(change.reviewerIds)];
    for (const id of added) addTodo(context, item, id, "review_requested");
    const said = [
      ...(added.length === 0 ? [] : [`requested review from ${mentions(added)}`]),
      ...(removed.length === 0 ? [] : [`removed review request for ${mentions(removed)}`]),
    ];
    if (said.length > 0) addNote(context, item, said.join(" and "));
  }
}

function changeIssue(context: ProjectContext, issue: IssueRecord, change: IssuableChange): void {
  if (change.confidential !== undefined && change.confidential !== issue.confidential) {
    issue.confidential = change.confidential;
    addNote(context, issue, change.confidential ? "made the issue confidential" : "made the issue visible to everyone");
  }
  if (change.dueDate !== undefined && change.dueDate !== issue.dueDate) {
    const long = (date: string): string =>
      new Date(date).toLocaleDateString("en-US", { dateStyle: "long", timeZone: "UTC" });
    const said =
      change.dueDate === null
        ? `removed due date ${long(issue.dueDate ?? "")}`
        : `changed due date to ${long(change.dueDate)}`;
    issue.dueDate = change.dueDate;
    addNote(context, issue, said);
  }
  if (change.startDate !== undefined) issue.startDate = change.startDate;
  if (change.weight !== undefined) issue.weight = change.weight;
  if (change.severity !== undefined) issue.severity = change.severity;
  if (change.issueType !== undefined && change.issueType !== issue.issueType) {
    addNote(context, issue, `changed type from ${issue.issueType} to ${change.issueType}`);
    issue.issueType = change.issueType;
  }
}

function changeMergeRequest(context: ProjectContext, item: MergeRequestRecord, change: IssuableChange): void {
  if (change.targetBranch !== undefined && change.targetBranch !== item.targetBranch) {
    addNote(context, item, `changed target branch from \`${item.targetBranch}\` to \`${change.targetBranch}\``);
    item.targetBranch = change.targetBranch;
  }
  if (change.removeSourceBranch !== undefined) item.removeSourceBranch = change.removeSourceBranch;
  if (change.squash !== undefined) item.squash = change.squash;
  if (change.allowCollaboration !== undefined) item.allowCollaboration = change.allowCollaboration;
  if (change.mergeAfter !== undefined) item.mergeAfter = change.mergeAfter;
  if (change.approvalsRequired !== undefined) item.approvalsRequired = change.approvalsRequired;
}

function changeState(context: ProjectContext, item: IssuableRecord, event: "close" | "reopen"): void {
  if (!isIssue(item) && !isMergeRequest(item)) return;
  if (item.state !== (event === "close" ? "opened" : "closed")) return;
  item.state = event === "close" ? "closed" : "opened";
  item.closedAt = event === "close" ? context.now : null;
  item.closedById = event === "close" ? context.me : null;
  if (isMergeRequest(item)) item.frozenRefs = event === "close" ? (refsOf(context, item) ?? null) : null;
}

/** Whether an issuable is an issue. */
export const isIssue = (item: IssuableRecord): item is IssueRecord => item.kind === "issue";

/** Whether an issuable is a merge request. */
export const isMergeRequest = (item: IssuableRecord): item is MergeRequestRecord => item.kind === "merge_request";
