import type { AccountRecord } from "../stores/account-store.js";
import type { Cipher } from "./encryption.js";
import { Secret } from "./secret.js";

/** An account's tokens and what renewing them takes. */
export interface Tokens {
  readonly access: Secret;
  readonly refresh?: Secret;
  /** The redirect URI of the authorization: GitLab wants the same one again. */
  readonly redirectUri?: string;
  readonly lifetimeSeconds?: number;
  /** The application that the pair belongs to: GitLab refuses it to any other. */
  readonly clientId?: string;
  /** A renewal of this pair was sent and not answered: GitLab may have rotated it. */
  readonly inDoubt?: boolean;
  /** Pasted by a person, who may use it elsewhere: not ours to revoke. */
  readonly pasted?: boolean;
}

/**
 * Where an account's tokens belong. The instance is part of it, so that a row that somebody points at another host does
 * not take the tokens there.
 */
function place(account: Pick<AccountRecord, "id" | "connectionName" | "identifier" | "baseUrl">): string[] {
  return ["account", account.id, account.connectionName, account.identifier, account.baseUrl ?? "", "tokens"];
}

export function sealTokens(
  cipher: Cipher,
  account: Pick<AccountRecord, "id" | "connectionName" | "identifier" | "baseUrl">,
  tokens: Tokens,
): string {
  const { access, refresh, ...rest } = tokens;
  const plain = { ...rest, access: access.reveal(), ...(refresh && { refresh: refresh.reveal() }) };
  return cipher.seal(JSON.stringify(plain), place(account));
}

export function openTokens(cipher: Cipher, account: AccountRecord, sealed: string): Tokens {
  const { access, refresh, ...rest } = JSON.parse(cipher.open(sealed, place(account))) as {
    access: string;
    refresh?: string;
    redirectUri?: string;
    lifetimeSeconds?: number;
    clientId?: string;
    inDoubt?: boolean;
    pasted?: boolean;
  };
  return { ...rest, access: new Secret(access), ...(refresh !== undefined && { refresh: new Secret(refresh) }) };
}
