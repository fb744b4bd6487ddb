import { contextFor } from "../state/context-of.js";
import type { ProjectContext } from "../state/project-context.js";
import { isOlder } from "../../graphql-editions.js";
import { role } from "../state/records.js";
import { mayReadIssue } from "../state/visibility.js";
import type { WorkItemRecord } from "../state/work-items.js";
import { idOf, unavailable } from "./ids.js";
import { closes, statuses } from "./work-item-types.js";
import { hasPlan, pathOf, roleIn, urlOf, type Home, type View } from "./view.js";

export const isEpic = (item: WorkItemRecord): item is Extract<WorkItemRecord, { issueType: "epic" }> =>
  item.issueType === "epic";

/** Where a work item lives. */
export function homeOf({ gitlab }: View, item: WorkItemRecord): Home {
  if (!isEpic(item)) return { project: gitlab.project(item.projectId) };
  const group = gitlab.groups.get(item.groupId);
  return group === undefined ? unavailable() : { group };
}

export function mayRead(view: View, item: WorkItemRecord): boolean {
  const { gitlab, user } = view;
  if (!isEpic(item)) return mayReadIssue(gitlab, user, item);
  // Before, epics are work items only where an administrator has said so: https://docs.gitlab.com/api/epics/
  if (isOlder(gitlab.version, "18.1")) return false;
  const home = homeOf(view, item);
  const seen = "group" in home && gitlab.canSeeGroup(user, home.group) && hasPlan(view, home, "premium");
  return seen && (!item.confidential || roleIn(view, home) >= role.planner);
}

/** Guests may change what they wrote or are assigned to; planners and up everything. */
export function mayChange(view: View, item: WorkItemRecord): boolean {
  const { user } = view;
  if (user === undefined || !mayRead(view, item)) return false;
  const own = item.authorId === user.id || item.assigneeIds.includes(user.id);
  const level = roleIn(view, homeOf(view, item));
  return level >= role.planner || (own && level >= role.guest);
}

export function byId({ gitlab }: View, id: number): WorkItemRecord | undefined {
  return gitlab.planning.issues.find((one) => one.id === id) ?? gitlab.workItems.epics.find((one) => one.id === id);
}

/** The work item of a global id, which the asker may read; an issue's id is taken too, for now, as GitLab does. */
export function found(view: View, id: unknown): WorkItemRecord | undefined {
  const item = byId(view, idOf(id, "WorkItem", "Issue"));
  return item !== undefined && mayRead(view, item) ? item : undefined;
}

/** The same, to be changed. */
export function changeable(view: View, id: unknown): WorkItemRecord {
  const item = found(view, id);
  return item !== undefined && mayChange(view, item) ? item : unavailable();
}

export function byIid(view: View, home: Home, iid: string): WorkItemRecord | undefined {
  const { planning, workItems } = view.gitlab;
  const item =
    "project" in home
      ? planning.issue(home.project.id, Number(iid))
      : workItems.epics.find((epic) => epic.groupId === home.group.id && epic.iid === Number(iid));
  return item !== undefined && mayRead(view, item) ? item : undefined;
}

/** The asker at work in an item's project; undefined for an epic, which has none. */
export const contextOfItem = (view: View, item: WorkItemRecord): ProjectContext | undefined =>
  isEpic(item) ? undefined : contextFor(view.gitlab, view.gitlab.project(item.projectId), view.user?.id ?? 0);

/** The status that was set, as long as it goes with the state: closing and reopening set the default ones. */
export function statusOf({ gitlab }: View, item: WorkItemRecord): string {
  const set = statuses.find(({ name }) => name === gitlab.workItems.extras(item.id).status);
  if (set !== undefined && closes(set) === (item.state === "closed")) return set.name;
  return item.state === "closed" ? "Done" : "To do";
}

const place = (item: WorkItemRecord): string =>
  isEpic(item)
    ? `epics/${String(item.iid)}`
    : `${item.issueType === "issue" ? "issues" : "work_items"}/${String(item.iid)}`;

export const workItemUrl = (view: View, item: WorkItemRecord): string =>
  `${urlOf(view, homeOf(view, item))}/-/${place(item)}`;

export const referenceOf = (view: View, item: WorkItemRecord, full: boolean): string =>
  `${full ? pathOf(view, homeOf(view, item)) : ""}${isEpic(item) ? "&" : "#"}${String(item.iid)}`;
