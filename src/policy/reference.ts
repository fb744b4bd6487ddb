import { isOnInstance } from "../http/on-instance.js";
import type { FieldProblem } from "../options/field-problems.js";

/** Longer than any full path or web address of GitLab. */
const longest = 2000;

/**
 * What a project, group or user is called in a path: a number, or its full path, not yet encoded. Understands numbers,
 * paths, URL-encoded paths and web URLs on the connection's own instance (GitLab documentation, "REST API: namespaced
 * paths").
 */
export function readReference(
  kind: "project" | "group" | "user",
  field: string,
  input: string,
  baseUrl: string,
): { value: string } | { problem: FieldProblem } {
  const text = input.trim();
  if (text.length > longest) return { problem: { field, message: `is longer than ${longest} characters` } };
  const problem = (message: string): { problem: FieldProblem } => ({ problem: { field, message } });
  const path = /^https?:\/\//i.test(text) ? fromWebUrl(text, baseUrl) : decodeOnce(withoutOuterSlashes(text));
  if (path === undefined) return problem(`is not a web address on this account's GitLab (${new URL(baseUrl).host})`);
  const value = kind === "group" ? path.replace(/^groups\//, "") : path;
  const unfit = pathProblem(value);
  if (unfit) return problem(unfit);
  if (/[?#\\]|\/\//.test(value)) return problem(`expected a ${kind}'s number, path or web URL`);
  return { value };
}

/** By hand: a regular expression for both ends takes quadratic time on many slashes. */
function withoutOuterSlashes(path: string): string {
  let start = 0;
  let end = path.length;
  while (start < end && path[start] === "/") start += 1;
  while (end > start && path[end - 1] === "/") end -= 1;
  return path.slice(start, end);
}

/** `group%2Fproject` is `group/project`; a path that is not encoded stays as it is. */
function decodeOnce(path: string): string {
  if (!/%2f/i.test(path)) return path;
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function fromWebUrl(text: string, baseUrl: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (!isOnInstance(url, baseUrl)) return undefined;
  const prefix = new URL(baseUrl).pathname.replace(/\/+$/, "");
  const path = url.pathname.slice(prefix.length).replace(/^\/+/, "");
  const name = (path.split("/-/")[0] ?? "").replace(/\/-?$/, "").replace(/\.git$/, "");
  try {
    return decodeURIComponent(name);
  } catch {
    return undefined;
  }
}

/** What makes a string unfit for a path, if anything. */
export function pathProblem(value: string): string | undefined {
  if (value.trim() === "") return "must not be empty";

  if (/[\u0000-\u001f\u007f]/.test(value)) return "must not contain control characters";
  if (!value.isWellFormed()) return "is not valid Unicode";
  if (value.split("/").some((part) => part === "." || part === ".."))
    return 'must not contain "." or ".." as a part of the path';
  return undefined;
}

/** What GitLab's Markdown writes before a name. */
export type Sign = "@" | "~" | "%";

/**
 * A name as GitLab keeps it, of `@ada`, `~bug`, `~"needs review"` or `%v1.4`. GitLab's API looks for the whole text: filters
 * by it find nothing, and a label of that name would be made.
 *
 * @see https://docs.gitlab.com/user/markdown/#gitlab-specific-references
 */
export function unsigned(sign: Sign, text: string): string {
  const name = text.startsWith(sign) ? text.slice(1) : "";
  if (name === "") return text;
  return name.length > 2 && name.startsWith('"') && name.endsWith('"') ? name.slice(1, -1) : name;
}
