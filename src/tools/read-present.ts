import type { Credentials } from "../accounts/types.js";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { readBytes } from "../http/body.js";
import type { WireRequest } from "../http/wire.js";
import { isObject } from "../is-object.js";
import type { ToolCallContext } from "./call.js";
import { sendAs } from "./send-as.js";

/** What a call is about as it is now, read at the call's own path: an empty object where GitLab's answer is none. */
export async function readPresent(
  call: ToolCallContext,
  { path, pathParameters }: WireRequest,
  credentials: Credentials,
): Promise<Readonly<Record<string, unknown>>> {
  const { definition, identity, runtime } = call;
  const lookup: ToolCallContext = {
    ...call,
    identity: { ...identity, purpose: "lookup" },
    progress: { sent: false, uncertain: false },
  };
  const question: WireRequest = { method: "GET", path, pathParameters, query: {}, idempotent: true };
  const described = { ...definition, method: "GET", access: "read", answer: "json" } as const;
  return await sendAs(lookup, described, question, credentials, async (response) => {
    const bytes = await readBytes(response, runtime.maxResponseBytes);
    const found: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isObject(found) ? found : {};
  });
}

/** @param what the field that GitLab's answer does not have, in words */
export const notSaid = (what: string, hint: string): GitLabToolError =>
  new GitLabToolError({
    code: "gitlab_unavailable",
    message: `GitLab's answer does not say ${what}; nothing was changed.`,
    hint,
    retryable: true,
  });
