import { paint, print } from "./output.js";

/** A cell: text alone, or with how it is painted. */
export type Cell = string | { readonly text: string; readonly paint: (padded: string) => string };

const textOf = (cell: Cell): string => (typeof cell === "string" ? cell : cell.text);

/** What would move the cursor, change colours or turn the direction around is not somebody else's to say. */
const plain = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}]+/gu, " ");

/** How wide a text stands: wide characters of East Asia, and emoji, take two places. */
function widthOf(text: string): number {
  let width = 0;
  for (const character of text)
    width += /\p{Mn}|\p{Cf}/u.test(character)
      ? 0
      : /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u.test(
            character,
          )
        ? 2
        : 1;
  return width;
}

function fit(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let shown = "";
  for (const character of text) {
    if (widthOf(shown + character) >= width) return `${shown}…`;
    shown += character;
  }
  return shown;
}

const gap = 2;
const least = 6;

/**
 * Prints rows in columns, as wide as their content; the widest are cut where the terminal is narrower. Off a terminal
 * nothing is cut.
 */
export function printTable(titles: readonly string[], rows: readonly (readonly Cell[])[]): void {
  const texts = rows.map((row) => titles.map((_, column) => plain(textOf(row[column] ?? ""))));
  const hasTitles = rows.length > 0 && process.stdout.isTTY;
  const widths = titles.map((title, column) =>
    Math.max(hasTitles ? widthOf(title) : 0, ...texts.map((row) => widthOf(row[column] ?? ""))),
  );
  const room = (process.stdout.isTTY ? process.stdout.columns || 80 : Infinity) - gap * (titles.length - 1);
  for (let over = sum(widths) - room; over > 0; over = sum(widths) - room) {
    const widest = widths.indexOf(Math.max(...widths));
    const width = widths[widest] ?? 0;
    if (width <= least) break;
    widths[widest] = Math.max(least, width - over);
  }
  const line = (cells: readonly string[], painted?: readonly Cell[]): void =>
    print(
      cells
        .map((text, column) => {
          const shown = fit(text, widths[column] ?? 0);
          const padding = " ".repeat(Math.max(0, (widths[column] ?? 0) - widthOf(shown)));
          const cell = painted?.[column];
          const whole = column === cells.length - 1 ? shown : shown + padding;
          return cell !== undefined && typeof cell !== "string" ? cell.paint(whole) : whole;
        })
        .join(" ".repeat(gap))
        .trimEnd(),
    );
  if (hasTitles)
    line(
      [...titles],
      titles.map((text) => ({ text, paint: (padded) => paint("bold", padded) })),
    );
  for (const [index, row] of rows.entries()) line(texts[index] ?? [], row);
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

/** Objects as a table: what of them is a word, a number, a person or a list of words. `undefined` for what is no list. */
export function columnsOf(data: unknown): { titles: string[]; rows: string[][] } | undefined {
  if (!Array.isArray(data) || data.length === 0) return undefined;
  const items = data.filter((item): item is Record<string, unknown> => typeof item === "object" && item !== null);
  if (items.length !== data.length) return undefined;
  const names = [...new Set(items.flatMap((item) => Object.keys(item)))];
  const titles = names.filter((name) => items.some((item) => short(item[name]) !== undefined && item[name] !== ""));
  if (titles.length === 0) return undefined;
  return { titles, rows: items.map((item) => titles.map((name) => short(item[name]) ?? "")) };
}

function short(value: unknown): string | undefined {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) {
    const parts = value.map(short);
    return parts.includes(undefined) ? undefined : parts.join(", ");
  }
  if (typeof value !== "object" || value === null) return undefined;
  for (const name of ["username", "full_path", "path_with_namespace", "name", "title"]) {
    const text: unknown = Reflect.get(value, name);
    if (typeof text === "string") return text;
  }
  return undefined;
}
