import { findProject, requireUser } from "./access.js";
import type { Desk } from "./desk.js";
import { deskOf } from "./desk-of.js";
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
} from "./handler.js";
import { addNote, applyChange, isMergeRequest } from "./issuable-changes.js";
import type { IssuableRecord, NoteRecord } from "./issuable-records.js";
import { findIssue, findMergeRequest, mention } from "./issuable-find.js";
import { mergeNow } from "./merge-request-merge.js";
import { approve, unapprove } from "./approvals.js";
import { noteEntity } from "./planning-entities.js";
import { interpretQuickActions } from "./quick-actions.js";
import { role } from "./records.js";

type Find = (call: Call, desk: Desk, parameter: string) => IssuableRecord;

function listNotes(call: Call, find: Find): Answer {
  const desk = deskOf(call, findProject(call));
  const item = find(call, desk, "noteable_id");
  const filter = call.params.text("activity_filter") ?? "all_notes";
  const time = (note: NoteRecord): number =>
    (call.params.text("order_by") === "updated_at" ? note.updatedAt : note.createdAt).getTime();
  const direction = call.params.text("sort") === "asc" ? 1 : -1;
  const notes = item.notes
    .filter((note) => !note.internal || desk.level >= role.planner)
    .filter((note) => filter === "all_notes" || note.system === (filter === "only_activity"))
    .sort((a, b) => direction * (time(a) - time(b) || a.id - b.id));
  return list(notes, (note) => noteEntity(desk, item, note));
}

function createNote(call: Call, find: Find): Answer {
  const desk = deskOf(call, findProject(call));
  requireUser(call);
  const item = find(call, desk, "noteable_id");
  if (item.discussionLocked === true && desk.level < role.guest) forbidden();
  const { params } = call;
  const body = params.text("body") ?? "";
  if (body.trim() === "") refuse(400, '400 Bad request - Note {note: ["can\'t be blank"]}');
  const actions = interpretQuickActions(desk, item, body, params.text("merge_request_diff_head_sha"));
  applyChange(desk, item, actions.change);
  if (isMergeRequest(item)) {
    if (actions.approve === true) approve(desk, item);
    if (actions.approve === false) unapprove(desk, item);
    if (actions.merge) mergeNow(desk, item);
  }
  if (actions.commands.length > 0 && actions.text === "") {
    if (actions.messages.length === 0) refuse(400, "400 Bad request - Failed to apply commands.");
    return json({ commands_changes: actions.changes, summary: [actions.messages.join(" ")] }, 202);
  }
  const given = Date.parse((desk.level >= role.owner ? params.text("created_at") : undefined) ?? "");
  const note = addNote(desk, item, actions.text, {
    system: false,
    internal: params.flag("internal") ?? params.flag("confidential") ?? false,
    createdAt: Number.isNaN(given) ? desk.now : new Date(given),
  });
  mention(desk, item, note.body);
  return created(noteEntity(desk, item, note, actions.changes));
}

function changeableNote(call: Call, desk: Desk, item: IssuableRecord): NoteRecord {
  const me = requireUser(call);
  const note = item.notes.find((candidate) => candidate.id === Number(call.path["note_id"])) ?? notFound();
  if (note.internal && desk.level < role.planner) notFound();
  if (note.system || (note.authorId !== me.id && desk.level < role.maintainer)) forbidden();
  return note;
}

/** Notes of issues and merge requests, which GitLab calls noteables. */
export const noteHandlers: Handlers = {
  getApiV4ProjectsIdIssuesNoteableIdNotes: (call) => listNotes(call, findIssue),
  getApiV4ProjectsIdMergeRequestsNoteableIdNotes: (call) => listNotes(call, findMergeRequest),
  postApiV4ProjectsIdIssuesNoteableIdNotes: (call) => createNote(call, findIssue),
  postApiV4ProjectsIdMergeRequestsNoteableIdNotes: (call) => createNote(call, findMergeRequest),

  putApiV4ProjectsIdIssuesNoteableIdNotesNoteId: (call) => {
    const desk = deskOf(call, findProject(call));
    const issue = findIssue(call, desk, "noteable_id");
    const note = changeableNote(call, desk, issue);
    const actions = interpretQuickActions(desk, issue, call.params.text("body") ?? note.body);
    applyChange(desk, issue, actions.change);
    note.body = actions.text === "" ? note.body : actions.text;
    note.updatedAt = desk.now;
    return json(noteEntity(desk, issue, note, actions.changes));
  },

  deleteApiV4ProjectsIdIssuesNoteableIdNotesNoteId: (call) => {
    const desk = deskOf(call, findProject(call));
    const issue = findIssue(call, desk, "noteable_id");
    issue.notes.splice(issue.notes.indexOf(changeableNote(call, desk, issue)), 1);
    return empty();
  },
};
