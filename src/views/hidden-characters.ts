interface CharacterKind {
  readonly name: string;
  /** What stands between the brackets of a character class. */
  readonly range: string;
  readonly read?: (characters: string) => string;
}

/**
 * Characters that nobody sees, by what they are. Joiners, selectors of a form and marks of direction have their uses,
 * see {@link keptOf}. What else is done with them: https://www.unicode.org/reports/tr36/, https://trojansource.codes.
 */
const kinds: readonly CharacterKind[] = [
  // Each stands for a character of ASCII: models read what no person sees.
  { name: "tag characters", range: "\\u{e0000}-\\u{e007f}", read: readTags },
  // Each can carry a byte: https://paulbutler.org/2025/smuggling-arbitrary-data-through-an-emoji/
  { name: "variation selectors", range: "\\ufe00-\\ufe0f\\u{e0100}-\\u{e01ef}", read: readSelectors },
  { name: "direction controls", range: "\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069" },
  { name: "zero-width characters", range: "\\u180e\\u200b-\\u200d\\u2060-\\u2065\\u3164\\ufeff\\uffa0" },
  { name: "format characters", range: "\\u206a-\\u206f\\ufff9-\\ufffb" },
  { name: "soft hyphens", range: "\\u00ad" },
];

const unseen = kinds.map(({ range }) => range).join("");
const anyUnseen = new RegExp(`[${unseen}]`, "u");
const runs = new RegExp(`[${unseen}]+`, "gu");
const byKind = kinds.map((kind) => ({ ...kind, all: new RegExp(`[${kind.range}]`, "gu") }));

/** Scripts whose letters join: there ZWJ and ZWNJ decide how a word is written (https://www.unicode.org/faq/indic.html). */
const joining =
  /[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Mongolian}\p{Script=Nko}\u0900-\u0dff\u0f00-\u109f\u1780-\u17ff\p{Script=Balinese}\p{Script=Javanese}]/u;
/** Scripts that write no spaces: a zero-width one says where a line may end. */
const unspaced = /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]/u;
const rightToLeft = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;
const pictograph = /[\p{Extended_Pictographic}\p{Emoji_Modifier}]/u;
/** One selector chooses a form; more than one choose nothing. */
const selector = /^(?:\ufe0f|[\ufe00-\ufe0e\u{e0100}-\u{e01ef}](?![\ufe00-\ufe0f\u{e0100}-\u{e01ef}]))/u;
const flagBefore = "\u{1f3f4}";
/** The flags of England, Scotland and Wales: https://www.unicode.org/reports/tr51/#flag-emoji-tag-sequences */
const flag =
  /^(?:\u{e0067}\u{e0062}(?:\u{e0065}\u{e006e}\u{e0067}|\u{e0073}\u{e0063}\u{e0074}|\u{e0077}\u{e006c}\u{e0073}))\u{e007f}/u;

/** What stands in the place of hidden text: what it is and, where it can be read, what it says. */
export function hiddenMarker(kind: string, says?: string): string {
  // It cannot end its marker.
  return says === undefined ? `[hidden: ${kind}]` : `[hidden: ${kind} "${says.replaceAll('"]', '" ]')}"]`;
}

/** Names of the kinds of characters, in the plural, as they stand in a marker. */
export const characterKinds: readonly string[] = kinds.map(({ name }) => name);

/** Whether a text has characters that nobody sees, needed there or not. */
export const hasUnseen = (text: string): boolean => anyUnseen.test(text);

/** A text with the characters that nobody sees shown as such. A text without any is returned as it is. */
export function showCharacters(text: string): string {
  if (!anyUnseen.test(text)) return text;
  return text.replace(runs, (run: string, at: number) => {
    const kept = keptOf(run, characterBefore(text, at), characterAt(text, at + run.length));
    return kept + kindsOf(run.slice(kept.length)).map(markerOf).join("");
  });
}

/** The kinds of characters in a text that nobody sees, and that nothing needs there. */
export function unseenKinds(text: string): string[] {
  if (!anyUnseen.test(text)) return [];
  const found = new Set<string>();
  for (const { 0: run, index } of text.matchAll(runs)) {
    const kept = keptOf(run, characterBefore(text, index), characterAt(text, index + run.length));
    for (const { name } of kindsOf(run.slice(kept.length))) found.add(name);
  }
  return [...found];
}

interface HiddenKind {
  readonly name: string;
  readonly count: number;
  readonly says: string;
}

/** What a run is made of, each kind once however they take turns. */
function kindsOf(run: string): HiddenKind[] {
  if (run === "") return [];
  return byKind.flatMap(({ name, all, read }) => {
    const own = run.match(all);
    return own ? [{ name, count: own.length, says: read?.(own.join("")) ?? "" }] : [];
  });
}

const markerOf = ({ name, count, says }: HiddenKind): string =>
  hiddenMarker(`${count} ${count === 1 ? name.slice(0, -1) : name}`, says === "" ? undefined : says);

const characterBefore = (text: string, at: number): string => [...text.slice(Math.max(0, at - 2), at)].at(-1) ?? "";

function characterAt(text: string, at: number): string {
  const code = text.codePointAt(at);
  return code === undefined ? "" : String.fromCodePoint(code);
}

/** The beginning of a run that belongs to what is written there. */
function keptOf(run: string, before: string, after: string): string {
  // A byte order mark.
  if (before === "" && run === "\ufeff") return run;
  const country = before === flagBefore ? flag.exec(run)?.[0] : undefined;
  if (country !== undefined) return country;
  const form = before.trim() === "" ? "" : (selector.exec(run)?.[0] ?? "");
  const rest = run.slice(form.length);
  return rest === "" || isKept(rest, before, after) ? run : form;
}

/** Whether one character alone is needed between two others. */
function isKept(character: string, before: string, after: string): boolean {
  switch (character) {
    case "\u200c":
      return joining.test(before) || joining.test(after);
    case "\u200d":
      return joining.test(before) || joining.test(after) || (isPicture(before) && isPicture(after));
    case "\u200b":
      return unspaced.test(before) && unspaced.test(after);
    case "\u061c":
    case "\u200e":
    case "\u200f":
      return rightToLeft.test(before) || rightToLeft.test(after);
    case "\u00ad":
      return true;
    default:
      return false;
  }
}

const isPicture = (character: string): boolean => pictograph.test(character);

function readTags(run: string): string {
  return printable([...run].map((character) => (character.codePointAt(0) ?? 0) - 0xe0000));
}

function readSelectors(run: string): string {
  const bytes = [...run].map((character) => {
    const code = character.codePointAt(0) ?? 0;
    return code >= 0xe0100 ? code - 0xe0100 + 16 : code - 0xfe00;
  });
  return printable(bytes);
}

const printable = (codes: readonly number[]): string =>
  codes
    .filter((code) => code >= 0x20 && code < 0x7f)
    .map((code) => String.fromCodePoint(code))
    .join("");
