import { setTimeout as delay } from "node:timers/promises";
import { steadyClock } from "../http/budget.js";
import { createSafeFetch } from "../http/safe-fetch.js";
import type { AccountRecord } from "../stores/account-store.js";
import { openStore } from "../stores/open-store.js";
import { createCleanup, type Cleanup } from "../stores/cleanup.js";
import { showAccount } from "./account-view.js";
import type { BrowserAuthorizationOptions } from "./browser.js";
import type { CallbackOptions } from "./callback.js";
import { createConnections, parseConnection, shown, type Connections } from "./connections.js";
import type { AccountsContext } from "./context.js";
import { createCredentials, type CredentialsOptions } from "./credentials.js";
import type { DeletedAccount } from "./delete.js";
import type { DeviceAuthorization, DeviceAuthorizationOptions } from "./device.js";
import { createCipher, missingKey, temporaryKey, usableKeys } from "./encryption.js";
import { listenerOf } from "./events.js";
import { checkEncryptionKey } from "./key-check.js";
import { checkKey } from "./keys.js";
import { createLifetime } from "./lifetime.js";
import type { AuthorizationLink, AuthorizationLinkOptions, SignInLinkOptions } from "./link.js";
import { listAccounts, toConnectedAccount, type AccountsFilter } from "./list.js";
import type { AccountsOptions } from "./options.js";
import type { AccountParts } from "./parts.js";
import { checkOwnRedirectUri, checkPublicUrl } from "./redirect-uri.js";
import { attemptsBudgetMs } from "./refresh-grant.js";
import { refreshDue, startRefresher, type Refresher, type RefresherOptions, type RefreshSummary } from "./refresher.js";
import { createRegistry } from "./registry.js";
import type { KeyRotation, RotateOptions, ResealBeside } from "./rotate.js";
import type { AccountKey, ConnectedAccount, Connection, Credentials } from "./types.js";

/** What a callback has led to. */
export interface CompletedAuthorization {
  readonly connectedAccount: ConnectedAccount;
  /** As given to the link. */
  readonly returnTo?: string;
  /** As given to the link. */
  readonly data?: string;
}

/** Everybody's accounts: who is connected where, and with which token a call goes out. */
export interface Accounts {
  /** By the account's `keyText`: what is in memory and may be used without a look at the store. */
  readonly cache: { fresh(account: string): Credentials | undefined };
  /** What a call goes out with, refreshed ahead of its end. Reads memory, or the store once. */
  credentials(key: AccountKey, options?: CredentialsOptions): Promise<Credentials>;
  getOrCreate(key: AccountKey): Promise<ConnectedAccount>;
  get(key: AccountKey): Promise<ConnectedAccount | undefined>;
  list(filter?: AccountsFilter): Promise<ConnectedAccount[]>;
  /** Revokes at GitLab and deletes; `undefined` when there was no such account. */
  delete(key: AccountKey): Promise<DeletedAccount | undefined>;
  connectWithToken(options: AccountKey & { readonly token: string }): Promise<ConnectedAccount>;
  authorizationLink(options: AuthorizationLinkOptions): Promise<AuthorizationLink>;
  /** A link for somebody who is not known yet: the callback's `identify` says whose account it becomes. */
  signInLink(options: SignInLinkOptions): Promise<AuthorizationLink>;
  handleCallback(callback: string | URL, options?: CallbackOptions): Promise<CompletedAuthorization>;
  startDeviceFlow(options: DeviceAuthorizationOptions): Promise<DeviceAuthorization>;
  authorizeInBrowser(options: BrowserAuthorizationOptions): Promise<ConnectedAccount>;
  /** Refreshes what is due, once. */
  refreshDue(options?: RefresherOptions): Promise<RefreshSummary>;
  /** Refreshes what is due, again and again, until stopped. */
  startRefresher(options?: RefresherOptions): Refresher;
  /** Seals everything in the store with the current encryption key. */
  rotateKeys(options?: RotateOptions, beside?: ResealBeside): Promise<KeyRotation>;
  readonly connections: Connections;
  /** Is told what is written beside accounts and ends by itself. */
  readonly cleanup: Cleanup;
  /** Where a connection leads. @throws {GitLabToolError} `connection_not_found` */
  connection(name: string): Promise<Connection>;
  /** Opens the store and checks the encryption key against it. Every other method does so first. */
  ready(): Promise<void>;
  /** Waits for what is under way, ends what waits for a person, then closes the store. */
  close(): Promise<void>;
}

/** The steps of an account's life that most processes never come to: each is loaded when it is first taken. */
const steps = {
  browser: () => import("./browser.js"),
  callback: () => import("./callback.js"),
  delete: () => import("./delete.js"),
  device: () => import("./device.js"),
  link: () => import("./link.js"),
  rotate: () => import("./rotate.js"),
  token: () => import("./token.js"),
};

/** A stuck process keeps an account's lock no longer than a refresh can take. */
const lockMarginMs = 15_000;

/**
 * Accounts on a store. Checks the configuration at once, but for secrets that are missing, and does no I/O before its
 * first use.
 *
 * @throws {GitLabToolError} `connection_misconfigured`, `invalid_input`
 */
export function createAccounts(options: AccountsOptions): Accounts {
  const configured = new Map(
    Object.entries(options.connections ?? { gitlab: {} }).map(([name, config]) => [
      name,
      parseConnection(name, config, "configuration"),
    ]),
  );
  for (const connection of configured.values()) {
    const { redirectUri, clientId } = connection;
    if (redirectUri !== undefined && clientId !== undefined) {
      checkOwnRedirectUri(connection, redirectUri, [...configured.values()]);
    }
  }
  if (options.publicUrl !== undefined) checkPublicUrl(options.publicUrl);
  const keys = usableKeys(options.encryptionKey);
  const hasKey = keys.length > 0 || options.store === "memory:";
  const store = typeof options.store === "string" ? openStore(options.store) : options.store;
  const lifetime = createLifetime(store, async () => {
    if (!hasKey) throw missingKey();
    await store.open();
    await checkEncryptionKey(context);
  });
  const { ready, use, useUntilClosed } = lifetime;
  const requestTimeoutMs = options.tokenRequestTimeoutMs ?? 15_000;
  const holdMs = attemptsBudgetMs + 4 * requestTimeoutMs + lockMarginMs;
  const { now: ownNow } = options;
  // Stores keep whole milliseconds.
  const now = ownNow ? (): number => Math.floor(ownNow()) : Date.now;
  const emitEvent = listenerOf("onAccountEvent", options.onAccountEvent);
  const about = (record: AccountRecord) => ({
    account: showAccount(record, record.baseUrl ?? "", now()),
    at: new Date(now()).toISOString(),
  });
  const cleanup = createCleanup(store, now);
  const context: AccountsContext = {
    store,
    cleanup,
    cipher: createCipher(keys.length === 0 ? [temporaryKey()] : keys),
    now,
    steady: steadyClock(now),
    sleep: options.sleep ?? ((ms, signal) => delay(ms, undefined, { ...(signal && { signal }) })),
    fetch: createSafeFetch(options.fetch),
    requestTimeoutMs,
    refreshTimeoutMs: 4 * requestTimeoutMs,
    lock: { holdMs, waitMs: holdMs + lockMarginMs, signal: lifetime.closing },
    refreshSkewMs: (options.refreshSkewSeconds ?? 300) * 1000,
    accountCacheMs: (options.accountCacheSeconds ?? 30) * 1000,
    notify: listenerOf("onAccountStatusChange", options.onAccountStatusChange),
    emit: (record, type) => emitEvent({ ...about(record), type }),
    emitRefreshFailed: (record, error) => emitEvent({ ...about(record), type: "refresh_failed", error }),
  };
  const connections = createConnections(configured, context, {
    onChange: (name) => credentials.forgetConnection(name),
    checkBaseUrl: options.checkBaseUrl,
  });
  const registry = createRegistry(context);
  const credentials = createCredentials(context, connections, registry);
  const parts: AccountParts = {
    context,
    connections,
    registry,
    allowedReturnOrigins: options.allowedReturnOrigins ?? [],
    publicUrl: options.publicUrl,
    leastScopes: options.leastScopes,
    forget: (key) => credentials.forget(key),
  };
  const refreshers = new Set<Refresher>();
  const show = (record: AccountRecord): Promise<ConnectedAccount> => toConnectedAccount(context, connections, record);

  return {
    ready,
    cleanup,
    cache: credentials.cache,
    credentials: (key, callOptions) => use(() => credentials.get(key, callOptions), callOptions?.signal),
    getOrCreate: (key) =>
      use(async () => {
        await connections.resolve(checkKey(key).connectionName);
        return await show(await registry.add(key));
      }),
    get: (key) =>
      use(async () => {
        const record = await registry.find(key);
        return record && (await show(record));
      }),
    list: (filter) => use(() => listAccounts(context, connections, filter)),
    delete: (key) =>
      use(async () => {
        const checkedKey = checkKey(key);
        const { deleteAccount } = await steps.delete();
        const deleted = await deleteAccount(parts, checkedKey);
        credentials.forget(key);
        if (!deleted) return undefined;
        const { account, ...revocation } = deleted;
        return { connectedAccount: await show(account), ...revocation };
      }),
    connectWithToken: (options) =>
      use(async () => {
        const { connectWithToken } = await steps.token();
        return await show(await connectWithToken(parts, options));
      }),
    authorizationLink: (options) =>
      use(async () => {
        const { createLink } = await steps.link();
        return await createLink(parts, { ...options, ...checkKey(options) });
      }),
    signInLink: (options) =>
      use(async () => {
        const { createLink } = await steps.link();
        return await createLink(parts, options);
      }),
    handleCallback: (callback, options) =>
      use(async () => {
        const { completeCallback } = await steps.callback();
        const { account, ...rest } = await completeCallback(parts, callback, options);
        return { connectedAccount: await show(account), ...rest };
      }),
    startDeviceFlow: (options) =>
      use(async () => {
        const { deviceAuthorization } = await steps.device();
        return await deviceAuthorization(parts, options, lifetime, show);
      }),
    authorizeInBrowser: (options) =>
      useUntilClosed(async (signal) => {
        const { authorizeInBrowser } = await steps.browser();
        return await show(await authorizeInBrowser(parts, { ...options, signal }));
      }, options.signal),
    refreshDue: (passOptions) => use(() => refreshDue(context, credentials, passOptions)),
    startRefresher(passOptions) {
      const refresher = startRefresher(
        (shouldContinue) => use(() => refreshDue(context, credentials, passOptions, shouldContinue)),
        passOptions,
      );
      refreshers.add(refresher);
      return refresher;
    },
    rotateKeys: (options, beside) =>
      use(async () => {
        const { rotateKeys } = await steps.rotate();
        return await rotateKeys(context, connections, options, beside);
      }, options?.signal),
    connection: (name) => use(async () => shown(await connections.resolve(name))),
    connections: {
      set: (name, config) => use(() => connections.set(name, config)),
      get: (name) => use(() => connections.get(name)),
      list: () => use(() => connections.list()),
      delete: (name) => use(() => connections.delete(name)),
    },
    close: () =>
      lifetime.close(async () => {
        await Promise.all([...refreshers].map((refresher) => refresher.stop()));
        await credentials.idle();
        await cleanup.idle();
      }),
  };
}
