import type { OperationPlace } from "../parameter.js";
import type { Vocabulary } from "../vocabulary.js";
import type { Derived } from "./origin.js";
import { wordsOf } from "./path.js";

const owners = new Set(["projects", "groups", "users"]);

/** The area of a tool: the first thing of the path that is not merely where it is. */
export function areaOf({ path }: Pick<OperationPlace, "path">, vocabulary: Vocabulary): Derived<string> {
  const [first, second] = wordsOf(path, vocabulary);
  const thing =
    first && owners.has(first.word) && second && (second.key !== undefined || isThing(second.word, vocabulary))
      ? second.word
      : (first?.word ?? "other");
  return { value: vocabulary.areas[thing] ?? thing.replaceAll("_", "-"), rule: `the path is about "${thing}"` };
}

const isThing = (word: string, { verbs }: Vocabulary): boolean =>
  !verbs.write.includes(word) && !verbs.destructive.includes(word);
