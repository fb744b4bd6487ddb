import type { ProjectRecord } from "../../state/records.js";
import type { CommitRecord, FileDiff } from "../../repository/model.js";
import type { GitLabState } from "../../state/gitlab-state.js";

/** Git's dates carry an offset where the rest of the API writes `Z`. */
const gitDate = (date: Date): string => date.toISOString().replace("Z", "+00:00");

/** The author and committer that a user's own commits carry. */
export const signatureOf = (
  user: { readonly name: string; readonly email: string },
  date: Date,
): { name: string; email: string; date: Date } => ({ name: user.name, email: user.email, date });

/** A commit as lists show it. */
export function commitEntity(
  gitlab: GitLabState,
  project: ProjectRecord,
  commit: CommitRecord,
): Record<string, unknown> {
  return {
    id: commit.sha,
    short_id: commit.sha.slice(0, 8),
    created_at: gitDate(commit.committer.date),
    parent_ids: commit.parents,
    title: commitTitle(commit.message),
    message: commit.message,
    author_name: commit.author.name,
    author_email: commit.author.email,
    authored_date: gitDate(commit.author.date),
    committer_name: commit.committer.name,
    committer_email: commit.committer.email,
    committed_date: gitDate(commit.committer.date),
    trailers: trailersOf(commit.message),
    extended_trailers: Object.fromEntries(
      Object.entries(trailersOf(commit.message)).map(([key, value]) => [key, [value]]),
    ),
    web_url: `${gitlab.projectUrl(project)}/-/commit/${commit.sha}`,
  };
}

export const commitTitle = (message: string): string => message.split("\n")[0] ?? "";

/** `Key: value` lines at the end of a message. */
export function trailersOf(message: string): Record<string, string> {
  const last =
    message
      .trimEnd()
      .split(/\n\s*\n/)
      .slice(1)
      .at(-1)
      ?.split("\n") ?? [];
  const trailers = last.map((line) => /^([A-Za-z][A-Za-z0-9-]*): (.+)$/.exec(line));
  if (trailers.some((match) => match === null)) return {};
  return Object.fromEntries(trailers.map((match) => [match?.[1] ?? "", match?.[2] ?? ""]));
}

/** One file of a diff. With `unidiff` the patch starts with the names of the file, as `git diff` prints it. */
export function diffEntity(diff: FileDiff, unidiff = false): Record<string, unknown> {
  const before = diff.newFile ? "/dev/null" : `a/${diff.oldPath}`;
  const after = diff.deletedFile ? "/dev/null" : `b/${diff.newPath}`;
  return {
    diff: unidiff && diff.patch !== "" && !diff.binary ? `--- ${before}\n+++ ${after}\n${diff.patch}` : diff.patch,
    new_path: diff.newPath,
    old_path: diff.oldPath,
    a_mode: diff.oldMode,
    b_mode: diff.newMode,
    new_file: diff.newFile,
    renamed_file: diff.renamedFile,
    deleted_file: diff.deletedFile,
    generated_file: false,
    collapsed: false,
    too_large: false,
  };
}
