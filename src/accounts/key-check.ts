import type { AccountsContext } from "./context.js";

const setting = "encryption-key-check";
const text = "this store opens with this key";
const associatedData = ["setting", setting];

type KeyContext = Pick<AccountsContext, "store" | "cipher">;

/**
 * Compares the configured keys with the one that the store's mark was sealed with, before anybody relies on them. The
 * first process leaves the mark; only a rotation that has left nothing behind moves it.
 *
 * @throws {GitLabToolError} `connection_misconfigured` for another key
 */
export async function checkEncryptionKey({ store, cipher }: KeyContext): Promise<void> {
  // Read first: a store that exists has a mark, and may be one that cannot be written to.
  const stored =
    (await store.getSetting(setting)) ?? (await store.addSetting(setting, cipher.seal(text, associatedData)));
  cipher.open(stored, associatedData);
}

/** Seals the mark with the current key: without it the store does not open any more. */
export async function moveKeyMark({ store, cipher }: KeyContext): Promise<void> {
  await store.putSetting(setting, cipher.seal(text, associatedData));
}
