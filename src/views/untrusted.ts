import { randomBytes } from "node:crypto";

/** Fields in which people's own words come, by the last part of their name. */
const written = new Set([
  "title",
  "description",
  "body",
  "note",
  "message",
  "content",
  "commit_message",
  "tag_message",
  "bio",
  "text",
  "diff",
  "data",
  "log",
  "merge_error",
  "name",
  "author_name",
  "committer_name",
  "full_name",
  "name_with_namespace",
  "stage",
  "target_title",
  "location",
  "organization",
  "job_title",
  "work_information",
  "pronouns",
  "yaml_errors",
  "merged_yaml",
  "errors",
  "warnings",
  "topics",
  "tag_list",
  "labels",
  "title_html",
  "description_html",
  "body_html",
  "short_description",
]);

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
 */
export function wrapWritten(data: unknown, nonce: string): unknown {
  if (typeof data === "string") return data === "" ? data : wrap(data, nonce);
  return walk(data, nonce);
}

function walk(data: unknown, nonce: string): unknown {
  if (Array.isArray(data)) return data.map((item) => walk(item, nonce));
  if (typeof data !== "object" || data === null) return data;
  const isReference = referenceFields.some((field) => field in data);
  const isBinary = "encoding" in data && data.encoding === "base64";
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => [
      name,
      (isReference && name === "name") || (isBinary && name === "content") ? value : wrapField(name, value, nonce),
    ]),
  );
}

function wrapField(name: string, value: unknown, nonce: string): unknown {
  const isWritten = written.has(name.split(".").at(-1) ?? name);
  if (typeof value === "string") return isWritten && value !== "" ? wrap(value, nonce) : value;
  if (isWritten && Array.isArray(value))
    return value.map((item) => (typeof item === "string" ? wrapWritten(item, nonce) : walk(item, nonce)));
  return walk(value, nonce);
}
