import { GitLabToolError } from "../errors/gitlab-tool-error.js";

/** A token-endpoint request that brought no tokens. Carries words and numbers only: never a request, never a body. */
export class OAuthFailure extends Error {
  override readonly name = "OAuthFailure";
  /**
   * The `error` that the server sent, if any.
   *
   * @see https://datatracker.ietf.org/doc/html/rfc6749#section-5.2
   * @see https://datatracker.ietf.org/doc/html/rfc8628#section-3.5
   */
  readonly reason: string | undefined;
  /** Whether the same request may succeed later: nothing is said about the account. */
  readonly transient: boolean;
  /** Whether the server may have acted on the request although we have no response that says so. */
  readonly unclear: boolean;
  readonly status: number | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    message: string,
    options: {
      reason?: string;
      transient?: boolean;
      unclear?: boolean;
      status?: number;
      retryAfterSeconds?: number;
      cause?: unknown;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.reason = options.reason;
    this.transient = options.transient ?? false;
    this.unclear = options.unclear ?? false;
    this.status = options.status;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** The failure as callers see it. The account is fine: either GitLab is away or the connection is wrong. */
export function explainOAuthFailure(failure: unknown, connectionName: string): GitLabToolError {
  if (failure instanceof GitLabToolError) return failure;
  if (!(failure instanceof OAuthFailure)) {
    return new GitLabToolError({ code: "internal", message: "The request for tokens failed.", cause: failure });
  }
  const { status, retryAfterSeconds } = failure;
  const details = { connectionName, ...(failure.reason && { error: failure.reason }) };
  if (failure.transient) {
    return new GitLabToolError({
      code: status === 429 ? "rate_limited" : status === undefined ? "network_error" : "gitlab_unavailable",
      message: `GitLab's token endpoint on connection "${connectionName}" is not available: ${failure.message}.`,
      hint: "The account is fine. Call again later.",
      retryable: true,
      status,
      details: { ...details, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) },
      cause: failure.cause,
    });
  }
  return new GitLabToolError({
    code: "connection_misconfigured",
    message: `GitLab refused the application of connection "${connectionName}": ${failure.message}.`,
    hint:
      failure.reason === "invalid_client"
        ? "Check clientId and clientSecret against the OAuth application on the instance. The account is fine."
        : "Check the connection's base URL, redirect URI and scopes against the OAuth application on the instance.",
    status,
    details,
  });
}
