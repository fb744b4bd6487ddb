import { isObject, type Fields } from "../is-object.js";
import { fitItems, fitValue } from "./budget.js";
import { cutStart, cutText } from "./cut.js";
import { isTooDeep } from "./depth.js";
import { diffsText, isDiffEntry, type DiffEntry } from "./diff-text.js";
import { estimateTokens } from "./estimate.js";
import { cutNotes, itemNotes, linesNote, nextPageNote, pageLine } from "./notes.js";
import type { PageInfo } from "./page-info.js";
import { rows } from "./rows.js";
import { remark } from "./untrusted.js";

/** What is told of a tool's answers. */
export interface AnsweringTool {
  readonly answer: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Tools that help; `file` is the one that shows a diff of a single file. */
  readonly see?: Readonly<Record<string, string>>;
}

/** A result, as far as a model sees it. */
export interface ShownResult {
  readonly data: unknown;
  readonly page?: PageInfo;
  readonly status: number;
  /** What GitLab ignored of the input, and what is missing. */
  readonly warnings?: readonly string[];
}

/** How much of an answer a model gets. */
export interface ModelTextOptions {
  /** The most tokens that the text may take, estimated. Default {@link defaultMaxResultTokens}. */
  readonly maxResultTokens?: number | undefined;
  /** The call's input: with it, what is left out says which lines it is. */
  readonly input?: unknown;
  /** Whether a download may be saved, and so may be told of. Default: true. */
  readonly saves?: boolean;
  /** The image that the file is goes to the model beside the text. */
  readonly imageShown?: boolean;
}

/** A result for a model, within its budget. */
export interface ModelAnswer {
  readonly text: string;
  /** The same as data, an object as MCP's `structuredContent` has it: `{ items, page }`, `{ text }`, or the data. */
  readonly structured: Readonly<Record<string, unknown>>;
}

export const defaultMaxResultTokens = 8_000;

/** What the lines around the data may take. */
const margin = 150;

/**
 * A result as text for a model: a line on the page where it is a list, then the data, an item a line. What exceeds the
 * budget is left out at line ends or by whole items, and a last line says how much that is and which call shows it.
 *
 * `result` is that of a call with `view: "compact"`, as a rule. Data that is nested without end becomes a note.
 */
export function toModelText(tool: AnsweringTool, result: ShownResult, options: ModelTextOptions = {}): string {
  return toModelAnswer(tool, result, options).text;
}

/** Like {@link toModelText}, with the same as data. */
export function toModelAnswer(tool: AnsweringTool, result: ShownResult, options: ModelTextOptions = {}): ModelAnswer {
  const answer = withinDepth(tool, result, options);
  const { warnings = [] } = result;
  if (warnings.length === 0) return answer;
  const notes = warnings.map((warning) => `[Warning: ${cutStart(warning, 100)}]`);
  return { text: lines(...notes, answer.text), structured: { ...answer.structured, warnings } };
}

/** Data that is nested without end is said to be so, in place of what cannot be walked. */
function withinDepth(tool: AnsweringTool, result: ShownResult, options: ModelTextOptions): ModelAnswer {
  try {
    return withoutWarnings(tool, result, options);
  } catch (error) {
    if (!isTooDeep(result.data)) throw error;
    return empty("[It is nested too deeply to be shown: ask for fewer fields, or for a part of it]");
  }
}

function withoutWarnings(tool: AnsweringTool, result: ShownResult, options: ModelTextOptions): ModelAnswer {
  const { data, status } = result;
  const room = Math.max(100, (options.maxResultTokens ?? defaultMaxResultTokens) - margin);
  if (typeof data === "string") return text(data, room, options.input, isLog(tool));
  if (Array.isArray(data)) return list(tool, data, result.page, room);
  if (!isObject(data)) return { text: done(status), structured: {} };
  if (tool.answer === "file" && typeof data["content"] === "string") return file(data, data["content"], room, options);
  if (tool.answer === "binary") return download(data, options.saves ?? true);
  const { diffs } = data;
  if (Array.isArray(diffs) && diffs.length > 0 && diffs.every(isDiffEntry)) return comparison(tool, data, diffs, room);
  const { value, cuts } = fitValue(data, room);
  return { text: lines(JSON.stringify(value), ...cutNotes(cuts)), structured: isObject(value) ? value : {} };
}

const done = (status: number): string =>
  status === 304 ? "Nothing to change: it is so already." : `Done (status ${status}).`;

const lines = (...parts: readonly string[]): string => parts.filter((part) => part !== "").join("\n");

function list(
  { parameters, see }: AnsweringTool,
  data: readonly unknown[],
  page: PageInfo | undefined,
  room: number,
): ModelAnswer {
  const pageable = "per_page" in parameters;
  if (data.length > 0 && data.every(isDiffEntry)) {
    const { text, items } = diffsText(data, room, see?.["file"]);
    const left = items.length < data.length;
    const more = left ? nextPageNote(items.length, data.length, pageable ? page : undefined) : "";
    return {
      text: lines(pageLine(data.length, page, items.length), text, more),
      structured: { items, ...(page && { page }) },
    };
  }
  const { items, cuts } = fitItems(data, room);
  const notes = [
    ...(items.length < data.length ? [nextPageNote(items.length, data.length, pageable ? page : undefined)] : []),
    ...itemNotes(cuts, pageable ? page : undefined),
  ];
  return {
    text: lines(pageLine(data.length, page, items.length), ...rows(items), ...notes),
    structured: { items, ...(page && { page }) },
  };
}

/** What is known of a comparison, and below it the diffs in plain text. */
function comparison(tool: AnsweringTool, data: Fields, diffs: readonly DiffEntry[], room: number): ModelAnswer {
  const { diffs: _, ...about } = data;
  const { value, cuts } = fitValue(about, Math.floor(room / 2));
  const head = lines(JSON.stringify(value), ...cutNotes(cuts));
  const shown = diffsText(diffs, Math.max(100, room - estimateTokens(head)), tool.see?.["file"]);
  const left = diffs.slice(shown.items.length).map(({ new_path }) => new_path);
  const names = left.slice(0, mostNamed).join(", ");
  const note =
    left.length > 0 ? `[${left.length} more files left out: ${names}${left.length > mostNamed ? " …" : ""}]` : "";
  return {
    text: lines(head, shown.text, note),
    structured: { ...(isObject(value) ? value : {}), diffs: shown.items },
  };
}

/** So many files that did not fit are named. */
const mostNamed = 10;

/** Of a log the end is what matters; everything else begins at its beginning. */
const isLog = ({ parameters }: AnsweringTool): boolean => !("start_line" in parameters) || "tail_lines" in parameters;

/** A log: its end is what matters, unless the call asked for a place in it. */
function text(data: string, room: number, input: unknown, log: boolean): ModelAnswer {
  const start = numberIn(input, "start_line") ?? (log ? undefined : 1);
  if (isObject(input) && (input["grep"] !== undefined || input["section"] !== undefined))
    return found(data, room, input["grep"] !== undefined);
  if (data === "") return empty(start === undefined ? "[Empty]" : `[It has no line ${start}]`);
  const cut = cutText(data, room, start === undefined ? "end" : "start");
  if (cut.text.length === data.length) return { text: data, structured: { text: data } };
  const missing = cut.of - cut.lines;
  const note =
    start !== undefined
      ? linesNote(cut, start)
      : numberIn(input, "tail_lines") !== undefined
        ? `[The last ${cut.lines} lines; of those asked for, ${missing} before them are left out: "start_line" shows the log from a line on]`
        : `[Lines ${missing + 1} to ${cut.of}; ${missing} before them are left out: "start_line": 1 shows them]`;
  const part = remark(start === undefined ? cut.text : cut.text.replace(/\n$/, ""), data);
  const shown = start === undefined ? lines(note, part) : lines(part, note);
  return { text: shown, structured: { text: shown } };
}

/** What was looked for in a log: the first lines of a search, and the last ones of a section. */
function found(data: string, room: number, searched: boolean): ModelAnswer {
  if (data === "")
    return empty(searched ? '[No line has it; "grep" takes plain text, and several parted by |]' : "[Empty]");
  const cut = cutText(data, room, searched ? "start" : "end");
  if (cut.text.length === data.length) return { text: data, structured: { text: data } };
  const last = /(?:^|\n)(\d+)[:-][^\n]*\n?$/.exec(cut.text)?.[1];
  const on = last === undefined ? "" : `: "start_line": ${Number(last) + 1} goes on`;
  const part = remark(cut.text, data);
  const shown = searched
    ? lines(part.trimEnd(), `[${cut.of - cut.lines} more lines were found${on}]`)
    : lines(`[The last ${cut.lines} of ${cut.of} lines: "grep" finds others]`, part);
  return { text: shown, structured: { text: shown } };
}

/** No more than a note. */
const empty = (note: string): ModelAnswer => ({ text: note, structured: { text: "" } });

const imageNote = "[The image is shown beside this text]";
const binaryNote = "[A binary file; its content is not shown]";

/** What is known of a file, and below it the content as it is. */
function file(
  data: Fields,
  content: string,
  room: number,
  { input, imageShown }: Pick<ModelTextOptions, "input" | "imageShown">,
): ModelAnswer {
  const { content: _, ...about } = data;
  const head = JSON.stringify(about);
  if (data["encoding"] === "base64")
    return { text: lines(head, imageShown ? imageNote : binaryNote), structured: about };
  const start = numberIn(input, "start_line") ?? 1;
  const cut = cutText(content, room, "start");
  if (cut.text.length === content.length) {
    const from = start === 1 ? "" : content === "" ? `[It has no line ${start}]` : `[From line ${start} on]`;
    return { text: `${lines(head, from)}\n\n${content}`, structured: data };
  }
  const part = remark(cut.text.replace(/\n$/, ""), content);
  const note = linesNote(cut, start);
  return { text: `${head}\n\n${lines(part, note)}`, structured: { ...about, content: part, note } };
}

function download(data: Fields, saves: boolean): ModelAnswer {
  const { content, encoding: _, ...about } = data;
  const note =
    content === undefined
      ? ""
      : `[The bytes are not shown; ${saves ? '"save_to" writes them to a file' : "the user finds them on the job's page"}]`;
  return { text: lines(JSON.stringify(about), note), structured: about };
}

/** A whole number of the input, also where the model sent it as text. */
function numberIn(input: unknown, name: string): number | undefined {
  const value = isObject(input) ? Number(input[name] ?? undefined) : NaN;
  return Number.isInteger(value) && value > 0 ? value : undefined;
}
