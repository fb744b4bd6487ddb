import { fields } from "../../generated/fields.js";
import { checkDepth, isPlain } from "./depth.js";
import { characterKinds, showCharacters, unseenKinds } from "./hidden-characters.js";
import { markupKinds, showMarkup } from "./hidden-markup.js";

/** Fields of what people write for people. All others are quoted exactly. */
const [markdown, plain] = [new Set(fields.markdown), new Set(fields.plain)];

/** A text in a field of this name with the hidden text in it shown: `[hidden: HTML comment "…"]`. */
export function showHiddenIn(text: string, name: string): string {
  if (markdown.has(name)) return showMarkup(showCharacters(text));
  return plain.has(name) ? showCharacters(text) : text;
}

/**
 * Data with the hidden text shown in what people wrote. Names of fields are GitLab's, in either API. Data without any is returned as it is.
 *
 * @throws {RangeError} for data that is nested without end
 */
export function showHidden(data: unknown, name = "", depth = 0): unknown {
  if (typeof data === "string") return showHiddenIn(data, name);
  if (typeof data !== "object" || data === null) return data;
  checkDepth(depth);
  if (Array.isArray(data)) {
    let copy: unknown[] | undefined;
    for (const [at, item] of data.entries()) {
      const shown = showHidden(item, name, depth + 1);
      if (shown !== item) (copy ??= [...(data as unknown[])])[at] = shown;
    }
    return copy ?? data;
  }
  if (!isPlain(data)) return data;
  let changed: [name: string, value: unknown][] | undefined;
  for (const field of Object.keys(data)) {
    const value: unknown = Reflect.get(data, field);
    const shown = showHidden(value, field, depth + 1);
    if (shown !== value) (changed ??= []).push([field, shown]);
  }
  // By entries: a field may be called __proto__.
  return changed ? Object.fromEntries([...Object.entries(data), ...changed]) : data;
}

/** A line for each field in which characters are that nobody sees: those that are quoted exactly. */
export function hiddenWarnings(shown: unknown): string[] {
  const found = new Map<string, Set<string>>();
  collect(shown, "", found, 0);
  return [...found].map(([field, kinds]) => {
    const where = field === "" ? "The text" : `"${field.slice(0, 100)}"`;
    return `${where} has characters that people do not see: ${[...kinds].join(", ")}`;
  });
}

function collect(data: unknown, name: string, found: Map<string, Set<string>>, depth: number): void {
  if (typeof data === "string") {
    const kinds = unseenKinds(data);
    if (kinds.length > 0) found.set(name, new Set([...(found.get(name) ?? []), ...kinds]));
    return;
  }
  if (typeof data !== "object" || data === null) return;
  checkDepth(depth);
  if (Array.isArray(data)) for (const item of data) collect(item, name, found, depth + 1);
  else if (isPlain(data)) for (const [field, value] of Object.entries(data)) collect(value, field, found, depth + 1);
}

/** A marker in an input: written back, it would be in the place of what it shows. */
export const hiddenPattern = new RegExp(
  String.raw`\[hidden: (?:\d+ (?:${characterKinds.join("?|")}?)|(?:${markupKinds.join("|")}) ")`,
);
