import { randomInt } from "node:crypto";
import { fields } from "../../generated/fields.js";
import { checkDepth } from "./depth.js";

/** Fields whose text GitLab makes itself, by the last part of their name. */
const made = new Set(fields.made);
/** The same, by how the names end. */
const madeEndings = /(?:^|_)(?:id|iid|sha|access_level|status|strategy|at|on|date)$/;
/** What GitLab makes has no sentence in it: one word, or a few of a status. */
const wordLike = /^[\w.:+/%#~-]*(?: [\w.:+/%#~-]+){0,3}$/;

/** They are left as they are where they are one word. */
const names = new Set(fields.names);
const oneWord = /^[^\s<>`"'()[\]{}]{0,500}$/;

/** Values that nobody can put words into: numbers, times, hashes. */
const plain = /^(?:[\d.,:%+-]*|\d{4}-\d\d-\d\d[T ][\d:.]+(?:Z|[+-][\d:]+| UTC)?|[0-9a-f]{7,64})$/;

/** Fields by which branches, tags and files are told from other things with a name: theirs is what calls take. */
const referenceFields = ["can_push", "merged", "target", "mode"];

/**
 * A fresh mark, which nobody who wrote something earlier can have known: one of 10^14. Of digits, because models read
 * three as one token, and letters between them as up to three: every mark costs the same, and less.
 */
export function newNonce(): string {
  return String(randomInt(10 ** 14)).padStart(14, "0");
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
