import { LogReader, type LogLine } from "./log-lines.js";

/** What is looked for in a log. */
export interface LogSearch {
  /** Lines that hold one of these texts, parted by `|`, whatever the case. */
  readonly grep?: string;
  /** Lines shown before and after each that fits. */
  readonly context?: number;
  /** The lines of sections of this name. */
  readonly section?: string;
  /** Lines from here on, counted from 1. */
  readonly start?: number;
  /** The last so many of what is found. */
  readonly tail?: number;
}

/** What a log has of it. */
export interface LogFound {
  /** Lines; those of a search with their numbers, `12:` where it fits and `12-` around it, as grep shows them. */
  readonly text: string;
  /** The names of all sections of the log. */
  readonly sections: readonly string[];
}

/** A text of several; plain, for a pattern of a model's could keep a server busy for ever. */
function matcher(grep: string): (text: string) => boolean {
  const texts = grep
    .toLowerCase()
    .split("|")
    .map((text) => text.trim())
    .filter((text) => text !== "");
  return (text) => {
    const lower = text.toLowerCase();
    return texts.some((one) => lower.includes(one));
  };
}

/** Takes a log line by line, and keeps no more of it than what is looked for. */
export class LogSearcher {
  readonly #reader = new LogReader();
  readonly #search: LogSearch;
  readonly #fits: ((text: string) => boolean) | undefined;
  readonly #found: string[] = [];
  #before: LogLine[] = [];
  #after = 0;
  #lastShown = 0;
  /** Characters of what was found. */
  size = 0;

  constructor(search: LogSearch) {
    this.#search = search;
    this.#fits = search.grep === undefined ? undefined : matcher(search.grep);
  }

  /** Takes the next line, as GitLab has it. */
  push(raw: string): void {
    this.#take(this.#reader.push(raw));
  }

  end(): LogFound {
    const last = this.#reader.end();
    if (last?.text !== "") this.#take(last);
    return {
      text: this.#found.map((line) => `${line}\n`).join(""),
      sections: [...new Set(this.#reader.sections.map(({ name }) => name))],
    };
  }

  #take(line: LogLine | undefined): void {
    if (!line) return;
    const { section, start = 1, context = 0 } = this.#search;
    if (line.number < start) return;
    if (section !== undefined && !line.sections.some(({ name }) => name === section)) return;
    if (!this.#fits) {
      this.#show(line.text);
      return;
    }
    if (this.#fits(line.text)) {
      const [first = line] = this.#before;
      if (this.#lastShown > 0 && context > 0 && first.number > this.#lastShown + 1) this.#show("--");
      for (const earlier of this.#before) this.#show(`${earlier.number}-${earlier.text}`);
      this.#show(`${line.number}:${line.text}`);
      this.#before = [];
      this.#after = context;
      this.#lastShown = line.number;
    } else if (this.#after > 0) {
      this.#after -= 1;
      this.#show(`${line.number}-${line.text}`);
      this.#lastShown = line.number;
    } else if (context > 0) {
      this.#before.push(line);
      if (this.#before.length > context) this.#before.shift();
    }
  }

  #show(text: string): void {
    const { tail = Infinity } = this.#search;
    this.#found.push(text);
    this.size += text.length + 1;
    if (this.#found.length > tail) this.size -= (this.#found.shift()?.length ?? 0) + 1;
  }
}
