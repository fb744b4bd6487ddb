import * as oauth from "oauth4webapi";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { failedBeforeConnecting, retryAfterSeconds } from "../errors/network.js";
import type { ResolvedConnection } from "./connections.js";
import type { AccountsContext } from "./context.js";
import { codeOf, lenient, secretsOf, wordsOf } from "./oauth-response.js";
import { OAuthFailure } from "./oauth-failure.js";

/** What exchanges with GitLab outside of tool calls need. */
export type Http = Pick<AccountsContext, "fetch" | "requestTimeoutMs" | "now">;

export function server({ baseUrl }: ResolvedConnection): oauth.AuthorizationServer {
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
export function authenticationOf({ clientSecret }: ResolvedConnection): oauth.ClientAuth {
  return clientSecret ? oauth.ClientSecretPost(clientSecret.reveal()) : oauth.None();
}

/**
 * Sends one request and reads its response: no redirect is followed, time and size are bounded, and anything that is not
 * about the grant itself becomes an {@link OAuthFailure}.
 */
export async function callEndpoint<Result>(
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
