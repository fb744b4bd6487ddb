import type { OperationPlace } from "../parameter.js";
import { saidOf, singular, type Vocabulary } from "../vocabulary.js";
import type { Derived } from "./origin.js";
import { isPlural, wordsOf } from "./path.js";

export interface Text {
  readonly title: string;
  readonly description: string;
}

/** A few words for a person and a sentence for a model: method and resource ("Lists the wiki pages of a project."). */
export function textOf(
  { path, method }: Pick<OperationPlace, "path" | "method">,
  isList: boolean,
  vocabulary: Vocabulary,
): Derived<Text> {
  const said = saidOf(vocabulary, { path, method });
  const ownTitle = said.title;
  const ownDescription =
    said.description ?? (said.same_as && `Does what ${said.same_as} does, at GitLab's other path: use that one.`);
  const called = (word: string): string => vocabulary.words[word] ?? word;
  const one = (word: string): string => human(singular(vocabulary, called(word)));
  const words = wordsOf(path, vocabulary).filter(({ word }) => word !== "all");
  const last = words.at(-1);
  const isAction = last !== undefined && last.key === undefined && isVerb(last.word, method, vocabulary);
  const things = isAction ? words.slice(0, -1) : words;
  const thing = things.at(-1);
  const owners = things
    .slice(0, -1)
    .toReversed()
    .map(({ word }) => ` of ${article(one(word))} ${one(word)}`)
    .join("");
  const [verb, says] = isAction
    ? [human(last.word), vocabulary.says[last.word] ?? thirdPerson(human(last.word))]
    : spoken(method, isList);
  const made = (title: string, description: string): Derived<Text> => ({
    value: { title: ownTitle ?? title, description: ownDescription ?? description },
    rule:
      ownDescription === undefined ? "method and resource in words" : "spec/vocabulary.yaml says it of the operation",
  });
  if (thing === undefined) return made(upper(verb), `${upper(says)}.`);
  const many = human(called(thing.word));
  const isOne = thing.key !== undefined || isAction || !["get", "head"].includes(method);
  const object = isOne ? `${article(one(thing.word))} ${one(thing.word)}` : `the ${many}`;
  const title = `${upper(verb)} ${isOne ? one(thing.word) : many}`;
  return made(title, `${upper(says)} ${object}${owners}.`);
}

function isVerb(word: string, method: string, vocabulary: Vocabulary): boolean {
  if (method === "delete" || method === "head") return false;
  if (method === "get") return word === "search";
  const { verbs } = vocabulary;
  return (
    verbs.write.includes(word) || verbs.destructive.includes(word) || (method === "post" && !isPlural(vocabulary, word))
  );
}

function spoken(method: string, isList: boolean): readonly [verb: string, says: string] {
  switch (method) {
    case "get":
      return isList ? ["list", "lists"] : ["get", "gets"];
    case "head":
      return ["check for", "checks for"];
    case "post":
      return ["create", "creates"];
    case "delete":
      return ["delete", "deletes"];
    default:
      return ["update", "updates"];
  }
}

const shortNames: Readonly<Record<string, string>> = {
  ci: "CI",
  ssh: "SSH",
  gpg: "GPG",
  url: "URL",
  api: "API",
  id: "id",
};
const human = (word: string): string =>
  word
    .split("_")
    .map((part) => shortNames[part] ?? part)
    .join(" ");
const upper = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const article = (noun: string): string => (/^(?:[aeio]|u(?!se|ni)|SSH)/.test(noun) ? "an" : "a");

function thirdPerson(phrase: string): string {
  const [verb = "", ...rest] = phrase.split(" ");
  const ending = /[^aeiou]y$/.test(verb)
    ? verb.replace(/y$/, "ies")
    : /(?:s|sh|ch|x|z|o)$/.test(verb)
      ? `${verb}es`
      : `${verb}s`;
  return [ending, ...rest].join(" ");
}
