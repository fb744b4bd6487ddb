import { requireRole, requireUser } from "../server/access.js";
import { maySee, type ProjectContext } from "../state/project-context.js";
import { contextOf } from "../state/context-of.js";
import { created, empty, forbidden, json, list, refuse, type Handlers } from "../server/handler.js";
import { bodyChange, changeOf, checkTitle, refuseExclusive } from "./issuable-body.js";
import { applyChange } from "./issuable-changes.js";
import { issuableTests, issueTests, passesAll } from "./issuable-filters.js";
import { findIssue, findTracker, mention } from "./issuable-find.js";
import { ordered } from "./issuable-order.js";
import { blankIssue, type IssueRecord } from "../state/issuable-records.js";
import { issueEntity } from "../resources/planning/planning-entities.js";
import { interpretQuickActions } from "./quick-actions.js";
import { role } from "../state/records.js";

/** Issues of a project. */
export const issueHandlers: Handlers = {
  getApiV4ProjectsIdIssues: (call) => {
    refuseExclusive(call);
    const project = findTracker(call);
    const context = contextOf(call, project);
    const { planning, now } = context;
    const filters = {
      gitlab: call.gitlab,
      userId: context.userId,
      milestones: planning.milestonesOf(project.id),
      me: call.user?.id,
      now,
    };
    const passes = passesAll([...issuableTests(call.params, filters), ...issueTests(call.params, filters)]);
    const found = ordered(
      planning.issues.filter((issue) => issue.projectId === project.id && maySee(context, issue) && passes(issue)),
      call.params.text("order_by") ?? "created_at",
      call.params.text("sort") ?? "desc",
      planning.labelsOf(project.id),
      filters.milestones,
    );
    const labelDetails = call.params.flag("with_labels_details") ?? false;
    return list(found, (issue) => issueEntity(context, issue, { single: false, labelDetails }), {
      keyset: (issue) => issue.id,
    });
  },

  getApiV4ProjectsIdIssuesIssueIid: (call) => {
    const context = contextOf(call, findTracker(call));
    return json(issueEntity(context, findIssue(call, context, "issue_iid"), { single: true }));
  },

  postApiV4ProjectsIdIssues: (call) => {
    const project = findTracker(call);
    const me = requireUser(call);
    // Whoever sees a public project may report an issue; in a private one that takes a guest.
    if (project.visibility === "private") requireRole(call, project, role.guest);
    refuseExclusive(call);
    const context = contextOf(call, project);
    const { params } = call;
    checkTitle(params.text("title") ?? "");
    const mayBackdate = context.level >= role.owner;
    const given = Date.parse((mayBackdate ? params.text("created_at") : undefined) ?? "");
    const createdAt = Number.isNaN(given) ? context.now : new Date(given);
    const issue = newIssue(context, me.id, createdAt, mayBackdate ? params.integer("iid") : undefined);
    issue.title = params.text("title") ?? "";
    issue.confidential = params.flag("confidential") ?? false;
    const {
      title: _title,
      description,
      state: _state,
      ...change
    } = bodyChange(context, call, context.level >= role.planner);
    applyChange(context, issue, change);
    const actions = interpretQuickActions(context, issue, description ?? "");
    issue.description = description === undefined ? null : actions.text;
    context.planning.issues.push(issue);
    applyChange(context, issue, actions.change);
    issue.updatedAt = createdAt;
    mention(context, issue, issue.description);
    return created(issueEntity(context, issue, { single: true }));
  },

  putApiV4ProjectsIdIssuesIssueIid: (call) => {
    const context = contextOf(call, findTracker(call));
    const issue = findIssue(call, context, "issue_iid");
    const change = changeOf(context, call, issue, { level: role.planner, changeable });
    const actions = interpretQuickActions(context, issue, change.description ?? "");
    if (typeof change.description === "string") change.description = actions.text;
    applyChange(context, issue, change);
    applyChange(context, issue, actions.change);
    const updatedAt = Date.parse((context.level >= role.owner ? call.params.text("updated_at") : undefined) ?? "");
    if (!Number.isNaN(updatedAt)) issue.updatedAt = new Date(updatedAt);
    return json(issueEntity(context, issue, { single: true }));
  },

  deleteApiV4ProjectsIdIssuesIssueIid: (call) => {
    const context = contextOf(call, findTracker(call));
    requireUser(call);
    const issue = findIssue(call, context, "issue_iid");
    if (context.level !== role.planner && context.level < role.owner) forbidden();
    context.planning.issues.splice(context.planning.issues.indexOf(issue), 1);
    return empty();
  },
};

const changeable = [
  "assignee_id",
  "assignee_ids",
  "confidential",
  "created_at",
  "description",
  "discussion_locked",
  "due_date",
  "start_date",
  "labels",
  "add_labels",
  "remove_labels",
  "milestone_id",
  "milestone",
  "state_event",
  "title",
  "issue_type",
  "severity",
  "weight",
  "epic_id",
  "epic_iid",
  "updated_at",
];

/** An empty issue with ids of its own, not yet in the project's list. */
export function newIssue(context: ProjectContext, authorId: number, createdAt: Date, iid?: number): IssueRecord {
  const { planning, projectId } = context;
  if (iid !== undefined && planning.issue(projectId, iid) !== undefined) refuse(409, "Duplicated issue");
  if (iid !== undefined) planning.reserveIid("issue", projectId, iid);
  return {
    ...blankIssue(createdAt),
    id: planning.nextId("issue"),
    iid: iid ?? planning.nextIid("issue", projectId),
    projectId,
    authorId,
    issueType: "issue",
  };
}
