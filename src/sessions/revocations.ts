import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";
import { keyText } from "../stores/key-text.js";
import type { AccountKey } from "../accounts/types.js";
import type { AccountStore } from "../stores/account-store.js";

/** What is known of one person's sessions: one row per person, however many sessions there are. */
interface RevocationRow {
  /** Sessions of other generations are void. */
  readonly generation: string;
  /** Sessions that were ended before their time, and when that would have been (milliseconds since 1970). */
  readonly revoked: Readonly<Record<string, number>>;
}

/** A row of version 0.1 has no code: who could write the database could bring a session back to life. */
interface StoredRow extends RevocationRow {
  readonly mac?: string;
}

/** A row, and the text that it was read from. */
interface Stored {
  readonly text: string;
  readonly row: StoredRow;
}

export interface Revocations {
  generation(account: AccountKey): Promise<string>;
  /** @param session.sealed whether the session was minted by a version that authenticates the row */
  isRevoked(
    account: AccountKey,
    session: { readonly sessionId: string; readonly generation: string; readonly sealed: boolean },
  ): Promise<boolean>;
  /** Ends one session, remembered until `end`. */
  revoke(account: AccountKey, sessionId: string, end: number): Promise<void>;
  revokeAll(account: AccountKey): Promise<void>;
  /** Sessions that were ended before their time; `undefined` where none was ever minted. */
  revoked(account: AccountKey): Promise<RevocationRow["revoked"] | undefined>;
  /** Deletes the row, and with it ends all sessions. `false` where there was none. */
  forget(account: AccountKey): Promise<boolean>;
  /** Makes the row's code anew with the current key, where an earlier one has made it: no sessions end by that. */
  reseal(account: AccountKey): Promise<void>;
}

/** Rows whose code is remembered: those of the people who are at work. */
const mostChecked = 1_000;

const nameOf = (account: AccountKey): string => `sessions ${keyText(account)}`;
const fresh = (): RevocationRow => ({ generation: randomUUID(), revoked: {} });

/**
 * Revocations in the store's settings, which every replica reads. Each row carries a code (HMAC-SHA-256) that only we
 * can make.
 *
 * @param keys for these codes: the current one first
 */
export function createRevocations(
  store: AccountStore,
  now: () => number,
  keys: () => readonly Uint8Array[],
): Revocations {
  const macOf = (key: Uint8Array, name: string, { generation, revoked }: RevocationRow): string =>
    createHmac("sha256", key)
      .update(JSON.stringify([name, generation, Object.entries(revoked).sort()]))
      .digest("base64url");

  function seal(name: string, { generation, revoked }: RevocationRow): string {
    const [key] = keys();
    if (!key) throw new TypeError("Sessions need a key.");
    return JSON.stringify({ generation, revoked, mac: macOf(key, name, { generation, revoked }) });
  }

  /** Texts of rows whose code is right: a row that has not changed need not be checked again with every request. */
  const checked = new Map<string, string>();

  function isAuthentic(name: string, { text, row }: Stored): boolean {
    if (checked.get(name) === text) return true;
    if (keyOf(name, row) === undefined) return false;
    const [oldest] = checked.keys();
    if (oldest !== undefined && checked.size >= mostChecked) checked.delete(oldest);
    checked.set(name, text);
    return true;
  }

  /** The position of the key that made the row's code; `undefined` for a code that none of them has made. */
  function keyOf(name: string, row: StoredRow): number | undefined {
    const code = Buffer.from(row.mac ?? "");
    const found = keys().findIndex((key) => {
      const right = Buffer.from(macOf(key, name, row));
      return right.length === code.length && timingSafeEqual(right, code);
    });
    return found < 0 ? undefined : found;
  }

  async function readText(account: AccountKey): Promise<Stored | undefined> {
    const text = await store.getSetting(nameOf(account));
    return text === undefined ? undefined : { text, row: JSON.parse(text) as StoredRow };
  }

  const read = async (account: AccountKey): Promise<StoredRow | undefined> => (await readText(account))?.row;

  /** The row for a change: a forged one voids all sessions. */
  async function readForChange(account: AccountKey): Promise<RevocationRow> {
    const row = await read(account);
    return row && (row.mac === undefined || keyOf(nameOf(account), row) !== undefined) ? row : fresh();
  }

  const write = (account: AccountKey, row: RevocationRow): Promise<void> =>
    store.putSetting(nameOf(account), seal(nameOf(account), row));

  return {
    async generation(account) {
      const name = nameOf(account);
      const row = await read(account);
      if (row && keyOf(name, row) === 0) return row.generation;
      return await store.withLock(name, async () => {
        const current = await readForChange(account);
        await write(account, current);
        return current.generation;
      });
    },

    async isRevoked(account, { sessionId, generation, sealed }) {
      const stored = await readText(account);
      // A row that was lost comes back with another generation: revoked sessions do not come back with it.
      if (!stored) return true;
      const { row } = stored;
      const authentic = row.mac === undefined ? !sealed : isAuthentic(nameOf(account), stored);
      return !authentic || generation !== row.generation || Object.hasOwn(row.revoked, sessionId);
    },

    async revoke(account, sessionId, end) {
      await store.withLock(nameOf(account), async () => {
        const { generation, revoked } = await readForChange(account);
        const alive = Object.entries(revoked).filter(([, ends]) => ends > now());
        await write(account, { generation, revoked: { ...Object.fromEntries(alive), [sessionId]: end } });
      });
    },

    async reseal(account) {
      const name = nameOf(account);
      const made = (row: StoredRow | undefined): number => (row && keyOf(name, row)) ?? 0;
      if (made(await read(account)) === 0) return;
      await store.withLock(name, async () => {
        const current = await read(account);
        if (current && made(current) > 0) await write(account, current);
      });
    },

    revoked: async (account) => (await read(account))?.revoked,

    async forget(account) {
      const name = nameOf(account);
      if (!(await read(account))) return false;
      return await store.withLock(name, async () => {
        if (store.deleteSetting) return await store.deleteSetting(name);
        await write(account, fresh());
        return true;
      });
    },

    revokeAll: (account) => store.withLock(nameOf(account), () => write(account, fresh())),
  };
}
