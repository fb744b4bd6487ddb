import { isObject, type Fields } from "../../is-object.js";
import type { LostCreate } from "../../definition/definition.js";
import { asText, type FieldText } from "./sent.js";

/** Whether what was made is there. */
export type SearchOutcome = { readonly thing: Fields } | { readonly absent: true } | { readonly unsure: string };

/** What the items of a list are compared with. */
export interface Expected {
  readonly rule: LostCreate;
  readonly fields: readonly FieldText[];
  /** What tells it from others that have the same in all `fields`. */
  readonly apart: readonly FieldText[];
  /** What is in the texts of fields. */
  readonly says: readonly FieldText[];
  /** GitLab's user who is calling, where the rule asks who made it. */
  readonly me: Fields | undefined;
  /** When the call began, by GitLab's clock. */
  readonly since: number;
  /** An equal one was being made at the same time. */
  readonly shared: boolean;
  /** GitLab has said that it made it. */
  readonly isMade: boolean;
}

/**
 * Which of the items is what was made, if that can be told. Only a list that was read to its end, or to what is older
 * than the call, says that it is absent.
 */
export function among(items: readonly Fields[], isComplete: boolean, expected: Expected): SearchOutcome {
  const { rule, fields, apart, says, shared, isMade } = expected;
  const shows = (item: Fields, [field, text]: FieldText): boolean => plain(at(item, field)) === plain(text);
  const isAlike = (item: Fields): boolean =>
    isBy(item, expected) &&
    Object.entries(rule.has ?? {}).every(([field, value]) => item[field] === value) &&
    says.every(([field, text]) => at(item, field).includes(text)) &&
    fields.every(([field, text]) => loose(at(item, field)) === loose(text));
  const isRecent = (item: Fields): boolean => !(madeAt(item, rule) < expected.since);
  const isSame = (item: Fields): boolean => fields.every((field) => shows(item, field));
  const recent = items.filter(isRecent);
  const resembling = recent.filter(isAlike);
  const alike = resembling.filter((item) => apart.every((field) => shows(item, field)));
  const [first] = alike;
  if (!first) {
    if (resembling.length > 0) return { unsure: "one that resembles it was made since" };
    if (!isComplete) return { unsure: "too much has been made since" };
    return rule.late ? { unsure: "it was not to be seen yet" } : { absent: true };
  }
  const same = alike.filter(isSame);
  const thing = same.length === 1 ? same[0] : alike.length === 1 ? first : undefined;
  // GitLab takes no second one: what is there is what it has said that it made.
  if (rule.unique && isMade && thing) return { thing };
  // Of what it has made, and shows no time of, the only one that is there is this.
  const isTimeless = Number.isNaN(madeAt(first, rule));
  if (isTimeless && isMade && !rule.late && alike.length === 1 && same.length === 1) return { thing: first };
  if (shared) return { unsure: "an equal one was being made at the same time" };
  if (alike.length > 1) return { unsure: `${alike.length} that equal it were made since` };
  if (isTimeless) return { unsure: "one that equals it is there, which may be older" };
  if (rule.alone && recent.length > 1) return { unsure: "others were made there since, from which it cannot be told" };
  return same.length === 1 ? { thing: first } : { unsure: "one that resembles it was made since" };
}

/** Whether the calling user made it; where the list does not say who did, what is read of it by itself has to. */
export function isBy(item: Fields, { rule, me }: Pick<Expected, "rule" | "me">, isWhole = false): boolean {
  if (rule.by === undefined) return true;
  const by = valueAt(item, rule.by);
  if (by === undefined && rule.one !== undefined && !isWhole) return true;
  if (!isObject(by)) return by !== undefined && by === me?.[typeof by === "number" ? "id" : "name"];
  // A global id ends in the number.
  return asText(by["id"]).replace(/^gid:\/\/gitlab\/User\//, "") === asText(me?.["id"]);
}

/** What stands at a path; a number in it is a place in a list. */
function valueAt(item: Fields, path: string): unknown {
  let found: unknown = item;
  for (const step of path.split("."))
    found = Array.isArray(found) ? found[Number(step)] : isObject(found) ? found[step] : undefined;
  return found;
}

const at = (item: Fields, path: string): string => asText(valueAt(item, path));

export const madeAt = (item: Fields, { made }: LostCreate): number =>
  Date.parse(asText(made === undefined ? (item["created_at"] ?? item["createdAt"]) : valueAt(item, made)));

const plain = (text: string): string => text.replaceAll("\r\n", "\n").trim();

/** GitLab trims titles and may fold what is between words: what differs only so may be the thing. */
export const loose = (text: string): string =>
  text
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, "");
