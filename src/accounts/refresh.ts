import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type { AccountRecord } from "../stores/account-store.js";
import { accountNotConnected } from "./account-errors.js";
import type { ConnectionDirectory, ResolvedConnection } from "./connections.js";
import type { AccountsContext } from "./context.js";
import { refreshGrant } from "./oauth.js";
import type { Grant } from "./oauth-answer.js";
import { OAuthFailure } from "./oauth-failure.js";
import { Secret } from "./secret.js";
import type { Tokens } from "./tokens.js";

const mostAttempts = 8;
const mostWrites = 27;
const firstPauseMs = 200;
const longestPauseMs = 5_000;
/** All attempts together; well below the time after which a store takes a lock for abandoned. */
const budgetMs = 40_000;

/** The connection that an account's tokens came from. */
export async function connectionOf(
  record: AccountRecord,
  connections: ConnectionDirectory,
): Promise<ResolvedConnection> {
  const connection = await connections.resolve(record.connectionName);
  if (record.baseUrl === null || record.baseUrl === connection.baseUrl) return connection;
  throw accountNotConnected(
    record,
    `the connection now points to ${connection.baseUrl}, the account belongs to ${record.baseUrl}`,
  );
}

/**
 * Asks GitLab for a new pair, again after transient failures.
 *
 * @param patient `false` while the present token still works: then one attempt is enough.
 * @throws {OAuthFailure} as the last attempt left it
 */
export async function renew(
  context: AccountsContext,
  connection: ResolvedConnection,
  { refresh, redirectUri }: Pick<Tokens, "refresh" | "redirectUri">,
  patient: boolean,
): Promise<Grant> {
  if (!refresh) throw new OAuthFailure("there is no refresh token", { reason: "invalid_grant" });
  const signal = AbortSignal.timeout(budgetMs);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await refreshGrant(context, connection, { refreshToken: refresh.reveal(), redirectUri, signal });
    } catch (error) {
      if (signal.aborted) throw new OAuthFailure("it did not answer in time", { transient: true });
      const again = error instanceof OAuthFailure && error.transient && patient && attempt < mostAttempts;
      if (!again) throw error;
      const asked = (error.retryAfterSeconds ?? 0) * 1000;
      if (asked > budgetMs / 2) throw error;
      const backoff = Math.min(longestPauseMs, firstPauseMs * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2);
      try {
        await context.sleep(Math.max(asked, backoff), signal);
      } catch {
        throw error;
      }
    }
  }
}

/** The tokens that follow from a grant. A server that sends no new refresh token means the old one (RFC 6749, 6). */
export function tokensFrom(grant: Grant, before: Partial<Pick<Tokens, "refresh" | "redirectUri">>): Tokens {
  const refresh = grant.refreshToken === undefined ? before.refresh : new Secret(grant.refreshToken);
  return {
    access: new Secret(grant.accessToken),
    ...(refresh && { refresh }),
    ...(before.redirectUri !== undefined && { redirectUri: before.redirectUri }),
    ...(grant.lifetimeSeconds !== undefined && { lifetimeSeconds: grant.lifetimeSeconds }),
  };
}

/**
 * Writes the new pair down. GitLab has already forgotten the old one: a store that is away, for a failover say, is asked
 * again for two minutes.
 */
export async function persist<Result>(
  context: Pick<AccountsContext, "sleep">,
  write: () => Promise<Result>,
  attempts = mostWrites,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await write();
    } catch (error) {
      if (error instanceof GitLabToolError || attempt === attempts) throw error;
      await context.sleep(Math.min(longestPauseMs, firstPauseMs * 2 ** (attempt - 1)));
    }
  }
}
