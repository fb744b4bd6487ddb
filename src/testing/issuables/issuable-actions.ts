import { findProject, requireRole, requireUser } from "../server/access.js";
import {
  created,
  empty,
  forbidden,
  json,
  list,
  notFound,
  refuse,
  type Answer,
  type Call,
  type Handlers,
} from "../server/handler.js";
import { contextFor, contextOf } from "../state/context-of.js";
import type { IssuableRecord, IssueRecord } from "../state/issuable-records.js";
import type { ProjectContext } from "../state/project-context.js";
import { role } from "../state/records.js";
import { underIssue } from "../resources/engine/places.js";
import { closesIssue, issueEntity, timeStats } from "../resources/planning/planning-entities.js";
import { mergeRequestBasicEntity, mergeRequestEntity } from "../reviews/merge-request-entity.js";
import { addNote, applyChange, isIssue, isMergeRequest } from "./issuable-changes.js";
import { findIssue, findMergeRequest } from "./issuable-find.js";
import { durationSeconds } from "./quick-action-text.js";

type Find = (call: Call, context: ProjectContext, parameter: string) => IssuableRecord;

const open = (call: Call, find: Find, parameter: string): { context: ProjectContext; item: IssuableRecord } => {
  const context = contextOf(call, findProject(call));
  return { context, item: find(call, context, parameter) };
};

const entityOf = (context: ProjectContext, item: IssuableRecord): unknown =>
  isMergeRequest(item)
    ? mergeRequestEntity(context, item)
    : isIssue(item)
      ? issueEntity(context, item, { single: true })
      : {};

/** Time tracking and subscriptions, which issues and merge requests have alike. */
function sharedHandlers(path: string, parameter: string, find: Find): Handlers {
  const track =
    (change: (context: ProjectContext, item: IssuableRecord, seconds: number) => void, withDuration = true) =>
    (call: Call): Answer => {
      const { context, item } = open(call, find, parameter);
      requireRole(call, context.project, role.reporter);
      const seconds = withDuration ? durationSeconds(call.params.text("duration") ?? "") : 0;
      if (seconds === undefined) refuse(400, "400 Bad request - duration is invalid");
      change(context, item, seconds ?? 0);
      return json(timeStats(item), withDuration && call.operation.answer?.status === 201 ? 201 : 200);
    };
  const subscribe =
    (subscribed: boolean) =>
    (call: Call): Answer => {
      const { context, item } = open(call, find, "subscribable_id");
      const { id } = requireUser(call);
      if (item.subscriberIds.includes(id) === subscribed) return empty(304);
      applyChange(context, item, { subscribed });
      return created(entityOf(context, item));
    };
  const one = `${path}/{${parameter}}`;
  return {
    [`GET ${one}/time_stats`]: (call) => json(timeStats(open(call, find, parameter).item)),
    [`POST ${one}/time_estimate`]: track((context, item, seconds) => {
      applyChange(context, item, { timeEstimate: seconds });
    }),
    [`POST ${one}/reset_time_estimate`]: track((context, item) => {
      applyChange(context, item, { timeEstimate: 0 });
    }, false),
    [`POST ${one}/add_spent_time`]: track((context, item, seconds) => {
      applyChange(context, item, { addTimeSpent: seconds });
    }),
    [`POST ${one}/reset_spent_time`]: track((context, item) => {
      applyChange(context, item, { addTimeSpent: -item.timeSpent });
    }, false),
    [`POST ${path}/{subscribable_id}/subscribe`]: subscribe(true),
    [`POST ${path}/{subscribable_id}/unsubscribe`]: subscribe(false),
  };
}

const issues = "/projects/{id}/issues";
const issue = `${issues}/{issue_iid}`;

const openIssue = (call: Call): { context: ProjectContext; item: IssueRecord } => {
  const context = contextOf(call, findProject(call));
  return { context, item: findIssue(call, context, "issue_iid") };
};

/** Moves an issue to another project: the old one is closed and says where it went. */
function move(call: Call, keep: boolean): Answer {
  const { context, item } = openIssue(call);
  requireRole(call, context.project, role.planner);
  const { gitlab, planning } = context;
  const target = gitlab.projects.get(call.params.integer("to_project_id") ?? 0);
  if (target === undefined || !gitlab.canSeeProject(call.user, target)) return notFound("Project");
  if (gitlab.projectRole(call.user, target) < role.planner) {
    refuse(400, "Cannot move issue due to insufficient permissions!");
  }
  if (!keep && target.id === context.projectId) refuse(400, "Cannot move issue to project it originates from!");
  const there = contextFor(gitlab, target, context.me);
  const copy: IssueRecord = {
    ...item,
    id: planning.nextId("issue"),
    iid: planning.nextIid("issue", target.id),
    projectId: target.id,
    state: "opened",
    milestoneId: null,
    createdAt: there.now,
    updatedAt: there.now,
    closedAt: null,
    closedById: null,
    notes: [],
  };
  planning.issues.push(copy);
  applyChange(there, copy, { labels: item.labels });
  addNote(there, copy, `${keep ? "cloned" : "moved"} from ${context.fullPath}#${String(item.iid)}`);
  addNote(context, item, `${keep ? "cloned" : "moved"} to ${there.fullPath}#${String(copy.iid)}`);
  if (!keep) applyChange(context, item, { state: "close" });
  return created(issueEntity(there, copy, { single: true }));
}

interface Link {
  readonly source: number;
  readonly target: number;
  readonly link_type: string;
}

const linkOf = (values: Readonly<Record<string, unknown>>): Link => ({
  source: Number(values["source"]),
  target: Number(values["target"]),
  link_type: typeof values["link_type"] === "string" ? values["link_type"] : "relates_to",
});

function linkEntity(call: Call, id: number, link: Link): Readonly<Record<string, unknown>> {
  const { gitlab } = call;
  const shown = (issueId: number): unknown => {
    const found = gitlab.planning.issues.find((candidate) => candidate.id === issueId);
    if (found === undefined) return null;
    const context = contextFor(gitlab, gitlab.project(found.projectId), call.user?.id ?? 0);
    return issueEntity(context, found, { single: true });
  };
  return { id, source_issue: shown(link.source), target_issue: shown(link.target), link_type: link.link_type };
}

/** Links between issues. Both ends show them, each from its side. */
const linkHandlers: Handlers = {
  [`GET ${issue}/links`]: (call) => {
    const { item } = openIssue(call);
    const { gitlab } = call;
    const found = gitlab.resources.of("issue_links").flatMap((record) => {
      const link = linkOf(record.values);
      if (link.source !== item.id && link.target !== item.id) return [];
      const other = gitlab.planning.issues.find(
        ({ id }) => id === (link.source === item.id ? link.target : link.source),
      );
      return other === undefined ? [] : [{ record, link, other }];
    });
    return list(found, ({ record, link, other }) => {
      const context = contextFor(gitlab, gitlab.project(other.projectId), call.user?.id ?? 0);
      const turned =
        link.link_type === "blocks" ? "is_blocked_by" : link.link_type === "is_blocked_by" ? "blocks" : "relates_to";
      return {
        ...issueEntity(context, other, { single: true }),
        issue_link_id: record.id,
        link_type: link.source === item.id ? link.link_type : turned,
        link_created_at: record.createdAt.toISOString(),
        link_updated_at: record.updatedAt.toISOString(),
      };
    });
  },
  [`POST ${issue}/links`]: (call) => {
    const { context, item } = openIssue(call);
    requireRole(call, context.project, role.guest);
    const { gitlab, params } = call;
    const idOrPath = params.text("target_project_id") ?? "";
    const project = gitlab.projectAt(idOrPath);
    if (project === undefined || !gitlab.canSeeProject(call.user, project)) return notFound("Project");
    const target = gitlab.planning.issue(project.id, params.integer("target_issue_iid") ?? 0);
    if (target === undefined || target === item) return notFound();
    const linkType = params.text("link_type") ?? "relates_to";
    if (linkType !== "relates_to" && !context.premium) forbidden("Blocked issues not available for current license");
    const known = gitlab.resources.of("issue_links").some(({ values }) => {
      const link = linkOf(values);
      return [link.source, link.target].includes(item.id) && [link.source, link.target].includes(target.id);
    });
    if (known) refuse(409, "Issue(s) already assigned");
    const values = { source: item.id, target: target.id, link_type: linkType };
    const record = gitlab.resources.add("issue_links", underIssue(call).key, values, {
      by: context.me,
      at: context.now,
    });
    return created(linkEntity(call, record.id, linkOf(values)));
  },
  [`GET ${issue}/links/{issue_link_id}`]: (call) => {
    const { id, link } = findLink(call);
    return json(linkEntity(call, id, link));
  },
  [`DELETE ${issue}/links/{issue_link_id}`]: (call) => {
    const found = findLink(call);
    requireRole(call, findProject(call), role.guest);
    const answer = json(linkEntity(call, found.id, found.link));
    call.gitlab.resources.remove("issue_links", found.record);
    return answer;
  },
};

function findLink(call: Call): {
  id: number;
  link: Link;
  record: ReturnType<Call["gitlab"]["resources"]["of"]>[number];
} {
  const { item } = openIssue(call);
  const linkId = Number(call.path["issue_link_id"]);
  const record = call.gitlab.resources.of("issue_links").find(({ id, values }) => {
    const link = linkOf(values);
    return id === linkId && [link.source, link.target].includes(item.id);
  });
  return record === undefined ? notFound() : { id: record.id, link: linkOf(record.values), record };
}

/** What people do with issues and merge requests besides changing them. */
export const issuableActionHandlers: Handlers = {
  ...sharedHandlers(issues, "issue_iid", findIssue),
  ...sharedHandlers("/projects/{id}/merge_requests", "merge_request_iid", findMergeRequest),
  ...linkHandlers,
  [`POST ${issue}/move`]: (call) => move(call, false),
  [`POST ${issue}/clone`]: (call) => move(call, true),
  [`GET ${issue}/related_merge_requests`]: (call) => {
    const { context, item } = openIssue(call);
    const named = new RegExp(`(?<![\\w&/])#${String(item.iid)}\\b`);
    const found = context.planning.mergeRequests.filter(
      ({ projectId, title, description }) =>
        projectId === context.projectId && named.test(`${title}\n${description ?? ""}`),
    );
    return list(found, (request) => mergeRequestBasicEntity(context, request));
  },
  [`GET ${issue}/closed_by`]: (call) => {
    const { context, item } = openIssue(call);
    const found = context.planning.mergeRequests.filter(
      ({ projectId, description }) => projectId === context.projectId && closesIssue(description, item.iid),
    );
    return list(found, (request) => mergeRequestBasicEntity(context, request));
  },
  "GET /projects/{id}/milestones/{milestone_id}/issues": (call) => {
    const context = contextOf(call, findProject(call));
    const milestone = context.planning
      .milestonesOf(context.projectId)
      .find(({ id }) => id === Number(call.path["milestone_id"]));
    if (milestone === undefined) return notFound();
    const found = context.planning.issues.filter(({ milestoneId }) => milestoneId === milestone.id);
    return list(found, (one) => issueEntity(context, one, { single: false }));
  },
};
