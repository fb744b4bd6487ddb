import type { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type { AccountChanges, AccountRecord } from "../stores/account-store.js";
import { accountExpired, accountRevoked, refreshLost } from "./account-errors.js";
import type { LoadedAccount } from "./due.js";
import { keep, type RefreshParts } from "./refresh-parts.js";

/** How long another process may take from GitLab's response to its own write before we believe a refusal. */
const graceMs = 400;

/**
 * The account's pair is dead, unless somebody has just replaced it: the store is read again, and once more after a
 * moment, before that is believed.
 *
 * @param lost GitLab may have rotated the pair without our hearing of it: nobody has revoked anything
 */
export async function giveUp(
  parts: RefreshParts,
  { record }: LoadedAccount,
  since: number,
  lost: boolean,
): Promise<LoadedAccount> {
  for (const wait of [0, graceMs]) {
    if (wait > 0) await parts.context.sleep(wait);
    const stored = await parts.load(record);
    if (stored.record.secret !== record.secret) return keep(parts, stored, since);
  }
  const status = lost ? "EXPIRED" : "REVOKED";
  return await end(
    parts,
    record,
    { status, secret: null, refreshable: false },
    lost ? refreshLost(record) : accountRevoked(record),
  );
}

/** Its token has expired, and nothing can replace it. */
export const expire = (parts: RefreshParts, record: AccountRecord): Promise<LoadedAccount> =>
  end(parts, record, { status: "EXPIRED", secret: null }, accountExpired(record));

/** Ends the account, unless somebody has changed it since it was read. */
async function end(
  { registry, cache, load }: RefreshParts,
  record: AccountRecord,
  changes: Omit<AccountChanges, "updatedAt">,
  error: GitLabToolError,
): Promise<LoadedAccount> {
  const changed = await registry.change(record, changes);
  if (!changed) return await load(record);
  cache.drop(record);
  throw error;
}
