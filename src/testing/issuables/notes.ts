import { findProject, requireUser } from "../server/access.js";
import type { ProjectContext } from "../state/project-context.js";
import { contextOf } from "../state/context-of.js";
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
import { addNote, applyChange, isMergeRequest } from "./issuable-changes.js";
import type { IssuableRecord, NoteRecord } from "../state/issuable-records.js";
import { findIssue, findMergeRequest, mention } from "./issuable-find.js";
import { mergeAndPush } from "../reviews/merge-request-merge.js";
import { approve, unapprove } from "../reviews/approvals.js";
import { noteEntity } from "../resources/planning/planning-entities.js";
import { interpretQuickActions } from "./quick-actions.js";
import { role } from "../state/records.js";

type Find = (call: Call, context: ProjectContext, parameter: string) => IssuableRecord;

function listNotes(call: Call, find: Find): Answer {
  const context = contextOf(call, findProject(call));
  const item = find(call, context, "noteable_id");
  // Even in a public project: https://docs.gitlab.com/api/notes/
  requireUser(call);
  const filter = call.params.text("activity_filter") ?? "all_notes";
  const time = (note: NoteRecord): number =>
    (call.params.text("order_by") === "updated_at" ? note.updatedAt : note.createdAt).getTime();
  const direction = call.params.text("sort") === "asc" ? 1 : -1;
  const notes = item.notes
    .filter((note) => !note.internal || context.level >= role.planner)
    .filter((note) => filter === "all_notes" || note.system === (filter === "only_activity"))
    .sort((a, b) => direction * (time(a) - time(b) || a.id - b.id));
  return list(notes, (note) => noteEntity(context, item, note));
}

function createNote(call: Call, find: Find): Answer {
  const context = contextOf(call, findProject(call));
  requireUser(call);
  const item = find(call, context, "noteable_id");
  if (item.discussionLocked === true && context.level < role.guest) forbidden();
  const { params } = call;
  const body = params.text("body") ?? "";
  if (body.trim() === "") refuse(400, '400 Bad request - Note {note: ["can\'t be blank"]}');
  const actions = interpretQuickActions(context, item, body, params.text("merge_request_diff_head_sha"));
  applyChange(context, item, actions.change);
  if (isMergeRequest(item)) {
    if (actions.approve === true) approve(context, item);
    if (actions.approve === false) unapprove(context, item);
    if (actions.merge) mergeAndPush(context, item);
  }
  if (actions.commands.length > 0 && actions.text === "") {
    if (actions.messages.length === 0) refuse(400, "400 Bad request - Failed to apply commands.");
    return json({ commands_changes: actions.changes, summary: [actions.messages.join(" ")] }, 202);
  }
  const given = Date.parse((context.level >= role.owner ? params.text("created_at") : undefined) ?? "");
  const note = addNote(context, item, actions.text, {
    system: false,
    internal: params.flag("internal") ?? params.flag("confidential") ?? false,
    createdAt: Number.isNaN(given) ? context.now : new Date(given),
  });
  mention(context, item, note.body);
  return created(noteEntity(context, item, note, actions.changes));
}

function changeableNote(call: Call, context: ProjectContext, item: IssuableRecord): NoteRecord {
  const me = requireUser(call);
  const note = item.notes.find((candidate) => candidate.id === Number(call.path["note_id"])) ?? notFound();
  if (note.internal && context.level < role.planner) notFound();
  if (note.system || (note.authorId !== me.id && context.level < role.maintainer)) forbidden();
  return note;
}

function readNote(call: Call, find: Find): Answer {
  const context = contextOf(call, findProject(call));
  requireUser(call);
  const item = find(call, context, "noteable_id");
  const note = item.notes.find(({ id }) => id === Number(call.path["note_id"])) ?? notFound();
  if (note.internal && context.level < role.planner) notFound();
  return json(noteEntity(context, item, note));
}

function changeNote(call: Call, find: Find): Answer {
  const context = contextOf(call, findProject(call));
  const item = find(call, context, "noteable_id");
  const note = changeableNote(call, context, item);
  if (call.params.text("body")?.trim() === "") refuse(400, '400 Bad request - Note {note: ["can\'t be blank"]}');
  const actions = interpretQuickActions(context, item, call.params.text("body") ?? note.body);
  applyChange(context, item, actions.change);
  note.body = actions.text === "" ? note.body : actions.text;
  note.updatedAt = context.now;
  return json(noteEntity(context, item, note, actions.changes));
}

function removeNote(call: Call, find: Find): Answer {
  const context = contextOf(call, findProject(call));
  const item = find(call, context, "noteable_id");
  item.notes.splice(item.notes.indexOf(changeableNote(call, context, item)), 1);
  return empty();
}

/** Notes of issues and merge requests, which GitLab calls noteables. */
export const noteHandlers: Handlers = Object.fromEntries(
  (
    [
      ["Issues", findIssue],
      ["MergeRequests", findMergeRequest],
    ] as const
  ).flatMap(([kind, find]) => [
    [`getApiV4ProjectsId${kind}NoteableIdNotes`, (call: Call) => listNotes(call, find)],
    [`postApiV4ProjectsId${kind}NoteableIdNotes`, (call: Call) => createNote(call, find)],
    [`getApiV4ProjectsId${kind}NoteableIdNotesNoteId`, (call: Call) => readNote(call, find)],
    [`putApiV4ProjectsId${kind}NoteableIdNotesNoteId`, (call: Call) => changeNote(call, find)],
    [`deleteApiV4ProjectsId${kind}NoteableIdNotesNoteId`, (call: Call) => removeNote(call, find)],
  ]),
);
