import type { AccountRecord } from "../stores/account-store.js";
import type { ConnectionDirectory } from "./connections.js";
import type { AccountsContext } from "./context.js";
import { OAuthFailure } from "./oauth-failure.js";
import { revokeToken } from "./oauth.js";
import type { AccountParts } from "./parts.js";
import { connectionOf } from "./refresh-grant.js";
import { openTokens } from "./tokens.js";
import type { AccountKey, ConnectedAccount } from "./types.js";

/**
 * What became of the tokens at GitLab.
 * - `revoked`: GitLab has confirmed it
 * - `failed`: GitLab could not be reached or refused; the grant may still be alive there
 * - `kept`: a token that the person gave, which may be in use elsewhere; it stays valid
 * - `none`: there was nothing to revoke
 */
export type Revocation = "revoked" | "failed" | "kept" | "none";

export interface DeletedAccount {
  /** The account as it was. */
  readonly connectedAccount: ConnectedAccount;
  readonly revocation: Revocation;
  /** Why the revocation failed, and what to do. */
  readonly warning?: string;
}

interface Revoked {
  readonly revocation: Revocation;
  readonly warning?: string;
}

const attempts = 3;
/** The worst first: what is said of several. */
const order: readonly Revocation[] = ["failed", "revoked", "kept", "none"];

/** Revokes at GitLab, then deletes. Whatever GitLab says, the local tokens are gone afterwards. */
export async function deleteAccount(
  { context, connections, registry }: Pick<AccountParts, "context" | "connections" | "registry">,
  key: AccountKey,
): Promise<(Revoked & { readonly account: AccountRecord }) | undefined> {
  const found = await registry.find(key);
  if (!found) return undefined;
  // A refresh under way ends first: its pair is the one to revoke.
  return await registry.exclusively(found, async () => {
    let result: Revoked = { revocation: "none" };
    for (;;) {
      const account = await registry.find(key);
      if (account?.id !== found.id) return undefined;
      const next = await revoke(context, connections, account);
      if (order.indexOf(next.revocation) <= order.indexOf(result.revocation)) result = next;
      if (await context.store.deleteAccount(account.id, account.version)) {
        context.emit(account, "deleted");
        return { account, ...result };
      }
      // The person has authorized it anew meanwhile: that grant has to go, too.
    }
  });
}

async function revoke(
  context: AccountsContext,
  connections: ConnectionDirectory,
  account: AccountRecord,
): Promise<Revoked> {
  if (account.secret === null) return { revocation: "none" };
  const host = account.baseUrl === null ? "the instance" : new URL(account.baseUrl).host;
  const byHand = `Revoke it at ${host}, under the user's Preferences → Applications.`;
  try {
    const tokens = openTokens(context.cipher, account, account.secret);
    if (tokens.givenByPerson) return { revocation: "kept" };
    const connection = await connectionOf(account, connections);
    for (let attempt = 1; ; attempt += 1) {
      try {
        await revokeToken(context, connection, tokens.access.reveal());
        return { revocation: "revoked" };
      } catch (error) {
        if (!(error instanceof OAuthFailure) || !error.transient || attempt === attempts) throw error;
        await context.sleep(200 * attempt);
      }
    }
  } catch (error) {
    const because = error instanceof Error ? error.message : String(error);
    return { revocation: "failed", warning: `GitLab did not confirm the revocation: ${because}. ${byHand}` };
  }
}
