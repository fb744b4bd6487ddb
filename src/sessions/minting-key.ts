import { createCipher } from "../accounts/encryption.js";
import { contextOfRow } from "../accounts/sealed-rows.js";
import type { AccountStore } from "../stores/account-store.js";

/** Whether the gateway's key that has minted a session is still good, by the id of the key's row. */
export type IsKeyGood = (rowId: string) => Promise<boolean>;

/** A key that has been revoked has no row any more, and who can write the database cannot make one that opens. */
export function createKeyCheck(
  { rows }: Pick<AccountStore, "rows">,
  keys: readonly string[],
  now: () => number,
): IsKeyGood {
  return async (rowId) => {
    const kind = "api key";
    const row = await rows?.get(kind, rowId, now());
    if (!row) return false;
    try {
      createCipher(keys).open(row.value, contextOfRow(kind, rowId));
      return true;
    } catch {
      return false;
    }
  };
}
