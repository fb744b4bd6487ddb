/** The words that tables of options are written in; see `check.ts`. */
import { isObject } from "../is-object.js";
import type { Check, ShapeOf } from "./check.js";
import { kindOf, notOneOf, unknownName, type FieldProblem } from "./field-problems.js";

export { checkOptions, refuseUndefined, type Check, type Shape, type ShapeOf } from "./check.js";

const below = (field: string, name: string | number): string => (field === "" ? String(name) : `${field}.${name}`);

/** A value of a kind that has a name. */
function kind<Type>(fits: (value: unknown) => boolean, wants: string): Check<Type> {
  return {
    problems: (value, field) => {
      if (fits(value)) return [];
      return [{ field, message: value === undefined ? "is required" : `expected ${wants}, got ${kindOf(value)}` }];
    },
  };
}

/** A value that a function knows. It fits any option: what it takes is the function's affair. */
export const fitting = (fits: (value: unknown) => boolean, wants: string): Check<never> => ({
  problems: (value, field) => (fits(value) ? [] : [{ field, message: `expected ${wants}` }]),
});

/** Options by their names. Any other name is refused: a limit with a misspelled name would not hold. */
export function strict<Options = Record<string, unknown>>(shape: ShapeOf<Options>): Check<Options> {
  const checks = new Map<string, Check>(Object.entries(shape));
  const anObject = kind<Options>(isObject, "an object");
  return {
    problems: (value, field) => {
      if (!isObject(value)) return anObject.problems(value, field);
      const problems: FieldProblem[] = [];
      for (const [name, check] of checks) {
        const part = value[name];
        const isLeftOut = check.optional === "or undefined" ? part === undefined : check.optional && !(name in value);
        if (!isLeftOut) problems.push(...check.problems(part, below(field, name)));
      }
      // Inherited ones count: they would be read like the others.
      for (const name in value)
        if (!checks.has(name)) problems.push(unknownName(field, name, [...checks.keys()], "an option"));
      return problems;
    },
  };
}

/** The option may be left out. */
export const maybe = <Type>({ problems }: Check<Type>): Check<Type | undefined> => ({
  problems,
  optional: "or undefined",
});

/** May be left out, but not be `undefined`: what was to be limited by a variable that is not set would not be. */
export const unlessUndefined = <Type>({ problems }: Check<Type>): Check<Type> => ({
  problems,
  optional: "but not undefined",
});

/** Checked elsewhere, in more detail. */
export const anything: Check<never> = { problems: () => [], optional: "or undefined" };

export const text: Check<string> = kind((value) => typeof value === "string", "a string");
/** A word of a list that is checked elsewhere, where the error can say more. */
export const word: Check<never> = { problems: text.problems };
export const flag: Check<boolean> = kind((value) => typeof value === "boolean", "a boolean");
export const number: Check<number> = kind(Number.isFinite, "a number");
export const func: Check<never> = fitting((value) => typeof value === "function", "a function");
export const abortSignal: Check<AbortSignal> = fitting((value) => value instanceof AbortSignal, "an AbortSignal");

/** Text that a function knows. */
export const textThat = (fits: (value: string) => boolean, wants: string): Check<string> => ({
  problems: (value, field) => {
    if (typeof value !== "string") return text.problems(value, field);
    return fits(value) ? [] : [{ field, message: `expected ${wants}` }];
  },
});

/** An object whose values are checked elsewhere. */
export const record: Check<never> = kind(isObject, "an object");

/** An object of somebody's own, known by a method. */
export const having = (method: string, wants: string): Check<never> =>
  fitting(
    (value) => typeof value === "object" && value !== null && typeof Reflect.get(value, method) === "function",
    wants,
  );

/** One of a few words. */
export const choice = <const Word extends string>(words: readonly Word[]): Check<Word> => ({
  problems: (value, field) => (words.some((word) => word === value) ? [] : [notOneOf(field, value, words)]),
});

export const listOf = <Type>(item: Check<Type>): Check<Type[]> => {
  const aList = kind(Array.isArray, "an array");
  return {
    problems: (value, field) =>
      Array.isArray(value)
        ? value.flatMap((part, index) => item.problems(part, below(field, index)))
        : aList.problems(value, field),
  };
};

export const texts: Check<string[]> = listOf(text);

/** Either of two forms. Where something inside of one does not fit, that one was meant. */
export const either = <One, Other>(one: Check<One>, other: Check<Other>, wants: string): Check<One | Other> => ({
  problems: (value, field) => {
    const found = [one, other].map((check) => check.problems(value, field));
    if (found.some((problems) => problems.length === 0)) return [];
    return (
      found.find((problems) => problems.some((problem) => problem.field !== field)) ?? [
        { field, message: `expected ${wants}` },
      ]
    );
  },
});

export const falseOr = <Type>(check: Check<Type>, wants: string): Check<Type | false> =>
  either(
    fitting((value) => value === false, "false"),
    check,
    `false or ${wants}`,
  );

export const oneOrMore = <Type>(check: Check<Type>): Check<Type | Type[]> =>
  either(check, listOf(check), "a string, or a list of strings");

/** A number that is not too small; infinity is one. */
export const from = (least: number): Check<number> =>
  fitting((value) => typeof value === "number" && value >= least, `a number from ${least} on`);

/** A number above zero. */
export const positive: Check<number> = fitting((value) => typeof value === "number" && value > 0, "a number above 0");

/** Timers cannot wait longer: beyond this they fire at once. */
const longestTimer = 2 ** 31 - 1;

/** Milliseconds that something may take. */
export const duration: Check<number> = fitting(
  (value) => typeof value === "number" && value >= 1 && value <= longestTimer,
  `milliseconds, from 1 to ${longestTimer}`,
);
