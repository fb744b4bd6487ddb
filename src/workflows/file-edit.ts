import type { FileEditInput } from "../../generated/tools/files.js";
import { refused } from "./refused.js";
import { replaceText } from "./replace-text.js";
import type { Workflow } from "./workflow.js";
import { checkPush } from "./writable-branch.js";

/** A file of which a part has been replaced. */
export interface FileEdited {
  readonly file_path: string;
  /** The branch that has the commit. */
  readonly branch: string;
  /** How many times the text was replaced. */
  readonly replaced: number;
  /** The lines at which the new text begins, counted from 1. */
  readonly lines: readonly number[];
}

/** Replaces exact text in a file. What was read is what is replaced: GitLab refuses the commit after a newer one. */
export const run: Workflow<FileEditInput, FileEdited> = async (steps, input) => {
  const { project_id, file_path, branch, old_text, new_text, start_branch } = input;
  if (old_text === new_text)
    throw refused("new_text is the same as old_text: nothing would change.", "Give the text as it is to become.");
  if (start_branch === undefined) await checkPush(steps, { project_id, branch });
  const file = await steps.read("gitlab_file_get", { project_id, file_path, ref: start_branch ?? branch });
  const { content, encoding, last_commit_id } = file;
  if (encoding !== "text")
    throw refused(`${file_path} is no text.`, "Replace it as a whole: gitlab_file_update with encoding base64.");
  const edit = replaceText(content, old_text, new_text, input.replace_all ?? false);
  if ("problem" in edit) throw refused(`${file_path}: ${edit.problem}`, edit.hint, edit.details);
  await steps.write("gitlab_file_update", {
    ...{ project_id, file_path, branch, last_commit_id, content: edit.content },
    commit_message: input.commit_message ?? `Edit ${file_path}`,
    ...(start_branch !== undefined && { start_branch }),
  });
  return { file_path, branch, replaced: edit.lines.length, lines: edit.lines };
};
