import { requireOneOf, checkTitle } from "../../issuables/issuable-body.js";
import { findGroup, requireGroupRole } from "../../server/access.js";
import {
  created,
  forbidden,
  json,
  list,
  notFound,
  refuse,
  type Answer,
  type Call,
  type Handlers,
} from "../../server/handler.js";
import { contextFor } from "../../state/context-of.js";
import { role, type GroupRecord } from "../../state/records.js";
import { mayReadIssue } from "../../state/visibility.js";
import { newEpic, type EpicRecord } from "../../state/work-items.js";
import { userById } from "../users/user-entity.js";
import { issueEntity } from "./planning-entities.js";

/** Epics of a group as the REST API has them. https://docs.gitlab.com/api/epics/ */
const listEpics = (call: Call): Answer => {
  const { gitlab, params } = call;
  const home = groupWithEpics(call);
  const ancestors = params.flag("include_ancestor_groups") ?? false;
  const descendants = params.flag("include_descendant_groups") ?? true;
  const within = (groupId: number): boolean =>
    groupId === home.id ||
    (ancestors && gitlab.ancestry(home.id).some(({ id }) => id === groupId)) ||
    (descendants && gitlab.ancestry(groupId).includes(home));
  const words = params.text("search")?.toLowerCase().split(/\s+/).filter(Boolean) ?? [];
  const state = params.text("state") ?? "all";
  const labels = params.list("labels");
  const author = params.text("author_username");
  const [by, direction] = [params.text("order_by") ?? "created_at", params.text("sort") === "asc" ? 1 : -1];
  const key = (epic: EpicRecord): string | number =>
    by === "title" ? epic.title.toLowerCase() : (by === "updated_at" ? epic.updatedAt : epic.createdAt).getTime();
  const found = gitlab.workItems.epics
    .filter((epic) => within(epic.groupId) && mayRead(call, epic))
    .filter((epic) => state === "all" || epic.state === state)
    .filter((epic) => words.every((word) => `${epic.title}\n${epic.description ?? ""}`.toLowerCase().includes(word)))
    .filter((epic) => labels.every((label) => epic.labels.includes(label)))
    .filter((epic) => author === undefined || gitlab.userByName(author)?.id === epic.authorId)
    .sort((a, b) => direction * (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : a.id - b.id));
  return list(found, (epic) => epicEntity(call, epic));
};

const listIssues = (call: Call): Answer => {
  const { gitlab, user } = call;
  const epic = findEpic(call);
  const issues = gitlab.workItems
    .childrenOf(epic.id)
    .flatMap((id) => gitlab.planning.issues.find((issue) => issue.id === id) ?? [])
    .filter((issue) => mayReadIssue(gitlab, user, issue));
  return list(issues, (issue) => ({
    ...issueEntity(contextFor(gitlab, gitlab.project(issue.projectId), user?.id ?? 0), issue, { single: false }),
    epic_issue_id: issue.id,
    relative_position: gitlab.workItems.extras(issue.id).position,
  }));
};

export const epicHandlers: Handlers = {
  "GET /groups/{id}/epics": listEpics,
  "GET /groups/{id}/-/epics": listEpics,
  "GET /groups/{id}/epics/{epic_iid}": (call) => json(epicEntity(call, findEpic(call))),
  "GET /groups/{id}/-/epics/{epic_iid}": (call) => json(epicEntity(call, findEpic(call))),
  "GET /groups/{id}/epics/{epic_iid}/issues": listIssues,
  "GET /groups/{id}/-/epics/{epic_iid}/issues": listIssues,

  "POST /groups/{id}/(-/)epics": (call) => {
    const { gitlab } = call;
    const group = groupWithEpics(call);
    const me = requireGroupRole(call, group, role.planner);
    checkTitle(call.params.text("title") ?? "");
    const epic = newEpic({
      id: gitlab.planning.nextId("issue"),
      iid: gitlab.workItems.nextEpicIid(group.id),
      groupId: group.id,
      authorId: me.id,
      createdAt: gitlab.now(),
    });
    write(call, epic);
    gitlab.workItems.epics.push(epic);
    return created(epicEntity(call, epic));
  },

  "PUT /groups/{id}/(-/)epics/{epic_iid}": (call) => {
    const epic = findEpic(call);
    requireGroupRole(call, findGroup(call), role.planner);
    requireOneOf(call, changeable);
    if (call.params.sent("title")) checkTitle(call.params.text("title") ?? "");
    write(call, epic);
    epic.updatedAt = call.gitlab.now();
    return json(epicEntity(call, epic));
  },
};

const changeable = [
  "add_labels",
  "color",
  "confidential",
  "description",
  "due_date_fixed",
  "due_date_is_fixed",
  "labels",
  "parent_id",
  "remove_labels",
  "start_date_fixed",
  "start_date_is_fixed",
  "state_event",
  "title",
  "updated_at",
];

/** Epics are part of Enterprise builds, and of the Premium plan: a Community build has no such routes at all. */
function groupWithEpics(call: Call): GroupRecord {
  const { gitlab } = call;
  if (gitlab.instance !== "gitlab.com" && gitlab.plan === "free") refuse(404, { error: "404 Not Found" });
  const group = findGroup(call);
  const plan = gitlab.instance === "gitlab.com" ? (gitlab.ancestry(group.id).at(-1)?.plan ?? gitlab.plan) : gitlab.plan;
  return plan === "free" ? forbidden() : group;
}

function findEpic(call: Call): EpicRecord {
  const group = groupWithEpics(call);
  const iid = Number(call.path["epic_iid"]);
  const epic = call.gitlab.workItems.epics.find((one) => one.groupId === group.id && one.iid === iid);
  return epic !== undefined && mayRead(call, epic) ? epic : notFound();
}

function mayRead({ gitlab, user }: Call, { groupId, confidential }: EpicRecord): boolean {
  const group = gitlab.groups.get(groupId);
  if (group === undefined || !gitlab.canSeeGroup(user, group)) return false;
  return !confidential || gitlab.groupRole(user, groupId) >= role.planner;
}

function write({ gitlab, params, user }: Call, epic: EpicRecord): void {
  epic.title = params.text("title") ?? epic.title;
  if (params.sent("description")) epic.description = params.text("description") ?? null;
  if (params.sent("labels")) epic.labels = params.list("labels");
  const [added, removed] = [params.list("add_labels"), params.list("remove_labels")];
  epic.labels = [...new Set([...epic.labels, ...added])].filter((one) => !removed.includes(one));
  if (params.sent("confidential")) epic.confidential = params.flag("confidential") ?? false;
  const date = (name: string): string | null => (params.has(name) ? (params.text(name)?.slice(0, 10) ?? null) : null);
  // Dates that are set count only where they are not inherited.
  if (params.flag("start_date_is_fixed") === true) epic.startDate = date("start_date_fixed");
  if (params.flag("due_date_is_fixed") === true) epic.dueDate = date("due_date_fixed");
  const extras = gitlab.workItems.extras(epic.id);
  extras.color = params.text("color") ?? extras.color;
  if (params.sent("parent_id")) extras.parentId = params.integer("parent_id") ?? null;
  const event = params.text("state_event");
  if (event !== "close" && event !== "reopen") return;
  epic.state = event === "close" ? "closed" : "opened";
  epic.closedAt = event === "close" ? gitlab.now() : null;
  epic.closedById = event === "close" ? (user?.id ?? null) : null;
}

/** https://docs.gitlab.com/api/epics/#list-all-epics-for-a-group */
function epicEntity({ gitlab }: Call, epic: EpicRecord): Readonly<Record<string, unknown>> {
  const group = gitlab.groups.get(epic.groupId) ?? notFound("Group");
  const { parentId, color } = gitlab.workItems.extras(epic.id);
  const parent = gitlab.workItems.epics.find(({ id }) => id === parentId);
  const web = `${gitlab.baseUrl}/groups/${gitlab.groupPath(group)}/-/epics/${String(epic.iid)}`;
  const api = ({ groupId, iid }: EpicRecord): string =>
    `${gitlab.baseUrl}/api/v4/groups/${String(groupId)}/epics/${String(iid)}`;
  const short = `&${String(epic.iid)}`;
  return {
    id: epic.id,
    work_item_id: epic.id,
    iid: epic.iid,
    color,
    text_color: "#FFFFFF",
    group_id: epic.groupId,
    parent_id: parent?.id ?? null,
    parent_iid: parent?.iid ?? null,
    imported: false,
    imported_from: "none",
    title: epic.title,
    description: epic.description,
    confidential: epic.confidential,
    author: userById(gitlab, epic.authorId),
    start_date: epic.startDate,
    start_date_is_fixed: epic.startDate !== null,
    start_date_fixed: epic.startDate,
    start_date_from_inherited_source: null,
    start_date_from_milestones: null,
    end_date: epic.dueDate,
    due_date: epic.dueDate,
    due_date_is_fixed: epic.dueDate !== null,
    due_date_fixed: epic.dueDate,
    due_date_from_inherited_source: null,
    due_date_from_milestones: null,
    state: epic.state,
    web_edit_url: web,
    web_url: web,
    references: { short, relative: short, full: `${gitlab.groupPath(group)}${short}` },
    reference: short,
    created_at: epic.createdAt.toISOString(),
    updated_at: epic.updatedAt.toISOString(),
    closed_at: epic.closedAt?.toISOString() ?? null,
    labels: [...epic.labels].sort((a, b) => a.localeCompare(b)),
    upvotes: epic.upvotes,
    downvotes: epic.downvotes,
    _links: {
      self: api(epic),
      epic_issues: `${api(epic)}/issues`,
      group: `${gitlab.baseUrl}/api/v4/groups/${String(epic.groupId)}`,
      parent: parent === undefined ? null : api(parent),
    },
  };
}
