import { findProject, requireUser } from "../server/access.js";
import {
  created,
  empty,
  forbidden,
  json,
  list,
  notFound,
  refuse,
  type Call,
  type Handlers,
} from "../server/handler.js";
import { contextOf } from "../state/context-of.js";
import type { DiffPosition, IssuableRecord, NoteRecord } from "../state/issuable-records.js";
import type { ProjectContext } from "../state/project-context.js";
import { role } from "../state/records.js";
import { addNote, applyChange, isMergeRequest } from "../issuables/issuable-changes.js";
import { findIssue, findMergeRequest, mention } from "../issuables/issuable-find.js";
import { interpretQuickActions } from "../issuables/quick-actions.js";
import { noteEntity } from "../resources/planning/planning-entities.js";
import { findLineCode } from "./positions.js";
import { suggestionsIn } from "./suggestions.js";

type Find = (call: Call, context: ProjectContext, parameter: string) => IssuableRecord;

interface Thread {
  readonly id: string;
  readonly notes: readonly NoteRecord[];
}

/** The threads of an issue or a merge request, oldest first; internal notes for planners and up. */
function threadsOf(context: ProjectContext, item: IssuableRecord): Thread[] {
  const threads = new Map<string, NoteRecord[]>();
  for (const note of item.notes) {
    if (note.internal && context.level < role.planner) continue;
    threads.set(note.discussionId, [...(threads.get(note.discussionId) ?? []), note]);
  }
  return [...threads].map(([id, notes]) => ({ id, notes }));
}

const discussionEntity = (context: ProjectContext, item: IssuableRecord, { id, notes }: Thread): unknown => ({
  id,
  individual_note: notes.length === 1 && notes[0]?.type === null,
  resolvable: notes.some((note) => note.resolvable),
  notes: notes.map((note) => noteEntity(context, item, note)),
});

function findThread(call: Call, context: ProjectContext, item: IssuableRecord): Thread {
  return threadsOf(context, item).find(({ id }) => id === call.path["discussion_id"]) ?? notFound("Discussion");
}

/** The position that a request gives a comment; refused where it lacks what GitLab declares required. */
export function readPosition(call: Call): DiffPosition | null {
  const { position } = call.values;
  if (typeof position !== "object" || position === null) return null;
  const sent = position as Readonly<Record<string, unknown>>;
  const missing = ["base_sha", "start_sha", "head_sha", "position_type"].filter((name) => sent[name] === undefined);
  if (missing.length > 0) refuse(400, { error: missing.map((name) => `position[${name}] is missing`).join(", ") });
  const line = (name: string): number | null =>
    sent[name] === undefined || sent[name] === null || sent[name] === "" ? null : Number(sent[name]);
  const text = (name: string): string | undefined => (typeof sent[name] === "string" ? sent[name] : undefined);
  const paths = [text("old_path"), text("new_path")];
  return {
    ...sent,
    base_sha: String(sent["base_sha"]),
    start_sha: String(sent["start_sha"]),
    head_sha: String(sent["head_sha"]),
    position_type: String(sent["position_type"]),
    old_path: paths[0] ?? paths[1] ?? "",
    new_path: paths[1] ?? paths[0] ?? "",
    old_line: line("old_line"),
    new_line: line("new_line"),
  };
}

/** The line code of a comment's position in the merge request's project, or GitLab's refusal. */
function requireLineCode(context: ProjectContext, position: DiffPosition): string {
  const code = findLineCode(context.project.repository, position);
  if (code !== undefined) return code;
  const incomplete = position.position_type === "text" && position.old_line === null && position.new_line === null;
  const places = incomplete ? ', position: ["is incomplete"]' : "";
  return refuse(400, `400 Bad request - Note {line_code: ["can't be blank", "must be a valid line code"]${places}}`);
}

/** What a comment is made of, wherever it was written. */
export interface NewComment {
  readonly body: string;
  readonly position: DiffPosition | null;
  readonly replyTo?: string;
  readonly internal?: boolean;
  /** A thread of an issue can be resolved where GraphQL has started it; one of a merge request always. */
  readonly resolvable?: boolean;
}

/** Writes a comment into a thread, or begins one. */
export function addComment(context: ProjectContext, item: IssuableRecord, comment: NewComment): NoteRecord {
  const { body, position, replyTo } = comment;
  const thread = replyTo === undefined ? undefined : item.notes.filter((note) => note.discussionId === replyTo);
  const first = thread?.[0];
  const code = position === null ? null : requireLineCode(context, position);
  const type = position !== null || first?.type === "DiffNote" ? "DiffNote" : "DiscussionNote";
  const note = addNote(context, item, body, {
    system: false,
    type,
    resolvable: comment.resolvable ?? (isMergeRequest(item) || first?.resolvable === true),
    internal: comment.internal ?? false,
    discussionId: replyTo,
    position: position ?? first?.position ?? null,
    lineCode: code ?? first?.lineCode ?? null,
    suggestions: isMergeRequest(item) ? suggestionsIn(context, body, position) : [],
  });
  // A reply turns a comment that stood alone into a thread, and opens a resolved one again.
  for (const other of thread ?? []) {
    if (other.type === null) Object.assign(other, { type: "DiscussionNote", resolvable: isMergeRequest(item) });
    other.resolvedById = null;
    other.resolvedAt = null;
    other.updatedAt = context.now;
  }
  item.updatedAt = context.now;
  mention(context, item, body);
  return note;
}

export function resolveThread(context: ProjectContext, notes: readonly NoteRecord[], resolved: boolean): void {
  for (const note of notes) {
    if (!note.resolvable) continue;
    note.resolvedById = resolved ? (note.resolvedById ?? context.me) : null;
    note.resolvedAt = resolved ? (note.resolvedAt ?? context.now) : null;
  }
}

function handlersFor(path: string, find: Find): Handlers {
  const open = (call: Call): { context: ProjectContext; item: IssuableRecord } => {
    const context = contextOf(call, findProject(call));
    return { context, item: find(call, context, "noteable_id") };
  };
  const comment = (call: Call, replyTo?: string): ReturnType<typeof created> => {
    const { context, item } = open(call);
    requireUser(call);
    if (item.discussionLocked === true && context.level < role.guest) forbidden();
    const body = call.params.text("body") ?? "";
    if (body.trim() === "") refuse(400, '400 Bad request - Note {note: ["can\'t be blank"]}');
    const actions = interpretQuickActions(context, item, body);
    const position = replyTo === undefined && isMergeRequest(item) ? readPosition(call) : null;
    if (position !== null) requireLineCode(context, position);
    applyChange(context, item, actions.change);
    if (actions.commands.length > 0 && actions.text === "") {
      return json({ commands_changes: actions.changes, summary: [actions.messages.join(" ")] }, 202);
    }
    const note = addComment(context, item, { body: actions.text, position, replyTo });
    if (replyTo !== undefined) return created(noteEntity(context, item, note));
    return created(discussionEntity(context, item, { id: note.discussionId, notes: [note] }));
  };
  const findNote = (call: Call, context: ProjectContext, item: IssuableRecord): NoteRecord =>
    findThread(call, context, item).notes.find(({ id }) => id === Number(call.path["note_id"])) ?? notFound("Note");
  const requireOwn = (call: Call, context: ProjectContext, note: NoteRecord): void => {
    if (note.system || (note.authorId !== requireUser(call).id && context.level < role.maintainer)) forbidden();
  };
  const requireResolve = (call: Call, context: ProjectContext, item: IssuableRecord): void => {
    if (requireUser(call).id !== item.authorId && context.level < role.developer) forbidden();
  };
  const thread = `${path}/{discussion_id}`;
  return {
    [`GET ${path}`]: (call) => {
      const { context, item } = open(call);
      return list(threadsOf(context, item), (found) => discussionEntity(context, item, found));
    },
    [`POST ${path}`]: (call) => comment(call),
    [`GET ${thread}`]: (call) => {
      const { context, item } = open(call);
      return json(discussionEntity(context, item, findThread(call, context, item)));
    },
    [`PUT ${thread}`]: (call) => {
      const { context, item } = open(call);
      const found = findThread(call, context, item);
      requireResolve(call, context, item);
      if (!found.notes.some(({ resolvable }) => resolvable)) refuse(400, "400 Bad request - Note is not resolvable");
      resolveThread(context, found.notes, call.params.flag("resolved") ?? false);
      return json(discussionEntity(context, item, found));
    },
    [`GET ${thread}/notes`]: (call) => {
      const { context, item } = open(call);
      return list(findThread(call, context, item).notes, (note) => noteEntity(context, item, note));
    },
    [`POST ${thread}/notes`]: (call) => {
      const { context, item } = open(call);
      const found = findThread(call, context, item);
      if (found.notes.every(({ system }) => system)) refuse(400, "400 Bad request - Discussion can not be replied to.");
      return comment(call, found.id);
    },
    [`GET ${thread}/notes/{note_id}`]: (call) => {
      const { context, item } = open(call);
      return json(noteEntity(context, item, findNote(call, context, item)));
    },
    [`PUT ${thread}/notes/{note_id}`]: (call) => {
      const { context, item } = open(call);
      const note = findNote(call, context, item);
      const resolved = call.params.flag("resolved");
      const body = call.params.text("body");
      if ((resolved === undefined) === (body === undefined)) {
        refuse(400, { error: "body, resolved are missing, exactly one parameter must be provided" });
      }
      if (resolved !== undefined) {
        requireResolve(call, context, item);
        resolveThread(context, [note], resolved);
      } else {
        requireOwn(call, context, note);
        if (body?.trim() === "") refuse(400, '400 Bad request - Note {note: ["can\'t be blank"]}');
        note.body = body ?? note.body;
        note.updatedAt = context.now;
        note.suggestions = suggestionsIn(context, note.body, note.position);
      }
      return json(noteEntity(context, item, note));
    },
    [`DELETE ${thread}/notes/{note_id}`]: (call) => {
      const { context, item } = open(call);
      const note = findNote(call, context, item);
      requireOwn(call, context, note);
      item.notes.splice(item.notes.indexOf(note), 1);
      return empty();
    },
  };
}

/** Threads of issues and merge requests. */
export const discussionHandlers: Handlers = {
  ...handlersFor("/projects/{id}/issues/{noteable_id}/discussions", findIssue),
  ...handlersFor("/projects/{id}/merge_requests/{noteable_id}/discussions", findMergeRequest),
};
