import { cutText } from "../views/cut.js";
import { estimateTokens } from "../views/estimate.js";
import { readLog, type LogLine, type LogSection, type ReadLog } from "../views/log-lines.js";

/** The part of a failed job's log that says why. */
export interface FailingPart {
  /** The section that failed; absent where the log has none. */
  readonly section?: string;
  /** Its lines that say something; the last is the runner's. */
  readonly lines: readonly string[];
}

/** Sections of the runner's that come after the job has failed. */
const after = /^(?:after_script|upload_artifacts|archive_cache|cleanup_)/;
/** Scripts may print the words earlier: the last line is the runner's. */
const verdict = /^ERROR: Job failed(?: \([^)]*\))?:/;

/** Finds the section that failed: https://docs.gitlab.com/ci/jobs/job_logs/ */
export function failingPart(log: string): FailingPart {
  const read = readLog(log);
  const { lines } = read;
  const last = lines.findLast(({ text }) => verdict.test(text));
  const failed = failedSection(read);
  const within = lines.filter((line) => line !== last && (!failed || line.sections.includes(failed)));
  // A section without a line leaves the log as a whole.
  const shown = within.length > 0 ? within : lines.filter((line) => line !== last);
  return {
    ...(failed && within.length > 0 && { section: failed.name }),
    lines: meaningful(last ? [...shown, last] : shown),
  };
}

/** The last one that was opened and did not end by itself; where all have ended, the last that ended and was the job's own. */
function failedSection({ sections, ended }: ReadLog): LogSection | undefined {
  const own = ({ name }: LogSection): boolean => !after.test(name);
  return sections.findLast((section) => own(section) && !section.closed) ?? ended.findLast(own);
}

/** Without blank lines, and without lines that only repeat the one before. */
function meaningful(lines: readonly LogLine[]): string[] {
  const texts = lines.map(({ text }) => text).filter((text) => text.trim() !== "");
  return texts.filter((text, index) => text !== texts[index - 1]);
}

const error = /\b(?:error|failed|failure|fatal|exception|panic|traceback|cannot|undefined|not found)\b/i;

/**
 * What fits of the lines into so many tokens: the last ones, and where the first that speaks of an error lies further up,
 * that one with what follows it.
 */
export function excerpt(lines: readonly string[], tokens: number): string {
  const text = lines.join("\n");
  const all = cutText(text, tokens, "end");
  if (all.text.length === text.length) return text;
  const first = lines.findIndex((line) => error.test(line));
  if (first < 0 || first >= lines.length - all.lines) return `[…]\n${all.text}`;
  const head = cutText(lines.slice(first, first + 8).join("\n"), Math.floor(tokens * 0.3), "start");
  const tail = cutText(text, Math.floor(tokens * 0.65), "end");
  const between = lines.length - tail.lines - first - head.lines;
  if (between <= 0) return `[…]\n${all.text}`;
  return `${first > 0 ? "[…]\n" : ""}${head.text.trimEnd()}\n[… ${between} lines …]\n${tail.text}`;
}

/** The beginning of what a failed test said, on few lines. */
export function firstLines(text: string, tokens: number): string {
  const lines = readLog(text).lines.flatMap((line) => (line.text.trim() === "" ? [] : [line.text.trimEnd()]));
  const part = cutText(lines.slice(0, 6).join("\n"), tokens, "start").text.trimEnd();
  return lines.length > 6 && estimateTokens(part) < tokens ? `${part}\n[…]` : part;
}
