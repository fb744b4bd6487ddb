import type { AccountRecord } from "../stores/account-store.js";
import type { ResolvedConnection } from "./connections.js";
import type { LoadedAccount } from "./due.js";
import type { Grant } from "./oauth-response.js";
import { persist } from "./refresh-grant.js";
import { keep, type RefreshParts, type Turn } from "./refresh-parts.js";
import { openTokens, sealTokens, tokensFrom, type Tokens } from "./tokens.js";

/** Writes the new pair down, whatever else was written to the row while GitLab was asked. */
export async function saveRefreshed(
  parts: RefreshParts,
  { record, tokens, ...way }: LoadedAccount,
  { since, lock }: Turn,
  { connection, grant, asked }: { connection: ResolvedConnection; grant: Grant; asked: number },
): Promise<LoadedAccount> {
  const { context, registry, load } = parts;
  const next = tokensFrom(grant, { ...tokens, clientId: connection.clientId });
  const changes = {
    status: "ACTIVE" as const,
    secret: sealTokens(context.cipher, record, next),
    refreshable: next.refresh !== undefined,
    expiresAt: grant.lifetimeSeconds === undefined ? null : asked + grant.lifetimeSeconds * 1000,
    scopes: grant.scopes ?? record.scopes,
  };
  const saved = (stored: AccountRecord): LoadedAccount => {
    context.emit(stored, "refreshed");
    return keep(parts, { ...way, record: stored, tokens: next }, since);
  };
  let before = record;
  for (;;) {
    const from = before;
    const written = await persist(context, () => registry.change(from, changes, lock));
    if (written) return saved(written);
    const stored = await registry.find(record);
    // The write was made although the database's response to it was lost.
    if (stored?.secret === changes.secret) return saved(stored);
    if (stored?.id !== record.id || (stored.status === "ACTIVE" && !isSamePair(parts, stored, tokens))) {
      // Deleted, or authorized anew, while GitLab was asked: nobody will use what we got.
      const { revokeToken } = await import("./oauth.js");
      await revokeToken(context, connection, next.access.reveal()).catch(() => undefined);
      return await load(record);
    }
    before = stored;
  }
}

/** Whether the row still has this pair: as it was, or noted as maybe rotated by somebody who asked before us. */
function isSamePair({ context }: RefreshParts, stored: AccountRecord, { refresh: token }: Tokens): boolean {
  if (stored.secret === null) return false;
  return openTokens(context.cipher, stored, stored.secret).refresh?.reveal() === token?.reveal();
}
