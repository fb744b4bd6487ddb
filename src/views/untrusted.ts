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
]);

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

const marked = /^(<untrusted-[0-9a-f]+>)[^]*(<\/untrusted-[0-9a-f]+>)$/;

/** A part of a text, with the markers that the cut took off `whole` put back. */
export function remark(part: string, whole: string): string {
  const [, open, close] = marked.exec(whole) ?? [];
  if (open === undefined || close === undefined) return part;
  return `${part.startsWith(open) ? "" : open}${part}${part.endsWith(close) ? "" : close}`;
}

/** Wraps every text that people wrote, at any depth; a text on its own, such as a log, as a whole. */
export function wrapWritten(data: unknown, nonce: string): unknown {
  if (typeof data === "string") return wrap(data, nonce);
  return walk(data, nonce);
}

function walk(data: unknown, nonce: string): unknown {
  if (Array.isArray(data)) return data.map((item) => walk(item, nonce));
  if (typeof data !== "object" || data === null) return data;
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [name, wrapField(name, value, nonce)]));
}

function wrapField(name: string, value: unknown, nonce: string): unknown {
  const isWritten = written.has(name.split(".").at(-1) ?? name);
  if (typeof value === "string") return isWritten ? wrap(value, nonce) : value;
  if (isWritten && Array.isArray(value))
    return value.map((item) => (typeof item === "string" ? wrap(item, nonce) : walk(item, nonce)));
  return walk(value, nonce);
}
