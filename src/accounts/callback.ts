import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type { AccountRecord, AuthorizationRecord } from "../stores/account-store.js";
import { accountNotFound } from "./account-errors.js";
import { connectGrant, explainExchange, type GitLabUser } from "./connect-grant.js";
import type { ResolvedConnection } from "./connections.js";
import type { Cipher } from "./encryption.js";
import { exchangeCode } from "./oauth.js";
import type { Grant } from "./oauth-response.js";
import type { AccountParts } from "./parts.js";
import { hashOfState, openAuthorization, type PendingAuthorization } from "./pending-authorization.js";
import { arrivalOf, hasArrivedAt, type Arrival } from "./redirect-uri.js";
import { checkReturnTo } from "./return-to.js";

export interface CallbackOptions {
  /** The identifier of the person who is signed in where the callback arrives. */
  readonly expectedIdentifier?: string;
  /**
   * Says whose account it is, once GitLab has said who the person is: for links of `getSignInLink`, and only for those.
   * An error refuses the person; nothing is stored then.
   */
  readonly identify?: ((user: GitLabUser) => string | Promise<string>) | undefined;
}

/** What a callback has led to. */
export interface Callback {
  readonly account: AccountRecord;
  readonly returnTo?: string;
  readonly data?: string;
}

function refused(code: "invalid_input" | "forbidden", reason: string, message: string, hint?: string): GitLabToolError {
  return new GitLabToolError({
    code,
    message,
    hint: hint ?? "Nothing was stored. Start again with a new authorization link.",
    details: { reason },
  });
}

/** Marks the link as used, so that no other callback can be for it. */
async function useLink({ context }: AccountParts, { parameters }: Arrival): Promise<AuthorizationRecord> {
  const { store, now } = context;
  const state = parameters.get("state");
  if (!state) throw refused("invalid_input", "state_missing", "The callback has no state: it answers no link of ours.");
  const record = await store.useAuthorization(hashOfState(state), now());
  if (!record) throw refused("invalid_input", "state_unknown", "The callback's state is unknown: no link of ours.");
  if (record.usedAt !== null) {
    throw refused(
      "invalid_input",
      "state_used",
      "This authorization link has been used already; the account is as it was.",
    );
  }
  if (record.expiresAt <= now()) throw linkExpired();
  return record;
}

const linkExpired = (): GitLabToolError =>
  refused("invalid_input", "state_expired", "This authorization link has expired: it works for ten minutes.");

const madeForSomebodyElse = (): GitLabToolError =>
  refused("forbidden", "identifier_mismatch", "This authorization link was made for somebody else.");

function open(cipher: Cipher, record: AuthorizationRecord, connection: ResolvedConnection): PendingAuthorization {
  try {
    return openAuthorization(cipher, record, connection);
  } catch (error) {
    if (!(error instanceof GitLabToolError) || error.code !== "internal") throw error;
    throw refused(
      "invalid_input",
      "connection_changed",
      `Connection "${connection.name}" has been changed since this authorization link was made.`,
    );
  }
}

/**
 * A callback that another instance has caused is refused: it has come to another redirect URI
 * (https://datatracker.ietf.org/doc/html/rfc9700#section-4.4). Where it names its issuer, the exchange looks at that.
 */
async function checkOrigin(
  { connections }: AccountParts,
  arrival: Arrival,
  { redirectUri }: PendingAuthorization,
  connection: ResolvedConnection,
): Promise<void> {
  if (hasArrivedAt(arrival, redirectUri, connection, await connections.list())) return;
  throw refused(
    "forbidden",
    "redirect_uri_mismatch",
    "The callback arrived at another address than the redirect URI of its link.",
    "Nothing was stored. Pass the URL of the request as it arrived, and set publicUrl for an application behind a proxy; then start again with a new authorization link.",
  );
}

/** Turns the callback into an ACTIVE account, or says why not and stores nothing. */
export async function completeCallback(
  parts: AccountParts,
  callback: string | URL,
  { expectedIdentifier, identify }: CallbackOptions = {},
): Promise<Callback> {
  const { context, connections, registry, publicUrl, allowedReturnOrigins } = parts;
  const arrival = arrivalOf(callback, publicUrl);
  if (!arrival) throw refused("invalid_input", "not_a_url", "The callback is not a URL.");
  const record = await useLink(parts, arrival);
  const isSignIn = record.accountId === "";
  if (!isSignIn && expectedIdentifier !== undefined && expectedIdentifier !== record.identifier) {
    throw madeForSomebodyElse();
  }
  if (isSignIn && !identify) {
    throw refused(
      "invalid_input",
      "identify_missing",
      "This link is for signing in, and nothing says whose account it is.",
      "Pass identify to handleCallback: it makes the identifier from GitLab's user.",
    );
  }
  const account = isSignIn ? undefined : await registry.find(record);
  if (!isSignIn && account?.id !== record.accountId) throw accountNotFound(record);
  const connection = await connections.resolve(record.connectionName);
  const pending = open(context.cipher, record, connection);
  if (pending.expiresAt <= context.now()) throw linkExpired();
  await checkOrigin(parts, arrival, pending, connection);
  const { codeVerifier, redirectUri, scopes, returnTo, data } = pending;
  // Checked again: rows of version 0.1 carry it unsealed.
  if (returnTo !== undefined) checkReturnTo(returnTo, allowedReturnOrigins);

  const asked = context.now();
  const state = arrival.parameters.get("state") ?? "";
  let grant: Grant;
  try {
    grant = await exchangeCode(context, connection, {
      callback: arrival.parameters,
      state,
      redirectUri,
      codeVerifier,
    });
  } catch (error) {
    throw explainExchange(error, record, "link");
  }
  const connected = await connectGrant(parts, {
    account:
      account ??
      (async (user) => {
        const identifier = (await identify?.(user)) ?? "";
        if (expectedIdentifier !== undefined && expectedIdentifier !== identifier) throw madeForSomebodyElse();
        return await registry.add({ connectionName: record.connectionName, identifier });
      }),
    connection,
    grant,
    asked,
    redirectUri,
    scopes,
  });
  return {
    account: connected,
    ...(returnTo !== undefined && { returnTo }),
    ...(data !== undefined && { data }),
  };
}
