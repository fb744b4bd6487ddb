import type { Fields } from "../is-object.js";
import { cutStart, fits } from "./cut.js";
import { estimateTokens } from "./estimate.js";
import { remark } from "./untrusted.js";

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
const ellipsis = "[…]";

/**
 * The value with its long texts cut at line ends, and where that is not enough its long lists, until its JSON fits into
 * so many tokens. The work goes by the tokens, not by the size of the value.
 */
export function fitValue(value: unknown, tokens: number): Fitted {
  if (fits(JSON.stringify(value), tokens)) return { value, cuts: [] };
  const costs = new Map<string, number>();
  const attempt = (list: Fitted, cap: number, keep: Keep): Fitted | undefined => {
    const cut = cutStrings(list.value, { cap, keep, tokens, costs });
    return cut && fits(JSON.stringify(cut.value), tokens)
      ? { value: cut.value, cuts: [...cut.cuts, ...list.cuts] }
      : undefined;
  };
  const least = cutLists(value, 1);
  for (const keep of ["names", "nothing"] as const) {
    if (!attempt(least, leastTokens, keep)) continue;
    for (const length of [Infinity, 1000, 300, 100, 50, 20, 10, 5, 2, 1]) {
      const list = length === Infinity ? { value, cuts: [] } : cutLists(value, length);
      const shortest = attempt(list, leastTokens, keep);
      if (shortest) return widest(shortest, tokens, (cap) => attempt(list, cap, keep));
    }
  }
  return cutStrings(least.value, { cap: leastTokens, keep: "nothing", tokens: Infinity, costs }) ?? none;
}

const none: Fitted = { value: {}, cuts: [] };

/** What a text that is cut may keep at the least. */
const leastTokens = 60;

/** The most that each text may keep, by bisection: short texts stay whole, the long ones share what is left. */
function widest(shortest: Fitted, tokens: number, attempt: (cap: number) => Fitted | undefined): Fitted {
  let fitted = shortest;
  let least = leastTokens;
  let most = Math.max(least, tokens);
  while (most - least > 20) {
    const cap = Math.floor((least + most) / 2);
    const wider = attempt(cap);
    if (wider) [fitted, least] = [wider, cap];
    else most = cap;
  }
  return fitted;
}

/** Whether texts that the next call needs stay whole, such as paths. */
type Keep = "names" | "nothing";

interface CutLimits {
  /** What each text may take. */
  readonly cap: number;
  readonly keep: Keep;
  /** What all of it may take. */
  readonly tokens: number;
  /** Of texts that were estimated before. */
  readonly costs: Map<string, number>;
}

/** Half a path, reference or address is of no use to the next call. */
const named = /(?:path|sha|_branch)$|url|uri|link|^(?:ref|name)$/;
/** A path may have so many characters (`PATH_MAX` of Linux); what is longer is none. */
const longestName = 4096;

/** The value with its texts cut to `cap`; `undefined` once it is clear that this does not fit. */
function cutStrings(value: unknown, { cap, keep, tokens, costs }: CutLimits): Fitted | undefined {
  const cuts: CutField[] = [];
  let characters = 0;

  /** Line breaks, quotes and backslashes take two characters in JSON. */
  function isShort(text: string): boolean {
    if (text.length > cap * 40) return false;
    let cost = costs.get(text);
    if (cost === undefined) costs.set(text, (cost = estimateTokens(JSON.stringify(text))));
    return cost <= cap;
  }

  function string(text: string, path: string, name: string): string {
    if ((keep === "names" && text.length <= longestName && named.test(name)) || isShort(text)) return text;
    const part = cutStart(text, Math.floor(cap * 0.8));
    cuts.push({ path, characters: part.length, of: text.length });
    return remark(`${part}${ellipsis}`, text);
  }

  function walk(part: unknown, path: string, name: string): unknown {
    if (characters > tokens * 40) return undefined;
    if (typeof part === "string") {
      const text = string(part, path, name);
      characters += text.length + 2;
      return text;
    }
    characters += 2;
    if (Array.isArray(part)) return part.map((item, index) => walk(item, `${path}[${index}]`, name));
    if (!isContainer(part)) return part;
    return Object.fromEntries(
      Object.entries(part).map(([inner, field]) => {
        characters += inner.length + 2;
        return [inner, walk(field, path === "" ? inner : `${path}.${inner}`, inner)];
      }),
    );
  }

  const cut = walk(value, "", "");
  return characters > tokens * 40 ? undefined : { value: cut, cuts };
}

function cutLists(value: unknown, most: number): Fitted {
  const cuts: CutField[] = [];
  const walk = (part: unknown, path: string): unknown => {
    if (Array.isArray(part)) {
      if (part.length > most) cuts.push({ path: `${path}[]`, characters: most, of: part.length });
      return part.slice(0, most).map((item) => walk(item, path));
    }
    if (!isContainer(part)) return part;
    return Object.fromEntries(
      Object.entries(part).map(([name, inner]) => [name, walk(inner, path === "" ? name : `${path}.${name}`)]),
    );
  };
  return { value: walk(value, ""), cuts };
}

const isContainer = (value: unknown): value is Fields => typeof value === "object" && value !== null;

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
  const share = items.length > 1 ? Math.floor(tokens / 2) : tokens;
  if (surelyFit(items, tokens, share)) return { items, cuts: new Map() };
  const kept: unknown[] = [];
  const cuts = new Map<number, readonly CutField[]>();
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

/** Most lists are far within their room: a text has no more tokens than characters, which need no estimate. */
function surelyFit(items: readonly unknown[], tokens: number, share: number): boolean {
  let left = tokens;
  return items.every((item) => {
    const { length } = JSON.stringify(item);
    left -= length + 1;
    return left >= 0 && length <= share;
  });
}
