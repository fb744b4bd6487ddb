import * as oauth from "oauth4webapi";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { failedBeforeConnecting, retryAfterSeconds } from "../errors/network.js";
import type { ResolvedConnection } from "./connections.js";
import type { AccountsContext } from "./context.js";
import { codeOf, grantOf, lenient, secretsOf, wordsOf, type Grant } from "./oauth-response.js";
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

type Http = Pick<AccountsContext, "fetch" | "requestTimeoutMs" | "now">;

function server({ baseUrl }: ResolvedConnection): oauth.AuthorizationServer {
  return {
    issuer: baseUrl,
    authorization_endpoint: `${baseUrl}/oauth/authorize`,
    token_endpoint: `${baseUrl}/oauth/token`,
    revocation_endpoint: `${baseUrl}/oauth/revoke`,
    device_authorization_endpoint: `${baseUrl}/oauth/authorize_device`,
  };
}

/** @throws {GitLabToolError} `connection_misconfigured` for a connection without an OAuth application */
export function clientOf({ name, clientId }: ResolvedConnection): oauth.Client {
  if (clientId) return { client_id: clientId };
  throw new GitLabToolError({
    code: "connection_misconfigured",
    message: `Connection "${name}" has no OAuth application.`,
    hint: "Add clientId, clientSecret and redirectUri of an application registered on the instance, or use connectWithToken.",
    details: { connectionName: name },
  });
}

/** A confidential application sends its secret in the body, a public one has none: https://datatracker.ietf.org/doc/html/rfc6749#section-2.3.1 */
function authenticationOf({ clientSecret }: ResolvedConnection): oauth.ClientAuth {
  return clientSecret ? oauth.ClientSecretPost(clientSecret.reveal()) : oauth.None();
}

/**
 * Sends one request and reads its response: no redirect is followed, time and size are bounded, and anything that is not
 * about the grant itself becomes an {@link OAuthFailure}.
 */
async function callEndpoint<Result>(
  http: Http,
  { networkSettings }: ResolvedConnection,
  signal: AbortSignal | undefined,
  send: (options: oauth.HttpRequestOptions<"POST", URLSearchParams>) => Promise<Response>,
  read: (response: Response) => Promise<Result>,
): Promise<Result> {
  const timeout = AbortSignal.timeout(http.requestTimeoutMs);
  let response: Response;
  let secrets: string[] = [];
  try {
    response = await send({
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      // The address was checked when the connection was made; plain HTTP is for loopback or allowed by hand.
      [oauth.allowInsecureRequests]: true,
      [oauth.customFetch]: async (url: string, init: oauth.CustomFetchOptions<"POST", URLSearchParams>) => {
        secrets = secretsOf(init.body);
        const received = await http.fetch(url, { ...init, rewrite: lenient }, networkSettings?.reveal());
        // Doorkeeper repeats the error of the body in this header; the body says more.
        received.headers.delete("www-authenticate");
        return received;
      },
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    if (error instanceof GitLabToolError && error.code === "response_too_large") {
      throw new OAuthFailure("it sent an answer that is far too long", { unclear: true });
    }
    // A certificate or a proxy stands in the way: GitLab has heard nothing.
    if (error instanceof GitLabToolError && error.code === "connection_misconfigured") throw error;
    if (error instanceof GitLabToolError) {
      throw new OAuthFailure("it sent an answer that is damaged", { transient: true, unclear: true });
    }
    if (timeout.aborted) throw new OAuthFailure("it did not answer in time", { transient: true, unclear: true });
    const unclear = !failedBeforeConnecting(error);
    throw new OAuthFailure("the connection failed", { transient: true, unclear, cause: error });
  }
  const { status } = response;
  if (status >= 500 || status === 429 || status === 408) {
    const wait = retryAfterSeconds(response.headers, http.now());
    // A proxy in between answers 502 and 504 for a GitLab that may be at work all the same; 503 comes instead of work.
    const unclear = status >= 500 && status !== 503;
    throw new OAuthFailure(`it answered ${status}`, { transient: true, unclear, status, retryAfterSeconds: wait });
  }
  try {
    return await read(response);
  } catch (error) {
    if (error instanceof OAuthFailure) throw error;
    if (error instanceof oauth.ResponseBodyError) {
      const reason = codeOf(error.error, secrets);
      const words = error.error_description ? `: ${wordsOf(error.error_description, secrets)}` : "";
      throw new OAuthFailure(`${reason}${words}`, { reason, status });
    }
    // The library's own errors carry the whole answer, which may hold tokens: only the status goes on.
    throw new OAuthFailure(`it sent an answer that is not OAuth's (status ${status})`, {
      unclear: status < 300,
      status,
    });
  }
}

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
