import { cutText, fits } from "./cut.js";
import { estimateTokens } from "./estimate.js";
import { remark } from "./untrusted.js";

type Fields = Readonly<Record<string, unknown>>;

/** A text inside an answer that was cut. */
export interface CutField {
  /** Where it stands, such as `description` or `diffs[2].diff`. */
  readonly path: string;
  readonly characters: number;
  readonly of: number;
}

export interface Fitted {
  readonly value: unknown;
  readonly cuts: readonly CutField[];
}

/** What stands at a text's end where the rest of it is missing. */
export const ellipsis = "[…]";

/** The value with its long texts cut at line ends, and then its long lists, until its JSON fits into so many tokens. */
export function fitValue(value: unknown, tokens: number): Fitted {
  if (fits(JSON.stringify(value), tokens)) return { value, cuts: [] };
  // The most that each text may keep, by bisection: short texts stay whole, the long ones share what is left.
  let least = 60;
  let most = Math.max(least, tokens);
  let fitted = cutStrings(value, least);
  while (most - least > 20) {
    const cap = Math.floor((least + most) / 2);
    const attempt = cutStrings(value, cap);
    if (fits(JSON.stringify(attempt.value), tokens)) [fitted, least] = [attempt, cap];
    else most = cap;
  }
  if (fits(JSON.stringify(fitted.value), tokens)) return fitted;
  for (const length of [50, 20, 10, 5, 2, 1]) {
    const shorter = cutLists(fitted.value, length);
    if (fits(JSON.stringify(shorter.value), tokens))
      return { value: shorter.value, cuts: [...fitted.cuts, ...shorter.cuts] };
  }
  return fitted;
}

function cutStrings(value: unknown, tokens: number): Fitted {
  const cuts: CutField[] = [];
  const walk = (part: unknown, path: string): unknown => {
    if (typeof part === "string") {
      // Line breaks, quotes and backslashes take two characters in JSON.
      if (fits(JSON.stringify(part), tokens)) return part;
      const { text } = cutText(part, Math.floor(tokens * 0.8), "start");
      cuts.push({ path, characters: text.length, of: part.length });
      return remark(`${text}${ellipsis}`, part);
    }
    if (Array.isArray(part)) return part.map((item, index) => walk(item, `${path}[${index}]`));
    if (!isObject(part)) return part;
    return Object.fromEntries(
      Object.entries(part).map(([name, inner]) => [name, walk(inner, path === "" ? name : `${path}.${name}`)]),
    );
  };
  return { value: walk(value, ""), cuts };
}

function cutLists(value: unknown, most: number): Fitted {
  const cuts: CutField[] = [];
  const walk = (part: unknown, path: string): unknown => {
    if (Array.isArray(part)) {
      if (part.length > most) cuts.push({ path: `${path}[]`, characters: most, of: part.length });
      return part.slice(0, most).map((item) => walk(item, path));
    }
    if (!isObject(part)) return part;
    return Object.fromEntries(
      Object.entries(part).map(([name, inner]) => [name, walk(inner, path === "" ? name : `${path}.${name}`)]),
    );
  };
  return { value: walk(value, ""), cuts };
}

const isObject = (value: unknown): value is Fields => typeof value === "object" && value !== null;

export interface FittedItems {
  readonly items: readonly unknown[];
  /** By the item's place in the list. */
  readonly cuts: ReadonlyMap<number, readonly CutField[]>;
}

/**
 * The first items of a list that fit, whole; only one that would take more than half of the room by itself is cut. The
 * first item is always there.
 */
export function fitItems(items: readonly unknown[], tokens: number): FittedItems {
  const kept: unknown[] = [];
  const cuts = new Map<number, readonly CutField[]>();
  const share = items.length > 1 ? Math.floor(tokens / 2) : tokens;
  let left = tokens;
  for (const [index, item] of items.entries()) {
    const fitted = fitValue(item, share);
    const cost = estimateTokens(JSON.stringify(fitted.value)) + 1;
    if (cost > left && kept.length > 0) break;
    left -= cost;
    kept.push(fitted.value);
    if (fitted.cuts.length > 0) cuts.set(index, fitted.cuts);
  }
  return { items: kept, cuts };
}
