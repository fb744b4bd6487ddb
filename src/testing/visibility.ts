import type { IssueRecord, MergeRequestRecord } from "./issuable-records.js";
import { role, type UserRecord } from "./records.js";
import type { World } from "./world.js";

/** Whether somebody may read an issue: a confidential one is for its people and for planners and up. */
export function mayReadIssue(world: World, user: UserRecord | undefined, issue: IssueRecord): boolean {
  const project = world.project(issue.projectId);
  if (!world.canSeeProject(user, project)) return false;
  if (!issue.confidential) return true;
  if (user === undefined) return false;
  const concerned = issue.authorId === user.id || issue.assigneeIds.includes(user.id);
  return concerned || world.projectRole(user, project) >= role.planner;
}

/** Whether somebody may read a merge request: in a private project that takes the right to read the code. */
export function mayReadMergeRequest(world: World, user: UserRecord | undefined, item: MergeRequestRecord): boolean {
  const project = world.project(item.projectId);
  if (!world.canSeeProject(user, project)) return false;
  return project.visibility !== "private" || world.projectRole(user, project) >= role.reporter;
}
