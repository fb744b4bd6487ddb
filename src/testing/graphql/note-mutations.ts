import { GraphQLError } from "graphql";
import { applyChange, addNote, isIssue, isMergeRequest } from "../issuables/issuable-changes.js";
import { interpretQuickActions } from "../issuables/quick-actions.js";
import { mergeAndPush } from "../reviews/merge-request-merge.js";
import { approve, unapprove } from "../reviews/approvals.js";
import { addComment, resolveThread } from "../reviews/discussions.js";
import { contextFor } from "../state/context-of.js";
import type { IssuableRecord, NoteRecord } from "../state/issuable-records.js";
import { role } from "../state/records.js";
import { mayReadMergeRequest } from "../state/visibility.js";
import { idOf, keyOf, unavailable } from "./ids.js";
import { mergeRequestUrl } from "./merge-requests.js";
import { discussionNode, noteNode, type Noteable } from "./notes.js";
import { byId, mayRead, workItemUrl } from "./work-item-access.js";
import type { Node, View } from "./view.js";

/** An issue or merge request that somebody writes to. Epics take no notes here. */
interface Place extends Noteable {
  readonly item: IssuableRecord;
}

const noteTypes = ["Note", "DiscussionNote", "DiffNote", "LabelNote", "StateNote"];

/** All that can be written to, with the asker's role. */
function placeOf(view: View, item: IssuableRecord): Place | undefined {
  const { gitlab, user } = view;
  const level = gitlab.projectRole(user, gitlab.project(item.projectId));
  if (isIssue(item)) return mayRead(view, item) ? { item, level, webUrl: workItemUrl(view, item) } : undefined;
  if (!isMergeRequest(item) || !mayReadMergeRequest(gitlab, user, item)) return undefined;
  return { item, level, webUrl: mergeRequestUrl(view, item) };
}

function noteablePlace(view: View, id: unknown): Place {
  const { planning } = view.gitlab;
  const number = idOf(id, "WorkItem", "Issue", "MergeRequest");
  const item: IssuableRecord | undefined = String(id).includes("/MergeRequest/")
    ? planning.mergeRequests.find((one) => one.id === number)
    : planning.issues.find((one) => one.id === number);
  if (item === undefined && byId(view, number) !== undefined) {
    throw new GraphQLError("The emulator keeps no notes of epics");
  }
  const place = item === undefined ? undefined : placeOf(view, item);
  return place !== undefined && view.user !== undefined ? place : unavailable();
}

/** Where a note or a thread is, looked for in everything that the asker may read. */
function placeWith(view: View, test: (note: NoteRecord) => boolean): Place {
  const { issues, mergeRequests } = view.gitlab.planning;
  const items: readonly IssuableRecord[] = [...issues, ...mergeRequests];
  const item = items.find(({ notes }) => notes.some(test));
  const place = item === undefined ? undefined : placeOf(view, item);
  return place ?? unavailable();
}

interface WriteInput {
  readonly noteableId: string;
  readonly body: string;
  readonly internal?: boolean | null;
  readonly discussionId?: string | null;
  readonly mergeRequestDiffHeadSha?: string | null;
}

/** The mutations of notes and threads. */
export const noteMutations = (view: View): Node => ({
  createNote: ({ input }: { readonly input: WriteInput }) => write(view, input, false),
  createDiscussion: ({ input }: { readonly input: WriteInput }) => write(view, input, true),
  updateNote: ({ input }: { readonly input: { readonly id: string; readonly body?: string | null } }) => {
    const { place, note } = ownNote(view, input.id);
    const context = contextFor(view.gitlab, view.gitlab.project(place.item.projectId), view.user?.id ?? 0);
    const actions = interpretQuickActions(context, place.item, input.body ?? note.body);
    applyChange(context, place.item, actions.change);
    if (actions.text === "" && actions.commands.length > 0) {
      // Nothing but commands: GitLab deletes the note.
      place.item.notes.splice(place.item.notes.indexOf(note), 1);
      return { errors: [], note: null, quickActionsStatus: statusOf(actions) };
    }
    note.body = actions.text;
    note.updatedAt = view.gitlab.now();
    return { errors: [], note: noteNode(view, place, note), quickActionsStatus: statusOf(actions) };
  },
  destroyNote: ({ input }: { readonly input: { readonly id: string } }) => {
    const { place, note } = ownNote(view, input.id);
    place.item.notes.splice(place.item.notes.indexOf(note), 1);
    return { errors: [], note: null };
  },
  discussionToggleResolve: ({ input }: { readonly input: { readonly id: string; readonly resolve: boolean } }) => {
    const id = keyOf(input.id, "Discussion", "DiffDiscussion", "IndividualNoteDiscussion");
    const place = placeWith(view, ({ discussionId }) => discussionId === id);
    const notes = place.item.notes.filter(({ discussionId }) => discussionId === id);
    const own = notes.some(({ authorId }) => authorId === view.user?.id);
    if (view.user === undefined || (place.level < role.developer && !own)) unavailable();
    const project = view.gitlab.project(place.item.projectId);
    resolveThread(contextFor(view.gitlab, project, view.user.id), notes, input.resolve);
    return { errors: [], discussion: discussionNode(view, place, id) };
  },
});

function ownNote(view: View, id: string): { readonly place: Place; readonly note: NoteRecord } {
  const number = idOf(id, ...noteTypes);
  const place = placeWith(view, (note) => note.id === number);
  const note = place.item.notes.find((one) => one.id === number);
  const mine = note?.authorId === view.user?.id || place.level >= role.maintainer;
  return note === undefined || note.system || view.user === undefined || !mine ? unavailable() : { place, note };
}

type Actions = ReturnType<typeof interpretQuickActions>;

const statusOf = ({ commands, messages, text }: Actions): Node | null =>
  commands.length === 0
    ? null
    : {
        commandNames: commands,
        commandsOnly: text === "",
        messages,
        errorMessages: messages.length === 0 ? ["Failed to apply commands."] : [],
      };

function write(view: View, input: WriteInput, thread: boolean): Node {
  const place = noteablePlace(view, input.noteableId);
  const { item } = place;
  if (item.discussionLocked === true && place.level < role.guest) unavailable();
  if (input.body.trim() === "") return { errors: ["Note can't be blank"], note: null, quickActionsStatus: null };
  const context = contextFor(view.gitlab, view.gitlab.project(item.projectId), view.user?.id ?? 0);
  const actions = interpretQuickActions(context, item, input.body, input.mergeRequestDiffHeadSha ?? undefined);
  applyChange(context, item, actions.change);
  if (isMergeRequest(item)) {
    if (actions.approve === true) approve(context, item);
    if (actions.approve === false) unapprove(context, item);
    if (actions.merge) mergeAndPush(context, item);
  }
  const quickActionsStatus = statusOf(actions);
  if (actions.text === "" && actions.commands.length > 0) return { errors: [], note: null, quickActionsStatus };
  const replyTo = input.discussionId == null ? undefined : keyOf(input.discussionId, "Discussion", "DiffDiscussion");
  if (replyTo !== undefined && !item.notes.some(({ discussionId }) => discussionId === replyTo)) unavailable();
  const internal = input.internal ?? false;
  const note =
    thread || replyTo !== undefined
      ? addComment(context, item, {
          ...{ body: actions.text, position: null, internal },
          ...(thread && { resolvable: true }),
          ...(replyTo && { replyTo }),
        })
      : addNote(context, item, actions.text, { system: false, internal });
  return { errors: [], note: noteNode(view, place, note), quickActionsStatus };
}
