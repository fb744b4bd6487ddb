import type { OperationPlace } from "../parameter.js";
import type { Vocabulary } from "../vocabulary.js";
import type { Derived } from "./origin.js";
import { wordsOf } from "./path.js";

/** Whether a call runs, releases or lets through what cannot be called back: a person is asked as before a deletion. */
export function shipsOf(
  { path, method }: Pick<OperationPlace, "path" | "method">,
  vocabulary: Vocabulary,
): Derived<"ships" | undefined> {
  const word = wordsOf(path, vocabulary).find((one) => vocabulary.ships.includes(one.word))?.word;
  if (method !== "post" || word === undefined) return { value: undefined, rule: "nothing in the path ships" };
  return { value: "ships", rule: `"${word}" in the path ships something` };
}
