import type { IssueRecord, MergeRequestRecord } from "./issuable-records.js";
import { role, type UserRecord } from "./records.js";
import type { GitLabState } from "./gitlab-state.js";

/** Whether somebody may read an issue: a confidential one is for its people and for planners and up. */
export function mayReadIssue(gitlab: GitLabState, user: UserRecord | undefined, issue: IssueRecord): boolean {
  const project = gitlab.project(issue.projectId);
  if (!gitlab.canSeeProject(user, project)) return false;
  if (!issue.confidential) return true;
  if (user === undefined) return false;
  const concerned = issue.authorId === user.id || issue.assigneeIds.includes(user.id);
  return concerned || gitlab.projectRole(user, project) >= role.planner;
}

/** Whether somebody may read a merge request: in a private project that takes the right to read the code. */
export function mayReadMergeRequest(
  gitlab: GitLabState,
  user: UserRecord | undefined,
  item: MergeRequestRecord,
): boolean {
  const project = gitlab.project(item.projectId);
  if (!gitlab.canSeeProject(user, project)) return false;
  return project.visibility !== "private" || gitlab.projectRole(user, project) >= role.reporter;
}
