import { accountNotFound } from "./accounts/account-errors.js";
import {
  createAccounts,
  type Accounts,
  type AccountsFilter,
  type AccountsOptions,
  type DeviceAuthorization,
} from "./accounts/accounts.js";
import type { AuthorizationLink, AuthorizationLinkOptions } from "./accounts/authorization.js";
import type { BrowserAuthorizationOptions } from "./accounts/browser-flow.js";
import type { DeletedAccount } from "./accounts/delete-account.js";
import type { DeviceAuthorizationOptions } from "./accounts/device-flow.js";
import { temporaryKey } from "./accounts/encryption.js";
import { checkName } from "./accounts/keys.js";
import type { AccountKey, ConnectedAccount } from "./accounts/types.js";
import { checkBinding, checkConnection, checkGitLabOptions, checkSession } from "./gitlab-options.js";
import { checkSaving } from "./tools/saving.js";
import { createSessions, type MintedSession, type Session, type SessionOptions } from "./sessions/sessions.js";
import { openStore } from "./stores/open-store.js";
import type {
  CallOptions,
  Compact,
  CompactOptions,
  DryRunRequest,
  GitLabAccount,
  ToolResult,
} from "./tools/account.js";
import { createRuntime, type CallSettings, type Runtime } from "./tools/runtime.js";
import type { ToolDefinition } from "./tools/definition.js";
import { execute } from "./tools/execute.js";
import { lookUp } from "./tools/lookup.js";
import { pages } from "./tools/pages.js";
import type { Policy } from "./policy/policy.js";
import type { ToolData, ToolInput } from "./tools/registry-types.js";
import { leastScopes } from "./tools/scopes.js";

export const defaultConnection = "gitlab";

/** Options of {@link createGitLab}. */
export interface GitLabOptions extends Omit<AccountsOptions, "store" | "leastScopes">, CallSettings {
  /** `sqlite:PATH` (default `sqlite:./accounts.db`), `postgres://…`, `memory:`, or an `AccountStore` of your own. */
  readonly store?: AccountsOptions["store"];
}

/** Which account a call is for; `connectionName` defaults to `gitlab`. */
export interface AccountRef {
  readonly connectionName?: string;
  readonly identifier: string;
}

/** Options that name an account, whose connection may be left out. */
export type Unkeyed<Options extends AccountKey> = AccountRef & Omit<Options, keyof AccountKey>;

/** A call by the tool's name. */
export interface ToolCall<Name extends string = string, Input = unknown> extends AccountRef, CallOptions {
  readonly toolName: Name;
  readonly toolInput?: Input;
}

/** A result that also carries its data's own fields; those of {@link ToolResult} win where names meet. */
export type SpreadResult<Data> = ToolResult<Data> &
  (Data extends readonly unknown[] ? unknown : Data extends object ? Omit<Data, keyof ToolResult<Data>> : unknown);

/** Carries out a tool by its name. */
export interface ExecuteTool {
  (call: ToolCall & { dryRun: true }): Promise<ToolResult<DryRunRequest>>;
  <Name extends string>(
    call: ToolCall<Name, ToolInput<Name>> & CompactOptions,
  ): Promise<ToolResult<Compact<ToolData<Name>>>>;
  <Name extends string>(call: ToolCall<Name, ToolInput<Name>>): Promise<ToolResult<ToolData<Name>>>;
}

/** Carries out a tool by its name, in the shape of hosted connector SDKs. */
export interface ExecuteToolSpread {
  (call: ToolCall & { dryRun: true }): Promise<SpreadResult<DryRunRequest>>;
  <Name extends string>(
    call: ToolCall<Name, ToolInput<Name>> & CompactOptions,
  ): Promise<SpreadResult<Compact<ToolData<Name>>>>;
  <Name extends string>(call: ToolCall<Name, ToolInput<Name>>): Promise<SpreadResult<ToolData<Name>>>;
}

/** @throws {GitLabToolError} `invalid_input`, also where callers without types leave everything out */
function keyOf(account: AccountRef | undefined): AccountKey {
  const { connectionName = defaultConnection, identifier }: Partial<AccountRef> = account ?? {};
  checkName(connectionName, "connectionName");
  checkName(identifier, "identifier");
  return { connectionName, identifier };
}

/** What hosted connector SDKs call `actions`: accounts, and tools by name. */
export interface Actions {
  /** Idempotent: the same (connection, identifier) is always the same account. */
  getOrCreateConnectedAccount(account: AccountRef): Promise<{ connectedAccount: ConnectedAccount }>;
  /** @throws {GitLabToolError} `account_not_found` */
  getConnectedAccount(account: AccountRef): Promise<{ connectedAccount: ConnectedAccount }>;
  listConnectedAccounts(filter?: AccountsFilter): Promise<{ connectedAccounts: ConnectedAccount[] }>;
  /**
   * Revokes the account's token at GitLab, then deletes it here; `revocation` says what became of it there.
   *
   * @throws {GitLabToolError} `account_not_found`
   */
  deleteConnectedAccount(account: AccountRef): Promise<DeletedAccount>;
  /** Where to send the person: GitLab's consent page. The link is for one use, within ten minutes. */
  getAuthorizationLink(
    options: AccountRef & Omit<AuthorizationLinkOptions, keyof AccountKey>,
  ): Promise<AuthorizationLink>;
  readonly executeTool: ExecuteToolSpread;
}

/** The client of a product: accounts of its engineers, and calls on their behalf. */
export interface GitLab {
  readonly actions: Actions;
  readonly connections: Accounts["connections"];
  /** Binds an account. No I/O until the first call. `policy` narrows what its calls may do. */
  as(identifier: string, options?: { connectionName?: string; policy?: Policy }): GitLabAccount;
  readonly executeTool: ExecuteTool;
  /** Completes an authorization from the URL that GitLab sent the browser back to. */
  readonly handleCallback: Accounts["handleCallback"];
  /** Connects an account with a personal, project or group access token. */
  connectWithToken(options: AccountRef & { readonly token: string }): Promise<{ connectedAccount: ConnectedAccount }>;
  /** Connects an account from a device without a browser: show the code, then `wait` (RFC 8628). */
  startDeviceFlow(options: Unkeyed<DeviceAuthorizationOptions>): Promise<DeviceAuthorization>;
  /** Connects an account through a browser on this machine, whose redirect URI is a loopback address (RFC 8252). */
  authorizeInBrowser(options: Unkeyed<BrowserAuthorizationOptions>): Promise<{ connectedAccount: ConnectedAccount }>;
  /**
   * Mints the bearer token of one person's agent for the MCP server: signed, expiring, revocable.
   *
   * @throws {GitLabToolError} `connection_not_found`, `invalid_input`
   */
  createSession(options: Unkeyed<SessionOptions>): Promise<MintedSession>;
  /** What a session's token says; `undefined` when it is forged, expired or revoked. */
  verifySession(token: string): Promise<Session | undefined>;
  /** Ends one session, in every process on this store. */
  revokeSession(session: AccountRef & { readonly sessionId: string }): Promise<void>;
  /** Ends all sessions of a person. */
  revokeSessions(account: AccountRef): Promise<void>;
  /** Keeps idle accounts alive: refreshes their tokens ahead of expiry until stopped. */
  readonly startRefresher: Accounts["startRefresher"];
  /** Ends background work and closes the store. */
  close(): Promise<void>;
}

/**
 * Creates the client. The configuration is checked at once; nothing is opened or sent before the first call.
 *
 * @throws {GitLabToolError} `connection_misconfigured` or `invalid_input` for a configuration that cannot work
 * @example
 * ```ts
 * const gitlab = createGitLab({ store: "memory:", connections: { gitlab: {} } });
 * await gitlab.connectWithToken({ identifier: "me", token: process.env.GITLAB_TOKEN });
 * const { data } = await gitlab.executeTool({
 *   identifier: "me",
 *   toolName: "gitlab_issues_list",
 *   toolInput: { project_id: "group/project", state: "opened" },
 * });
 * ```
 */
export function createGitLab(options: GitLabOptions = {}): GitLab {
  checkGitLabOptions(options);
  const { store, encryptionKey } = storage(options);
  const accounts = createAccounts({ ...options, store, encryptionKey, leastScopes });
  const keys = encryptionKey === undefined ? [] : [encryptionKey].flat();
  const sessions = createSessions({ store, keys, now: options.now ?? Date.now, ready: () => accounts.ready() });
  const runtime = createRuntime(accounts, options);

  const byName = async (call: ToolCall): Promise<ToolResult<unknown>> => {
    const key = keyOf(call);
    const { connectionName: _, identifier: __, toolName, toolInput, ...callOptions } = call;
    const definition = await lookUp(toolName);
    checkSaving(definition, toolInput, [...runtime.policies, ...(callOptions.policy ? [callOptions.policy] : [])]);
    return (await execute(runtime, key, definition, toolInput, callOptions)).result;
  };

  return {
    connections: {
      ...accounts.connections,
      async set(name, config) {
        checkConnection(name, config);
        return await accounts.connections.set(name, config);
      },
    },
    as(identifier, options = {}) {
      checkBinding(options);
      const { connectionName, policy } = options;
      return bind(
        policy ? { ...runtime, policies: [...runtime.policies, policy] } : runtime,
        keyOf({ identifier, ...(connectionName && { connectionName }) }),
      );
    },
    executeTool: byName as ExecuteTool,
    handleCallback: (callback, wanted) => accounts.handleCallback(callback, wanted),
    connectWithToken: async ({ token, ...account }) => ({
      connectedAccount: await accounts.connectWithToken({ ...keyOf(account), token }),
    }),
    startDeviceFlow: (wanted) => accounts.startDeviceFlow({ ...wanted, ...keyOf(wanted) }),
    authorizeInBrowser: async (wanted) => ({
      connectedAccount: await accounts.authorizeInBrowser({ ...wanted, ...keyOf(wanted) }),
    }),
    createSession: async (wanted) => {
      await checkSession(wanted);
      const key = keyOf(wanted);
      await accounts.connection(key.connectionName);
      return await sessions.create({ ...wanted, ...key });
    },
    verifySession: (token) => sessions.verify(token),
    revokeSession: ({ sessionId, ...account }) => sessions.revoke({ ...keyOf(account), sessionId }),
    revokeSessions: (account) => sessions.revokeAll(keyOf(account)),
    startRefresher: (wanted) => accounts.startRefresher(wanted),
    close: () => accounts.close(),
    actions: {
      getOrCreateConnectedAccount: async (account) => ({
        connectedAccount: await accounts.getOrCreate(keyOf(account)),
      }),
      getConnectedAccount: async (account) => {
        const key = keyOf(account);
        const connectedAccount = await accounts.get(key);
        if (!connectedAccount) throw accountNotFound(key);
        return { connectedAccount };
      },
      listConnectedAccounts: async (filter = {}) => ({ connectedAccounts: await accounts.list(filter) }),
      deleteConnectedAccount: async (account) => {
        const key = keyOf(account);
        const deleted = await accounts.delete(key);
        if (!deleted) throw accountNotFound(key);
        return deleted;
      },
      getAuthorizationLink: (link) => accounts.authorizationLink({ ...link, ...keyOf(link) }),
      executeTool: (async (call: ToolCall) => spread(await byName(call))) as ExecuteToolSpread,
    },
  };
}

/** The store itself and the key that its secrets are sealed with; secrets in memory need no key of the caller's. */
function storage({ store = "sqlite:./accounts.db", encryptionKey }: GitLabOptions) {
  return {
    store: typeof store === "string" ? openStore(store) : store,
    encryptionKey: encryptionKey ?? (store === "memory:" ? temporaryKey() : undefined),
  };
}

function bind(runtime: Runtime, key: AccountKey): GitLabAccount {
  return {
    ...key,
    async execute<Data>(definition: ToolDefinition, input: unknown, options?: CallOptions) {
      return (await execute(runtime, key, definition, input, options)).result as ToolResult<Data>;
    },
    pages: <Item>(definition: ToolDefinition, input: unknown, options?: CallOptions) =>
      pages(runtime, key, definition, input, options) as AsyncGenerator<Item, void, undefined>,
  };
}

function spread(result: ToolResult<unknown>): SpreadResult<unknown> {
  const { data } = result;
  const own = typeof data === "object" && data !== null && !Array.isArray(data) ? data : {};
  return { ...own, ...result };
}
