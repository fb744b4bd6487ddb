import { randomBytes } from "node:crypto";
import { checkDepth } from "./depth.js";

/**
 * Fields whose text GitLab makes itself, by the last part of their name: states, kinds, settings, roles. Every other
 * text may be somebody's, and a version to come may have more of those.
 */
const made = new Set(
  [
    "action action_name alert_status architecture auto_cancel_pending_pipelines auto_devops_deploy_strategy",
    "branch_filter_strategy build_git_strategy changes_count ci_pipeline_variables_minimum_override_role",
    "ci_restrict_pipeline_cancellation_role color commands_changes content_sha256 coverage details_path",
    "detailed_merge_status enabled_git_access_protocol encoding event event_name failure_reason favicon file_format",
    "fingerprint fingerprint_sha256 group health_status human_readable_end_date human_readable_timestamp",
    "human_time_estimate human_total_time_spent icon import_status import_type imported_from issue_type",
    "job_execution_status kind last_commit_id line_code line_type link_type local_time membership_state merge_method",
    "merge_status mode a_mode b_mode noteable_type package_registry_access_level plan platform position_type",
    "preferred_language project_creation_level provider repository_object_format repository_storage",
    "resource_group_default_process_mode role rule_type runner_type severity shared_runners_setting side source",
    "squash_option state status subgroup_creation_level system_id task_status text_color tooltip type usage_type",
    "variable_type verdict version visibility reviewer_assignment_strategy",
  ].flatMap((names) => names.split(" ")),
);
/** The same, by how the names end. */
const madeEndings = /(?:^|_)(?:id|iid|sha|access_level|status|strategy|at|on|date)$/;
/** What GitLab makes has no sentence in it: one word, or a few of a status. */
const wordLike = /^[\w.:+/%#~-]*(?: [\w.:+/%#~-]+){0,3}$/;

/** Names that calls take: of people, branches, tags, files and places. They are left as they are where they are one word. */
const names = new Set(
  [
    "author avatar_url basename section stage job branch commit_path default_branch environment_scope file_name file_path filename",
    "full_path group_full_path html_url http_url_to_repo key new_path old_path path path_with_namespace raw_url",
    "readme_url ref ref_name self short_id slug source_branch ssh_url_to_repo tag_name tag_path target target_branch",
    "username web_path web_url relative full short",
  ].flatMap((some) => some.split(" ")),
);
const oneWord = /^[^\s<>`"'()[\]{}]{0,500}$/;

/** Values that nobody can put words into: numbers, times, hashes. */
const plain = /^(?:[\d.,:%+-]*|\d{4}-\d\d-\d\d[T ][\d:.]+(?:Z|[+-][\d:]+| UTC)?|[0-9a-f]{7,64})$/;

/** Fields by which branches, tags and files are told from other things with a name: theirs is what calls take. */
const referenceFields = ["can_push", "merged", "target", "mode"];

/** A fresh mark, which nobody who wrote something earlier can have known. */
export function newNonce(): string {
  return randomBytes(6).toString("hex");
}

/**
 * Puts a text between markers that it cannot close: the nonce is unknown to whoever wrote the text, and is taken out
 * of it should it occur.
 */
export function wrap(text: string, nonce: string): string {
  return `<untrusted-${nonce}>${text.replaceAll(nonce, "[…]")}</untrusted-${nonce}>`;
}

/** Longer than any mark. */
const markLength = 64;

/** A part of a text, with the markers that the cut took off `whole` put back. */
export function remark(part: string, whole: string): string {
  const [open] = /^<untrusted-[0-9a-f]+>/.exec(whole.slice(0, markLength)) ?? [];
  const [close] = /<\/untrusted-[0-9a-f]+>$/.exec(whole.slice(-markLength)) ?? [];
  if (open === undefined || close === undefined) return part;
  return `${part.startsWith(open) ? "" : open}${part}${part.endsWith(close) ? "" : close}`;
}

/**
 * Wraps every text that people wrote in an answer of GitLab's, at any depth; a text on its own, such as a log, as a
 * whole. It goes by the names of GitLab's fields: a compact view renames them, and is made of what is wrapped already.
 *
 * @throws {RangeError} for data that is nested without end
 */
export function wrapWritten(data: unknown, nonce: string): unknown {
  if (typeof data === "string") return data === "" ? data : wrap(data, nonce);
  return walk(data, nonce, 0);
}

/** A field's text, or texts, changed where people wrote them. */
export function mapWritten(
  field: string,
  value: string | readonly string[],
  change: (text: string) => string,
): string | string[] {
  const changed = (text: string): string => (isMade(field, text) ? text : change(text));
  return typeof value === "string" ? changed(value) : value.map(changed);
}

function walk(data: unknown, nonce: string, depth: number): unknown {
  if (typeof data !== "object" || data === null) return data;
  checkDepth(depth);
  if (Array.isArray(data)) return data.map((item) => walk(item, nonce, depth + 1));
  const isReference = referenceFields.some((field) => field in data);
  const isBinary = "encoding" in data && data.encoding === "base64";
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => {
      if (isBinary && name === "content") return [name, value];
      return [name, wrapField(isReference && name === "name" ? "ref" : name, value, nonce, depth + 1)];
    }),
  );
}

function wrapField(field: string, value: unknown, nonce: string, depth: number): unknown {
  const name = field.split(".").at(-1) ?? field;
  if (typeof value === "string") return isMade(name, value) ? value : wrap(value, nonce);
  if (!Array.isArray(value)) return walk(value, nonce, depth);
  checkDepth(depth);
  return value.map((item) => wrapField(name, item, nonce, depth + 1));
}

function isMade(name: string, value: string): boolean {
  if (value === "" || plain.test(value)) return true;
  if (names.has(name)) return oneWord.test(value);
  if (value.length > 200) return false;
  return made.has(name) ? wordLike.test(value) : madeEndings.test(name) && /^[\w.:+-]*$/.test(value);
}
