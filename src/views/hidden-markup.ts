import { hiddenMarker } from "./hidden-characters.js";

/**
 * What Markdown as GitLab renders it does not show: HTML comments, link definitions that serve as comments, and elements
 * that are meant not to be seen. Code shows them as they are
 * (https://spec.commonmark.org/0.31.2/#html-blocks, https://docs.gitlab.com/user/markdown/).
 *
 * Where it depends on more than is looked at whether something is code, it is taken for none: what is shown twice harms
 * less than what stays hidden.
 */

/** Names of the kinds of markup, as they stand in a marker. */
export const markupKinds: readonly string[] = ["HTML comment", "link definition", "unseen element"];

/** What may begin here, the first that fits: in the order of the names of the groups. */
const tokens = new RegExp(
  [
    "(?<comment><!--)",
    // Blocks that go on over empty lines, and blocks of GitLab's own: what is code behind them is not looked into.
    "(?<blurs><(?:pre|script|style|textarea)\\b|<\\?|<![A-Z[]|~~~|\\$\\$|>>>|:::|%%%|(?<![^])(?:---|\\+\\+\\+|;;;)|^[ \\t]+```)",
    "(?<tag><[a-z/])",
    "(?<fence>^```)",
    "(?<code>`+)",
    "(?<escaped>\\\\[^<\\s])",
    "(?<definition>^ {0,3}\\[[^\\]\\n]{1,100}\\]:[ \\t]*(?:#|<>|<#>)[ \\t]+(?<says>\"[^\"\\n]+\"|'[^'\\n]+'|\\([^()\\n]+\\))[ \\t\\r]*$)",
    "(?<blank>^[ \\t\\r]*$)",
  ].join("|"),
  "gim",
);

/** An element whose content nobody sees. GitLab drops the styles, others that show the text do not. */
const element = /<(span|div|p|font|small|sub|sup|b|i|em|strong|a|code|section|details)\b([^<>]{0,2000})>/iy;
const unseen =
  /(?:display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*(?:0(?:\.0\d*)?|\.0\d*)(?![\d.])|(?<![\w-])color\s*:\s*(?:transparent|rgba\([^)]{0,40},\s*0?(?:\.0+)?\s*\))|font-size\s*:\s*(?:0(?:\.\d+)?[a-z%]{0,3}|1(?:px|pt))(?![\w.])|(?:^|["'\s])hidden(?=[\s=/]|$))/i;

/** A text with what its rendering hides shown as such. A text without any is returned as it is. */
export function showMarkup(text: string): string {
  if (!text.includes("<") && !text.includes("]:")) return text;
  return new Reader(text).read();
}

class Reader {
  #shown = "";
  /** As far as this the text is in {@link #shown}. */
  #done = 0;
  /** Backticks up to the next empty line, or to the end, may be no code. */
  #blurred: "no" | "paragraph" | "rest" = "no";
  /** Where the last line that was looked at ends: it may have many spans of code. */
  #lineEnd = -1;
  /** What ends nowhere behind here: it is not looked for again. */
  readonly #endless = new Set<string>();

  constructor(readonly text: string) {}

  read(): string {
    const { text } = this;
    tokens.lastIndex = 0;
    for (let found = tokens.exec(text); found; found = tokens.exec(text)) {
      const { index, groups = {}, 0: token } = found;
      let next = index + token.length;
      if (groups["comment"]) next = this.#comment(index);
      else if (groups["blurs"]) this.#blurred = "rest";
      else if (groups["tag"]) next = this.#tag(index, next);
      else if (groups["fence"]) next = this.#fence(index);
      else if (groups["code"]) next = this.#code(index, token);
      else if (groups["definition"]) this.#hide(index, next, "link definition", (groups["says"] ?? "").slice(1, -1));
      else if (groups["blank"] !== undefined && this.#blurred === "paragraph") this.#blurred = "no";
      // An empty line is an empty token.
      tokens.lastIndex = Math.max(next, index + (token === "" ? 1 : 0));
    }
    return this.#done === 0 ? text : this.#shown + text.slice(this.#done);
  }

  #hide(from: number, to: number, kind: string, says: string): void {
    this.#shown += this.text.slice(this.#done, from) + hiddenMarker(kind, says.trim());
    this.#done = to;
  }

  #blur(): void {
    if (this.#blurred === "no") this.#blurred = "paragraph";
  }

  #comment(from: number): number {
    this.#blur();
    const { text } = this;
    const [short] = /^<!--?-?>/.exec(text.slice(from, from + 6)) ?? [];
    if (short !== undefined) return from + short.length;
    const end = this.#find("-->", () => text.indexOf("-->", from + 4));
    // Without an end it is a comment where it begins a block, and text elsewhere.
    if (end < 0 && !/(?:^|\n)[ \t>*+\-\d.)]{0,100}$/.test(text.slice(Math.max(0, from - 101), from))) return from + 4;
    const to = end < 0 ? text.length : end + 3;
    this.#hide(from, to, "HTML comment", text.slice(from + 4, end < 0 ? to : end));
    return to;
  }

  #tag(from: number, next: number): number {
    this.#blur();
    const { text } = this;
    element.lastIndex = from;
    const [open, name = "", attributes = ""] = element.exec(text) ?? [];
    if (open === undefined || !unseen.test(attributes)) return next;
    const begin = from + open.length;
    const closing = new RegExp(`</${name}\\s*>`, "gi");
    closing.lastIndex = begin;
    let length = 0;
    const end = this.#find(name.toLowerCase(), () => {
      const found = closing.exec(text);
      length = found?.[0].length ?? 0;
      return found?.index ?? -1;
    });
    const to = end < 0 ? text.length : end + length;
    this.#hide(from, to, "unseen element", text.slice(begin, end < 0 ? to : end));
    return to;
  }

  /** Behind the end of a block of code. */
  #fence(from: number): number {
    const { text } = this;
    const [opening = "", ticks = ""] = /^(`+)[^`\n]*(?=\n|$)/.exec(text.slice(from, endOfLine(text, from))) ?? [];
    if (opening === "" || this.#blurred !== "no") {
      this.#blurred = "rest";
      return from + 3;
    }
    const closing = /^ {0,3}(`{3,})[ \t\r]*$/gm;
    closing.lastIndex = from + opening.length;
    for (let found = closing.exec(text); found; found = closing.exec(text))
      if ((found[1] ?? "").length >= ticks.length) return found.index + found[0].length;
    return text.length;
  }

  /** Behind a span of code that ends in its line; any other may be none. */
  #code(from: number, ticks: string): number {
    const begin = from + ticks.length;
    if (this.#blurred !== "no") return begin;
    if (begin > this.#lineEnd) this.#lineEnd = endOfLine(this.text, begin);
    const line = this.text.slice(begin, this.#lineEnd);
    let at = line.indexOf(ticks);
    while (at >= 0 && line[at + ticks.length] === "`") {
      let over = at + ticks.length;
      while (line[over] === "`") over += 1;
      at = line.indexOf(ticks, over);
    }
    // A bar parts the cells of a table, in code as well.
    if (at >= 0 && !line.slice(0, at).includes("|")) return begin + at + ticks.length;
    this.#blur();
    return begin;
  }

  #find(what: string, look: () => number): number {
    if (this.#endless.has(what)) return -1;
    const at = look();
    if (at < 0) this.#endless.add(what);
    return at;
  }
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end < 0 ? text.length : end;
}
