import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { toToolError } from "./refusal.js";
import type { ToolboxOptions } from "./toolbox-types.js";

/** Codes of errors that an authorization mends. */
export const unconnected: readonly unknown[] = ["account_not_found", "account_not_connected", "account_revoked"];

/** What the model is told; for an account that is not connected, with the link that the person has to open. */
export async function toAgentError(options: ToolboxOptions, thrown: unknown): Promise<GitLabToolError> {
  const error = toToolError(thrown);
  if (!unconnected.includes(error.code)) return error;
  const { gitlab, connectionName, identifier, authorization } = options;
  const account = { identifier, ...(connectionName && { connectionName }) };
  const link =
    authorization === false
      ? undefined
      : await gitlab.actions.getAuthorizationLink({ ...authorization, ...account }).catch(() => undefined);
  return new GitLabToolError({
    code: error.code,
    message: error.message,
    hint: link
      ? "Give the person authorization_link and ask them to allow access there, then call the tool again."
      : "Tell the person that their GitLab account has to be connected first.",
    ...(error.toolName && { toolName: error.toolName }),
    details: {
      ...error.details,
      ...(link && { authorization_link: link.link, authorization_link_expires_at: link.expiresAt }),
    },
  });
}
