import type { IssuableRecord, NoteRecord } from "../state/issuable-records.js";
import { role } from "../state/records.js";
import { connection, type PageArguments } from "./connection.js";
import { gid } from "./ids.js";
import { iso, userNode, type Node, type View } from "./view.js";

/** Something with notes, and where it is shown. */
export interface Noteable {
  readonly item: Pick<IssuableRecord, "notes">;
  readonly webUrl: string;
  /** The asker's role there. */
  readonly level: number;
}

const noteGid = (note: NoteRecord): string => gid(note.type ?? "Note", note.id);

const discussionGid = (id: string): string => gid("Discussion", id);

export function noteNode(view: View, noteable: Noteable, note: NoteRecord): Node {
  const { position } = note;
  return {
    id: noteGid(note),
    body: note.body,
    system: note.system,
    internal: note.internal,
    author: () => userNode(view, note.authorId),
    createdAt: iso(note.createdAt),
    updatedAt: iso(note.updatedAt),
    lastEditedAt: note.updatedAt > note.createdAt ? iso(note.updatedAt) : null,
    url: `${noteable.webUrl}#note_${String(note.id)}`,
    noteableType: noteable.webUrl.includes("/merge_requests/") ? "MergeRequest" : "Issue",
    resolvable: note.resolvable,
    resolved: note.resolvedById !== null,
    discussion: () => discussionNode(view, noteable, note.discussionId),
    position:
      position === null
        ? null
        : {
            positionType: position.position_type,
            filePath: position.new_path,
            oldPath: position.old_path,
            newPath: position.new_path,
            oldLine: position.old_line,
            newLine: position.new_line,
            diffRefs: { baseSha: position.base_sha, startSha: position.start_sha, headSha: position.head_sha },
          },
  };
}

export function discussionNode(view: View, noteable: Noteable, id: string): Node {
  const notes = visible(noteable).filter((note) => note.discussionId === id);
  const resolvable = notes.filter((note) => note.resolvable);
  const resolved = resolvable.length > 0 && resolvable.every((note) => note.resolvedById !== null);
  const last = resolvable.at(-1);
  return {
    id: discussionGid(id),
    resolvable: resolvable.length > 0,
    resolved,
    resolvedAt: resolved ? iso(last?.resolvedAt ?? null) : null,
    resolvedBy: () => (resolved ? userNode(view, last?.resolvedById ?? null) : null),
    notes: (args: PageArguments) => connection(notes, args, (note) => noteNode(view, noteable, note)),
  };
}

/** The notes that the asker may read: internal ones are for planners and up. */
const visible = ({ item, level }: Noteable): NoteRecord[] =>
  item.notes.filter((note) => !note.internal || level >= role.planner);

/** The threads of something, oldest first. */
export function discussionsOf(
  view: View,
  noteable: Noteable,
  args: PageArguments & { readonly filter?: string | null },
): Node {
  const notes = visible(noteable).filter(({ system }) =>
    args.filter === "ONLY_COMMENTS" ? !system : args.filter === "ONLY_ACTIVITY" ? system : true,
  );
  const ids = [...new Set(notes.map(({ discussionId }) => discussionId))];
  return connection(ids, args, (id) => discussionNode(view, noteable, id));
}
