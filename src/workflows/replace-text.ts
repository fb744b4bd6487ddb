import { distance } from "fastest-levenshtein";

/** What becomes of a text, or why nothing does. */
export type Replacement =
  | { readonly content: string; readonly lines: readonly number[] }
  | { readonly problem: string; readonly hint: string; readonly details: Readonly<Record<string, unknown>> };

/** So many places and lines are told of at the most. */
const mostShown = 5;
/** Longer lines are compared by their beginnings. */
const mostCompared = 200;
/** More lines are not compared one by one. */
const mostLines = 20_000;

/** Replaces `from`, which has to stand there once, or everywhere with `all`. */
export function replaceText(content: string, from: string, to: string, all: boolean): Replacement {
  const [old, fresh] = withLineEndsOf(content, from, to);
  const places = placesOf(content, old);
  if (places.length === 0) {
    const nearest = nearestLines(content, from);
    const shown = nearest.map(({ line, text }) => `${line}: ${JSON.stringify(text)}`).join("; ");
    return {
      problem: `old_text is not in the file.${shown && ` Nearest: ${shown}.`}`,
      hint: "Copy old_text from the file as it is now, spaces and line breaks included, and call again.",
      details: { nearest },
    };
  }
  const lines = linesOf(content, places);
  if (places.length > 1 && !all) {
    const some = lines.slice(0, mostShown).join(", ");
    return {
      problem: `old_text stands there ${places.length} times, at lines ${some}${lines.length > mostShown ? " …" : ""}.`,
      hint: 'Give more of the text around the one that is meant, or "replace_all": true, and call again.',
      details: { lines },
    };
  }
  const [first = 0] = places;
  const replaced = all
    ? content.replaceAll(old, () => fresh)
    : content.slice(0, first) + fresh + content.slice(first + old.length);
  const shift = fresh.split("\n").length - old.split("\n").length;
  return { content: replaced, lines: lines.map((line, index) => line + index * shift) };
}

/** Models write line feeds; a file with carriage returns keeps them. */
function withLineEndsOf(content: string, from: string, to: string): readonly [string, string] {
  const usesBoth = content.includes("\r\n") && !/(?<!\r)\n/.test(content);
  if (!usesBoth) return [from, to];
  const toBoth = (text: string): string => text.replace(/\r?\n/g, "\r\n");
  return [toBoth(from), toBoth(to)];
}

/** Where a text begins, without overlaps. */
function placesOf(content: string, text: string): number[] {
  const places: number[] = [];
  for (let at = content.indexOf(text); at >= 0; at = content.indexOf(text, at + text.length)) places.push(at);
  return places;
}

/** The lines at which places are, counted from 1. */
function linesOf(content: string, places: readonly number[]): number[] {
  let line = 1;
  let at = 0;
  return places.map((place) => {
    for (; at < place; at += 1) if (content.charCodeAt(at) === 10) line += 1;
    return line;
  });
}

/** The lines most like the first one of the missing text that says something. */
function nearestLines(content: string, missing: string): { readonly line: number; readonly text: string }[] {
  const first = missing
    .split("\n")
    .map((line) => line.trim().slice(0, mostCompared))
    .find((line) => line !== "");
  if (first === undefined) return [];
  return content
    .split("\n")
    .slice(0, mostLines)
    .map((text, index) => {
      const line = text.trim().slice(0, mostCompared);
      const share = distance(first, line) / Math.max(first.length, line.length, 1);
      return { line: index + 1, text: text.replace(/\r$/, "").slice(0, mostCompared), share };
    })
    .filter(({ share }) => share <= 0.6)
    .toSorted((a, b) => a.share - b.share || a.line - b.line)
    .slice(0, 3)
    .map(({ line, text }) => ({ line, text }));
}
