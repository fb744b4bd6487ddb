import { estimateTokens } from "./estimate.js";

/** Part of a text, and how many of its lines it is. */
export interface Cut {
  readonly text: string;
  readonly lines: number;
  readonly of: number;
  /** Not even one line fits: how many characters it has. */
  readonly lineLength?: number;
}

const lineCount = (text: string): number => (text === "" ? 0 : text.split("\n").length - (text.endsWith("\n") ? 1 : 0));

/**
 * As much of a text's beginning, or of its end, as fits into so many tokens: whole lines, or where a single line is
 * longer than all of it, a part of that line.
 */
export function cutText(text: string, tokens: number, keep: "start" | "end"): Cut {
  const of = lineCount(text);
  if (fits(text, tokens)) return { text, lines: of, of };
  const lines = text.split(/(?<=\n)/);
  if (keep === "end") lines.reverse();
  const kept: string[] = [];
  let left = tokens;
  for (const line of lines) {
    const cost = line.length > left * 8 ? Infinity : estimateTokens(line);
    if (cost > left) break;
    left -= cost;
    kept.push(line);
  }
  if (kept.length === 0) {
    const [line = ""] = lines;
    let most = Math.max(40, tokens * 4);
    const take = (): string => (keep === "end" ? line.slice(-most) : line.slice(0, most));
    while (most > 40 && !fits(take(), tokens)) most = Math.floor(most * 0.7);
    const part = wholeCharacters(take());
    return { text: part, lines: 1, of, lineLength: line.length };
  }
  if (keep === "end") kept.reverse();
  return { text: kept.join(""), lines: kept.length, of };
}

/** A cut may part a surrogate pair. */
const wholeCharacters = (text: string): string => text.replace(/^[\udc00-\udfff]|[\ud800-\udbff]$/g, "");

/** Long texts are not even estimated: a token is never more than a few dozen characters. */
export function fits(text: string, tokens: number): boolean {
  return text.length <= tokens * 40 && estimateTokens(text) <= tokens;
}
