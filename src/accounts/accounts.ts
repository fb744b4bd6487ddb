import { setTimeout as delay } from "node:timers/promises";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { createSafeFetch } from "../http/safe-fetch.js";
import type { AccountRecord, AccountStore } from "../stores/account-store.js";
import { openStore } from "../stores/open-store.js";
import { explained } from "./account-errors.js";
import { showAccount } from "./account-view.js";
import {
  completeCallback,
  createLink,
  type AuthorizationLink,
  type AuthorizationLinkOptions,
  type AuthorizationParts,
  type CallbackOptions,
} from "./authorization.js";
import { authorizeInBrowser, type BrowserAuthorizationOptions } from "./browser-flow.js";
import { connectWithToken } from "./connect-with-token.js";
import { createConnections, parseConnection, type Connections } from "./connections.js";
import type { AccountsContext } from "./context.js";
import { createCredentials, type CredentialsOptions } from "./credentials.js";
import { deleteAccount, type DeletedAccount } from "./delete-account.js";
import { startDeviceFlow, type DeviceAuthorizationOptions } from "./device-flow.js";
import { createCipher, missingKey, temporaryKey } from "./encryption.js";
import { checkEncryptionKey } from "./key-check.js";
import { checkKey } from "./keys.js";
import { refreshDue, startRefresher, type Refresher, type RefresherOptions, type RefreshSummary } from "./refresher.js";
import { createRegistry } from "./registry.js";
import type {
  AccountKey,
  AccountStatus,
  AccountStatusChange,
  ConnectedAccount,
  Connection,
  ConnectionConfig,
  Credentials,
} from "./types.js";

export interface AccountsOptions {
  /** Connections by name. Default: `gitlab`, which is GitLab.com. */
  readonly connections?: Readonly<Record<string, ConnectionConfig>>;
  /** `memory:`, `sqlite:PATH`, `postgres://…`, or an `AccountStore` of your own. */
  readonly store: string | AccountStore;
  /** 32 bytes in base64; `[current, ...previous]` to rotate. Required unless the store is `memory:`. */
  readonly encryptionKey?: string | readonly string[];
  /** How long before its end a token is renewed. Default: 300. */
  readonly refreshSkewSeconds?: number;
  /**
   * How long an account is used from memory. What another process changes, disconnecting it or moving its connection,
   * is noticed after that at the latest. Default: 30; 0 looks into the store with every call.
   */
  readonly accountCacheSeconds?: number;
  /** The clock, in milliseconds since 1970. */
  readonly now?: () => number;
  /** How this room waits between attempts. */
  readonly sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly fetch?: typeof fetch;
  /** How long one request for tokens may take, in milliseconds; four times as long when it renews a pair. Default: 15,000. */
  readonly tokenRequestTimeoutMs?: number;
  /**
   * Asked about the base URL of every connection that is added at run time, before anything is stored; refuses it by
   * throwing. Needed where customers type these URLs: requests with their tokens, and the answers, then go wherever they
   * say, also to loopback, link-local and private addresses that only this machine can reach. A check of the name alone
   * is undone by DNS: let it allow known hosts, or look at what the name resolves to and limit outgoing traffic as well.
   *
   * @example
   * ```ts
   * checkBaseUrl: (url) => {
   *   if (!url.hostname.endsWith(".example.com")) throw new Error("not one of our customers' instances");
   * }
   * ```
   */
  readonly checkBaseUrl?: (url: URL) => void | Promise<void>;
  /** Told when an account goes from one status to another in this process. */
  readonly onAccountStatusChange?: (change: AccountStatusChange) => void;
  /** Origins that `returnTo` may name. */
  readonly allowedReturnOrigins?: readonly string[];
  /** The least scopes that these tools need. */
  readonly leastScopes?: (tools: readonly string[]) => Promise<readonly string[]>;
}

export interface AccountsFilter extends Partial<AccountKey> {
  readonly status?: AccountStatus;
  /** Only accounts behind this one, in the order of (connection, identifier). */
  readonly after?: AccountKey;
  /** Default: all. */
  readonly limit?: number;
}

/** A device authorization that waits for its person (RFC 8628). */
export interface DeviceAuthorization {
  readonly userCode: string;
  readonly verificationUri: string;
  readonly verificationUriComplete?: string;
  /** ISO 8601. */
  readonly expiresAt: string;
  /** How long to wait between two polls; grows when GitLab says `slow_down`. */
  readonly intervalSeconds: number;
  /** Asks once; `undefined` while the person has not answered. */
  poll(options?: { signal?: AbortSignal }): Promise<ConnectedAccount | undefined>;
  /** Asks until the person has answered. */
  wait(options?: { signal?: AbortSignal }): Promise<ConnectedAccount>;
}

/** Everybody's accounts: who is connected where, and with which token a call goes out. */
export interface Accounts {
  /** What a call goes out with, renewed ahead of its end. Reads memory, or the store once. */
  credentials(key: AccountKey, options?: CredentialsOptions): Promise<Credentials>;
  getOrCreate(key: AccountKey): Promise<ConnectedAccount>;
  get(key: AccountKey): Promise<ConnectedAccount | undefined>;
  list(filter?: AccountsFilter): Promise<ConnectedAccount[]>;
  /** Revokes at GitLab and deletes; `undefined` when there was no such account. */
  delete(key: AccountKey): Promise<DeletedAccount | undefined>;
  connectWithToken(options: AccountKey & { readonly token: string }): Promise<ConnectedAccount>;
  authorizationLink(options: AuthorizationLinkOptions): Promise<AuthorizationLink>;
  handleCallback(
    callback: string | URL,
    options?: CallbackOptions,
  ): Promise<{ connectedAccount: ConnectedAccount; returnTo?: string }>;
  startDeviceFlow(options: DeviceAuthorizationOptions): Promise<DeviceAuthorization>;
  authorizeInBrowser(options: BrowserAuthorizationOptions): Promise<ConnectedAccount>;
  /** Renews what is due, once. */
  refreshDue(options?: RefresherOptions): Promise<RefreshSummary>;
  /** Renews what is due, again and again, until stopped. */
  startRefresher(options?: RefresherOptions): Refresher;
  readonly connections: Connections;
  /** Where a connection leads. @throws {GitLabToolError} `connection_not_found` */
  connection(name: string): Promise<Connection>;
  /** Opens the store and checks the encryption key against it. Every other method does so first. */
  ready(): Promise<void>;
  /** Waits for what is under way, ends what waits for a person, then closes the store. */
  close(): Promise<void>;
}

const pageSize = 500;

function closedError(): GitLabToolError {
  return new GitLabToolError({
    code: "internal",
    message: "The client has been closed.",
    hint: "Create a new one, and close it when nothing uses it any more.",
  });
}

function warn(error: unknown): void {
  process.emitWarning(`onAccountStatusChange failed: ${error instanceof Error ? error.message : String(error)}`);
}

/**
 * Accounts on a store. Checks the whole configuration at once and does no I/O before its first use.
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
  const keys = options.encryptionKey === undefined ? [] : [options.encryptionKey].flat();
  if (keys.length === 0 && options.store !== "memory:") throw missingKey();
  const context: AccountsContext = {
    store: typeof options.store === "string" ? openStore(options.store) : options.store,
    cipher: createCipher(keys.length === 0 ? [temporaryKey()] : keys),
    // Stores keep whole milliseconds.
    now: () => Math.floor((options.now ?? Date.now)()),
    sleep: options.sleep ?? ((ms, signal) => delay(ms, undefined, { signal })),
    fetch: createSafeFetch(options.fetch),
    requestTimeoutMs: options.tokenRequestTimeoutMs ?? 15_000,
    refreshTimeoutMs: 4 * (options.tokenRequestTimeoutMs ?? 15_000),
    refreshSkewMs: (options.refreshSkewSeconds ?? 300) * 1000,
    accountCacheMs: (options.accountCacheSeconds ?? 30) * 1000,
    notify(change) {
      void Promise.resolve(change).then(options.onAccountStatusChange).catch(warn);
    },
  };
  const { store, now } = context;
  const connections = createConnections(configured, context, {
    onChange: (name) => credentials.forgetConnection(name),
    checkBaseUrl: options.checkBaseUrl,
  });
  const registry = createRegistry(context);
  const credentials = createCredentials(context, connections, registry);
  const parts: AuthorizationParts = {
    context,
    connections,
    registry,
    allowedReturnOrigins: options.allowedReturnOrigins ?? [],
    leastScopes: options.leastScopes,
    forget: (key) => credentials.forget(key),
  };
  const refreshers = new Set<Refresher>();

  /** Calls under way: `close` waits for them. */
  const calls = new Set<Promise<unknown>>();
  /** Ends what waits for a person. */
  const closing = new AbortController();
  let closed = false;
  let opening: Promise<void> | undefined;
  function ready(): Promise<void> {
    if (closed) return Promise.reject(closedError());
    opening ??= store
      .open()
      .then(() => checkEncryptionKey(context))
      .catch((error: unknown) => {
        opening = undefined;
        throw explained(error);
      });
    return opening;
  }

  /** Opens the store first, and lets nothing but our own error out. */
  async function use<Result>(work: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    await ready();
    // Closed while the store was being opened.
    if (closed) throw closedError();
    const call = work();
    calls.add(call);
    try {
      return await call;
    } catch (error) {
      throw explained(error, signal);
    } finally {
      calls.delete(call);
    }
  }

  /** For what a person has to do something for, which may take longer than this client lives. */
  async function useUntilClosed<Result>(
    work: (signal: AbortSignal) => Promise<Result>,
    signal?: AbortSignal,
  ): Promise<Result> {
    const either = signal ? AbortSignal.any([signal, closing.signal]) : closing.signal;
    return await use(() => work(either), either);
  }

  /** @param seen base URLs by connection, to look each up once */
  async function show(record: AccountRecord, seen = new Map<string, string>()): Promise<ConnectedAccount> {
    const { connectionName, baseUrl } = record;
    const known = baseUrl ?? seen.get(connectionName) ?? (await connections.get(connectionName))?.baseUrl ?? "";
    if (baseUrl === null) seen.set(connectionName, known);
    return showAccount(record, known, now());
  }

  async function list({ status, after, limit = Infinity, ...filter }: AccountsFilter = {}): Promise<
    ConnectedAccount[]
  > {
    const found: ConnectedAccount[] = [];
    const seen = new Map<string, string>();
    // Nobody reads 500 rows to look at one.
    const page = status === undefined ? Math.min(limit, pageSize) : pageSize;
    for (let last = after; ;) {
      const records = await store.listAccounts({ ...filter, after: last, limit: page });
      for (const record of records) {
        const account = await show(record, seen);
        if (status === undefined || account.status === status) found.push(account);
        if (found.length >= limit) return found;
      }
      last = records.at(-1);
      if (records.length < page) return found;
    }
  }

  return {
    ready,
    credentials: (key, wanted) => use(() => credentials.get(key, wanted), wanted?.signal),
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
    list: (filter) => use(() => list(filter)),
    delete: (key) =>
      use(async () => {
        const deleted = await deleteAccount({ context, connections, registry }, checkKey(key));
        credentials.forget(key);
        if (!deleted) return undefined;
        const { account, ...revocation } = deleted;
        return { connectedAccount: await show(account), ...revocation };
      }),
    connectWithToken: (wanted) => use(async () => await show(await connectWithToken(parts, wanted))),
    authorizationLink: (wanted) => use(() => createLink(parts, wanted)),
    handleCallback: (callback, wanted) =>
      use(async () => {
        const { account, ...rest } = await completeCallback(parts, callback, wanted);
        return { connectedAccount: await show(account), ...rest };
      }),
    startDeviceFlow: (wanted) =>
      use(async () => {
        const flow = await startDeviceFlow(parts, wanted);
        return {
          userCode: flow.userCode,
          verificationUri: flow.verificationUri,
          ...(flow.verificationUriComplete && { verificationUriComplete: flow.verificationUriComplete }),
          expiresAt: new Date(flow.expiresAt).toISOString(),
          get intervalSeconds() {
            return flow.intervalSeconds;
          },
          poll: ({ signal } = {}) =>
            use(async () => {
              const record = await flow.poll(signal);
              return record && (await show(record));
            }, signal),
          wait: (options) => useUntilClosed(async (signal) => await show(await flow.wait(signal)), options?.signal),
        };
      }),
    authorizeInBrowser: (wanted) =>
      useUntilClosed(
        async (signal) => await show(await authorizeInBrowser(parts, { ...wanted, signal })),
        wanted.signal,
      ),
    refreshDue: (wanted) => use(() => refreshDue(context, credentials, wanted)),
    startRefresher(wanted) {
      const pass = (goOn: () => boolean): Promise<unknown> => use(() => refreshDue(context, credentials, wanted, goOn));
      const refresher = startRefresher(pass, wanted);
      refreshers.add(refresher);
      return refresher;
    },
    connection: (name) =>
      use(async () => {
        const { clientSecret: _, ...connection } = await connections.resolve(name);
        return connection;
      }),
    connections: {
      set: (name, config) => use(() => connections.set(name, config)),
      get: (name) => use(() => connections.get(name)),
      list: () => use(() => connections.list()),
      delete: (name) => use(() => connections.delete(name)),
    },
    async close() {
      closed = true;
      closing.abort();
      await Promise.all([...refreshers].map((refresher) => refresher.stop()));
      while (calls.size > 0) await Promise.allSettled(calls);
      await credentials.settled();
      if (opening) await opening.then(() => store.close()).catch(() => undefined);
    },
  };
}
