import type { AccountRecord } from "../stores/account-store.js";
import type { ConnectionDirectory } from "./connections.js";
import type { AccountsContext } from "./context.js";
import { revokeToken } from "./oauth.js";
import { connectionOf } from "./refresh-grant.js";
import { openTokens, type Tokens } from "./tokens.js";

/** Somebody waits for the account meanwhile. */
const longestMs = 5_000;

/**
 * Revokes what an account had before it was connected anew, so that no grant stays alive that nobody holds. What a
 * person gave is theirs and stays. Best effort: the new tokens are in place, whatever GitLab says to this.
 */
export async function revokeReplaced(
  context: AccountsContext,
  connections: ConnectionDirectory,
  replaced: readonly AccountRecord[],
  next: Tokens,
): Promise<void> {
  const http = { ...context, requestTimeoutMs: Math.min(context.requestTimeoutMs, longestMs) };
  const revoke = async (record: AccountRecord): Promise<void> => {
    if (record.secret === null) return;
    const before = openTokens(context.cipher, record, record.secret);
    const connection = await connectionOf(record, connections);
    const another = before.clientId !== undefined && before.clientId !== connection.clientId;
    // The same token again, from an instance that hands out the one it has, or from a write that had to be repeated.
    const same = before.access.reveal() === next.access.reveal();
    if (before.givenByPerson || another || same) return;
    await revokeToken(http, connection, before.access.reveal());
  };
  await Promise.allSettled(replaced.map(revoke));
}
