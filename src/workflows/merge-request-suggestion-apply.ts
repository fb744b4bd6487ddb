import type { MergeRequestSuggestionApplyInput } from "../../generated/tools/merge-requests.js";
import type { MergeRequestRef } from "./merge-request-diff.js";
import { refused } from "./refused.js";
import type { ItemOf, Steps, Workflow } from "./workflow.js";

/** Suggestions that have become a commit. */
export interface SuggestionsApplied {
  readonly source_branch: string;
  readonly applied: readonly { readonly id: number; readonly file_path: string; readonly from_line: number }[];
}

type SuggestionNote = NonNullable<ItemOf<"gitlab_merge_request_discussions_list">["notes"]>[number];
type Suggestion = NonNullable<SuggestionNote["suggestions"]>[number] & { readonly file_path: string };

/** Commits suggestions to the source branch: one commit, all or none. */
export const run: Workflow<MergeRequestSuggestionApplyInput, SuggestionsApplied> = async (steps, input) => {
  const { project_id, merge_request_iid, suggestion_ids, commit_message } = input;
  const ref = { project_id, merge_request_iid };
  const ids = [...new Set(suggestion_ids)];
  const [mergeRequest, known] = await Promise.all([
    steps.read("gitlab_merge_request_get", ref),
    suggestionsOf(steps, ref),
  ]);
  const chosen = ids.map((id) => checked(id, known));
  const { source_project_id, target_project_id, source_branch } = mergeRequest;
  if (source_project_id === null)
    throw refused("The fork that the merge request comes from is gone.", "There is nothing to commit to.");
  // The commit goes to the source project, which an allow-list may not have.
  if (source_project_id !== target_project_id)
    await steps.read("gitlab_project_get", { project_id: source_project_id ?? project_id });
  const message = commit_message !== undefined && { commit_message };
  const [only, ...others] = ids;
  // The route has no project in its path: that the suggestions are of this merge request has been read above.
  if (only !== undefined && others.length === 0)
    await steps.write("gitlab_suggestion_apply", { suggestion_id: only, ...message }, { reached: true });
  else await steps.write("gitlab_suggestions_batch_apply", { ids, ...message }, { reached: true });
  return {
    source_branch,
    applied: chosen.map(({ id, file_path, from_line }) => ({ id, file_path, from_line })),
  };
};

async function suggestionsOf(steps: Steps, ref: MergeRequestRef): Promise<Map<number, Suggestion>> {
  const found = new Map<number, Suggestion>();
  for await (const { notes } of steps.each("gitlab_merge_request_discussions_list", { ...ref, per_page: 100 }))
    for (const { suggestions, position } of notes ?? [])
      for (const one of suggestions ?? []) found.set(one.id, { ...one, file_path: position?.new_path ?? "" });
  return found;
}

/** @throws what GitLab would refuse, before any of it is applied */
function checked(id: number, known: ReadonlyMap<number, Suggestion>): Suggestion {
  const found = known.get(id);
  const open = [...known.values()].filter(({ applied, appliable }) => appliable && !applied).map((one) => one.id);
  const hint =
    open.length > 0
      ? `Those that can be applied: ${open.join(", ")}.`
      : "None can be applied: gitlab_merge_request_threads_list shows their state.";
  if (!found) throw refused(`The merge request has no suggestion ${id}.`, hint, { applicable: open }, "not_found");
  if (found.applied)
    throw refused(`Suggestion ${id} has been applied already.`, hint, { applicable: open }, "conflict");
  if (!found.appliable)
    throw refused(`Suggestion ${id} no longer fits: its lines have changed.`, hint, { applicable: open }, "conflict");
  return found;
}
