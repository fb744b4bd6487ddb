import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type { AccountRecord } from "../stores/account-store.js";
import { accountNotConnected } from "./account-errors.js";
import type { ResolvedConnection } from "./connections.js";
import { whoIs } from "./gitlab-token.js";
import { explainOAuthFailure, OAuthFailure } from "./oauth-failure.js";
import { revokeToken } from "./oauth.js";
import type { Grant } from "./oauth-response.js";
import type { AccountParts } from "./parts.js";
import { revokeReplaced } from "./replaced.js";
import { tokensFrom } from "./tokens.js";
import type { AccountKey } from "./types.js";

/** Who a token acts as. */
export interface GitLabUser {
  readonly id: number;
  readonly username: string;
  readonly baseUrl: string;
  readonly connectionName: string;
}

const refusals: Readonly<Record<string, string>> = {
  access_denied: "the person did not allow it on GitLab's page",
  invalid_grant: "GitLab refused the authorization code",
  expired_token: "nobody answered in time",
  invalid_callback: "the callback is not a complete answer of GitLab",
  invalid_scope: "the application on GitLab does not allow these scopes",
};

/**
 * Why no grant came of an authorization.
 *
 * @param of a link's code is used up by the first attempt; a device's code can be asked about again
 */
export function explainExchange(error: unknown, key: AccountKey, of: "link" | "device"): GitLabToolError {
  const reason = error instanceof OAuthFailure ? error.reason : undefined;
  const because = reason === undefined ? undefined : refusals[reason];
  if (because !== undefined) {
    return accountNotConnected(key, because, { reason: reason === "invalid_grant" ? "code_refused" : reason });
  }
  const explained = explainOAuthFailure(error, key.connectionName);
  if (of === "device" || !explained.retryable) return explained;
  const { code, message, status, details, cause } = explained;
  const hint = "The link is used up, and the account is as it was. Start again with a new authorization link.";
  return new GitLabToolError({ code, message, hint, status, details, cause, retryable: false });
}

/**
 * Stores a grant and who it acts as.
 *
 * @param granted.account the account, or what finds it once it is known who the person is
 */
export async function connectGrant(
  { context, connections, registry, forget }: AccountParts,
  granted: {
    readonly account: AccountRecord | ((user: GitLabUser) => Promise<AccountRecord>);
    readonly connection: ResolvedConnection;
    readonly grant: Grant;
    readonly asked: number;
    readonly redirectUri?: string;
    readonly scopes: readonly string[];
  },
): Promise<AccountRecord> {
  const { connection, grant, asked, redirectUri, scopes } = granted;
  const { baseUrl, name: connectionName } = connection;
  const { user } = await whoIs(context, connection, grant.accessToken);
  const tokens = tokensFrom(grant, { redirectUri, clientId: connection.clientId });
  try {
    let { account } = granted;
    if (typeof account === "function") {
      if (!user) throw nobodyKnown(connectionName);
      account = await account({ ...user, baseUrl, connectionName });
    }
    const connected = await registry.connect(account, {
      baseUrl,
      tokens,
      scopes: grant.scopes ?? scopes,
      expiresAt: grant.lifetimeSeconds === undefined ? null : asked + grant.lifetimeSeconds * 1000,
      user,
    });
    forget(account);
    await revokeReplaced(context, connections, connected.replaced, tokens);
    return connected.account;
  } catch (error) {
    // Refused or deleted meanwhile, or the store is away: nobody holds this grant, so nobody shall.
    await revokeToken(context, connection, grant.accessToken).catch(() => undefined);
    throw error;
  }
}

function nobodyKnown(connectionName: string): GitLabToolError {
  return new GitLabToolError({
    code: "gitlab_unavailable",
    message: `GitLab did not say who the person is on connection "${connectionName}".`,
    hint: "Nothing was stored. Ask for a scope that reads the user, such as read_user, and start again with a new link.",
    details: { connectionName, reason: "user_unknown" },
  });
}
