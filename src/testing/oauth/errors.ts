import { jsonReply, type Reply } from "../server/reply.js";

/** An error of the token endpoint: RFC 6749, section 5.2. */
export class OAuthError extends Error {
  override readonly name = "OAuthError";

  constructor(
    readonly code: string,
    readonly description: string,
    readonly status: 400 | 401 | 403 = 400,
  ) {
    super(`${code}: ${description}`);
  }

  reply(): Reply {
    const challenge = `Bearer realm="Doorkeeper", error="${this.code}", error_description="${this.description}"`;
    return jsonReply(
      this.status,
      { error: this.code, error_description: this.description },
      { "cache-control": "no-store", ...(this.status === 401 ? { "www-authenticate": challenge } : {}) },
    );
  }
}

export const oauthErrors = {
  invalidClient: () =>
    new OAuthError(
      "invalid_client",
      "Client authentication failed due to unknown client, no client authentication included, or unsupported authentication method.",
      401,
    ),
  invalidGrant: () =>
    new OAuthError(
      "invalid_grant",
      "The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in the authorization request, or was issued to another client.",
    ),
  invalidScope: () => new OAuthError("invalid_scope", "The requested scope is invalid, unknown, or malformed."),
  missing: (name: string) => new OAuthError("invalid_request", `Missing required parameter: ${name}.`),
  unsupportedGrantType: () =>
    new OAuthError(
      "unsupported_grant_type",
      "The authorization grant type is not supported by the authorization server.",
    ),
  authorizationPending: () =>
    new OAuthError(
      "authorization_pending",
      "The authorization request is still pending as the end user hasn't yet completed the user-interaction steps.",
    ),
  slowDown: () =>
    new OAuthError(
      "slow_down",
      "The authorization request is still pending and polling should continue, but the interval must be increased by 5 seconds.",
    ),
  expiredToken: () => new OAuthError("expired_token", "The device code has expired. Begin a new authorization."),
  accessDenied: () => new OAuthError("access_denied", "The resource owner or authorization server denied the request."),
} as const;
