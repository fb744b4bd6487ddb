import type { AccountsContext } from "./context.js";

const setting = "encryption-key-check";
const text = "this store opens with this key";
const place = ["setting", setting];

/**
 * Compares the configured keys with the ones that the store was written with, before anybody relies on them. The first
 * process leaves a sealed mark; after a rotation the mark moves on to the current key.
 *
 * @throws {GitLabToolError} `connection_misconfigured` for another key
 */
export async function checkEncryptionKey({ store, cipher }: Pick<AccountsContext, "store" | "cipher">): Promise<void> {
  const stored = await store.addSetting(setting, cipher.seal(text, place));
  cipher.open(stored, place);
  if (!cipher.isCurrent(stored)) await store.putSetting(setting, cipher.seal(text, place));
}
