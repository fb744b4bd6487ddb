import type { Facts, InputType, ParameterModel } from "../model.js";

/**
 * The words of `src/tools/schema.ts`, for any result: the schemas themselves, or source that makes them. What is
 * emitted and what `manifest.json` says come from the same walk, so that they cannot differ.
 */
export interface Words<T> {
  integer(facts: Facts): T;
  number(facts: Facts): T;
  boolean(facts: Facts): T;
  text(facts: Facts): T;
  date(facts: Facts): T;
  dateTime(facts: Facts): T;
  iid(facts: Facts): T;
  reference(facts: Facts): T;
  value(facts: Facts): T;
  choice(values: readonly [string, ...string[]], facts: Facts): T;
  integerChoice(values: readonly [number, ...number[]], facts: Facts): T;
  list(item: T, facts: Facts): T;
  array(item: T, facts: Facts): T;
  object(properties: Readonly<Record<string, T>>, facts: Facts): T;
  record(value: T, facts: Facts): T;
  optional(type: T): T;
}

/** Says a type in words. */
export function say<T>(words: Words<T>, type: InputType): T {
  const { facts } = type;
  switch (type.kind) {
    case "choice":
      return words.choice(type.values, facts);
    case "integerChoice":
      return words.integerChoice(type.values, facts);
    case "list":
    case "array":
      return words[type.kind](say(words, type.item), facts);
    case "record":
      return words.record(say(words, type.value), facts);
    case "object":
      return words.object(sayAll(words, type.properties), facts);
    default:
      return words[type.kind](facts);
  }
}

/** Says several parameters or properties, the optional ones as such. */
export function sayAll<T>(
  words: Words<T>,
  parameters: readonly Pick<ParameterModel, "name" | "required" | "type">[],
): Record<string, T> {
  return Object.fromEntries(
    parameters.map(({ name, required, type }) => {
      const said = say(words, type);
      return [name, required ? said : words.optional(said)];
    }),
  );
}
