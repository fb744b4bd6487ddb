import type { OperationPlace } from "../parameter.js";
import { saidOf, singular, type Vocabulary } from "../vocabulary.js";
import { isNoun, isPlural, snake, wordsOf, type PathWord } from "./path.js";

/** Providers take no longer names (OpenAI and Anthropic documentation, "name": at most 64 characters). */
const longestName = 64;

const methodVerbs = {
  get: "get",
  head: "check",
  post: "create",
  put: "update",
  patch: "update",
  delete: "delete",
} as const;

/** What the answer is, as far as a name depends on it. */
export interface NamedAnswer {
  readonly list: boolean;
}

/**
 * What a tool may be called, the best first: from its path, and a verb of the path or of the method. The others say
 * more, for the case that two operations would have the same name.
 */
export function nameCandidates(
  place: Pick<OperationPlace, "path" | "method">,
  answer: NamedAnswer,
  vocabulary: Vocabulary,
): string[] {
  const words = wordsOf(place.path, vocabulary);
  const short = nameOf(words, place, answer, vocabulary, false);
  const long = nameOf(words, place, answer, vocabulary, true);
  const keys = words.flatMap(({ key }) => key ?? []);
  const lastKey = keys.at(-1);
  const isOwned = words.some(({ word, key }) => key !== undefined && ["projects", "groups", "users"].includes(word));
  const { name: said } = saidOf(vocabulary, place);
  const candidates = [
    short,
    long,
    // A list of the whole instance beside one of a project.
    ...(isOwned || !answer.list ? [] : [`all_${long}`]),
    ...(lastKey === undefined ? [] : [`${long}_by_${snake(lastKey)}`]),
    ...(keys.length > 1 ? [`${long}_by_${keys.map(snake).join("_")}`] : []),
    `${long}_${place.method}`,
  ];
  return [
    ...new Set([...(said === undefined ? [] : [said]), ...candidates.map((name) => shortened(`gitlab_${name}`))]),
  ];
}

function nameOf(
  words: readonly PathWord[],
  { method }: Pick<OperationPlace, "method">,
  { list }: NamedAnswer,
  vocabulary: Vocabulary,
  full: boolean,
): string {
  const isWrite = method !== "get" && method !== "head";
  const called = (word: string): string => vocabulary.words[word] ?? word;
  const one = (word: string): string => singular(vocabulary, called(word));
  const last = words.at(-1);
  if (last === undefined) return methodVerbs[method as keyof typeof methodVerbs] ?? method;
  const before = words.slice(0, -1);
  const { verbs } = vocabulary;
  const isVerb = (word: string): boolean => verbs.write.includes(word) || verbs.destructive.includes(word);
  const isMany = isVerb(last.word) && vocabulary.several.includes(last.word);
  const chain = before.flatMap(({ word, key }, index): string[] => {
    const next = words[index + 1]?.word ?? "";
    if (index === 0 && !full && word === "projects" && key !== undefined && vocabulary.home.includes(next)) return [];
    if (index === 0 && vocabulary.owners[word] !== undefined && key === undefined) return [vocabulary.owners[word]];
    if (isMany && key === undefined && index === before.length - 1) return [called(word)];
    return [one(word)];
  });
  const owner = before.length === 0 && last.key === undefined ? vocabulary.owners[last.word] : undefined;
  const verb = (of: "create" | "update" | "delete"): string => vocabulary.methods[last.word]?.[of] ?? of;
  const own = methodVerbs[method as keyof typeof methodVerbs] ?? method;
  const spoken = own === "create" || own === "update" || own === "delete" ? verb(own) : own;

  if (last.key !== undefined) {
    if (list && !isWrite) return join([...chain, one(last.word), snake(last.key), "list"]);
    return join([...chain, one(last.word), spoken]);
  }
  if (owner !== undefined && !isWrite) return /_search$/.test(owner) ? owner : join([owner, list ? "list" : "get"]);
  if (last.word === "search") return join([...chain, "search"]);
  if (!isWrite) {
    if (list) return join([...chain, called(last.word), "list"]);
    return join([...chain, called(last.word), own]);
  }
  if (method !== "delete" && isVerb(last.word)) return join([...chain, called(last.word)]);
  if (owner !== undefined) return join([owner, spoken]);
  if (isPlural(vocabulary, last.word) || method !== "post") return join([...chain, one(last.word), spoken]);
  return join([...chain, one(last.word), ...(isNoun(last.word) ? [spoken] : [])]);
}

/** Words that repeat what stands before them are said once: `wiki_page_page` is no better than `wiki_page`. */
function join(parts: readonly string[]): string {
  const words = parts.flatMap((part) => part.split("_")).filter((word) => word !== "");
  return words.filter((word, index) => word !== words[index - 1]).join("_");
}

/** Long names lose words from the middle: what is first says whose it is, what is last what is done. */
function shortened(name: string): string {
  let words = name.split("_");
  while (words.join("_").length > longestName && words.length > 4) {
    const middle = Math.floor(words.length / 2);
    words = words.filter((_, index) => index !== middle);
  }
  return words.join("_").slice(0, longestName);
}
