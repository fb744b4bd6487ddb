import type { OperationPlace } from "../parameter.js";
import type { Vocabulary } from "../vocabulary.js";
import type { Derived } from "./origin.js";
import { isNoun, isPlural, wordsOf } from "./path.js";

export type Access = "read" | "write" | "destructive";

/**
 * What a call does to GitLab: by its method, and where the path ends in a verb by that. What nobody has judged counts
 * as destructive: a person is asked once too often rather than once too seldom.
 */
export function accessOf(
  { path, method }: Pick<OperationPlace, "path" | "method">,
  vocabulary: Vocabulary,
): Derived<Access> {
  if (method === "get" || method === "head") return { value: "read", rule: "GET changes nothing" };
  if (method === "delete") return { value: "destructive", rule: "DELETE loses something" };
  const words = wordsOf(path, vocabulary);
  const losing = words.find(({ word }) => word.split("_").some((part) => vocabulary.losing.includes(part)));
  if (losing && !vocabulary.verbs.write.includes(losing.word))
    return { value: "destructive", rule: `"${losing.word}" in the path loses something` };
  const last = words.at(-1);
  if (last === undefined || last.key !== undefined || isPlural(vocabulary, last.word) || isNoun(last.word))
    return { value: "write", rule: `${method.toUpperCase()} of a thing` };
  if (vocabulary.reads.includes(last.word)) return { value: "read", rule: `"${last.word}" changes nothing` };
  if (vocabulary.verbs.write.includes(last.word))
    return { value: "write", rule: `the verb "${last.word}" loses nothing` };
  if (vocabulary.verbs.destructive.includes(last.word))
    return { value: "destructive", rule: `the verb "${last.word}"` };
  if (method !== "post") return { value: "write", rule: `${method.toUpperCase()} of a thing` };
  return { value: "destructive", rule: `"${last.word}" is no verb of spec/vocabulary.yaml` };
}
