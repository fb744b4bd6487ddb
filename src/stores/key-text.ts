import type { AccountKey } from "../accounts/types.js";

/** One string per account: two keys never meet. */
export function keyText({ connectionName, identifier }: AccountKey): string {
  return JSON.stringify([connectionName, identifier]);
}
