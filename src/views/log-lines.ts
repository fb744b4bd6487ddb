import { shownText, stamp } from "./job-log.js";

/** A line of a job's log as a person sees it. */
export interface LogLine {
  /** Its place in the log as GitLab has it, counted from 1. */
  readonly number: number;
  readonly text: string;
  /** The sections that it stands in, the innermost last. */
  readonly sections: readonly LogSection[];
}

/** A part of a log with a name. */
export interface LogSection {
  readonly name: string;
  /** Whether its own end was seen, and not only that of a section around it. */
  readonly closed: boolean;
  /** It began before what is read of the log, and ended at this line. */
  readonly until?: number;
}

/**
 * A marker: without the carriage return and the erase sequence behind it, it is ordinary text
 * (https://docs.gitlab.com/ci/jobs/job_logs/#custom-collapsible-sections).
 */
const marker = /(?:\u001b\[0K)?section_(start|end):\d{1,20}:([\w.-]{1,200})(?:\[[^\]\r\n]{0,200}\])?\r\u001b\[0K/g;

/** No line of output is longer; what the runner joins beyond that is let go. */
const longestLine = 1024 * 1024;
/** Sections nest no deeper, and a log has no more of them: whoever writes more wants to keep a reader busy. */
const deepest = 50;
const mostSections = 5_000;

type OpenLogSection = { -readonly [Name in keyof LogSection]: LogSection[Name] };

/** Reads a log line by line: joins what the runner parted, and keeps account of sections. */
export class LogReader {
  /** Every section so far, in the order of their beginnings. */
  readonly sections: LogSection[] = [];
  /** Those that have ended by themselves, in that order. */
  readonly ended: LogSection[] = [];
  readonly #open: OpenLogSection[] = [];
  #number = 0;
  #before = 0;
  #stamped = false;
  #pending: { readonly number: number; text: string } | undefined;

  /** Takes the next line as GitLab has it, without its end. Returns the line before, once it is known to be whole. */
  push(raw: string): LogLine | undefined {
    this.#number += 1;
    const [mark] = stamp.exec(raw) ?? [];
    // The first line decides whether the runner stamps its lines: https://docs.gitlab.com/ci/jobs/job_logs/#job-log-timestamps
    if (this.#number === 1) this.#stamped = mark !== undefined;
    const text = this.#stamped && mark !== undefined ? raw.slice(mark.length) : raw;
    if (this.#pending && this.#stamped && mark?.endsWith("+")) {
      if (this.#pending.text.length < longestLine) this.#pending.text += text;
      return undefined;
    }
    const line = this.end();
    this.#pending = { number: this.#number, text };
    return line;
  }

  /** The last line. */
  end(): LogLine | undefined {
    if (!this.#pending) return undefined;
    const { number, text } = this.#pending;
    this.#pending = undefined;
    return this.#read(number, text);
  }

  #read(number: number, raw: string): LogLine | undefined {
    let sections: readonly LogSection[] = [...this.#open];
    let plain = "";
    let at = 0;
    for (const { 0: whole, 1: what, 2: name = "", index } of raw.matchAll(marker)) {
      plain += raw.slice(at, index);
      at = index + whole.length;
      if (what === "start") this.#start(name);
      else this.#end(name, number);
      // Text that only follows the marker belongs to what the marker begins.
      if (shownText(plain) === "") sections = [...this.#open];
    }
    const text = shownText(plain + raw.slice(at));
    return at > 0 && text === "" ? undefined : { number, text, sections };
  }

  #start(name: string): void {
    if (this.#open.length >= deepest || this.sections.length >= mostSections) return;
    const section = { name, closed: false };
    this.sections.push(section);
    this.#open.push(section);
  }

  #end(name: string, number: number): void {
    const index = this.#open.findLastIndex((section) => section.name === name);
    const [section] = index < 0 ? [] : this.#open.splice(index);
    if (section) section.closed = true;
    if (section) this.ended.push(section);
    // It began before what is read of the log.
    else if (this.#before < deepest) {
      this.#before += 1;
      const ended = { name, closed: true, until: number };
      this.sections.push(ended);
      this.ended.push(ended);
    }
  }
}

/** A log, line by line, with its sections. */
export interface ReadLog {
  readonly lines: readonly LogLine[];
  readonly sections: readonly LogSection[];
  readonly ended: readonly LogSection[];
}

/** Every line of a log, or of its end. */
export function readLog(log: string): ReadLog {
  const reader = new LogReader();
  const read = log.split("\n").flatMap((raw) => reader.push(raw) ?? []);
  const last = reader.end();
  if (last && last.text !== "") read.push(last);
  const { sections, ended } = reader;
  const before = sections.filter(({ until }) => until !== undefined);
  const lines = read.map((line) => {
    const around = before.filter(({ until = 0 }) => line.number < until).reverse();
    return around.length === 0 ? line : { ...line, sections: [...around, ...line.sections] };
  });
  return { lines, sections, ended };
}
