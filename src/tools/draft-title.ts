import type { Values } from "./validate.js";
import type { Credentials } from "../accounts/types.js";
import type { WireRequest } from "../http/wire.js";
import type { ParameterPlace, ToolDefinition } from "../definition/definition.js";
import type { ToolCallContext } from "./call.js";
import { notSaid, readPresent } from "./read-present.js";

/** What makes a merge request a draft: https://docs.gitlab.com/user/project/merge_requests/drafts/ */
const prefix = /^\s*(?:(?:\[draft\]|\(draft\)|draft:)\s*)+/i;

/** The title with GitLab's prefix of drafts, or without it. */
const markTitle = (title: string, draft: boolean): string => {
  const rest = title.replace(prefix, "");
  return draft ? `Draft: ${rest}` : rest;
};

interface Mark {
  /** The public name of the title that is marked. */
  readonly title: string;
  readonly draft: boolean;
}

function markOf(definition: ToolDefinition, values: Values): Mark | undefined {
  const marks = ([name, { marks: title }]: [string, ParameterPlace]): Mark[] => {
    const draft = values[name];
    return title !== undefined && typeof draft === "boolean" ? [{ title, draft }] : [];
  };
  return Object.entries(definition.parameters).flatMap(marks)[0];
}

/** Where the title that is marked was given, with its prefix; GitLab has no parameter for drafts. */
export function withMarkedTitle(definition: ToolDefinition, values: Values): Values {
  const mark = markOf(definition, values);
  const title = mark && values[mark.title];
  return mark && typeof title === "string" ? { ...values, [mark.title]: markTitle(title, mark.draft) } : values;
}

/**
 * Where only the mark was given: with the title that the merge request has now, which is asked for first.
 */
export async function withPresentTitle(
  definition: ToolDefinition,
  values: Values,
  wire: WireRequest,
  read: () => Promise<string>,
): Promise<WireRequest> {
  const mark = markOf(definition, values);
  if (!mark || values[mark.title] !== undefined) return wire;
  return { ...wire, body: { ...wire.body, [mark.title]: markTitle(await read(), mark.draft) } };
}

/** The title of what a call is about. */
export async function readTitle(call: ToolCallContext, wire: WireRequest, credentials: Credentials): Promise<string> {
  const { title } = await readPresent(call, wire, credentials);
  if (typeof title === "string") return title;
  throw notSaid("what the title is now", "Call again, with title.");
}
