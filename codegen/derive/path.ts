import { singular, type Vocabulary } from "../vocabulary.js";

/** A word of a path, and the placeholder after it that says which one. */
export interface PathWord {
  readonly word: string;
  readonly key?: string;
}

/** What a path is about: `/api/v4/projects/{id}/issues/{issue_iid}/links` is `projects` {id}, `issues` {issue_iid}, `links`. */
export function wordsOf(path: string, { transparent }: Pick<Vocabulary, "transparent">): PathWord[] {
  const found: PathWord[] = [];
  for (const segment of segmentsOf(path)) {
    const key = /^\{([^}]+)\}$/.exec(segment)?.[1];
    const last = found.at(-1);
    if (key === undefined) found.push({ word: snake(segment.replace(/\{[^}]*\}/g, "")) });
    else if (last && last.key === undefined) found[found.length - 1] = { ...last, key };
  }
  return found.filter(({ word, key }, index) => {
    const next = found[index + 1]?.word;
    return word !== "" && !(key === undefined && next !== undefined && transparent[word]?.includes(next));
  });
}

/** The parts of a path below the API's own; a router's notation of optional parts, formats and wildcards is none. */
export function segmentsOf(path: string): string[] {
  return path
    .replace(/^\/api\/v\d+\//, "")
    .replace(/\(-\/\)|\(\.:?\w+\)|\*/g, "")
    .split("/")
    .filter((segment) => segment !== "" && segment !== "-");
}

export const snake = (text: string): string =>
  text
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/[^A-Za-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "")
    .toLowerCase();

/** Whether a word names several things. */
export function isPlural(vocabulary: Pick<Vocabulary, "lists" | "singulars">, word: string): boolean {
  return vocabulary.lists.includes(word) || singular(vocabulary, word) !== word;
}

/** Things that a path names in the singular and that can be made: `…/pipeline`, `…/push_rule`. */
export const isNoun = (word: string): boolean =>
  /^(?:pipeline|note|discussion|comment|commit|release|avatar|push_rule|evidence)$|(?:^|_)settings?$/.test(word);
