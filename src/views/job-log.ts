/** Colours, cursor movements and titles (ECMA-48 control sequences). */
const escapes = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g;
/** `section_start:1700000000:name[collapsed=true]` and its end (GitLab documentation, "Job logs: custom sections"). */
const sections = /section_(?:start|end):\d+:[^\s\u001b]*\r?/g;
/** The runner's own time stamps: a moment, two hexadecimal digits of the stream, `O` or `E`, and `+` where the line goes on. */
export const stamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,9}Z [\da-f]{2}[OE][ +]?/i;
const controls = /[\u0000-\u0008\u000b-\u001f\u007f]/g;

/** A job's log as a person sees it: without colours, section marks, and what a progress bar overwrote. Lines keep their numbers. */
export function cleanLog(log: string): string {
  return log.split("\n").map(cleanLine).join("\n");
}

const cleanLine = (line: string): string => shownText(line.replace(stamp, "").replace(sections, ""));

/** What a terminal shows of a line in the end. */
export function shownText(line: string): string {
  const plain = line.replace(escapes, "").trimEnd();
  return plain.slice(plain.lastIndexOf("\r") + 1).replace(controls, "");
}
