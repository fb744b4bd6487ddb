import type { AccountRecord } from "../stores/account-store.js";
import type { Cipher } from "./encryption.js";
import type { Grant } from "./oauth-response.js";
import { Secret } from "./secret.js";

/** An account's tokens and what refreshing them takes. */
export interface Tokens {
  readonly access: Secret;
  readonly refresh?: Secret;
  /** The redirect URI of the authorization: GitLab wants the same one again. */
  readonly redirectUri?: string;
  readonly lifetimeSeconds?: number;
  /** The application that the pair belongs to: GitLab refuses it to any other. */
  readonly clientId?: string;
  /** A refresh of this pair was sent and not answered: GitLab may have rotated it. */
  readonly maybeRotated?: boolean;
  /** Given by a person, who may use it elsewhere: not ours to revoke. */
  readonly givenByPerson?: boolean;
}

/** As it is sealed. These names are in every store, so they stay although the ones above are plainer. */
interface StoredTokens extends Omit<Tokens, "access" | "refresh" | "maybeRotated" | "givenByPerson"> {
  readonly access: string;
  readonly refresh?: string;
  /** {@link Tokens.maybeRotated} */
  readonly inDoubt?: boolean;
  /** {@link Tokens.givenByPerson} */
  readonly pasted?: boolean;
}

/**
 * Where an account's tokens belong. The instance is part of it, so that a row that somebody points at another host does
 * not take the tokens there. Never changed: every store's rows are sealed with it.
 */
function associatedData(account: Pick<AccountRecord, "id" | "connectionName" | "identifier" | "baseUrl">): string[] {
  return ["account", account.id, account.connectionName, account.identifier, account.baseUrl ?? "", "tokens"];
}

export function sealTokens(
  cipher: Cipher,
  account: Pick<AccountRecord, "id" | "connectionName" | "identifier" | "baseUrl">,
  { access, refresh, maybeRotated, givenByPerson, ...rest }: Tokens,
): string {
  const stored: StoredTokens = {
    ...rest,
    access: access.reveal(),
    ...(refresh && { refresh: refresh.reveal() }),
    ...(maybeRotated && { inDoubt: true }),
    ...(givenByPerson && { pasted: true }),
  };
  return cipher.seal(JSON.stringify(stored), associatedData(account));
}

export function openTokens(cipher: Cipher, account: AccountRecord, sealed: string): Tokens {
  const stored = JSON.parse(cipher.open(sealed, associatedData(account))) as StoredTokens;
  const { access, refresh, inDoubt, pasted, ...rest } = stored;
  return {
    ...rest,
    access: new Secret(access),
    ...(refresh !== undefined && { refresh: new Secret(refresh) }),
    ...(inDoubt && { maybeRotated: true }),
    ...(pasted && { givenByPerson: true }),
  };
}

/**
 * The tokens that follow from a grant. A server that sends no new refresh token means the old one:
 * https://datatracker.ietf.org/doc/html/rfc6749#section-6
 */
export function tokensFrom(
  grant: Grant,
  before: Partial<Pick<Tokens, "refresh" | "redirectUri" | "clientId">>,
): Tokens {
  const refresh = grant.refreshToken === undefined ? before.refresh : new Secret(grant.refreshToken);
  return {
    access: new Secret(grant.accessToken),
    ...(refresh && { refresh }),
    ...(before.redirectUri !== undefined && { redirectUri: before.redirectUri }),
    ...(before.clientId !== undefined && { clientId: before.clientId }),
    ...(grant.lifetimeSeconds !== undefined && { lifetimeSeconds: grant.lifetimeSeconds }),
  };
}
