import * as oauth from "oauth4webapi";
import type { ResolvedConnection } from "./connections.js";
import { authenticationOf, callEndpoint, clientOf, server, type Http } from "./oauth-endpoint.js";
import { codeOf, grantOf, wordsOf, type Grant } from "./oauth-response.js";
import { OAuthFailure } from "./oauth-failure.js";

/** What a device shows to its person: https://datatracker.ietf.org/doc/html/rfc8628#section-3.2 */
export interface DeviceGrant {
  readonly deviceCode: string;
  readonly userCode: string;
  readonly verificationUri: string;
  readonly verificationUriComplete?: string;
  readonly lifetimeSeconds: number;
  readonly intervalSeconds: number;
}

const longestDeviceLifetimeSeconds = 3600;
const longestIntervalSeconds = 60;

/**
 * Authorization request with PKCE.
 *
 * @see https://datatracker.ietf.org/doc/html/rfc6749#section-4.1.1
 * @see https://datatracker.ietf.org/doc/html/rfc7636#section-4.3
 */
export async function authorizationUrl(
  connection: ResolvedConnection,
  request: {
    redirectUri: string;
    scopes: readonly string[];
    state: string;
    codeVerifier: string;
    rootNamespaceId?: number | string;
  },
): Promise<string> {
  const url = new URL(`${connection.baseUrl}/oauth/authorize`);
  url.search = new URLSearchParams({
    client_id: clientOf(connection).client_id,
    redirect_uri: request.redirectUri,
    response_type: "code",
    state: request.state,
    scope: request.scopes.join(" "),
    code_challenge: await oauth.calculatePKCECodeChallenge(request.codeVerifier),
    code_challenge_method: "S256",
    ...(request.rootNamespaceId !== undefined && { root_namespace_id: String(request.rootNamespaceId) }),
  }).toString();
  return url.href;
}

/**
 * Exchanges an authorization code. A callback that names another issuer is refused.
 *
 * @see https://datatracker.ietf.org/doc/html/rfc6749#section-4.1.3
 * @see https://datatracker.ietf.org/doc/html/rfc7636#section-4.5
 * @see https://datatracker.ietf.org/doc/html/rfc9207#section-2.4
 * @throws {OAuthFailure} `access_denied` and the like when the callback itself is an error
 */
export async function exchangeCode(
  http: Http,
  connection: ResolvedConnection,
  request: { callback: URLSearchParams; state: string; redirectUri: string; codeVerifier: string },
): Promise<Grant> {
  const [as, client] = [server(connection), clientOf(connection)];
  let parameters: URLSearchParams;
  try {
    parameters = oauth.validateAuthResponse(as, client, request.callback, request.state);
  } catch (error) {
    if (error instanceof oauth.AuthorizationResponseError) {
      const reason = codeOf(error.error);
      throw new OAuthFailure(error.error_description ? wordsOf(error.error_description) : reason, { reason });
    }
    throw new OAuthFailure("the callback is not an answer to this link", { reason: "invalid_callback" });
  }
  if (!parameters.get("code")) throw new OAuthFailure("the callback has no code", { reason: "invalid_callback" });
  return await callEndpoint(
    http,
    connection,
    undefined,
    (options) =>
      oauth.authorizationCodeGrantRequest(
        as,
        client,
        authenticationOf(connection),
        parameters,
        request.redirectUri,
        request.codeVerifier,
        options,
      ),
    async (response) => grantOf(await oauth.processAuthorizationCodeResponse(as, client, response)),
  );
}

/**
 * Refreshes a grant. GitLab wants the redirect URI of the authorization here, too. It takes no signal: GitLab may have
 * rotated the pair already when a caller gives up.
 *
 * @see https://datatracker.ietf.org/doc/html/rfc6749#section-6
 */
export async function refreshGrant(
  http: Http,
  connection: ResolvedConnection,
  request: { refreshToken: string; redirectUri?: string },
): Promise<Grant> {
  const [as, client] = [server(connection), clientOf(connection)];
  const additionalParameters = request.redirectUri ? { redirect_uri: request.redirectUri } : undefined;
  return await callEndpoint(
    http,
    connection,
    undefined,
    (options) =>
      oauth.refreshTokenGrantRequest(as, client, authenticationOf(connection), request.refreshToken, {
        ...options,
        additionalParameters,
      }),
    async (response) => grantOf(await oauth.processRefreshTokenResponse(as, client, response)),
  );
}

/**
 * Revokes a token: with GitLab, an access token takes its refresh token along.
 *
 * @see https://datatracker.ietf.org/doc/html/rfc7009#section-2
 */
export async function revokeToken(http: Http, connection: ResolvedConnection, token: string): Promise<void> {
  const [as, client] = [server(connection), clientOf(connection)];
  await callEndpoint(
    http,
    connection,
    undefined,
    (options) => oauth.revocationRequest(as, client, authenticationOf(connection), token, options),
    oauth.processRevocationResponse,
  );
}

/** Device authorization request: https://datatracker.ietf.org/doc/html/rfc8628#section-3.1 */
export async function requestDeviceGrant(
  http: Http,
  connection: ResolvedConnection,
  scopes: readonly string[],
): Promise<DeviceGrant> {
  const [as, client] = [server(connection), clientOf(connection)];
  const response = await callEndpoint(
    http,
    connection,
    undefined,
    (options) =>
      oauth.deviceAuthorizationRequest(as, client, authenticationOf(connection), { scope: scopes.join(" ") }, options),
    (received) => oauth.processDeviceAuthorizationResponse(as, client, received),
  );
  return {
    deviceCode: response.device_code,
    userCode: response.user_code,
    verificationUri: response.verification_uri,
    ...(response.verification_uri_complete && { verificationUriComplete: response.verification_uri_complete }),
    lifetimeSeconds: Math.min(response.expires_in, longestDeviceLifetimeSeconds),
    // Five seconds where nothing is said (https://datatracker.ietf.org/doc/html/rfc8628#section-3.2).
    // Bounded, so that no instance has itself flooded or stops us.
    intervalSeconds: Math.min(Math.max(response.interval ?? 5, 1), longestIntervalSeconds),
  };
}

/** Asks whether the person has answered: https://datatracker.ietf.org/doc/html/rfc8628#section-3.4 */
export async function pollDeviceGrant(
  http: Http,
  connection: ResolvedConnection,
  deviceCode: string,
  signal?: AbortSignal,
): Promise<Grant> {
  const [as, client] = [server(connection), clientOf(connection)];
  return await callEndpoint(
    http,
    connection,
    signal,
    (options) => oauth.deviceCodeGrantRequest(as, client, authenticationOf(connection), deviceCode, options),
    async (response) => grantOf(await oauth.processDeviceCodeResponse(as, client, response)),
  );
}

// Random values with 256 bits: https://datatracker.ietf.org/doc/html/rfc7636#section-4.1, https://datatracker.ietf.org/doc/html/rfc6749#section-10.10
export const newCodeVerifier = (): string => oauth.generateRandomCodeVerifier();
export const newState = (): string => oauth.generateRandomState();
