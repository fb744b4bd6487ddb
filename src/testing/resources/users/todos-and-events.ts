import { findProject, requireUser } from "../../server/access.js";
import { created, empty, json, list, notFound, type Answer, type Call, type Handlers } from "../../server/handler.js";
import { contextFor } from "../../state/context-of.js";
import type { IssuableRecord } from "../../state/issuable-records.js";
import type { ProjectRecord } from "../../state/records.js";
import type { ResourceRecord } from "../../state/resource-records.js";
import { mayReadIssue, mayReadMergeRequest } from "../../state/visibility.js";
import { isIssue, isMergeRequest } from "../../issuables/issuable-changes.js";
import { issueEntity } from "../planning/planning-entities.js";
import { projectBasic } from "../projects/project-entity.js";
import { mergeRequestBasicEntity } from "../../reviews/merge-request-entity.js";
import { userById } from "./user-entity.js";

const typeOf = (item: IssuableRecord): string => (item.kind === "issue" ? "Issue" : "MergeRequest");

function targetOf(call: Call, record: ResourceRecord): IssuableRecord | undefined {
  const { planning } = call.gitlab;
  const id = Number(record.values["target"]);
  const items: readonly IssuableRecord[] = record.values["kind"] === "issue" ? planning.issues : planning.mergeRequests;
  return items.find((item) => item.id === id);
}

function todoEntity(call: Call, record: ResourceRecord): unknown {
  const { gitlab, user } = call;
  const item = targetOf(call, record);
  if (item === undefined) return null;
  const project = gitlab.project(item.projectId);
  const context = contextFor(gitlab, project, user?.id ?? 0);
  const place = item.kind === "issue" ? "issues" : "merge_requests";
  const {
    id,
    name,
    name_with_namespace: full,
    path,
    path_with_namespace: fullPath,
    created_at: at,
  } = projectBasic(gitlab, project);
  return {
    id: record.id,
    project: {
      id,
      description: project.description,
      name,
      name_with_namespace: full,
      path,
      path_with_namespace: fullPath,
      created_at: at,
    },
    author: userById(gitlab, record.authorId),
    action_name: record.values["action"],
    target_type: typeOf(item),
    target: isIssue(item)
      ? issueEntity(context, item, { single: false })
      : isMergeRequest(item)
        ? mergeRequestBasicEntity(context, item)
        : null,
    target_url: `${gitlab.projectUrl(project)}/-/${place}/${String(item.iid)}`,
    body: item.title,
    state: record.values["state"],
    created_at: record.createdAt.toISOString(),
    updated_at: record.updatedAt.toISOString(),
  };
}

const ownTodos = (call: Call): ResourceRecord[] =>
  call.gitlab.resources
    .in("todos", `users/${String(requireUser(call).id)}`)
    .filter((record) => targetOf(call, record) !== undefined);

/** What waits for the caller: made when somebody assigns, mentions them or asks for a review. */
export const todoHandlers: Handlers = {
  "GET /todos": (call) => {
    const { params } = call;
    const state = params.text("state") ?? "pending";
    const found = ownTodos(call).filter((record) => {
      const item = targetOf(call, record);
      if (item === undefined || record.values["state"] !== state) return false;
      if (params.has("action") && record.values["action"] !== params.text("action")) return false;
      if (params.has("type") && typeOf(item) !== params.text("type")) return false;
      if (params.has("project_id") && item.projectId !== params.integer("project_id")) return false;
      return !params.has("author_id") || record.authorId === params.integer("author_id");
    });
    return list(found.reverse(), (record) => todoEntity(call, record));
  },
  "POST /todos/{id}/mark_as_done": (call) => {
    const record = ownTodos(call).find(({ id }) => id === Number(call.path["id"])) ?? notFound();
    record.values["state"] = "done";
    record.updatedAt = call.gitlab.now();
    return created(todoEntity(call, record));
  },
  "POST /todos/mark_as_done": (call) => {
    for (const record of ownTodos(call)) record.values["state"] = "done";
    return empty();
  },
};

interface EventRecord {
  readonly at: Date;
  readonly action: string;
  readonly authorId: number;
  readonly projectId: number;
  readonly target?: { readonly id: number; readonly iid: number; readonly type: string; readonly title: string };
  readonly push?: Readonly<Record<string, unknown>>;
}

/** What happened in a project, read from what is there: nothing is recorded twice. */
function eventsOf(call: Call, project: ProjectRecord): EventRecord[] {
  const { planning } = call.gitlab;
  const events: EventRecord[] = [];
  const add = (item: IssuableRecord, action: string, at: Date | null, authorId: number | null): void => {
    if (at === null || authorId === null) return;
    const target = { id: item.id, iid: item.iid, type: typeOf(item), title: item.title };
    events.push({ at, action, authorId, projectId: project.id, target });
  };
  for (const item of planning.issues) {
    if (item.projectId !== project.id || !mayReadIssue(call.gitlab, call.user, item)) continue;
    add(item, "opened", item.createdAt, item.authorId);
    add(item, "closed", item.closedAt, item.closedById);
    comments(item);
  }
  for (const item of planning.mergeRequests) {
    if (item.projectId !== project.id || !mayReadMergeRequest(call.gitlab, call.user, item)) continue;
    add(item, "opened", item.createdAt, item.authorId);
    add(item, "closed", item.closedAt, item.closedById);
    add(item, "accepted", item.mergedAt, item.mergeUserId);
    for (const { approvedAt, userId } of item.approvals) add(item, "approved", approvedAt, userId);
    comments(item);
  }
  function comments(item: IssuableRecord): void {
    for (const note of item.notes) {
      if (note.system || note.internal) continue;
      const target = { id: note.id, iid: note.id, type: note.type ?? "Note", title: item.title };
      events.push({
        at: note.createdAt,
        action: "commented on",
        authorId: note.authorId,
        projectId: project.id,
        target,
      });
    }
  }
  const { repository } = project;
  for (const [branch, sha] of repository.branches) {
    const commit = repository.commit(sha);
    const author = [...call.gitlab.users.values()].find(({ email }) => email === commit?.committer.email);
    if (commit === undefined || author === undefined) continue;
    const push = {
      commit_count: 1,
      action: "pushed",
      ref_type: "branch",
      commit_from: commit.parents[0] ?? null,
      commit_to: sha,
      ref: branch,
      commit_title: commit.message.split("\n")[0],
      ref_count: null,
    };
    events.push({ at: commit.committer.date, action: "pushed to", authorId: author.id, projectId: project.id, push });
  }
  return events;
}

function showEvents(call: Call, events: readonly EventRecord[]): Answer {
  const { params, gitlab } = call;
  const action = params.text("action");
  const storedActions: Readonly<Record<string, string>> = {
    created: "opened",
    merged: "accepted",
    pushed: "pushed to",
    commented: "commented on",
  };
  const type = params.text("target_type")?.replaceAll("_", "").toLowerCase();
  const after = params.text("after") ?? "";
  const before = params.text("before") ?? "9999";
  const found = events
    .filter((event) => action === undefined || event.action === (storedActions[action] ?? action))
    .filter(({ target }) => type === undefined || target?.type.toLowerCase() === type)
    .filter(({ at }) => at.toISOString().slice(0, 10) > after && at.toISOString().slice(0, 10) < before)
    .sort((a, b) => (params.text("sort") === "asc" ? 1 : -1) * (a.at.getTime() - b.at.getTime()));
  return list(found, ({ at, target, push, action: name, authorId, projectId }) => ({
    id: at.getTime() % 1_000_000_000,
    project_id: projectId,
    action_name: name,
    target_id: target?.id ?? null,
    target_iid: target?.iid ?? null,
    target_type: target?.type ?? null,
    target_title: target?.title ?? null,
    author_id: authorId,
    created_at: at.toISOString(),
    author: userById(gitlab, authorId),
    author_username: gitlab.user(authorId).username,
    imported: false,
    imported_from: "none",
    ...(push === undefined ? {} : { push_data: push }),
  }));
}

/** What happened, in a project or by the caller. */
export const eventHandlers: Handlers = {
  "GET /projects/{id}/events": (call) => showEvents(call, eventsOf(call, findProject(call))),
  "GET /events": (call) => {
    const me = requireUser(call);
    const visible = [...call.gitlab.projects.values()].filter((project) => call.gitlab.canSeeProject(me, project));
    return showEvents(
      call,
      visible.flatMap((project) => eventsOf(call, project)).filter(({ authorId }) => authorId === me.id),
    );
  },
};

export const statusHandlers: Handlers = (() => {
  const shown = (call: Call, userId: number): Answer => {
    const record = call.gitlab.resources.in("user_statuses", `users/${String(userId)}`)[0];
    const message = typeof record?.values["message"] === "string" ? record.values["message"] : "";
    return json({
      emoji: record?.values["emoji"] ?? "speech_balloon",
      message,
      availability: record?.values["availability"] ?? "not_set",
      message_html: message,
      clear_status_at: null,
    });
  };
  const change = (call: Call): Answer => {
    const me = requireUser(call);
    const key = `users/${String(me.id)}`;
    const known = call.gitlab.resources.in("user_statuses", key)[0];
    const { emoji, message, availability } = call.values;
    const values = call.method === "PATCH" ? { ...known?.values, ...call.values } : { emoji, message, availability };
    if (known === undefined)
      call.gitlab.resources.add("user_statuses", key, values, { by: me.id, at: call.gitlab.now() });
    else known.values = values;
    return shown(call, me.id);
  };
  return {
    "GET /user/status": (call) => shown(call, requireUser(call).id),
    "PUT /user/status": change,
    "PATCH /user/status": change,
    "GET /users/{user_id}/status": (call: Call) => {
      const idOrName = call.path["user_id"] ?? "";
      const user = call.gitlab.userAt(idOrName);
      return user === undefined ? notFound("User") : shown(call, user.id);
    },
  } satisfies Handlers;
})();
