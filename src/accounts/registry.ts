import { randomUUID } from "node:crypto";
import type { AccountChanges, AccountRecord, Lock } from "../stores/account-store.js";
import { accountNotFound } from "./account-errors.js";
import { showAccount } from "./account-view.js";
import type { AccountsContext } from "./context.js";
import { checkKey } from "./keys.js";
import { persist } from "./refresh-grant.js";
import { sealTokens, type Tokens } from "./tokens.js";
import type { AccountKey, AccountStatus } from "./types.js";

/** A person waits for this one, so not for long. */
const mostWrites = 5;

/** What a connected account is made of. */
export interface Connecting {
  readonly baseUrl: string;
  readonly tokens: Tokens;
  readonly scopes: readonly string[];
  readonly expiresAt: number | null;
  readonly user?: { readonly id: number; readonly username: string };
}

/** Reads and writes of account rows. Every change of status is told to `notify`. */
export interface AccountRegistry {
  add(key: AccountKey): Promise<AccountRecord>;
  find(key: AccountKey): Promise<AccountRecord | undefined>;
  /**
   * Changes the row if it is still as it was read; `undefined` when somebody else was quicker.
   *
   * @param lock given back with the change: nothing else is to be done under it
   */
  change(
    record: AccountRecord,
    changes: Omit<AccountChanges, "updatedAt">,
    lock?: Lock,
  ): Promise<AccountRecord | undefined>;
  /**
   * Makes the account ACTIVE with new tokens, whatever its status. Does not wait for a refresh under way: that one finds
   * the row changed and steps back. `account_not_found` when the account has been deleted.
   *
   * @returns also the rows that were there before, whose tokens nobody uses any more
   */
  connect(
    record: AccountRecord,
    connecting: Connecting,
  ): Promise<{ readonly account: AccountRecord; readonly replaced: readonly AccountRecord[] }>;
  /** Runs `work` while nobody else, in any process, changes this account's tokens. */
  exclusively<Result>(record: AccountRecord, work: (lock: Lock) => Promise<Result>): Promise<Result>;
}

export function createRegistry(context: AccountsContext): AccountRegistry {
  const { store, cipher, now, notify, emit } = context;

  async function change(
    record: AccountRecord,
    changes: Omit<AccountChanges, "updatedAt">,
    lock?: Lock,
  ): Promise<AccountRecord | undefined> {
    const changed = await store.updateAccount(record.id, record.version, { ...changes, updatedAt: now() }, lock);
    if (changed && changed.status !== record.status) {
      notifyChange(changed, record.status);
      if (changed.status === "EXPIRED") emit(changed, "expired");
      if (changed.status === "REVOKED") emit(changed, "revoked");
    }
    return changed;
  }

  function notifyChange(record: AccountRecord, from: AccountStatus): void {
    notify({ account: showAccount(record, record.baseUrl ?? "", now()), from, to: record.status });
  }

  async function connect(
    record: AccountRecord,
    connecting: Connecting,
  ): Promise<{ account: AccountRecord; replaced: AccountRecord[] }> {
    const { baseUrl, tokens, scopes, expiresAt, user } = connecting;
    const replaced: AccountRecord[] = [];
    for (;;) {
      const current = await store.getAccount(record);
      if (current?.id !== record.id) throw accountNotFound(record);
      const changes = {
        status: "ACTIVE",
        baseUrl,
        scopes,
        expiresAt,
        refreshable: tokens.refresh !== undefined,
        secret: sealTokens(cipher, { ...current, baseUrl }, tokens),
        gitlabUserId: user?.id ?? null,
        gitlabUsername: user?.username ?? null,
      } as const;
      replaced.push(current);
      const account = await persist(context, () => change(current, changes), mostWrites);
      if (account) {
        emit(account, "connected");
        return { account, replaced };
      }
    }
  }

  return {
    async add(key) {
      const { connectionName, identifier } = checkKey(key);
      const stored = await store.getAccount({ connectionName, identifier });
      if (stored) return stored;
      const at = now();
      const id = `account_${randomUUID()}`;
      const added = await store.addAccount({
        id,
        connectionName,
        identifier,
        status: "PENDING",
        scopes: [],
        baseUrl: null,
        gitlabUserId: null,
        gitlabUsername: null,
        secret: null,
        refreshable: false,
        expiresAt: null,
        createdAt: at,
        updatedAt: at,
        version: 1,
      });
      if (added.id === id) emit(added, "created");
      return added;
    },

    find: async (key) => await store.getAccount(checkKey(key)),

    change,

    connect,

    // A store of somebody's own may say nothing of who had the lock before.
    exclusively: (record, work) =>
      store.withLock(
        `account ${record.id}`,
        (lock: Lock | undefined) => work(lock ?? { abandoned: false }),
        context.lock,
      ),
  };
}
