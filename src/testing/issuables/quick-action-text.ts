/** A quick action as written: `/label ~bug ~"needs review"` is `{ name: "label", argument: '~bug ~"needs review"' }`. */
export interface QuickActionCommand {
  readonly name: string;
  readonly argument: string;
}

/** A text without its quick actions, and the quick actions in the order written. */
export interface QuickActionText {
  readonly text: string;
  readonly commands: readonly QuickActionCommand[];
}

/** Other spellings that GitLab understands, with the name that we carry out. */
const aliases: Readonly<Record<string, string>> = {
  labels: "label",
  remove_label: "unlabel",
  reassign_reviewer: "reassign_reviewer",
  request_review: "assign_reviewer",
  reviewer: "assign_reviewer",
  remove_reviewer: "unassign_reviewer",
  remove_milestone: "remove_milestone",
  estimate_time: "estimate",
  remove_time_estimate: "remove_estimate",
  spend_time: "spend",
  todo_done: "done",
};

const known = new Set([
  "approve",
  "assign",
  "assign_reviewer",
  "close",
  "confidential",
  "done",
  "draft",
  "due",
  "estimate",
  "label",
  "lock",
  "merge",
  "milestone",
  "ready",
  "reassign",
  "reassign_reviewer",
  "relabel",
  "remove_due_date",
  "remove_estimate",
  "remove_milestone",
  "remove_time_spent",
  "reopen",
  "spend",
  "subscribe",
  "target_branch",
  "title",
  "todo",
  "unapprove",
  "unassign",
  "unassign_reviewer",
  "unlabel",
  "unlock",
  "unsubscribe",
  "weight",
  "clear_weight",
]);

/**
 * Takes quick actions out of Markdown as GitLab does: a known command at the very start of a line, outside fenced code
 * and block quotes. A line that only looks like one (`/usr/bin`, an indented or unknown command) stays text.
 */
export function extractQuickActions(source: string): QuickActionText {
  const kept: string[] = [];
  const commands: QuickActionCommand[] = [];
  let fence: string | undefined;
  for (const line of source.replaceAll("\r\n", "\n").split("\n")) {
    const mark = /^ {0,3}(`{3,}|~{3,}|>>>\s*$)/.exec(line)?.[1]?.trimEnd();
    if (fence !== undefined) {
      if (mark !== undefined && mark[0] === fence[0] && mark.length >= fence.length) fence = undefined;
      kept.push(line);
      continue;
    }
    if (mark !== undefined) {
      fence = mark;
      kept.push(line);
      continue;
    }
    const match = /^\/([a-z_]+)(?: +(.*?))?\s*$/i.exec(line);
    const written = match?.[1]?.toLowerCase();
    const name = written === undefined ? undefined : (aliases[written] ?? written);
    if (name !== undefined && known.has(name)) commands.push({ name, argument: match?.[2]?.trim() ?? "" });
    else kept.push(line);
  }
  const text = commands.length === 0 ? source : kept.join("\n").trim();
  return { text, commands };
}

/** The names behind a sigil: `~bug ~"needs review" p1` with `~` gives `bug`, `needs review`, `p1`. */
export function references(argument: string, sigil: "~" | "@" | "%"): string[] {
  const found: string[] = [];
  const pattern = new RegExp(`${sigil}?"([^"]+)"|${sigil}?([^\\s,]+)`, "g");
  for (const match of argument.matchAll(pattern)) {
    const name = match[1] ?? match[2];
    if (name !== undefined) found.push(name);
  }
  return found;
}

const unitSeconds: Readonly<Record<string, number>> = { mo: 576_000, w: 144_000, d: 28_800, h: 3_600, m: 60, s: 1 };

/** Seconds of `1d 2h`, with GitLab's working week of five days of eight hours; undefined when it cannot be read. */
export function durationSeconds(text: string): number | undefined {
  const parts = [...text.matchAll(/(-?\d+(?:\.\d+)?)\s*(mo|w|d|h|m|s)(?![a-z])/gi)];
  if (parts.length === 0) return undefined;
  return parts.reduce((sum, part) => sum + Number(part[1]) * (unitSeconds[part[2]?.toLowerCase() ?? "s"] ?? 0), 0);
}

/** `1d 2h`, the opposite of {@link durationSeconds}; null for nothing, as in `time_stats`. */
export function humanDuration(seconds: number): string | null {
  if (seconds === 0) return null;
  let rest = Math.abs(seconds);
  const words: string[] = [];
  for (const unit of ["mo", "w", "d", "h", "m", "s"]) {
    const size = unitSeconds[unit] ?? 1;
    const count = Math.floor(rest / size);
    if (count > 0) words.push(`${String(count)}${unit}`);
    rest -= count * size;
  }
  return (seconds < 0 ? "-" : "") + words.join(" ");
}

/** ISO date of a due date as people write it in `/due`: a date, `today`, `tomorrow`, `in 3 days`, `in 2 weeks`. */
export function dueDate(text: string, now: Date): string | undefined {
  const iso = /^(\d{4}-\d{2}-\d{2})$/.exec(text.trim())?.[1];
  if (iso !== undefined) return Number.isNaN(Date.parse(iso)) ? undefined : iso;
  const word = text.trim().toLowerCase();
  const relative = /^in (\d+) (day|week|month)s?$/.exec(word);
  const size = { day: 1, week: 7, month: 30 }[relative?.[2] ?? "day"] ?? 1;
  const days =
    word === "today" ? 0 : word === "tomorrow" ? 1 : relative === null ? undefined : Number(relative[1]) * size;
  return days === undefined ? undefined : new Date(now.getTime() + days * 86_400_000).toISOString().slice(0, 10);
}
