import { diffLines, type DiffRefs } from "./diff-position.js";
import { refused } from "./refused.js";
import type { ItemOf, Steps } from "./workflow.js";

/** A changed file of a merge request. */
export type ChangedFile = ItemOf<"gitlab_merge_request_diff_get">;

/** Which merge request. */
export interface MergeRequestRef {
  readonly project_id: string | number;
  readonly merge_request_iid: number;
}

/** Changed files, and the version of the merge request that they are of. */
export interface MergeRequestDiff {
  readonly refs: DiffRefs;
  readonly files: readonly ChangedFile[];
}

/** Pages of as many as GitLab gives. */
const perPage = 100;

/** So often the diff is read again where somebody pushes meanwhile. */
const mostReadings = 3;

/**
 * The changed files, up to the one that is needed, with the commits that they lie between. The version is read before
 * and after: lines counted in one diff and sent with the commits of another would end up elsewhere.
 *
 * The steps `gitlab_merge_request_versions_list` and `gitlab_merge_request_diff_get` have to stand in the manifest.
 */
export async function readDiff(
  steps: Pick<Steps, "read" | "each">,
  ref: MergeRequestRef,
  isNeeded: (file: ChangedFile) => boolean = () => false,
): Promise<MergeRequestDiff> {
  let refs = await readRefs(steps, ref);
  for (let reading = 1; ; reading += 1) {
    const files: ChangedFile[] = [];
    for await (const file of steps.each("gitlab_merge_request_diff_get", { ...ref, per_page: perPage })) {
      files.push(file);
      if (isNeeded(file)) break;
    }
    const after = await readRefs(steps, ref);
    if (after.head_sha === refs.head_sha && after.start_sha === refs.start_sha) return { refs, files };
    if (reading === mostReadings)
      throw refused(
        "The merge request changes while it is read: somebody pushes to it.",
        "Call again when the pushes have ended.",
        undefined,
        "conflict",
      );
    refs = after;
  }
}

/** The commits of the newest version, which GitLab makes a moment after the merge request. */
async function readRefs(steps: Pick<Steps, "read">, ref: MergeRequestRef): Promise<DiffRefs> {
  const [newest] = await steps.read("gitlab_merge_request_versions_list", { ...ref, per_page: 1 });
  if (newest?.head_commit_sha && newest.base_commit_sha && newest.start_commit_sha)
    return {
      base_sha: newest.base_commit_sha,
      start_sha: newest.start_commit_sha,
      head_sha: newest.head_commit_sha,
    };
  throw refused(
    "The merge request has no diff yet.",
    "GitLab makes it in the background: call again in a few seconds. A merge request without commits has none.",
  );
}

/** The file with its diff, which GitLab leaves out of the list where it is long. */
export async function withText(
  { read }: Pick<Steps, "read">,
  { project_id }: MergeRequestRef,
  { refs }: MergeRequestDiff,
  file: ChangedFile,
): Promise<ChangedFile> {
  if (diffLines(file.diff).length > 0) return file;
  if (file.collapsed) {
    const range = { from: refs.base_sha, to: refs.head_sha, straight: true };
    const { diffs } = await read("gitlab_compare_refs", { project_id, ...range });
    const whole = diffs.find((one) => one.old_path === file.old_path && one.new_path === file.new_path);
    if (whole && diffLines(whole.diff).length > 0) return whole;
  }
  const why =
    file.too_large || file.collapsed ? "its diff is too large to be shown" : "no line of its text has changed";
  throw refused(
    `${file.new_path} has no lines to comment on: ${why}.`,
    "Leave line and quote out to comment on the file as a whole.",
  );
}
