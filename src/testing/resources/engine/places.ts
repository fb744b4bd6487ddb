import { findGroup, findProject, requireUser } from "../../server/access.js";
import { forbidden, notFound, type Call } from "../../server/handler.js";
import { contextOf } from "../../state/context-of.js";
import { role, type GroupRecord, type ProjectRecord } from "../../state/records.js";
import { findIssue, findMergeRequest } from "../../issuables/issuable-find.js";

/** Where the records of a resource are, and who the caller is there. */
export interface Place {
  readonly key: string;
  /** The caller's role; 0 for none. */
  readonly level: number;
  /** Whether somebody without a role may read here, as in a public project. */
  readonly open: boolean;
  readonly webUrl: string;
  readonly project?: ProjectRecord;
  readonly group?: GroupRecord;
  /** What an answer says about the place, such as `project_id`. */
  readonly says: Readonly<Record<string, unknown>>;
}

/** Finds the place that a path names, or refuses. */
export type Under = (call: Call) => Place;

export const underProject: Under = (call) => {
  const project = findProject(call);
  if (project.archived && call.method !== "GET" && call.method !== "HEAD") forbidden();
  return {
    key: `projects/${String(project.id)}`,
    level: call.gitlab.projectRole(call.user, project),
    open: project.visibility !== "private",
    webUrl: call.gitlab.projectUrl(project),
    project,
    says: { project_id: project.id },
  };
};

export const underGroup: Under = (call) => {
  const group = findGroup(call);
  return {
    key: `groups/${String(group.id)}`,
    level: call.gitlab.groupRole(call.user, group.id),
    open: group.visibility !== "private",
    webUrl: `${call.gitlab.baseUrl}/groups/${call.gitlab.groupPath(group)}`,
    group,
    says: { group_id: group.id },
  };
};

export const underIssue: Under = (call) => {
  const place = underProject(call);
  const issue = findIssue(call, contextOf(call, place.project ?? notFound("Project")), "issue_iid");
  return {
    ...place,
    key: `issues/${String(issue.id)}`,
    says: { awardable_id: issue.id, awardable_type: "Issue", url: null },
  };
};

export const underMergeRequest: Under = (call) => {
  const place = underProject(call);
  const item = findMergeRequest(call, contextOf(call, place.project ?? notFound("Project")), "merge_request_iid");
  return {
    ...place,
    key: `merge_requests/${String(item.id)}`,
    says: { merge_request_id: item.id, awardable_id: item.id, awardable_type: "MergeRequest", url: null },
  };
};

/** What belongs to the caller alone. */
export const underUser: Under = (call) => {
  const user = requireUser(call);
  return {
    key: `users/${String(user.id)}`,
    level: role.owner,
    open: false,
    webUrl: `${call.gitlab.baseUrl}/-`,
    says: { user_id: user.id },
  };
};

/** What belongs to a record of another resource, such as the variables of a schedule. */
export const underRecord =
  (under: Under, resource: string, parameter: string, missing?: string): Under =>
  (call) => {
    const place = under(call);
    const id = Number(call.path[parameter]);
    const record = call.gitlab.resources.in(resource, place.key).find((candidate) => candidate.id === id);
    return record === undefined ? notFound(missing) : { ...place, key: `${resource}/${String(record.id)}` };
  };
