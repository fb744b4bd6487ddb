import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { systemCode } from "../errors/network.js";
import type { AccountRecord } from "../stores/account-store.js";
import type { AccountKey } from "./types.js";

const authorize = (key: AccountKey): string =>
  `Call getAuthorizationLink({ connectionName: ${JSON.stringify(key.connectionName)}, identifier: ${JSON.stringify(key.identifier)} }) and have the person open the link, or call connectWithToken.`;

const about = ({ connectionName, identifier }: AccountKey): Record<string, string> => ({ connectionName, identifier });

export function accountNotFound(key: AccountKey): GitLabToolError {
  return new GitLabToolError({
    code: "account_not_found",
    message: `"${key.identifier}" has no account on connection "${key.connectionName}".`,
    hint: authorize(key),
    details: about(key),
  });
}

export function accountNotConnected(
  key: AccountKey,
  because: string,
  more: Readonly<Record<string, unknown>> = {},
  hint = authorize(key),
): GitLabToolError {
  return new GitLabToolError({
    code: "account_not_connected",
    message: `${key.identifier === "" ? "The person" : `"${key.identifier}"`} is not connected to "${key.connectionName}": ${because}.`,
    hint,
    details: { ...about(key), ...more },
  });
}

export function accountRevoked(key: AccountKey): GitLabToolError {
  return new GitLabToolError({
    code: "account_revoked",
    message: `GitLab no longer accepts the authorization of "${key.identifier}" on "${key.connectionName}": it was revoked.`,
    hint: authorize(key),
    details: { ...about(key), status: "REVOKED" },
  });
}

export function accountExpired(record: AccountRecord): GitLabToolError {
  const at = record.expiresAt === null ? "" : ` at ${new Date(record.expiresAt).toISOString()}`;
  return accountNotConnected(record, `its token ended${at} and cannot be refreshed`, { status: "EXPIRED" });
}

/** GitLab has probably rotated the pair and told us, and we did not hear it. */
export function refreshLost(key: AccountKey): GitLabToolError {
  return accountNotConnected(
    key,
    "a refresh of its token was sent and not answered, and GitLab does not take the old one any more",
    { status: "EXPIRED", reason: "renewal_lost" },
  );
}

/** Our own error for whatever came up from below, which is mostly the store. */
export function explained(error: unknown, signal?: AbortSignal): GitLabToolError {
  if (error instanceof GitLabToolError) return error;
  if (signal?.aborted) {
    const late = signal.reason instanceof Error && signal.reason.name === "TimeoutError";
    return new GitLabToolError({
      code: late ? "timeout" : "aborted",
      message: late ? "The account was not ready in time." : "The call was cancelled.",
      hint: "Call again if it is still wanted.",
      retryable: late,
    });
  }
  if (error instanceof Error && error.name === "AbortError") {
    return new GitLabToolError({
      code: "aborted",
      message: "The client was closed while this was under way.",
      hint: "Call again with an open client if it is still wanted.",
    });
  }
  const code = systemCode(error);
  return new GitLabToolError({
    code: "internal",
    message: `The account store failed${code ? ` (${code})` : ""}.`,
    hint: "Check that the store's database is there and in order, then call again.",
    retryable: code !== undefined || (error instanceof Error && /timeout|terminated/i.test(error.message)),
    cause: error,
  });
}
