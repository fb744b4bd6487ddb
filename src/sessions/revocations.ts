import { randomUUID } from "node:crypto";
import { keyText } from "../accounts/keys.js";
import type { AccountKey } from "../accounts/types.js";
import type { AccountStore } from "../stores/account-store.js";

/** What is known of one person's sessions: one row per person, however many sessions there are. */
interface Row {
  /** Sessions of other generations are void. */
  readonly generation: string;
  /** Sessions that were ended before their time, and when that would have been (milliseconds since 1970). */
  readonly revoked: Readonly<Record<string, number>>;
}

export interface Revocations {
  generation(account: AccountKey): Promise<string>;
  isRevoked(account: AccountKey, session: { sessionId: string; generation: string }): Promise<boolean>;
  /** Ends one session, remembered until `end`. */
  revoke(account: AccountKey, sessionId: string, end: number): Promise<void>;
  revokeAll(account: AccountKey): Promise<void>;
}

const nameOf = (account: AccountKey): string => `sessions ${keyText(account)}`;
const fresh = (): Row => ({ generation: randomUUID(), revoked: {} });

/** Revocations in the store's settings, which every replica reads. */
export function createRevocations(store: AccountStore, now: () => number): Revocations {
  // A row that was lost comes back with another generation: revoked sessions do not come back with it.
  const read = async (account: AccountKey): Promise<Row> =>
    JSON.parse(await store.addSetting(nameOf(account), JSON.stringify(fresh()))) as Row;
  const write = (account: AccountKey, row: Row): Promise<void> =>
    store.putSetting(nameOf(account), JSON.stringify(row));

  return {
    generation: async (account) => (await read(account)).generation,

    async isRevoked(account, { sessionId, generation }) {
      const row = await read(account);
      return generation !== row.generation || Object.hasOwn(row.revoked, sessionId);
    },

    async revoke(account, sessionId, end) {
      await store.withLock(nameOf(account), async () => {
        const { generation, revoked } = await read(account);
        const alive = Object.entries(revoked).filter(([, ends]) => ends > now());
        await write(account, { generation, revoked: { ...Object.fromEntries(alive), [sessionId]: end } });
      });
    },

    revokeAll: (account) => store.withLock(nameOf(account), () => write(account, fresh())),
  };
}
