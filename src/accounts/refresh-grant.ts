import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { backoff, exponential } from "../http/backoff.js";
import type { AccountRecord } from "../stores/account-store.js";
import { accountNotConnected } from "./account-errors.js";
import type { ConnectionDirectory, ResolvedConnection } from "./connections.js";
import type { AccountsContext } from "./context.js";
import type { Grant } from "./oauth-response.js";
import { OAuthFailure } from "./oauth-failure.js";
import type * as OAuth from "./oauth.js";
import type { Tokens } from "./tokens.js";

/** Loaded with the first refresh, and asked for once: looking a module up takes longer than many a step of a refresh. */
let loading: Promise<typeof OAuth> | undefined;

const mostAttempts = 8;
const mostWrites = 27;
const firstPauseMs = 200;
const longestPauseMs = 5_000;
/** After that no further attempt is begun; one that is under way ends in its own time. */
export const attemptsBudgetMs = 40_000;

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

/** The pair belongs to the application that it was granted to: any other would hear that it is invalid. */
function checkClient(connection: ResolvedConnection, { clientId }: Pick<Tokens, "clientId">): void {
  if (clientId === undefined || clientId === connection.clientId) return;
  throw new GitLabToolError({
    code: "connection_misconfigured",
    message: `The account was authorized for another OAuth application than connection "${connection.name}" has now.`,
    hint: "Set clientId back to the application that the account was authorized for, or have the person authorize again.",
    details: { connectionName: connection.name },
  });
}

/**
 * Asks GitLab for a new pair, again after transient failures.
 *
 * @param patient `false` while the present token still works: then one attempt is enough.
 * @throws {OAuthFailure} as the last attempt left it; `unclear` when any attempt may have rotated the pair
 * @throws {GitLabToolError} `connection_misconfigured` when the connection now has another application
 */
export async function requestRefresh(
  context: AccountsContext,
  connection: ResolvedConnection,
  tokens: Tokens,
  patient: boolean,
): Promise<Grant> {
  const { refresh, redirectUri } = tokens;
  if (!refresh) throw new OAuthFailure("there is no refresh token", { reason: "invalid_grant" });
  checkClient(connection, tokens);
  const { refreshGrant } = await (loading ??= import("./oauth.js"));
  const http = { ...context, requestTimeoutMs: context.refreshTimeoutMs };
  const endsAt = performance.now() + attemptsBudgetMs;
  let unclear = tokens.maybeRotated ?? false;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await refreshGrant(http, connection, { refreshToken: refresh.reveal(), redirectUri });
    } catch (error) {
      if (!(error instanceof OAuthFailure)) throw error;
      unclear ||= error.unclear;
      const last = new OAuthFailure(error.message, { ...error, unclear, cause: error.cause });
      const asked = (error.retryAfterSeconds ?? 0) * 1000;
      const leftMs = endsAt - performance.now();
      const again = error.transient && patient && attempt < mostAttempts && leftMs > 0 && asked <= attemptsBudgetMs / 2;
      if (!again) throw last;
      const pauseMs = Math.max(asked, backoff(attempt, firstPauseMs, longestPauseMs));
      try {
        await context.sleep(pauseMs, AbortSignal.timeout(Math.ceil(leftMs)));
      } catch {
        throw last;
      }
    }
  }
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
      await context.sleep(exponential(attempt, firstPauseMs, longestPauseMs));
    }
  }
}
