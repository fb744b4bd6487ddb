import { findProject, requireCode, requireRole } from "../../server/access.js";
import { forbidden, notFound, refuse, type Call } from "../../server/handler.js";
import { levelFor } from "../../state/branch-protection.js";
import { role, type ProjectRecord, type UserRecord } from "../../state/records.js";
import type { CommitRecord } from "../../repository/model.js";

/** The project that the path names, for somebody who may read its code. */
export function findCode(call: Call): ProjectRecord {
  const project = findProject(call);
  requireCode(call, project);
  return project;
}

/** The project that the path names, for somebody who may push to it. */
export function findWritableCode(call: Call): { project: ProjectRecord; user: UserRecord } {
  const project = findProject(call);
  const user = requireRole(call, project, role.developer);
  if (project.archived) forbidden();
  return { project, user };
}

/** Whether somebody may push to a branch: developers to all but protected ones, where its rules decide. */
export const mayPush = (call: Call, project: ProjectRecord, branch: string): boolean =>
  call.gitlab.projectRole(call.user, project) >= levelFor(call.gitlab, project, branch, "push");

export function requirePush(call: Call, project: ProjectRecord, branch: string): void {
  if (!mayPush(call, project, branch)) refuse(403, "403 Forbidden - You are not allowed to push into this branch");
}

/** The commit that the path names by SHA, branch or tag. */
export const findCommit = (call: Call, project: ProjectRecord, parameter = "sha"): CommitRecord =>
  project.repository.commit(call.path[parameter] ?? "") ?? notFound("Commit");

/** Notes that something happened in a project, which lists order by. */
export function touch(call: Call, project: ProjectRecord): void {
  project.lastActivityAt = call.gitlab.now();
}
