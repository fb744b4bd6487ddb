import type { ToolDefinition } from "../definition/definition.js";
import type { FieldProblem } from "../options/field-problems.js";

/** What happens to quick actions (`/merge`, `/close`, …) in texts that agents write. */
export type QuickActionPolicy = "allow" | "escape" | "refuse";

/** What looks like a quick action: which words are actions, and where, differs by GitLab's version. */
const action = /^\s*(\/\S+)/;

interface FoundAction {
  /** Index of the line, from 0. */
  readonly line: number;
  readonly name: string;
}

/**
 * Every line that GitLab may take for a quick action, wherever it stands: its versions disagree on what a code block,
 * a comment or an HTML block is. GitLab drops carriage returns before it looks.
 */
export function findQuickActions(text: string): FoundAction[] {
  return text
    .replaceAll("\r", "")
    .split("\n")
    .flatMap((line, index) => {
      const name = action.exec(line)?.[1];
      return name ? [{ line: index, name }] : [];
    });
}

// Only what every version takes for a code block is one here: nothing before it that any of them reads differently.
const opening = /^```[^`]*$/;
const closing = /^```$/;
const closesInMarkdown = /^\s*`{3,}\s*$/;
const readDifferently = /[<`]|>>>|~~~|\$\$|^\s*(?:---|\+\+\+|;;;|:::|%%%)/;

/** Lines of code blocks at which nothing can be carried out; an escape would show in them. */
function codeLines(lines: readonly string[]): ReadonlySet<number> {
  const code = new Set<number>();
  const closings = nextClosings(lines);
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    const end = opening.test(line) ? (closings[at] ?? -1) : -1;
    if (end > at + 1 && closing.test(lines[end] ?? "")) {
      for (let inside = at + 1; inside < end; inside += 1) code.add(inside);
      at = end;
    } else if (readDifferently.test(line)) break;
  }
  return code;
}

/** For each line the next one that closes a code block, or -1: one pass, however many blocks are never closed. */
function nextClosings(lines: readonly string[]): number[] {
  const next = new Array<number>(lines.length).fill(-1);
  for (let at = lines.length - 2; at >= 0; at -= 1) {
    next[at] = closesInMarkdown.test(lines[at + 1] ?? "") ? at + 1 : (next[at + 1] ?? -1);
  }
  return next;
}

/** The text with its quick actions made harmless: Markdown shows `\/merge` as `/merge`. */
export function escapeQuickActions(text: string): string {
  const found = findQuickActions(text);
  if (found.length === 0) return text;
  const code = codeLines(text.replaceAll("\r", "").split("\n"));
  const escaped = new Set(found.map(({ line }) => line).filter((line) => !code.has(line)));
  return text
    .split("\n")
    .map((line, index) => (escaped.has(index) ? line.replace("/", "\\/") : line))
    .join("\n");
}

/**
 * Quick actions that stay where they are written: https://docs.gitlab.com/user/project/quick_actions/. Every other word
 * may move something into another project or group, or tie it to what is there.
 */
const staying = new Set(
  [
    "approve assign assign_reviewer award cc checkin_reminder clear_health_status clear_weight close confidential",
    "convert_to_ticket create_merge_request done draft due estimate estimate_time health_status iteration label labels",
    "lock merge milestone page promote_to_incident react ready reassign reassign_reviewer rebase relabel",
    "remove_due_date remove_estimate remove_iteration remove_label remove_labels remove_milestone remove_reviewer",
    "remove_time_estimate remove_time_spent remove_zoom reopen request_changes request_review reviewer severity ship",
    "shrug spend spend_time spent status submit_review subscribe tableflip tag target_branch timeline title todo type",
    "unapprove unassign unassign_reviewer unlabel unlock unsubscribe weight wip zoom",
  ].flatMap((names) => names.split(" ")),
);

/** A name as GitLab compares it, without case: the Kelvin sign is a `k` there, and a ligature its letters. */
const folded = (name: string): string => name.slice(1).normalize("NFKC").toUpperCase().toLowerCase();

/** A path such as `/usr/bin/env` is no action: the name of one is a single word. */
function reachesOutside({ name }: FoundAction): boolean {
  const word = folded(name);
  return /^[\w-]+$/.test(word) && !staying.has(word);
}

/** The texts of a write in which GitLab carries out quick actions, by parameter. */
function textsOf(
  { access, parameters }: ToolDefinition,
  values: Readonly<Record<string, unknown>>,
): [name: string, text: string][] {
  if (access === "read") return [];
  return Object.entries(parameters).flatMap(([name, place]): [string, string][] => {
    const text = values[name];
    return place.text === "markdown" && typeof text === "string" ? [[name, text]] : [];
  });
}

/** Whether a call may carry out quick actions: `/spend 1h` counts twice when it is sent twice. */
export function hasQuickActions(definition: ToolDefinition, values: Readonly<Record<string, unknown>>): boolean {
  return textsOf(definition, values).some(([, text]) => findQuickActions(text).length > 0);
}

/**
 * Applies a policy to the texts of a call. Where a client is confined to some projects, quick actions that may leave
 * them are refused even if the others are allowed.
 */
export function applyQuickActionPolicy(
  definition: ToolDefinition,
  values: Readonly<Record<string, unknown>>,
  policy: QuickActionPolicy,
  confined = false,
): { values: Readonly<Record<string, unknown>>; problems: readonly FieldProblem[] } {
  if (policy === "allow" && !confined) return { values, problems: [] };
  const changed: Record<string, unknown> = { ...values };
  const problems: FieldProblem[] = [];
  for (const [name, original] of textsOf(definition, values)) {
    const text = policy === "escape" ? escapeQuickActions(original) : original;
    changed[name] = text;
    // In a code block that is left as it is, a version to come may still find one.
    const found = findQuickActions(text).filter((one) => policy === "refuse" || (confined && reachesOutside(one)));
    for (const { line, name: word } of found.slice(0, 5)) {
      const message = `line ${line + 1} is the quick action ${word.slice(0, 100)} to one version of GitLab or another, which this client does not allow; remove it, or begin the line with another word`;
      problems.push({ field: name, message });
    }
  }
  return { values: changed, problems };
}
