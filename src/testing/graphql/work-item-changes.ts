import { GraphQLError } from "graphql";
import { applyChange, type IssuableChange } from "../issuables/issuable-changes.js";
import { durationSeconds } from "../issuables/quick-action-text.js";
import { role } from "../state/records.js";
import type { WorkItemRecord } from "../state/work-items.js";
import { awardEmojiProblem, writeAwardEmoji, type AwardEmojiInput } from "./award-emoji.js";
import { customFieldChange, writeCustomFields, type CustomFieldInput } from "./custom-fields.js";
import { idOf, unavailable } from "./ids.js";
import { labelName } from "./planning.js";
import { contextOfItem, found, homeOf, isEpic, mayChange } from "./work-item-access.js";
import { closes, statuses, widgetsOf, workItemTypes } from "./work-item-types.js";
import { ancestorsOf, healthWord } from "./work-item-widgets.js";
import { roleIn, type View } from "./view.js";

type Ids = readonly string[];

/** What can be written, at creation and later. */
export interface WorkItemInput {
  readonly title?: string | null;
  readonly confidential?: boolean | null;
  readonly stateEvent?: "CLOSE" | "REOPEN" | null;
  readonly descriptionWidget?: { readonly description: string } | null;
  readonly assigneesWidget?: { readonly assigneeIds: Ids } | null;
  readonly labelsWidget?: { readonly labelIds?: Ids; readonly addLabelIds?: Ids; readonly removeLabelIds?: Ids } | null;
  readonly milestoneWidget?: { readonly milestoneId?: string | null } | null;
  readonly hierarchyWidget?: { readonly parentId?: string | null; readonly childrenIds?: Ids | null } | null;
  readonly startAndDueDateWidget?: { readonly startDate?: string | null; readonly dueDate?: string | null } | null;
  readonly timeTrackingWidget?: {
    readonly timeEstimate?: string | null;
    readonly timelog?: { readonly timeSpent: string } | null;
  } | null;
  readonly weightWidget?: { readonly weight?: number | null } | null;
  readonly healthStatusWidget?: { readonly healthStatus?: string | null } | null;
  readonly iterationWidget?: { readonly iterationId?: string | null } | null;
  readonly statusWidget?: { readonly status?: string | null; readonly name?: string | null } | null;
  readonly colorWidget?: { readonly color: string } | null;
  readonly progressWidget?: {
    readonly currentValue: number;
    readonly startValue?: number | null;
    readonly endValue?: number | null;
  } | null;
  readonly notesWidget?: { readonly discussionLocked: boolean } | null;
  readonly notificationsWidget?: { readonly subscribed: boolean } | null;
  readonly customFieldsWidget?: readonly CustomFieldInput[] | null;
  readonly awardEmojiWidget?: AwardEmojiInput | null;
  readonly linkedItemsWidget?: { readonly linkType?: string | null; readonly workItemsIds: Ids } | null;
}

/** The widget that each key writes to. */
const widgetOfKey: Readonly<Record<string, string>> = {
  assigneesWidget: "ASSIGNEES",
  awardEmojiWidget: "AWARD_EMOJI",
  colorWidget: "COLOR",
  customFieldsWidget: "CUSTOM_FIELDS",
  descriptionWidget: "DESCRIPTION",
  healthStatusWidget: "HEALTH_STATUS",
  hierarchyWidget: "HIERARCHY",
  iterationWidget: "ITERATION",
  labelsWidget: "LABELS",
  linkedItemsWidget: "LINKED_ITEMS",
  milestoneWidget: "MILESTONE",
  notesWidget: "NOTES",
  notificationsWidget: "NOTIFICATIONS",
  progressWidget: "PROGRESS",
  startAndDueDateWidget: "START_AND_DUE_DATE",
  statusWidget: "STATUS",
  timeTrackingWidget: "TIME_TRACKING",
  weightWidget: "WEIGHT",
};

/** Refuses keys of widgets that the type or the plan lacks. */
export function checkWidgets(view: View, item: WorkItemRecord, input: object): void {
  const has = widgetsOf(view, homeOf(view, item), item.issueType);
  const lacking = Object.keys(input).filter((key) => key in widgetOfKey && !has.includes(widgetOfKey[key] ?? ""));
  if (lacking.length === 0) return;
  const keys = lacking.map((key) => `:${key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`).join(", ");
  const type = workItemTypes[item.issueType]?.name ?? "";
  throw new GraphQLError(`Following widget keys are not supported by ${type} type: [${keys}]`);
}

/**
 * Writes an input to a work item.
 *
 * @returns what GitLab's rules refuse, nothing being written then
 */
export function writeWorkItem(view: View, item: WorkItemRecord, input: WorkItemInput, isNew = false): string[] {
  const problems = [
    ...(input.title != null && input.title.trim() === "" ? ["Title can't be blank"] : []),
    ...(input.title != null && input.title.length > 255 ? ["Title is too long (maximum is 255 characters)"] : []),
    ...hierarchyProblems(view, item, input.hierarchyWidget),
    ...(input.awardEmojiWidget == null ? [] : awardEmojiProblem(view, item, input.awardEmojiWidget)),
  ];
  if (problems.length > 0) return problems;
  const home = homeOf(view, item);
  const customFields = customFieldChange(view, home, item, input.customFieldsWidget ?? []);
  const change = changeOf(view, item, input);
  const context = contextOfItem(view, item);
  if (context !== undefined && !isEpic(item)) applyChange(context, item, change);
  else writeEpic(view, item, change);
  writeExtras(view, item, input);
  // Guests set them at creation only: https://docs.gitlab.com/user/work_items/custom_fields/
  if (isNew || roleIn(view, home) >= role.planner) writeCustomFields(view, item, customFields);
  if (input.awardEmojiWidget != null) writeAwardEmoji(view, item, input.awardEmojiWidget);
  view.gitlab.workItems.extras(item.id).lockVersion += 1;
  return [];
}

function changeOf(view: View, item: WorkItemRecord, input: WorkItemInput): IssuableChange {
  const home = homeOf(view, item);
  // Whoever may change an item but not its metadata finds those keys ignored, without an error.
  const metadata = roleIn(view, home) >= role.planner;
  const label = (id: string): string => labelName(view, home, id);
  const seconds = (text: string): number => {
    const read = durationSeconds(text);
    if (read === undefined) throw new GraphQLError("Time estimate must be formatted correctly. For example: 1h 30m.");
    return read;
  };
  const { timeTrackingWidget: time, startAndDueDateWidget: dates, labelsWidget: labels } = input;
  const estimate = time?.timeEstimate;
  const timelog = time?.timelog;
  return {
    ...(input.title != null && { title: input.title }),
    ...(input.confidential != null && { confidential: input.confidential }),
    ...(input.stateEvent != null && { state: input.stateEvent === "CLOSE" ? "close" : "reopen" }),
    ...(input.descriptionWidget != null && { description: input.descriptionWidget.description }),
    ...(input.notesWidget != null && { discussionLocked: input.notesWidget.discussionLocked }),
    ...(input.notificationsWidget != null && { subscribed: input.notificationsWidget.subscribed }),
    ...(metadata && {
      ...(input.assigneesWidget != null && {
        assigneeIds: people(view, input.assigneesWidget.assigneeIds),
      }),
      ...(labels?.labelIds != null && { labels: labels.labelIds.map(label) }),
      ...(labels?.addLabelIds != null && { addLabels: labels.addLabelIds.map(label) }),
      ...(labels?.removeLabelIds != null && { removeLabels: labels.removeLabelIds.map(label) }),
      ...(input.milestoneWidget != null && {
        milestoneId:
          input.milestoneWidget.milestoneId == null ? null : idOf(input.milestoneWidget.milestoneId, "Milestone"),
      }),
      ...(dates?.startDate !== undefined && { startDate: dates.startDate }),
      ...(dates?.dueDate !== undefined && { dueDate: dates.dueDate }),
      ...(input.weightWidget != null && { weight: input.weightWidget.weight ?? null }),
      ...(estimate != null && { timeEstimate: seconds(estimate) }),
      ...(timelog != null && { addTimeSpent: seconds(timelog.timeSpent) }),
    }),
  };
}

function people({ gitlab }: View, ids: Ids): number[] {
  const users = ids.map((id) => idOf(id, "User"));
  return users.every((id) => gitlab.users.has(id)) ? users : unavailable();
}

/** Epics have no project to work in: what an issue's change does there is done here, without notes about it. */
function writeEpic({ gitlab, user }: View, item: WorkItemRecord, change: IssuableChange): void {
  const { title, description, labels, addLabels = [], removeLabels = [], state, assigneeIds } = change;
  if (title !== undefined) item.title = title;
  if (description !== undefined) item.description = description;
  if (assigneeIds !== undefined) item.assigneeIds = [...assigneeIds];
  item.labels = [...new Set([...(labels ?? item.labels), ...addLabels])].filter((one) => !removeLabels.includes(one));
  if (change.confidential !== undefined) item.confidential = change.confidential;
  if (change.startDate !== undefined) item.startDate = change.startDate;
  if (change.dueDate !== undefined) item.dueDate = change.dueDate;
  if (change.timeEstimate !== undefined) item.timeEstimate = change.timeEstimate;
  item.timeSpent += change.addTimeSpent ?? 0;
  if (state !== undefined) {
    item.state = state === "close" ? "closed" : "opened";
    item.closedAt = state === "close" ? gitlab.now() : null;
    item.closedById = state === "close" ? (user?.id ?? null) : null;
  }
  item.updatedAt = gitlab.now();
}

function writeExtras(view: View, item: WorkItemRecord, input: WorkItemInput): void {
  const { gitlab } = view;
  const extras = gitlab.workItems.extras(item.id);
  const { hierarchyWidget: hierarchy, statusWidget: status } = input;
  if (hierarchy?.parentId !== undefined) {
    extras.parentId = hierarchy.parentId === null ? null : idOf(hierarchy.parentId, "WorkItem", "Issue");
  }
  for (const id of hierarchy?.childrenIds ?? []) {
    gitlab.workItems.extras(idOf(id, "WorkItem", "Issue")).parentId = item.id;
  }
  if (input.healthStatusWidget != null) {
    const { healthStatus } = input.healthStatusWidget;
    item.healthStatus = healthStatus == null ? null : healthWord(healthStatus);
  }
  if (input.iterationWidget != null) {
    const { iterationId } = input.iterationWidget;
    const id = iterationId == null ? null : idOf(iterationId, "Iteration");
    if (id !== null && !gitlab.workItems.iterations.some((one) => one.id === id)) unavailable();
    extras.iterationId = id;
  }
  if (input.colorWidget != null) extras.color = input.colorWidget.color;
  if (input.progressWidget != null) {
    const { currentValue, startValue, endValue } = input.progressWidget;
    extras.progress = { current: currentValue, start: startValue ?? 0, end: endValue ?? 100 };
  }
  if (status != null) {
    const id = status.status == null ? undefined : idOf(status.status, "WorkItems::Statuses::SystemDefined::Status");
    const chosen = statuses.find((one) => one.id === id || one.name.toLowerCase() === status.name?.toLowerCase());
    if (chosen === undefined) throw new GraphQLError("System-defined status doesn't exist.");
    extras.status = chosen.name;
    const state = closes(chosen) ? "close" : "reopen";
    const context = contextOfItem(view, item);
    if (context !== undefined && !isEpic(item)) applyChange(context, item, { state });
  }
}

/** What hierarchy allows: types, one parent, no rings. */
export function hierarchyProblems(
  view: View,
  item: WorkItemRecord,
  hierarchy: WorkItemInput["hierarchyWidget"],
): string[] {
  const pairs: [WorkItemRecord, WorkItemRecord][] = [];
  const parentId = hierarchy?.parentId;
  if (parentId != null) pairs.push([found(view, parentId) ?? unavailable(), item]);
  for (const id of hierarchy?.childrenIds ?? []) {
    const child = found(view, id);
    if (child === undefined || !mayChange(view, child)) unavailable();
    pairs.push([item, child]);
  }
  return pairs.flatMap(([parent, child]) => {
    const nameOf = ({ iid }: WorkItemRecord): string => `#${String(iid)}`;
    const type = (one: WorkItemRecord): string => (workItemTypes[one.issueType]?.name ?? "").toLowerCase();
    if (!(workItemTypes[parent.issueType]?.children ?? []).includes(child.issueType)) {
      return [`${nameOf(child)} cannot be added: it's not allowed to add this type of parent item (${type(parent)})`];
    }
    const ring = parent === child || ancestorsOf(view, parent).includes(child);
    return ring ? [`${nameOf(child)} cannot be added: it's already an ancestor`] : [];
  });
}
