import type { OperationPlace } from "../parameter.js";
import type { Vocabulary } from "../vocabulary.js";
import type { Derived } from "./origin.js";
import { wordsOf } from "./path.js";

/** Words that people ask for the things and verbs of a path with: search finds the tool by them. */
export function keywordsOf(
  { path, method }: Pick<OperationPlace, "path" | "method">,
  vocabulary: Vocabulary,
): Derived<string[]> {
  const said = [method, ...wordsOf(path, vocabulary).map(({ word }) => word)];
  const words = said.flatMap((word) => vocabulary.synonyms[word] ?? []);
  return { value: [...new Set(words)], rule: "what people call the words of the path" };
}
