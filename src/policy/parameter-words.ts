/** Names that may lead out of the project or group of a call: whatever is not declared counts as leading out. */
const leading =
  /(?:^|_)(?:projects?|groups?|namespaces?|parents?|epics?|forks?|forked|ancestors?)(?:_|$)|_templates_id$|(?:^|_)urls?$|_from$|(?:^|_)mirror$|config_path$/;

/** Texts in which GitLab carries out quick actions: https://docs.gitlab.com/user/project/quick_actions/ */
const acting: readonly (readonly [path: RegExp, parameter: string])[] = [
  [/\/(?:issues|merge_requests|epics|work_items)(?:\/\{[^}]*\})?$/, "description"],
  [/\/(?:notes|discussions)(?:\/\{[^}]*\})?$/, "body"],
  [/\/(?:draft_notes(?:\/\{[^}]*\})?|bulk_publish|commits\/\{[^}]*\}\/comments)$/, "note"],
];

/**
 * Texts that become messages of commits, which close issues when they reach the default branch:
 * https://docs.gitlab.com/user/project/issues/managing_issues/#closing-issues-automatically
 */
const messages: readonly (readonly [path: RegExp, parameter: RegExp])[] = [
  [/./, /(?:^|_)commit_(?:message|template)$/],
  [/\/(?:cherry_pick|revert)$/, /^message$/],
  [/\/merge_requests(?:\/\{[^}]*\})?$/, /^title$/],
];

/** The request of a tool. */
export interface MethodAndPath {
  readonly method: string;
  readonly path: string;
}

/** A parameter, as far as its name and place say what it means. */
export interface NamedParameter {
  readonly in: "path" | "query" | "body" | "variable" | "local";
  readonly wire: string;
  readonly ref?: string;
}

/** Whether a parameter looks as if it led out of the call's own project or group. */
export function leadsElsewhere({ in: where, wire, ref }: NamedParameter): boolean {
  // What has an iid is counted within the place that stands before it.
  if (where === "local" || (where === "path" && (ref !== undefined || wire.endsWith("_iid")))) return false;
  return leading.test(wire);
}

/** What GitLab acts on in a parameter: quick actions and references in Markdown, references in messages. */
export function textOf(
  { method, path }: MethodAndPath,
  { in: where, wire }: NamedParameter,
): "markdown" | "message" | undefined {
  if (where !== "body" || method === "GET") return undefined;
  if (messages.some(([place, name]) => name.test(wire) && place.test(path))) return "message";
  return acting.some(([place, name]) => name === wire && place.test(path)) ? "markdown" : undefined;
}
