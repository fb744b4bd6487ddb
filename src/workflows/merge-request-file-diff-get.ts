import type { MergeRequestFileDiffGetInput } from "../../generated/tools/merge-requests.js";
import { unifiedDiff } from "../views/diff-text.js";
import { findFile } from "./comment-place.js";
import { readDiff, withText } from "./merge-request-diff.js";
import { refused } from "./refused.js";
import type { Workflow } from "./workflow.js";

/** The diff of one file in plain text, from a line of it on. */
export const run: Workflow<MergeRequestFileDiffGetInput, string> = async (steps, input) => {
  const { project_id, merge_request_iid, file: path, start_line = 1 } = input;
  const ref = { project_id, merge_request_iid };
  const diff = await readDiff(steps, ref, ({ new_path }) => new_path === path);
  steps.shows(diff.refs.head_sha);
  const listed = findFile(diff.files, path);
  const file = listed.collapsed ? await withText(steps, ref, diff, listed) : listed;
  const text = unifiedDiff(file);
  if (start_line === 1) return text;
  const lines = text.split("\n");
  if (start_line > lines.length)
    throw refused(`The diff of ${path} has ${lines.length} lines.`, "Give a start_line within it, or none.");
  return lines.slice(start_line - 1).join("\n");
};
