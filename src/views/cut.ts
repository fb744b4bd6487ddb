import { estimateTokens } from "./estimate.js";

/** Part of a text, and how many of its lines it is. */
export interface Cut {
  readonly text: string;
  readonly lines: number;
  readonly of: number;
  /** Not even one line fits: how many characters it has. */
  readonly lineLength?: number;
}

/** Counted without splitting: logs come with many megabytes. */
function lineCount(text: string): number {
  let count = text === "" || text.endsWith("\n") ? 0 : 1;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count += 1;
  return count;
}

/** A token is never more than a few dozen characters: texts that are longer by that are not even estimated. */
const longestToken = 40;

/**
 * As much of a text's beginning, or of its end, as fits into so many tokens: whole lines, or where a single line is
 * longer than all of it, a part of that line.
 */
export function cutText(text: string, tokens: number, keep: "start" | "end"): Cut {
  const of = lineCount(text);
  if (fits(text, tokens)) return { text, lines: of, of };
  const { kept, lines, line } = wholeLines(text, tokens, keep);
  return lines > 0 ? { text: kept, lines, of } : { text: kept, lines: 1, of, lineLength: line };
}

/** The beginning alone, for a text that does not fit: what lies behind it is not looked at. */
export function cutStart(text: string, tokens: number): string {
  return wholeLines(text.slice(0, tokens * longestToken), tokens, "start").kept;
}

function wholeLines(
  text: string,
  tokens: number,
  keep: "start" | "end",
): { kept: string; lines: number; line: number } {
  const fromEnd = keep === "end";
  const far = Math.min(text.length, tokens * longestToken);
  const nextLine = (at: number): number => {
    if (!fromEnd) return text.indexOf("\n", at) + 1 || text.length;
    const end = text.length - at;
    return end < 2 ? text.length : text.length - (text.lastIndexOf("\n", end - 2) + 1);
  };
  /** The part of the text so many characters away from the side that is kept. */
  const part = (from: number, to: number): string =>
    fromEnd ? text.slice(text.length - to, text.length - from) : text.slice(from, to);
  let at = 0;
  let lines = 0;
  for (let left = tokens; at < far; lines += 1) {
    const next = nextLine(at);
    const cost = next > far || next - at > left * 8 ? Infinity : estimateTokens(part(at, next));
    if (cost > left) break;
    left -= cost;
    at = next;
  }
  if (lines > 0) return { kept: part(0, at), lines, line: 0 };
  const line = nextLine(0);
  let most = Math.min(line, Math.max(40, tokens * 4));
  while (most > 40 && !fits(part(0, most), tokens)) most = Math.floor(most * 0.7);
  return { kept: wholeCharacters(part(0, most)), lines, line };
}

/** A cut may part a surrogate pair. */
const wholeCharacters = (text: string): string => text.replace(/^[\udc00-\udfff]|[\ud800-\udbff]$/g, "");

/** Whether a text takes no more than so many tokens. */
export function fits(text: string, tokens: number): boolean {
  if (text.length <= tokens) return true;
  return text.length <= tokens * longestToken && estimateTokens(text) <= tokens;
}
