import type { MergeRequestChangedFilesListInput } from "../../generated/tools/merge-requests.js";
import { diffLines } from "./diff-position.js";
import type { ChangedFile } from "./merge-request-diff.js";
import type { Workflow } from "./workflow.js";

/** A changed file, without its diff. */
export interface ChangedFileSummary {
  readonly new_path: string;
  /** Where it was renamed. */
  readonly old_path?: string;
  readonly kind: "added" | "deleted" | "renamed" | "modified";
  /** Absent where GitLab leaves the diff out. */
  readonly additions?: number;
  readonly deletions?: number;
  /** Characters of its diff. */
  readonly size: number;
  readonly generated_file?: true;
  /** GitLab shows no diff of it. */
  readonly too_large?: true;
  /** GitLab shows its diff only alone. */
  readonly collapsed?: true;
  readonly binary?: true;
}

/** What a merge request changes, file by file. */
export const run: Workflow<MergeRequestChangedFilesListInput, readonly ChangedFileSummary[]> = async (steps, input) => {
  const files: ChangedFileSummary[] = [];
  for await (const file of steps.each("gitlab_merge_request_diff_get", { ...input, per_page: 100 }))
    files.push(summaryOf(file));
  return files;
};

function summaryOf(file: ChangedFile): ChangedFileSummary {
  const { new_path, old_path, diff, new_file, deleted_file, renamed_file, generated_file, too_large, collapsed } = file;
  const lines = diffLines(diff);
  const count = (kind: "added" | "removed"): number => lines.filter((line) => line.kind === kind).length;
  return {
    new_path,
    ...(renamed_file && { old_path }),
    kind: new_file ? "added" : deleted_file ? "deleted" : renamed_file ? "renamed" : "modified",
    ...(!too_large && !collapsed && { additions: count("added"), deletions: count("removed") }),
    size: diff.length,
    ...(generated_file && { generated_file }),
    ...(too_large && { too_large }),
    ...(collapsed && { collapsed }),
    ...(/^Binary files /.test(diff) && { binary: true }),
  };
}
