import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { isScope, type ResolvedConnection } from "./connections.js";
import { newCodeVerifier, newState, authorizationUrl } from "./oauth.js";
import { hashOfState, sealAuthorization, type AuthorizationFor } from "./pending-authorization.js";
import type { AccountParts } from "./parts.js";
import { checkOwnRedirectUri, expandRedirectUri } from "./redirect-uri.js";
import { checkReturnTo } from "./return-to.js";
import type { AccountKey } from "./types.js";

const linkLifetimeMs = 10 * 60_000;
const longestData = 4096;

export interface SignInLinkOptions {
  readonly connectionName: string;
  /** Default: the connection's. */
  readonly scopes?: readonly string[];
  /** Asks for the least scopes that these tools need, in place of `scopes`. */
  readonly tools?: readonly string[] | undefined;
  /** Where to send the person afterwards: a path, or a URL on an allowed origin. Handed back by the callback. */
  readonly returnTo?: string | undefined;
  /** The top-level group whose SAML single sign-on the person has to pass. */
  readonly rootNamespaceId?: number | string | undefined;
  /**
   * Default: the connection's. Must be registered with the application; `{connection}` in it becomes the connection's
   * name.
   */
  readonly redirectUri?: string;
  /** Text of your own, up to 4,096 characters, which the callback hands back. Encrypted in the store. */
  readonly data?: string | undefined;
}

export interface AuthorizationLinkOptions extends AccountKey, SignInLinkOptions {}

export interface AuthorizationLink {
  /** Send the person here. Works once, until {@link expiresAt}. */
  readonly link: string;
  /** ISO 8601. */
  readonly expiresAt: string;
}

/** Which scopes to ask for. */
export async function scopesFor(
  { leastScopes }: Pick<AccountParts, "leastScopes">,
  connection: ResolvedConnection,
  requested: Pick<SignInLinkOptions, "scopes" | "tools">,
): Promise<readonly string[]> {
  const scopes = requested.tools && leastScopes ? await leastScopes(requested.tools) : requested.scopes;
  const chosen = scopes && scopes.length > 0 ? scopes : connection.scopes;
  if (!chosen.every(isScope)) {
    throw new GitLabToolError({
      code: "invalid_input",
      message: "scopes must be a list of words such as read_api or api.",
      hint: "Pass each scope as a string of its own.",
      details: { field: "scopes" },
    });
  }
  return chosen.length > 0 ? chosen : ["read_api"];
}

function redirectUriFor(connection: ResolvedConnection, own: string | undefined): string {
  const expanded = own === undefined ? connection.redirectUri : expandRedirectUri(own, connection.name);
  if (expanded !== undefined) return expanded;
  throw new GitLabToolError({
    code: own === undefined ? "connection_misconfigured" : "invalid_input",
    message:
      own === undefined ? `Connection "${connection.name}" has no redirectUri.` : "redirectUri is not an absolute URL.",
    hint: "Give the redirect URI that is registered with the OAuth application, such as https://app.example/callback/{connection}.",
    details: { connectionName: connection.name, field: "redirectUri" },
  });
}

/**
 * Makes a link with PKCE and a single-use `state` that is bound to the account.
 *
 * @see https://datatracker.ietf.org/doc/html/rfc9700#section-2.1
 */
export async function createLink(
  parts: AccountParts,
  { identifier, ...options }: SignInLinkOptions & { readonly identifier?: string },
): Promise<AuthorizationLink> {
  const { context, connections, registry, allowedReturnOrigins } = parts;
  const { store, cipher, now, cleanup } = context;
  const { rootNamespaceId, returnTo, data } = options;
  if (returnTo !== undefined) checkReturnTo(returnTo, allowedReturnOrigins);
  if (data !== undefined && data.length > longestData) throw tooMuchData();
  const connection = await connections.resolve(options.connectionName);
  const redirectUri = redirectUriFor(connection, options.redirectUri);
  checkOwnRedirectUri(connection, redirectUri, await connections.list());
  const scopes = await scopesFor(parts, connection, options);
  const [state, codeVerifier] = [newState(), newCodeVerifier()];
  const link = await authorizationUrl(connection, { redirectUri, scopes, state, codeVerifier, rootNamespaceId });
  const { connectionName } = options;
  const owner: AuthorizationFor =
    identifier === undefined
      ? { accountId: "", connectionName, identifier: "" }
      : { connectionName, identifier, accountId: (await registry.add({ connectionName, identifier })).id };
  const [stateHash, expiresAt] = [hashOfState(state), now() + linkLifetimeMs];
  const secret = sealAuthorization(cipher, stateHash, owner, connection, {
    codeVerifier,
    redirectUri,
    scopes,
    expiresAt,
    ...(returnTo !== undefined && { returnTo }),
    ...(data !== undefined && { data }),
  });
  const columns = { redirectUri, scopes, returnTo: returnTo ?? null, expiresAt, usedAt: null };
  await store.addAuthorization({ ...owner, ...columns, stateHash, secret });
  cleanup.wrote();
  return { link, expiresAt: new Date(expiresAt).toISOString() };
}

function tooMuchData(): GitLabToolError {
  return new GitLabToolError({
    code: "invalid_input",
    message: `data must not be longer than ${longestData} characters.`,
    hint: "Keep what is longer where your application keeps its own data, and pass its id.",
    details: { field: "data" },
  });
}
