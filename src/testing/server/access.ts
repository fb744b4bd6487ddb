import { forbidden, notFound, refuse, unauthorized, type Call } from "./handler.js";
import type { GroupRecord, Plan, ProjectRecord, UserRecord } from "../state/records.js";
import { role } from "../state/records.js";

/** The signed-in user, or 401. */
export function requireUser(call: Call): UserRecord {
  return call.user ?? unauthorized();
}

/**
 * The project that the path names by id or full path. Private ones that the caller may not see are as good as missing;
 * a former path leads to the new one with a 301, for reading only.
 */
export function findProject(call: Call, parameter = "id"): ProjectRecord {
  const { gitlab } = call;
  const idOrPath = call.path[parameter] ?? "";
  const found = gitlab.projectAt(idOrPath);
  if (found === undefined) {
    const moved = gitlab.projects.get(gitlab.formerPaths.get(idOrPath.toLowerCase()) ?? -1);
    if (moved === undefined || !gitlab.canSeeProject(call.user, moved)) return notFound("Project");
    return refuseMoved(call, idOrPath, moved);
  }
  return gitlab.canSeeProject(call.user, found) ? found : notFound("Project");
}

function refuseMoved(call: Call, former: string, project: ProjectRecord): never {
  if (call.method !== "GET" && call.method !== "HEAD") {
    refuse(405, "Non GET methods are not allowed for moved projects");
  }
  const { url } = call;
  const encoded = url.pathname
    .split("/")
    .map((segment) => (safeDecode(segment) === former ? String(project.id) : segment))
    .join("/");
  const location = new URL(encoded + url.search, url);
  const message = `This resource has been moved permanently to ${location.href}`;
  refuse(301, { message, location: location.href }, { location: location.href });
}

function safeDecode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** The group that the path names by id or full path, if the caller may see it. */
export function findGroup(call: Call, parameter = "id"): GroupRecord {
  const idOrPath = call.path[parameter] ?? "";
  const found = call.gitlab.groupAt(idOrPath);
  return found !== undefined && call.gitlab.canSeeGroup(call.user, found) ? found : notFound("Group");
}

/** The caller, whose role in the project must be `level` at least; 401 without a token, 403 with too low a role. */
export function requireRole(call: Call, project: ProjectRecord, level: number): UserRecord {
  const user = requireUser(call);
  return call.gitlab.projectRole(user, project) >= level ? user : forbidden();
}

/** Like {@link requireRole}, for a group. */
export function requireGroupRole(call: Call, group: GroupRecord, level: number): UserRecord {
  const user = requireUser(call);
  return call.gitlab.groupRole(user, group.id) >= level ? user : forbidden();
}

/** Refuses who may see a private project but not its code: guests and planners. */
export function requireCode(call: Call, project: ProjectRecord): void {
  if (project.visibility !== "private") return;
  if (call.gitlab.projectRole(call.user, project) < role.reporter) forbidden();
}

/** Whether a feature of a plan is there for the project. */
export function hasPlan(call: Call, project: ProjectRecord, plan: Plan): boolean {
  const order: readonly Plan[] = ["free", "premium", "ultimate"];
  return order.indexOf(call.gitlab.planOf(project)) >= order.indexOf(plan);
}

/** Refuses to run CI for somebody who has not verified their identity; GitLab.com only. */
export function requireVerification(call: Call): void {
  const unverified = call.user !== undefined && !call.user.verified;
  if (call.gitlab.instance === "gitlab.com" && unverified) {
    refuse(400, { message: { base: ["Identity verification is required in order to run CI jobs"] } });
  }
}
