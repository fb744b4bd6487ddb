import { isObject } from "../is-object.js";
import { UsageError } from "./output.js";

/**
 * Input with `key=value` words of the command line in it: text, which tools understand as numbers, flags and lists too.
 * `key:=JSON` is anything else. A key that comes again makes a list.
 *
 * @throws {UsageError}
 */
export function withValues(input: unknown, words: readonly string[]): unknown {
  if (words.length === 0) return input;
  if (!isObject(input)) throw new UsageError("key=value goes with an --input that is a JSON object.");
  const collected = new Map<string, unknown[]>();
  for (const word of words) {
    const [, key = "", json, value = ""] = /^(\w[\w.-]*)(:?)=([\s\S]*)$/.exec(word) ?? [];
    if (key === "") throw new UsageError(`"${word.slice(0, 60)}" is no key=value, such as project_id=group/project.`);
    collected.set(key, [...(collected.get(key) ?? []), json === ":" ? parsed(key, value) : value]);
  }
  return {
    ...input,
    ...Object.fromEntries([...collected].map(([key, all]) => [key, all.length === 1 ? all[0] : all])),
  };
}

function parsed(key: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new UsageError(`${key}:= takes JSON; ${key}= takes text.`, { cause: error });
  }
}
