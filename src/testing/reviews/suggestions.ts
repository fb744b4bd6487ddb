import { requireUser } from "../server/access.js";
import { textOf } from "../repository/diffing.js";
import type { ProjectContext } from "../state/project-context.js";
import type { DiffPosition, MergeRequestRecord, NoteRecord, SuggestionRecord } from "../state/issuable-records.js";
import { forbidden, json, notFound, refuse, type Call, type Handlers } from "../server/handler.js";
import { contextFor } from "../state/context-of.js";
import { levelFor } from "../state/branch-protection.js";
import { signatureOf } from "../resources/code/commit-entity.js";
import { suggestionEntity } from "../resources/planning/planning-entities.js";
import { pushed } from "../resources/code/pushes.js";

/** The suggestions in a comment on a line: fenced blocks that say how many lines around it they replace. */
export function suggestionsIn(
  context: ProjectContext,
  body: string,
  position: DiffPosition | null,
): SuggestionRecord[] {
  const line = position?.new_line ?? null;
  if (position === null || line === null) return [];
  const blob = context.project.repository.tree(position.head_sha).get(position.new_path);
  if (blob === undefined) return [];
  const lines = textOf(blob).split("\n");
  return [...body.matchAll(/^(`{3,})suggestion(?::-(\d+)\+(\d+))?\s*\n([\s\S]*?)^\1\s*$/gm)].map(
    ([, , above, below, text]) => {
      const from = Math.max(1, line - Number(above ?? 0));
      const to = line + Number(below ?? 0);
      return {
        id: context.planning.nextId("suggestion"),
        fromLine: from,
        toLine: to,
        fromContent: `${lines.slice(from - 1, to).join("\n")}\n`,
        toContent: text ?? "",
        applied: false,
      };
    },
  );
}

interface Found {
  readonly context: ProjectContext;
  readonly item: MergeRequestRecord;
  readonly note: NoteRecord;
  readonly suggestion: SuggestionRecord;
}

function findSuggestion(call: Call, id: number): Found {
  const { gitlab } = call;
  for (const item of gitlab.planning.mergeRequests) {
    for (const note of item.notes) {
      const suggestion = note.suggestions.find((candidate) => candidate.id === id);
      if (suggestion === undefined) continue;
      const project = gitlab.project(item.projectId);
      if (!gitlab.canSeeProject(call.user, project)) return notFound();
      return { context: contextFor(gitlab, project, requireUser(call).id), item, note, suggestion };
    }
  }
  return notFound();
}

/** Commits suggestions to the source branch, all or none. */
function apply(found: readonly Found[], message: string | undefined): void {
  const [first] = found;
  if (first === undefined) notFound();
  const { item, context } = first ?? notFound();
  const source = context.gitlab.projects.get(item.sourceProjectId) ?? notFound();
  const user = context.gitlab.user(context.me);
  if (context.gitlab.projectRole(user, source) < levelFor(context.gitlab, source, item.sourceBranch, "push"))
    forbidden();
  if (item.state !== "opened") refuse(400, "A merge request that is not open cannot be changed.");
  const head = source.repository.branches.get(item.sourceBranch);
  if (head === undefined) return refuse(400, "The source branch of the merge request has been deleted.");
  const texts = new Map<string, string[]>();
  // From the bottom up, so that the numbers of the lines above stay right.
  for (const { note, suggestion } of [...found].sort((a, b) => b.suggestion.fromLine - a.suggestion.fromLine)) {
    if (suggestion.applied) refuse(400, "Can't apply this suggestion: it has already been applied.");
    const path = note.position?.new_path ?? "";
    const blob = source.repository.tree(head).get(path);
    const lines = texts.get(path) ?? (blob === undefined ? [] : textOf(blob).split("\n"));
    const now = `${lines.slice(suggestion.fromLine - 1, suggestion.toLine).join("\n")}\n`;
    if (now !== suggestion.fromContent)
      refuse(400, "Can't apply as the source branch was updated. Reload to see the changes.");
    if (now === suggestion.toContent) refuse(400, "Can't apply as the suggested text is the same.");
    const text = suggestion.toContent.split("\n").slice(0, -1);
    lines.splice(suggestion.fromLine - 1, suggestion.toLine - suggestion.fromLine + 1, ...text);
    texts.set(path, lines);
  }
  const count = `${String(found.length)} suggestion(s) to ${String(texts.size)} file(s)`;
  source.repository.commitTo(item.sourceBranch, {
    message: message ?? `Apply ${count}`,
    author: signatureOf(user, context.now),
    changes: [...texts].map(([path, lines]) => ({ path, content: lines.join("\n") })),
  });
  for (const { suggestion, note } of found) {
    suggestion.applied = true;
    note.resolvedById = context.me;
    note.resolvedAt = context.now;
  }
  pushed(context.gitlab, source, { branch: item.sourceBranch, before: head, userId: context.me });
}

/** Suggested changes: `PUT /suggestions/:id/apply` and in batches. */
export const suggestionHandlers: Handlers = {
  "PUT /suggestions/{id}/apply": (call) => {
    const found = findSuggestion(call, Number(call.path["id"]));
    const before = suggestionEntity(found.suggestion);
    apply([found], call.params.text("commit_message"));
    return json(before);
  },
  "PUT /suggestions/batch_apply": (call) => {
    const ids = call.params.list("ids").map(Number);
    if (new Set(ids).size !== ids.length || ids.length === 0) notFound();
    const found = ids.map((id) => findSuggestion(call, id));
    const before = found.map(({ suggestion }) => suggestionEntity(suggestion));
    apply(found, call.params.text("commit_message"));
    return json(before);
  },
};
