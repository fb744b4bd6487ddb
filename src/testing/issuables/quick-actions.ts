import type { ProjectContext } from "../state/project-context.js";
import type { IssuableChange } from "./issuable-changes.js";
import { isIssue, isMergeRequest } from "./issuable-changes.js";
import type { IssuableRecord, MergeRequestRecord } from "../state/issuable-records.js";
import { isDraftTitle, withoutDraft } from "../state/issuable-records.js";
import { detailedMergeStatus, mayMerge, refsOf } from "../reviews/merge-request-refs.js";
import { dueDate, durationSeconds, extractQuickActions, references } from "./quick-action-text.js";
import type { QuickActionCommand } from "./quick-action-text.js";

/** What a text's quick actions ask for. The change is still to be applied; `merge` and `approve` are for the caller. */
export interface QuickActionOutcome {
  readonly text: string;
  readonly change: IssuableChange;
  readonly merge: boolean;
  readonly approve: boolean | undefined;
  /** The names of the quick actions found, understood or not. */
  readonly commands: readonly string[];
  /** What GitLab says it did, a sentence each; empty when no quick action applied. */
  readonly messages: readonly string[];
  /** The answer's `commands_changes`. */
  readonly changes: Readonly<Record<string, unknown>>;
}

interface Draft {
  readonly seenHead: string | undefined;
  readonly change: IssuableChange;
  readonly changes: Record<string, unknown>;
  merge: boolean;
  approve: boolean | undefined;
}

/**
 * Interprets the quick actions of a description or a note for the issue or merge request that it belongs to.
 *
 * @param seenHead the head of the source branch that the writer has seen, which `/merge` asks for
 */
export function interpretQuickActions(
  context: ProjectContext,
  item: IssuableRecord,
  source: string,
  seenHead?: string,
): QuickActionOutcome {
  const { text, commands } = extractQuickActions(source);
  const draft: Draft = { seenHead, change: {}, changes: {}, merge: false, approve: undefined };
  const messages = commands.flatMap((command) => {
    const said = interpret(context, item, command, draft);
    return said === undefined ? [] : [said];
  });
  const { change, changes, merge, approve } = draft;
  return { text, change, merge, approve, commands: commands.map(({ name }) => name), messages, changes };
}

/** What a command asks for, noted in the draft; the sentence that says so, or undefined when it does not apply. */
function interpret(
  context: ProjectContext,
  item: IssuableRecord,
  command: QuickActionCommand,
  draft: Draft,
): string | undefined {
  // Whoever may only read can still close or retitle what they wrote themselves; anything else needs a role.
  const own = item.authorId === context.me || item.assigneeIds.includes(context.me);
  const may = context.level >= (item.kind === "issue" ? 15 : 30);
  if (command.name === "subscribe" || command.name === "unsubscribe") return subscription(item, command, draft);
  if (command.name === "todo" || command.name === "done") {
    draft.changes["todo_event"] = command.name === "todo" ? "add" : "done";
    return command.name === "todo" ? "Added a to-do item." : "Marked to-do item as done.";
  }
  if (!may && !(own && ["close", "reopen", "title"].includes(command.name))) return undefined;
  return (
    stateCommand(item, command, draft) ??
    labelCommand(context, command, draft) ??
    peopleCommand(context, item, command, draft) ??
    planCommand(context, item, command, draft) ??
    (isMergeRequest(item) ? mergeRequestCommand(context, item, command, draft) : undefined)
  );
}

const noun = (item: IssuableRecord): string => (item.kind === "issue" ? "issue" : "merge request");

function subscription(item: IssuableRecord, { name }: QuickActionCommand, draft: Draft): string {
  draft.change.subscribed = name === "subscribe";
  draft.changes["subscription_event"] = name;
  return `${name === "subscribe" ? "Subscribed to" : "Unsubscribed from"} this ${noun(item)}.`;
}

function stateCommand(item: IssuableRecord, { name, argument }: QuickActionCommand, draft: Draft): string | undefined {
  const state = isIssue(item) || isMergeRequest(item) ? item.state : undefined;
  const record = (key: string, value: unknown, said: string): string => {
    draft.changes[key] = value;
    return said;
  };
  switch (name) {
    case "close":
    case "reopen":
      if (state !== (name === "close" ? "opened" : "closed")) return undefined;
      draft.change.state = name;
      return record("state_event", name, `${name === "close" ? "Closed" : "Reopened"} this ${noun(item)}.`);
    case "title":
      if (argument === "") return undefined;
      draft.change.title = argument;
      return record("title", argument, `Changed the title to "${argument}".`);
    case "lock":
    case "unlock":
      draft.change.discussionLocked = name === "lock";
      return record("discussion_locked", name === "lock", `${name === "lock" ? "Locked" : "Unlocked"} the discussion.`);
    case "confidential":
      if (!isIssue(item) || item.confidential) return undefined;
      draft.change.confidential = true;
      return record("confidential", true, "Made this issue confidential.");
    default:
      return undefined;
  }
}

function labelCommand(
  context: ProjectContext,
  { name, argument }: QuickActionCommand,
  { change, changes }: Draft,
): string | undefined {
  if (name !== "label" && name !== "unlabel" && name !== "relabel") return undefined;
  const labels = context.planning.labelsOf(context.projectId);
  // Unlike the labels parameter, quick actions only know labels that exist.
  const found = labels.filter((label) => references(argument, "~").includes(label.name));
  const names = found.map((label) => label.name);
  const shown = names.map((label) => (/\s/.test(label) ? `~"${label}"` : `~${label}`)).join(" ");
  const plural = names.length === 1 ? "label" : "labels";
  const ids = found.map((label) => label.id);
  if (name === "unlabel" && argument === "") {
    change.labels = [];
    changes["label_ids"] = [];
    return "Removed all labels.";
  }
  if (names.length === 0) return undefined;
  if (name === "label") {
    change.addLabels = [...(change.addLabels ?? []), ...names];
    changes["add_label_ids"] = ids;
    return `Added ${shown} ${plural}.`;
  }
  if (name === "unlabel") {
    change.removeLabels = [...(change.removeLabels ?? []), ...names];
    changes["remove_label_ids"] = ids;
    return `Removed ${shown} ${plural}.`;
  }
  change.labels = names;
  changes["label_ids"] = ids;
  return `Replaced all labels with ${shown} ${plural}.`;
}

function peopleCommand(
  context: ProjectContext,
  item: IssuableRecord,
  { name, argument }: QuickActionCommand,
  { change, changes }: Draft,
): string | undefined {
  const match = /^(assign|unassign|reassign)(_reviewer)?$/.exec(name);
  if (match === null) return undefined;
  const reviewing = match[2] !== undefined;
  if (reviewing && !isMergeRequest(item)) return undefined;
  const named = references(argument, "@").map((user) => (user === "me" ? context.username(context.me) : user));
  const ids = named.map((user) => context.userId(user)).filter((id) => id !== undefined);
  const unknown = named.find((user) => context.userId(user) === undefined);
  if (unknown !== undefined) return `Failed to find users for '@${unknown}'.`;
  const removesAll = match[1] === "unassign" && argument === "";
  if (ids.length === 0 && !removesAll) return undefined;
  const before =
    reviewing && isMergeRequest(item)
      ? (change.reviewerIds ?? item.reviewerIds)
      : (change.assigneeIds ?? item.assigneeIds);
  const after =
    match[1] === "assign"
      ? [...new Set([...before, ...ids])]
      : match[1] === "reassign"
        ? ids
        : before.filter((id) => !removesAll && !ids.includes(id));
  if (reviewing) change.reviewerIds = after;
  else change.assigneeIds = after;
  changes[reviewing ? "reviewer_ids" : "assignee_ids"] = after;
  const people = (match[1] === "unassign" && removesAll ? [...before] : ids)
    .map((id) => `@${context.username(id)}`)
    .join(", ");
  const role = reviewing ? "reviewer" : "assignee";
  if (match[1] === "unassign") return `Removed ${role} ${people}.`;
  return reviewing ? `Assigned ${people} as reviewer.` : `Assigned ${people}.`;
}

function planCommand(
  context: ProjectContext,
  item: IssuableRecord,
  { name, argument }: QuickActionCommand,
  { change, changes }: Draft,
): string | undefined {
  const record = (key: string, value: unknown, said: string): string => {
    changes[key] = value;
    return said;
  };
  switch (name) {
    case "milestone": {
      const [title] = references(argument, "%");
      const milestone = context.planning.milestonesOf(context.projectId).find((candidate) => candidate.title === title);
      if (milestone === undefined) return undefined;
      change.milestoneId = milestone.id;
      return record("milestone_id", milestone.id, `Set the milestone to %"${milestone.title}".`);
    }
    case "remove_milestone":
      change.milestoneId = null;
      return record("milestone_id", null, "Removed the milestone.");
    case "due": {
      const date = dueDate(argument, context.now);
      if (!isIssue(item) || date === undefined) return undefined;
      change.dueDate = date;
      const shown = new Date(date).toLocaleDateString("en-US", { dateStyle: "medium", timeZone: "UTC" });
      return record("due_date", date, `Set the due date to ${shown}.`);
    }
    case "remove_due_date":
      if (!isIssue(item) || item.dueDate === null) return undefined;
      change.dueDate = null;
      return record("due_date", null, "Removed the due date.");
    case "weight":
      if (!isIssue(item) || !context.premium || !/^\d+$/.test(argument)) return undefined;
      change.weight = Number(argument);
      return record("weight", change.weight, `Set weight to ${argument}.`);
    case "clear_weight":
      if (!isIssue(item) || !context.premium) return undefined;
      change.weight = null;
      return record("weight", null, "Cleared weight.");
    case "estimate": {
      const seconds = durationSeconds(argument);
      if (seconds === undefined) return undefined;
      change.timeEstimate = seconds;
      return record("time_estimate", seconds, `Set time estimate to ${argument}.`);
    }
    case "remove_estimate":
      change.timeEstimate = 0;
      return record("time_estimate", 0, "Removed time estimate.");
    case "spend": {
      const seconds = durationSeconds(argument);
      if (seconds === undefined) return undefined;
      change.addTimeSpent = (argument.startsWith("-") ? -1 : 1) * Math.abs(seconds);
      return record(
        "spend_time",
        { duration: change.addTimeSpent },
        `${seconds < 0 ? "Subtracted" : "Added"} ${argument} spent time.`,
      );
    }
    case "remove_time_spent":
      change.addTimeSpent = -item.timeSpent;
      return record("spend_time", { duration: "reset" }, "Removed spent time.");
    default:
      return undefined;
  }
}

/** Over the API `/merge` takes the head that the writer has seen, so that nothing unseen is merged. */
function mergeCommand(context: ProjectContext, item: MergeRequestRecord, draft: Draft): string | undefined {
  if (item.state !== "opened" || !mayMerge(context, item)) return undefined;
  const head = refsOf(context, item)?.head;
  if (draft.seenHead === undefined) return "The `/merge` quick action requires the SHA of the head of the branch.";
  if (draft.seenHead !== head) return "Branch has been updated since the merge was requested.";
  if (detailedMergeStatus(context, item) !== "mergeable") return undefined;
  draft.merge = true;
  draft.changes["merge"] = head;
  return "Merged this merge request.";
}

function mergeRequestCommand(
  context: ProjectContext,
  item: MergeRequestRecord,
  { name, argument }: QuickActionCommand,
  draft: Draft,
): string | undefined {
  const title = draft.change.title ?? item.title;
  switch (name) {
    case "draft":
      // GitLab once toggled; the command only sets the draft now.
      if (isDraftTitle(title)) return undefined;
      draft.change.title = `Draft: ${title}`;
      draft.changes["wip_event"] = "draft";
      return "Marked this merge request as a draft.";
    case "ready":
      if (!isDraftTitle(title)) return undefined;
      draft.change.title = withoutDraft(title);
      draft.changes["wip_event"] = "ready";
      return "Marked this merge request as ready.";
    case "approve":
    case "unapprove":
      if (item.approvals.some(({ userId }) => userId === context.me) === (name === "approve")) return undefined;
      draft.approve = name === "approve";
      return name === "approve" ? "Approved the current merge request." : "Unapproved the current merge request.";
    case "merge":
      return mergeCommand(context, item, draft);
    case "target_branch":
      if (argument === "" || !context.project.repository.branches.has(argument)) return undefined;
      draft.change.targetBranch = argument;
      draft.changes["target_branch"] = argument;
      return `Set target branch to ${argument}.`;
    default:
      return undefined;
  }
}
