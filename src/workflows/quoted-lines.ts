import { diffLines, isOn, numberOn, type DiffFile, type DiffLine, type Side } from "./diff-position.js";

/** Lines of a diff in which a text stands. */
export interface QuotedLines<File extends DiffFile> {
  readonly file: File;
  readonly side: Side;
  readonly first: DiffLine;
  readonly last: DiffLine;
}

/** All places of a diff at which a text stands; a line that both sides have counts once, on the new one. */
export function quotedLines<File extends DiffFile>(
  files: readonly File[],
  quote: string,
  side?: Side,
): QuotedLines<File>[] {
  const lines = quote
    .replaceAll("\r\n", "\n")
    .replace(/^\n+|\n+$/g, "")
    .split("\n");
  const found = files.flatMap((file) => inFile(file, lines, side));
  // Whoever copies out of a diff copies its signs along.
  if (found.length > 0 || !lines.every((line) => /^[-+ ]/.test(line))) return found;
  const unsigned = lines.map((line) => line.slice(1));
  return files.flatMap((file) => inFile(file, unsigned, side));
}

function inFile<File extends DiffFile>(file: File, quote: readonly string[], only?: Side): QuotedLines<File>[] {
  const lines = diffLines(file.diff);
  const sides: readonly Side[] = only === undefined ? ["new", "old"] : [only];
  return sides.flatMap((side) => {
    const own = lines.filter((line) => isOn(side, line));
    return own.flatMap((first, index): QuotedLines<File>[] => {
      const part = own.slice(index, index + quote.length);
      const last = part.at(-1);
      const matches = part.length === quote.length && part.every((line, at) => isLike(line.text, quote, at));
      if (!matches || last === undefined || numberOn(side, last) - numberOn(side, first) !== quote.length - 1)
        return [];
      const counted = only === undefined && side === "old" && part.every(({ kind }) => kind === "unchanged");
      return counted ? [] : [{ file, side, first, last }];
    });
  });
}

/** The first quoted line may begin, and the last one end, within its line. */
function isLike(text: string, quote: readonly string[], at: number): boolean {
  const line = text.trimEnd();
  const quoted = (quote[at] ?? "").trimEnd();
  const [isFirst, isLast] = [at === 0, at === quote.length - 1];
  if (isFirst && isLast) return line.includes(quoted);
  if (isFirst) return line.endsWith(quoted);
  return isLast ? line.trimStart().startsWith(quoted.trimStart()) : line.trim() === quoted.trim();
}
