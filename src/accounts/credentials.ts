import { unlessAborted } from "../http/budget.js";
import type { AccountRecord } from "../stores/account-store.js";
import { AccountCache, credentialsOf, isSameRow } from "./account-cache.js";
import { accountExpired, accountNotConnected, accountNotFound, accountRevoked } from "./account-errors.js";
import type { ConnectionDirectory } from "./connections.js";
import type { AccountsContext } from "./context.js";
import { isUsable, usableUntil, type LoadedAccount } from "./due.js";
import { keyText } from "../stores/key-text.js";
import { checkKey } from "./keys.js";
import { KeyedSemaphore } from "./keyed-semaphore.js";
import { connectionOf } from "./refresh-grant.js";
import { isFresh, isRejected, refreshAccount, type RefreshReason } from "./refresh.js";
import { keep, type RefreshParts } from "./refresh-parts.js";
import type { AccountRegistry } from "./registry.js";
import type { RejectedToken } from "./rejected-token.js";
import { openTokens, sealTokens } from "./tokens.js";
import type { AccountKey, Credentials } from "./types.js";

export interface CredentialsOptions {
  readonly signal?: AbortSignal | undefined;
  /** Set after a 401: never answered with the same token, unless GitLab still accepts it elsewhere. */
  readonly rejected?: RejectedToken | undefined;
}

export interface CredentialsSource {
  /** What is in memory. */
  readonly cache: Pick<AccountCache, "fresh">;
  get(key: AccountKey, options?: CredentialsOptions): Promise<Credentials>;
  /** Refreshes the account's token when it ends within `aheadMs`. One attempt: nobody waits for it. */
  refreshAhead(key: AccountKey, aheadMs: number): Promise<void>;
  /** Forgets what is held in memory, of one account or of a whole connection. */
  forget(key: AccountKey): void;
  forgetConnection(connectionName: string): void;
  /** Ends when no refresh is under way. */
  idle(): Promise<void>;
}

/** As many as calls of one instance are under way by default. */
const mostRefreshes = 50;

export function createCredentials(
  context: AccountsContext,
  connections: ConnectionDirectory,
  registry: AccountRegistry,
): CredentialsSource {
  const { cipher, now } = context;
  const cache = new AccountCache(context);
  const parts: RefreshParts = {
    context,
    connections,
    registry,
    cache,
    refreshPermits: new KeyedSemaphore(mostRefreshes, context.lock),
    load,
  };
  /** Look-ups and refreshes under way, by what they are for: calls at the same time share one. */
  const shared = new Map<string, Promise<LoadedAccount>>();
  /** Writes and refreshes that nobody waits for. */
  const background = new Set<Promise<unknown>>();

  /** @throws {GitLabToolError} unless the account is ACTIVE */
  async function load(key: AccountKey, known?: LoadedAccount): Promise<LoadedAccount> {
    const record = await registry.find(key);
    if (record?.status !== "ACTIVE") cache.drop(key);
    if (!record) throw accountNotFound(key);
    if (record.status === "REVOKED") throw accountRevoked(key);
    if (record.status === "EXPIRED") throw accountExpired(record);
    if (record.status === "PENDING" || record.secret === null) {
      throw accountNotConnected(key, "nobody has authorized it yet", { status: "PENDING" });
    }
    const { instance, networkSettings } = await connectionOf(record, connections);
    const opened = cache.same(record)?.account ?? (known && isSameRow(known.record, record) ? known : undefined);
    const tokens = opened?.tokens ?? openTokens(cipher, record, record.secret);
    if (!cipher.isCurrent(record.secret)) inBackground(reseal(record));
    return { record, tokens, instance, ...(networkSettings && { networkSettings }) };
  }

  /** After a change of keys: what is read is sealed with the current one. */
  async function reseal(record: AccountRecord): Promise<void> {
    if (record.secret === null) return;
    const secret = sealTokens(cipher, record, openTokens(cipher, record, record.secret));
    await context.store.updateAccount(record.id, record.version, { secret, updatedAt: record.updatedAt });
  }

  function inBackground(work: Promise<unknown>): void {
    background.add(work);
    work.catch(() => undefined).finally(() => background.delete(work));
  }

  async function loadUsable(key: AccountKey, reason: RefreshReason): Promise<LoadedAccount> {
    const { rejected, aheadMs } = reason;
    const since = cache.epoch;
    const account = await load(key);
    const known = cache.same(account.record);
    // Also when its refresh has just failed: the next try comes when the pause is over.
    if (known && now() < known.until && aheadMs === undefined && !isRejected(account, rejected)) {
      return keep(parts, account, since, known.until);
    }
    if (isFresh(context, account, reason)) return keep(parts, account, since);
    const refreshed = refreshAccount(parts, account, reason);
    if (aheadMs !== undefined || isRejected(account, rejected) || !isUsable(account.record, now())) {
      return await refreshed;
    }
    return (await soon(refreshed)) ?? keep(parts, account, since, usableUntil(account.record, now()));
  }

  /** `undefined` when it takes long: then it goes on by itself, and those who have a token that works do without. */
  async function soon(refreshed: Promise<LoadedAccount>): Promise<LoadedAccount | undefined> {
    inBackground(refreshed);
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), context.requestTimeoutMs / 3);
    });
    try {
      return await Promise.race([refreshed, tooLate]);
    } finally {
      clearTimeout(timer);
    }
  }

  function share(name: string, work: () => Promise<LoadedAccount>): Promise<LoadedAccount> {
    const running = shared.get(name);
    if (running) return running;
    const begun = work().finally(() => shared.delete(name));
    shared.set(name, begun);
    return begun;
  }

  return {
    cache,

    async get(key, { signal, rejected } = {}) {
      const checked = checkKey(key);
      const text = keyText(checked);
      const cached = cache.fresh(text);
      if (cached && cached.token !== rejected?.token) return cached;
      const name = rejected ? JSON.stringify([text, rejected.token]) : text;
      const account = share(name, () => loadUsable(checked, { rejected }));
      return credentialsOf(await unlessAborted(account, signal));
    },

    async refreshAhead(key, aheadMs) {
      await share(`ahead ${keyText(key)}`, () => loadUsable(key, { aheadMs }));
    },

    forget: (key) => cache.forget(key),
    forgetConnection: (connectionName) => cache.forgetConnection(connectionName),

    async idle() {
      while (shared.size + background.size > 0) await Promise.allSettled([...shared.values(), ...background]);
    },
  };
}
