import { findProject } from "../server/access.js";
import { maySee, type ProjectContext } from "../state/project-context.js";
import { addNote, addTodo } from "./issuable-changes.js";
import { forbidden, notFound, type Call } from "../server/handler.js";
import type { IssuableRecord, IssueRecord, MergeRequestRecord } from "../state/issuable-records.js";
import { role, type ProjectRecord } from "../state/records.js";

/** The project, whose issues must be switched on. */
export function findTracker(call: Call): ProjectRecord {
  const project = findProject(call);
  const off = project.settings["issues_access_level"] === "disabled" || project.settings["issues_enabled"] === false;
  return off ? forbidden() : project;
}

/** The project, whose merge requests must be switched on. */
export function findReviewed(call: Call): ProjectRecord {
  const project = findProject(call);
  const { settings } = project;
  return settings["merge_requests_access_level"] === "disabled" || settings["merge_requests_enabled"] === false
    ? forbidden()
    : project;
}

/** The issue that the path names by its iid; one that the caller may not see is as good as missing. */
export function findIssue(call: Call, context: ProjectContext, parameter: string): IssueRecord {
  const issue = context.planning.issue(context.projectId, Number(call.path[parameter]));
  return issue !== undefined && maySee(context, issue) ? issue : notFound();
}

/** The merge request that the path names by its iid, for whoever may read the code. */
export function findMergeRequest(call: Call, context: ProjectContext, parameter: string): MergeRequestRecord {
  const readable = context.project.visibility !== "private" || context.level >= role.reporter;
  const item = context.planning.mergeRequest(context.projectId, Number(call.path[parameter]));
  return readable && item !== undefined ? item : notFound();
}

/** Tells every issue and merge request that a text names (`#4`, `!7`) who names it, once. */
export function mention(context: ProjectContext, from: IssuableRecord, text: string | null): void {
  for (const [, name] of (text ?? "").matchAll(/(?<![\w@/.])@([\w.-]*\w)/g)) {
    const id = context.userId(name ?? "");
    if (id !== undefined && context.isMember(id)) addTodo(context, from, id, "mentioned");
  }
  const own = `${from.kind === "issue" ? "issue #" : "merge request !"}${String(from.iid)}`;
  const body = `mentioned in ${own}`;
  for (const [, sigil, number] of (text ?? "").matchAll(/(?<![\w&/])([#!])(\d+)\b/g)) {
    const { planning, projectId } = context;
    const iid = Number(number);
    const target = sigil === "#" ? planning.issue(projectId, iid) : planning.mergeRequest(projectId, iid);
    if (target === undefined || target === from || target.notes.some((note) => note.body === body)) continue;
    addNote(context, target, body);
  }
}
