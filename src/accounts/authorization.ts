import { createHash } from "node:crypto";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type { AccountRecord, AuthorizationRecord } from "../stores/account-store.js";
import { accountNotConnected, accountNotFound } from "./account-errors.js";
import { isScope, type ConnectionDirectory, type ResolvedConnection } from "./connections.js";
import type { AccountsContext } from "./context.js";
import type { Cipher } from "./encryption.js";
import { whoIs } from "./gitlab-token.js";
import { explainOAuthFailure, OAuthFailure } from "./oauth-failure.js";
import { authorizationUrl, exchangeCode, newCodeVerifier, newState, revokeToken } from "./oauth.js";
import type { Grant } from "./oauth-answer.js";
import { tokensFrom } from "./refresh.js";
import type { AccountRegistry } from "./registry.js";
import { revokeReplaced } from "./replaced.js";
import { checkReturnTo } from "./return-to.js";
import type { AccountKey } from "./types.js";

const linkLifetimeMs = 10 * 60_000;
/** How long a used or expired state is remembered, so that a late callback hears what is the matter with it. */
const memoryMs = 24 * 60 * 60_000;

export interface AuthorizationLinkOptions extends AccountKey {
  /** Default: the connection's. */
  readonly scopes?: readonly string[];
  /** Asks for the least scopes that these tools need, in place of `scopes`. */
  readonly tools?: readonly string[];
  /** Where to send the person afterwards: a path, or a URL on an allowed origin. Handed back by the callback. */
  readonly returnTo?: string;
  /** The top-level group whose SAML single sign-on the person has to pass. */
  readonly rootNamespaceId?: number | string;
  /** Default: the connection's. Must be registered with the application. */
  readonly redirectUri?: string;
}

export interface AuthorizationLink {
  /** Send the person here. Works once, until {@link expiresAt}. */
  readonly link: string;
  /** ISO 8601. */
  readonly expiresAt: string;
}

export interface CallbackOptions {
  /** The identifier of the person who is signed in where the callback arrives. */
  readonly expectedIdentifier?: string;
}

export interface AuthorizationParts {
  readonly context: AccountsContext;
  readonly connections: ConnectionDirectory;
  readonly registry: AccountRegistry;
  readonly allowedReturnOrigins: readonly string[];
  readonly leastScopes: ((tools: readonly string[]) => Promise<readonly string[]>) | undefined;
  readonly forget: (key: AccountKey) => void;
}

const hashOf = (state: string): string => createHash("sha256").update(state).digest("base64url");

/**
 * Where a code verifier belongs. Instance and application are part of it: a connection that is changed between link and
 * callback does not take code and verifier elsewhere.
 */
const place = (
  stateHash: string,
  account: AccountKey & { accountId: string },
  { baseUrl, clientId }: ResolvedConnection,
): string[] => [
  "authorization",
  stateHash,
  account.accountId,
  account.connectionName,
  account.identifier,
  baseUrl,
  clientId ?? "",
  "code_verifier",
];

/** Which scopes to ask for. */
export async function scopesFor(
  { leastScopes }: AuthorizationParts,
  connection: ResolvedConnection,
  wanted: { scopes?: readonly string[]; tools?: readonly string[] },
): Promise<readonly string[]> {
  const scopes = wanted.tools && leastScopes ? await leastScopes(wanted.tools) : wanted.scopes;
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

/** Makes a link with PKCE and a single-use `state` that is bound to the account (RFC 9700, section 2.1). */
export async function createLink(
  parts: AuthorizationParts,
  options: AuthorizationLinkOptions,
): Promise<AuthorizationLink> {
  const { context, connections, registry, allowedReturnOrigins } = parts;
  const { store, cipher, now } = context;
  const returnTo = options.returnTo === undefined ? null : checkReturnTo(options.returnTo, allowedReturnOrigins);
  const connection = await connections.resolve(options.connectionName);
  const redirectUri = options.redirectUri ?? connection.redirectUri;
  if (redirectUri === undefined) {
    throw new GitLabToolError({
      code: "connection_misconfigured",
      message: `Connection "${connection.name}" has no redirectUri.`,
      hint: "Add the redirect URI that is registered with the OAuth application.",
      details: { connectionName: connection.name },
    });
  }
  const scopes = await scopesFor(parts, connection, options);
  const [state, codeVerifier] = [newState(), newCodeVerifier()];
  const { rootNamespaceId } = options;
  const link = await authorizationUrl(connection, { redirectUri, scopes, state, codeVerifier, rootNamespaceId });
  const account = await registry.add(options);
  const bound = { accountId: account.id, connectionName: account.connectionName, identifier: account.identifier };
  const [stateHash, expiresAt] = [hashOf(state), now() + linkLifetimeMs];
  await store.deleteAuthorizations(now() - memoryMs);
  const secret = cipher.seal(codeVerifier, place(stateHash, bound, connection));
  await store.addAuthorization({ ...bound, stateHash, secret, redirectUri, scopes, returnTo, expiresAt, usedAt: null });
  return { link, expiresAt: new Date(expiresAt).toISOString() };
}

function refused(code: "invalid_input" | "forbidden", reason: string, message: string): GitLabToolError {
  return new GitLabToolError({
    code,
    message,
    hint: "Nothing was stored. Start again with a new authorization link.",
    details: { reason },
  });
}

function parametersOf(callback: string | URL): URLSearchParams {
  const text = String(callback);
  const base = "http://callback.invalid";
  if (!URL.canParse(text, base)) throw refused("invalid_input", "not_a_url", "The callback is not a URL.");
  return new URL(text, base).searchParams;
}

function verifierOf(cipher: Cipher, pending: AuthorizationRecord, connection: ResolvedConnection): string {
  try {
    return cipher.open(pending.secret, place(pending.stateHash, pending, connection));
  } catch (error) {
    if (!(error instanceof GitLabToolError) || error.code !== "internal") throw error;
    throw refused(
      "invalid_input",
      "connection_changed",
      `Connection "${connection.name}" has been changed since this authorization link was made.`,
    );
  }
}

/** Turns the callback into an ACTIVE account, or says why not and stores nothing. */
export async function completeCallback(
  parts: AuthorizationParts,
  callback: string | URL,
  { expectedIdentifier }: CallbackOptions = {},
): Promise<{ account: AccountRecord; returnTo?: string }> {
  const { context, connections, registry } = parts;
  const { store, cipher, now } = context;
  const parameters = parametersOf(callback);
  const state = parameters.get("state");
  if (!state) throw refused("invalid_input", "state_missing", "The callback has no state: it answers no link of ours.");
  const pending = await store.useAuthorization(hashOf(state), now());
  if (!pending) throw refused("invalid_input", "state_unknown", "The callback's state is unknown: no link of ours.");
  if (pending.usedAt !== null) {
    throw refused(
      "invalid_input",
      "state_used",
      "This authorization link has been used already; the account is as it was.",
    );
  }
  if (pending.expiresAt <= now()) {
    throw refused("invalid_input", "state_expired", "This authorization link has expired: it works for ten minutes.");
  }
  if (expectedIdentifier !== undefined && expectedIdentifier !== pending.identifier) {
    throw refused("forbidden", "identifier_mismatch", "This authorization link was made for somebody else.");
  }

  const account = await registry.find(pending);
  if (account?.id !== pending.accountId) throw accountNotFound(pending);
  const connection = await connections.resolve(pending.connectionName);
  const codeVerifier = verifierOf(cipher, pending, connection);
  const { redirectUri } = pending;
  const asked = now();
  let grant: Grant;
  try {
    grant = await exchangeCode(context, connection, { callback: parameters, state, redirectUri, codeVerifier });
  } catch (error) {
    throw explainExchange(error, pending);
  }
  const connected = await connectGrant(parts, {
    account,
    connection,
    grant,
    asked,
    redirectUri,
    scopes: pending.scopes,
  });
  return { account: connected, ...(pending.returnTo !== null && { returnTo: pending.returnTo }) };
}

const refusals: Readonly<Record<string, string>> = {
  access_denied: "the person did not allow it on GitLab's page",
  invalid_grant: "GitLab refused the authorization code",
  expired_token: "nobody answered in time",
  invalid_callback: "the callback is not a complete answer of GitLab",
  invalid_scope: "the application on GitLab does not allow these scopes",
};

/** Why no grant came of an authorization. */
export function explainExchange(error: unknown, key: AccountKey): GitLabToolError {
  const reason = error instanceof OAuthFailure ? error.reason : undefined;
  const because = reason === undefined ? undefined : refusals[reason];
  if (because === undefined) return explainOAuthFailure(error, key.connectionName);
  return accountNotConnected(key, because, { reason: reason === "invalid_grant" ? "code_refused" : reason });
}

/** Stores a grant and who it acts as. */
export async function connectGrant(
  { context, connections, registry, forget }: AuthorizationParts,
  granted: {
    account: AccountRecord;
    connection: ResolvedConnection;
    grant: Grant;
    asked: number;
    redirectUri?: string;
    scopes: readonly string[];
  },
): Promise<AccountRecord> {
  const { account, connection, grant, asked, redirectUri, scopes } = granted;
  const { user } = await whoIs(context, connection.baseUrl, grant.accessToken);
  const tokens = tokensFrom(grant, { redirectUri, clientId: connection.clientId });
  let connected: Awaited<ReturnType<AccountRegistry["connect"]>>;
  try {
    connected = await registry.connect(account, {
      baseUrl: connection.baseUrl,
      tokens,
      scopes: grant.scopes ?? scopes,
      expiresAt: grant.lifetimeSeconds === undefined ? null : asked + grant.lifetimeSeconds * 1000,
      user,
    });
  } catch (error) {
    // Deleted meanwhile, or the store is away: nobody holds this grant, so nobody shall.
    await revokeToken(context, connection, grant.accessToken).catch(() => undefined);
    throw error;
  }
  forget(account);
  await revokeReplaced(context, connections, connected.replaced, tokens);
  return connected.account;
}
