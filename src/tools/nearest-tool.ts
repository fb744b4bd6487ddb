import { distance } from "../options/distance.js";
import { nearest } from "../options/nearest.js";

/** A tool that was probably meant, and what to give it. */
export interface NearestTool {
  readonly name: string;
  readonly how?: string;
}

/** What other words for the last word of a tool's name mean. */
const actions: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries({
    list: "list search find all index query",
    get: "get show read view fetch retrieve describe info",
    create: "create new make post open add invite",
    update: "update edit change modify set put patch close reopen rename assign activate",
    delete: "delete remove destroy drop",
    merge: "merge accept",
    retry: "retry rerun restart",
    cancel: "cancel stop abort",
  }).flatMap(([action, words]) => words.split(" ").map((word) => [word, action])),
);

/** Changes that are made by an update. */
const states: Readonly<Record<string, string>> = {
  close: '"state_event": "close"',
  reopen: '"state_event": "reopen"',
  activate: '"state_event": "activate"',
};

const reads: ReadonlySet<string | undefined> = new Set(["list", "get", "download"]);

interface Parts {
  readonly things: readonly string[];
  readonly action?: string;
  /** The word that stood for the action. */
  readonly word?: string;
  readonly plural: boolean;
}

const singular = (word: string): string =>
  word
    .replace(/ies$/, "y")
    .replace(/(?<=ch)es$/, "")
    .replace(/(?<=[^s])s$/, "");

/** One letter may be wrong in the words that our own names end with. */
const ours = ["list", "get", "create", "update", "delete"];
const actionOf = (word: string): string | undefined =>
  Object.hasOwn(actions, word)
    ? actions[word]
    : word.length > 3
      ? ours.find((own) => distance(own, word) < 2)
      : undefined;

/** `gitlab_list_issues`, `issues_list` and `listIssues` are all about issues and list them. */
function partsOf(name: string): Parts {
  const words = name
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .split(/[^a-z]+/)
    .flatMap((word) => (word === "mr" || word === "mrs" ? ["merge", word === "mr" ? "request" : "requests"] : [word]))
    .filter((word) => word !== "" && word !== "gitlab");
  const known = (word: string | undefined): boolean => word !== undefined && actionOf(word) !== undefined;
  // The action stands last in our names and first in others'; "merge" of "merge request" is none.
  const ends = words[0] === "merge" && words[1]?.startsWith("request") ? [words.at(-1)] : [words.at(-1), words[0]];
  const word = ends.find(known);
  const rest = [...words];
  if (word !== undefined) rest.splice(word === rest.at(-1) ? rest.length - 1 : 0, 1);
  const action = word === undefined ? undefined : actionOf(word);
  return {
    things: rest.map(singular),
    ...(action !== undefined && { action }),
    ...(word !== undefined && { word }),
    plural: rest.some((one) => singular(one) !== one),
  };
}

/**
 * The tool that a name which there is not probably means, by what it is about and what it does with it. A change is
 * named only for the same change: nobody may be led by spelling from one action to another.
 */
export function nearestTool(toolName: string, names: Iterable<string>): NearestTool | undefined {
  if (toolName.length > 100) return undefined;
  const query = partsOf(toolName);
  const action = query.action ?? (query.plural ? "list" : "get");
  let best: string | undefined;
  let most = 0;
  for (const name of names) {
    const parts = partsOf(name);
    const same = parts.action === action;
    if (!same && !(reads.has(action) && reads.has(parts.action))) continue;
    const left = [...parts.things];
    const found = query.things.filter((thing) => {
      const match = left.includes(thing) ? thing : nearest(thing, left);
      if (match !== undefined) left.splice(left.indexOf(match), 1);
      return match !== undefined;
    }).length;
    const all = found === query.things.length && found > 0;
    if (!all || (left.length > 0 && !reads.has(action))) continue;
    const exact = parts.things.filter((thing) => query.things.includes(thing)).length;
    const score = 10 + exact - 2 * left.length + (same ? 1 : 0) + (parts.plural === query.plural ? 0.5 : 0);
    if (score > most) [best, most] = [name, score];
  }
  if (best === undefined) return undefined;
  const how = query.word === undefined ? undefined : states[query.word];
  return { name: best, ...(how !== undefined && { how }) };
}

/** The tool for a message or a hint. */
export const suggested = ({ name, how }: NearestTool): string => (how === undefined ? name : `${name} with ${how}`);
