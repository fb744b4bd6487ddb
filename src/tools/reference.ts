import { isOnInstance } from "../http/redirect.js";
import { pathProblem, type FieldProblem } from "./validate.js";

/**
 * What a project, group or user is called in a path: a number, or its full path, not yet encoded. Understands numbers,
 * paths, URL-encoded paths and web URLs on the connection's own instance (GitLab documentation, "REST API: namespaced
 * paths").
 */
export function readReference(
  kind: "project" | "group" | "user",
  field: string,
  given: string,
  baseUrl: string,
): { value: string } | { problem: FieldProblem } {
  const text = given.trim();
  const problem = (message: string): { problem: FieldProblem } => ({ problem: { field, message } });
  const path = /^https?:\/\//i.test(text) ? fromWebUrl(text, baseUrl) : decodeOnce(text.replace(/^\/+|\/+$/g, ""));
  if (path === undefined) return problem(`is not a web address on this account's GitLab (${new URL(baseUrl).host})`);
  const value = kind === "group" ? path.replace(/^groups\//, "") : path;
  const unfit = pathProblem(value);
  if (unfit) return problem(unfit);
  if (/[?#\\]|\/\//.test(value)) return problem(`expected a ${kind}'s number, path or web URL`);
  return { value };
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
