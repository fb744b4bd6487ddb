import type { ParameterModel } from "./model.js";

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

interface Request {
  readonly method: string;
  readonly path: string;
}

/** What policies know of a parameter; the manifest's own words win. */
export function withPolicy(request: Request, parameter: ParameterModel): ParameterModel {
  const reach = parameter.reach ?? reachOf(parameter);
  const text = parameter.text ?? textOf(request, parameter);
  return { ...parameter, ...(reach && { reach }), ...(text && { text }) };
}

function reachOf({ in: where, wire, ref }: ParameterModel): ParameterModel["reach"] {
  if (where === "local" || (where === "path" && ref !== undefined)) return undefined;
  return leading.test(wire) ? "out" : undefined;
}

function textOf({ method, path }: Request, { in: where, wire }: ParameterModel): ParameterModel["text"] {
  if (where !== "body" || method === "GET") return undefined;
  if (messages.some(([place, name]) => name.test(wire) && place.test(path))) return "message";
  return acting.some(([place, name]) => name === wire && place.test(path)) ? "markdown" : undefined;
}
