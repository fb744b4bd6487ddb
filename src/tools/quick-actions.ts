import type { ToolDefinition } from "./definition.js";
import type { FieldProblem } from "./field-problems.js";

/** What happens to quick actions (`/merge`, `/close`, …) in texts that agents write. */
export type QuickActionPolicy = "allow" | "escape" | "refuse";

/** The parameters in which GitLab carries out quick actions (GitLab documentation, "Quick actions"). */
const texts: readonly (readonly [path: RegExp, parameter: string])[] = [
  [/\/(?:issues|merge_requests)(?:\/\{[^}]*\})?$/, "description"],
  [/\/notes(?:\/\{[^}]*\})?$/, "body"],
  [/\/commits\/\{[^}]*\}\/comments$/, "note"],
];

/** A line that GitLab takes for a quick action. Which words are actions differs by version: any word counts here. */
const action = /^\s{0,3}(\/[a-z][\w-]*)(?=\s|$)/i;
// GitLab's versions disagree on what a code block is: older ones look for lines of three backticks, or for code within
// a text, newer ones read Markdown. Only what all take for a code block is one here; after anything that they read
// differently, nothing is.
const opening = /^```[^`]*$/;
const closing = /^```$/;
const closesInMarkdown = /^\s{0,3}`{3,}\s*$/;
const readDifferently = /^(?:<|>>>|~~~)|`/;

interface FoundAction {
  /** Index of the line, from 0. */
  readonly line: number;
  readonly name: string;
}

/** The quick actions of a text. Those in code blocks are text and not actions. */
export function findQuickActions(text: string): FoundAction[] {
  const found: FoundAction[] = [];
  // GitLab drops carriage returns before it looks.
  const lines = text.replaceAll("\r", "").split("\n");
  const closings = nextClosings(lines);
  let fences = true;
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    const end = opening.test(line) ? (closings[at] ?? -1) : -1;
    if (fences && end > at + 1 && closing.test(lines[end] ?? "")) {
      at = end;
      continue;
    }
    if (readDifferently.test(line)) fences = false;
    const name = action.exec(line)?.[1];
    if (name) found.push({ line: at, name });
  }
  return found;
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
  const found = new Set(findQuickActions(text).map(({ line }) => line));
  if (found.size === 0) return text;
  return text
    .split("\n")
    .map((line, index) => (found.has(index) ? line.replace("/", "\\/") : line))
    .join("\n");
}

/** Quick actions that carry something into another project or group, or tie it to what is there. */
const leaving = new Set(
  [
    ["move", "clone", "promote", "promote_to", "duplicate", "copy_metadata"],
    ["relate", "link", "blocks", "blocked_by"],
    ["epic", "set_parent", "add_child", "child_epic", "parent_epic"],
  ].flatMap((names) => names.map((name) => `/${name}`)),
);

/** The texts of a write in which GitLab carries out quick actions, by parameter. */
function textsOf(
  definition: ToolDefinition,
  values: Readonly<Record<string, unknown>>,
): [name: string, text: string][] {
  if (definition.access === "read") return [];
  return texts.flatMap(([path, name]) => {
    const text = values[name];
    const acts = typeof text === "string" && definition.parameters[name]?.in === "body" && path.test(definition.path);
    return acts ? [[name, text]] : [];
  });
}

/** Whether a call may carry out quick actions: `/spend 1h` counts twice when it is sent twice. */
export function hasQuickActions(definition: ToolDefinition, values: Readonly<Record<string, unknown>>): boolean {
  return textsOf(definition, values).some(([, text]) => findQuickActions(text).length > 0);
}

/**
 * Applies a policy to the texts of a call. Where a client is confined to some projects, quick actions that leave them
 * are refused even if the others are allowed.
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
  for (const [name, text] of textsOf(definition, values)) {
    if (policy === "escape") changed[name] = escapeQuickActions(text);
    else {
      const found = findQuickActions(text).filter((one) => policy === "refuse" || leaving.has(one.name.toLowerCase()));
      for (const { line, name: action } of found.slice(0, 5)) {
        const message = `line ${line + 1} is the quick action ${action}, which this client does not allow; remove it, or put it in a code block`;
        problems.push({ field: name, message });
      }
    }
  }
  return { values: changed, problems };
}
