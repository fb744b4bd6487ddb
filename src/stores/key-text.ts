import type { AccountKey } from "./account-store.js";

/** One string per account: two keys never meet. */
export function keyText({ connectionName, identifier }: AccountKey): string {
  return JSON.stringify([connectionName, identifier]);
}
