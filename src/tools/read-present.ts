import type { Credentials } from "../accounts/types.js";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type { WireRequest } from "../http/wire.js";
import { isObject } from "../is-object.js";
import { lookupFor, type ToolCallContext } from "./call.js";
import { sendAs } from "./send-as.js";

/** What a call is about as it is now, read at the call's own path: an empty object where GitLab's answer is none. */
export async function readPresent(
  call: ToolCallContext,
  { path, pathParameters }: WireRequest,
  credentials: Credentials,
): Promise<Readonly<Record<string, unknown>>> {
  const question: WireRequest = { method: "GET", path, pathParameters, query: {}, idempotent: true };
  const described = { ...call.definition, method: "GET", access: "read" } as const;
  const { data } = await sendAs(lookupFor(call), described, question, { as: "json" }, credentials);
  return isObject(data) ? data : {};
}

/** @param what the field that GitLab's answer does not have, in words */
export const notSaid = (what: string, hint: string): GitLabToolError =>
  new GitLabToolError({
    code: "gitlab_unavailable",
    message: `GitLab's answer does not say ${what}; nothing was changed.`,
    hint,
    retryable: true,
  });
