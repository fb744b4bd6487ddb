import { isOnInstance } from "../http/on-instance.js";

/** A project or group that a text refers to an item of. */
export interface TextReference {
  readonly kind: "project" | "group";
  /** Its full path, or a project's own name, which stands for one in the same namespace. */
  readonly path: string;
  readonly relative: boolean;
}

/** `path#1` is an issue, `path!1` a merge request, `path&1` a group's epic. */
const signs = /[#!&]\d/g;
/** Longer than any full path. */
const longest = 300;
/** Newer spellings: https://docs.gitlab.com/user/markdown/#gitlab-specific-references */
const bracketed = /\[(issue|work_item|epic):([\w./-]{1,300})\/\d+\]/gi;
const addresses = /https?:\/\/[^\s<>()[\]"'`]{1,2000}/gi;
const item = /^\/(groups\/)?(.+?)\/(?:-\/)?(?:issues|work_items|merge_requests|epics)\/\d/i;

/**
 * Items of other projects and groups that a text refers to. GitLab closes them, or leaves a note on them, wherever the
 * words around say so; which words do is a setting of the instance, so every reference counts:
 * https://docs.gitlab.com/user/project/issues/managing_issues/#default-closing-pattern
 */
export function findReferences(text: string, baseUrl: string): TextReference[] {
  const found = new Map<string, TextReference>();
  const add = (kind: TextReference["kind"], path: string): void => {
    const trimmed = path.replace(/^[./-]+|[./-]+$/g, "");
    if (trimmed === "" || trimmed.includes("//") || (kind === "group" && /^\d+$/.test(trimmed))) return;
    const relative = kind === "project" && !trimmed.includes("/");
    found.set(`${kind} ${trimmed.toLowerCase()}`, { kind, path: trimmed, relative });
  };
  for (const { index } of text.matchAll(signs)) {
    const before = /[\w./-]+$/.exec(text.slice(Math.max(0, index - longest), index))?.[0] ?? "";
    add(text[index] === "&" ? "group" : "project", before);
  }
  for (const [, kind, path = ""] of text.matchAll(bracketed)) {
    // A work item belongs to a project or to a group.
    if (kind?.toLowerCase() !== "epic") add("project", path);
    if (kind?.toLowerCase() !== "issue") add("group", path);
  }
  for (const [address] of text.matchAll(addresses)) {
    if (!URL.canParse(address)) continue;
    const url = new URL(address);
    if (!isOnInstance(url, baseUrl)) continue;
    const prefix = new URL(baseUrl).pathname.replace(/\/+$/, "");
    const path = decoded(url.pathname.slice(prefix.length));
    const [, group, place = ""] = item.exec(path) ?? [];
    add(group ? "group" : "project", place);
  }
  return [...found.values()];
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
