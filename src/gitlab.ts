import { accountNotFound } from "./accounts/account-errors.js";
import { createAccounts, type Accounts } from "./accounts/accounts.js";
import type { KeyRotation, RotateOptions } from "./accounts/rotate.js";
import type { BrowserAuthorizationOptions } from "./accounts/browser.js";
import type { DeletedAccount } from "./accounts/delete.js";
import type { DeviceAuthorization, DeviceAuthorizationOptions } from "./accounts/device.js";
import { temporaryKey, usableKeys } from "./accounts/encryption.js";
import type { AuthorizationLink, AuthorizationLinkOptions, SignInLinkOptions } from "./accounts/link.js";
import type { AccountsFilter } from "./accounts/list.js";
import type { AccountsOptions } from "./accounts/options.js";
import { checkName, keyText } from "./accounts/keys.js";
import type { AccountKey, ConnectedAccount } from "./accounts/types.js";
import {
  checkBinding,
  checkConnection,
  checkGitLabOptions,
  checkMethodOptions,
  checkSession,
} from "./gitlab-options.js";
import { keepParts } from "./gitlab-parts.js";
import { abilitiesOf, type Abilities } from "./tools/abilities.js";
import { checkSaving } from "./tools/saving.js";
import { createSessions, type MintedSession, type Session, type SessionOptions } from "./sessions/sessions.js";
import { openStore } from "./stores/open-store.js";
import type { CallOptions, Compact, DryRunRequest, GitLabAccount, ToolResult } from "./tools/account.js";
import { apiClient } from "./tools/api-client.js";
import type { RawRequest } from "./tools/raw-request.js";
import { createRuntime, type CallSettings, type Runtime } from "./tools/runtime.js";
import type { ToolDefinition } from "./tools/definition.js";
import { execute, type Caller } from "./tools/execute.js";
import { lookUp } from "./tools/lookup.js";
import { ownTools, type OwnTool } from "./tools/own-tools.js";
import type { Policy } from "./policy/policy.js";
import type { ToolData, ToolInput, ToolName } from "./tools/registry-types.js";
import { pages } from "./tools/pages.js";
import { refuseUndefined } from "./options/words.js";
import { leastScopes } from "./tools/scopes.js";

export const defaultConnection = "gitlab";

/** Options of {@link createGitLab}. */
export interface GitLabOptions extends Omit<AccountsOptions, "store" | "leastScopes">, CallSettings {
  /** `sqlite:PATH` (default `sqlite:./accounts.db`), `postgres://…`, `memory:`, or an `AccountStore` of your own. */
  readonly store?: AccountsOptions["store"] | undefined;
  /** Tools of your own, from `defineTool` or generated: known by their names beside GitLab's. */
  readonly tools?: readonly OwnTool[] | undefined;
}

/** Which account a call is for; `connectionName` defaults to `gitlab`. */
export interface AccountRef {
  readonly connectionName?: string;
  readonly identifier: string;
}

/** Options that name an account, whose connection may be left out. */
export type Unkeyed<Options extends AccountKey> = AccountRef & Omit<Options, keyof AccountKey>;

/** What a session has to say of itself to be accepted. */
export interface VerifySessionOptions {
  /** What the session was minted for. Default: the MCP server of this library. */
  readonly audience?: string;
}

/** A call by the tool's name. */
export interface ToolCall<Name extends string = string, Input = unknown> extends AccountRef, CallOptions {
  readonly toolName: Name;
  readonly toolInput?: Input;
}

/** A result that also carries its data's own fields; those of {@link ToolResult} win where names meet. */
export type SpreadResult<Data> = ToolResult<Data> &
  (Data extends readonly unknown[] ? unknown : Data extends object ? Omit<Data, keyof ToolResult<Data>> : unknown);

/** A call with its tool's own input; of a tool that is not known when compiling, any. */
export type CallOf<
  Name extends string,
  View extends CallOptions["view"],
  Fields extends CallOptions["fields"],
  DryRun extends CallOptions["dryRun"],
> = AccountRef &
  Omit<CallOptions, "view" | "fields" | "dryRun"> & {
    readonly toolName: Name;
    readonly view?: View;
    readonly fields?: Fields;
    readonly dryRun?: DryRun;
  } & InputOf<Name>;

/** The input may be left out where nothing in it is required. */
type InputOf<Name extends string> =
  Record<never, never> extends ToolInput<Name>
    ? { readonly toolInput?: ToolInput<Name> }
    : { readonly toolInput: ToolInput<Name> };

/** What a call brings back: the data, in the compact view where that is asked for; the request of a dry run. */
export type DataOf<
  Name extends string,
  View extends CallOptions["view"],
  Fields extends CallOptions["fields"],
  DryRun extends CallOptions["dryRun"],
> = DryRun extends true ? DryRunRequest : ShownData<ToolData<Name>, View, Fields>;

type ShownData<Data, View, Fields> = View extends "compact"
  ? Compact<Data>
  : Fields extends readonly string[]
    ? View extends "full"
      ? Data
      : Compact<Data>
    : Data;

/** Carries out a tool by its name. */
export type ExecuteTool = <
  Name extends ToolName | (string & {}),
  View extends CallOptions["view"] = undefined,
  Fields extends CallOptions["fields"] = undefined,
  DryRun extends CallOptions["dryRun"] = false,
>(
  call: CallOf<Name, View, Fields, DryRun>,
) => Promise<ToolResult<DataOf<Name, View, Fields, DryRun>>>;

/** Carries out a tool by its name, in the shape of hosted connector SDKs. */
export type ExecuteToolSpread = <
  Name extends ToolName | (string & {}),
  View extends CallOptions["view"] = undefined,
  Fields extends CallOptions["fields"] = undefined,
  DryRun extends CallOptions["dryRun"] = false,
>(
  call: CallOf<Name, View, Fields, DryRun>,
) => Promise<SpreadResult<DataOf<Name, View, Fields, DryRun>>>;

/** @throws {GitLabToolError} `invalid_input`, also where callers without types leave everything out */
function keyOf(account: AccountRef | undefined): AccountKey {
  const { connectionName = defaultConnection, identifier }: Partial<AccountRef> = account ?? {};
  checkName(connectionName, "connectionName");
  checkName(identifier, "identifier");
  return { connectionName, identifier };
}

/** @throws {GitLabToolError} `invalid_input` */
function checked(method: Parameters<typeof checkMethodOptions>[0], options: AccountRef): AccountKey {
  // Names first: what is wrong with them is said best there.
  const key = keyOf(options);
  checkMethodOptions(method, options);
  return key;
}

/** What hosted connector SDKs call `actions`: accounts, and tools by name. */
export interface Actions {
  /** Idempotent: the same (connection, identifier) is always the same account. */
  getOrCreateConnectedAccount(account: AccountRef): Promise<{ connectedAccount: ConnectedAccount }>;
  /** @throws {GitLabToolError} `account_not_found` */
  getConnectedAccount(account: AccountRef): Promise<{ connectedAccount: ConnectedAccount }>;
  /**
   * What an account and its instance can do, as far as they say: for `select`, so that an agent is offered no tool that
   * scopes, edition or version rule out. The instance is asked once in ten minutes.
   *
   * @throws {GitLabToolError} `account_not_found`
   * @example
   * ```ts
   * const abilities = await gitlab.actions.getAbilities({ identifier: "user_ada" });
   * const select = { areas: ["issues"], ...abilities };
   * ```
   */
  getAbilities(account: AccountRef): Promise<Abilities>;
  listConnectedAccounts(filter?: AccountsFilter): Promise<{ connectedAccounts: ConnectedAccount[] }>;
  /**
   * Revokes the account's token at GitLab, then deletes it here; `revocation` says what became of it there.
   *
   * @throws {GitLabToolError} `account_not_found`
   */
  deleteConnectedAccount(account: AccountRef): Promise<DeletedAccount>;
  /** Where to send the person: GitLab's consent page. The link is for one use, within ten minutes. */
  getAuthorizationLink(options: Unkeyed<AuthorizationLinkOptions>): Promise<AuthorizationLink>;
  /**
   * A link for somebody who is not known yet: GitLab says who it is, and `handleCallback(url, { identify })` whose
   * account that becomes. Nothing is stored of a person who does not come back.
   *
   * @example
   * ```ts
   * const { link } = await gitlab.actions.getSignInLink({ connectionName: "gitlab", data: JSON.stringify({ cart: 7 }) });
   * const { connectedAccount, data } = await gitlab.handleCallback(request.url, {
   *   identify: ({ id }) => `gitlab-${id}`,
   * });
   * ```
   */
  getSignInLink(
    options?: Omit<SignInLinkOptions, "connectionName"> & { readonly connectionName?: string },
  ): Promise<AuthorizationLink>;
  readonly executeTool: ExecuteToolSpread;
}

/** The client of a product: accounts of its engineers, and calls on their behalf. */
export interface GitLab {
  readonly actions: Actions;
  readonly connections: Accounts["connections"];
  /** The tools of one's own that the client was made with: adapters and MCP servers offer them beside GitLab's. */
  readonly tools: readonly OwnTool[];
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
  verifySession(token: string, options?: VerifySessionOptions): Promise<Session | undefined>;
  /** Ends one session, in every process on this store. */
  revokeSession(session: AccountRef & { readonly sessionId: string }): Promise<void>;
  /** Ends all sessions of a person. */
  revokeSessions(account: AccountRef): Promise<void>;
  /** Keeps idle accounts alive: refreshes their tokens ahead of expiry until stopped. */
  readonly startRefresher: Accounts["startRefresher"];
  /**
   * After a change of keys (`encryptionKey: [current, ...previous]`): seals everything in the store with the current one.
   * `complete` says that the previous ones are needed no longer. Calls go on meanwhile.
   */
  readonly rotateEncryptionKey: (options?: RotateOptions) => Promise<KeyRotation>;
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
 * await gitlab.connectWithToken({ identifier: "me", token: process.env.GITLAB_TOKEN ?? "" });
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
  const keys = usableKeys(encryptionKey);
  const sessions = createSessions({ store, keys, now: options.now ?? Date.now, ready: () => accounts.ready() });
  const runtime = createRuntime(accounts, options);
  const own = ownTools(options.tools);

  const byName = async (call: ToolCall): Promise<ToolResult<unknown>> => {
    refuseUndefined(call, "The call");
    const key = keyOf(call);
    const { connectionName: _, identifier: __, toolName, toolInput, ...callOptions } = call;
    const definition = own.get(toolName) ?? (await lookUp(toolName));
    checkSaving(definition, toolInput, [...runtime.policies, ...(callOptions.policy ? [callOptions.policy] : [])]);
    const caller = { key, account: keyText(key) };
    return await perform(runtime, caller, definition, toolInput, callOptions);
  };

  const gitlab: GitLab = {
    tools: options.tools ?? [],
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
    handleCallback: async (callback, wanted = {}) => {
      checkMethodOptions("handleCallback", wanted);
      return await accounts.handleCallback(callback, wanted);
    },
    connectWithToken: async (wanted) => {
      const key = checked("connectWithToken", wanted);
      return { connectedAccount: await accounts.connectWithToken({ ...key, token: wanted.token }) };
    },
    startDeviceFlow: async (wanted) =>
      await accounts.startDeviceFlow({ ...wanted, ...checked("startDeviceFlow", wanted) }),
    authorizeInBrowser: async (wanted) => {
      const key = checked("authorizeInBrowser", wanted);
      return { connectedAccount: await accounts.authorizeInBrowser({ ...wanted, ...key }) };
    },
    createSession: async (wanted) => {
      await checkSession(wanted);
      const key = keyOf(wanted);
      await accounts.connection(key.connectionName);
      return await sessions.create({ ...wanted, ...key });
    },
    verifySession: async (token, wanted = {}) => {
      checkMethodOptions("verifySession", wanted);
      return await sessions.verify(token, wanted);
    },
    revokeSession: async (session) => {
      const key = checked("revokeSession", session);
      await sessions.revoke({ ...key, sessionId: session.sessionId });
    },
    revokeSessions: async (account) => await sessions.revokeAll(checked("revokeSessions", account)),
    startRefresher: (wanted = {}) => {
      checkMethodOptions("startRefresher", wanted);
      return accounts.startRefresher(wanted);
    },
    rotateEncryptionKey: async (wanted = {}) => {
      checkMethodOptions("rotateEncryptionKey", wanted);
      return await accounts.rotateKeys(wanted, (account) => sessions.reseal(account));
    },
    close: () => accounts.close(),
    actions: {
      getOrCreateConnectedAccount: async (account) => ({
        connectedAccount: await accounts.getOrCreate(checked("getOrCreateConnectedAccount", account)),
      }),
      getConnectedAccount: async (account) => {
        const key = checked("getConnectedAccount", account);
        const connectedAccount = await accounts.get(key);
        if (!connectedAccount) throw accountNotFound(key);
        return { connectedAccount };
      },
      getAbilities: async (account) => {
        const key = checked("getConnectedAccount", account);
        const known = await accounts.get(key);
        if (!known) throw accountNotFound(key);
        return await abilitiesOf(runtime, known, (within) =>
          // What a policy keeps agents from is not this question.
          bind({ ...runtime, policies: [] }, key).request({ method: "GET", path: "/metadata" }, within),
        );
      },
      listConnectedAccounts: async (filter = {}) => {
        checkMethodOptions("listConnectedAccounts", filter);
        return { connectedAccounts: await accounts.list(filter) };
      },
      deleteConnectedAccount: async (account) => {
        const key = checked("deleteConnectedAccount", account);
        const deleted = await accounts.delete(key);
        if (!deleted) throw accountNotFound(key);
        return deleted;
      },
      getAuthorizationLink: async (link) =>
        await accounts.authorizationLink({ ...link, ...checked("getAuthorizationLink", link) }),
      getSignInLink: async (link = {}) => {
        checkMethodOptions("getSignInLink", link);
        const { connectionName = defaultConnection } = link;
        checkName(connectionName, "connectionName");
        return await accounts.signInLink({ ...link, connectionName });
      },
      executeTool: (async (call: ToolCall) => spread(await byName(call))) as ExecuteToolSpread,
    },
  };
  keepParts(gitlab, {
    store,
    keys,
    now: options.now ?? Date.now,
    ready: () => accounts.ready(),
    allowedReturnOrigins: options.allowedReturnOrigins ?? [],
    ...(options.publicUrl !== undefined && { publicUrl: options.publicUrl }),
    ...(options.policy && { policy: options.policy }),
  });
  return gitlab;
}

/** The store itself and the key that its secrets are sealed with; secrets in memory need no key of the caller's. */
function storage({ store = "sqlite:./accounts.db", encryptionKey }: GitLabOptions) {
  return {
    store: typeof store === "string" ? openStore(store) : store,
    encryptionKey: encryptionKey ?? (store === "memory:" ? temporaryKey() : undefined),
  };
}

function bind(runtime: Runtime, key: AccountKey): GitLabAccount {
  const caller = { key, account: keyText(key) };
  let api: GitLabAccount["api"] | undefined;
  const request = async <Data>(raw: RawRequest, options?: CallOptions): Promise<ToolResult<Data>> => {
    const { rawTool } = await import("./tools/raw-request.js");
    const { definition, input } = rawTool(raw);
    return (await perform(runtime, caller, definition, input, options)) as ToolResult<Data>;
  };
  return {
    request,
    get api() {
      return (api ??= apiClient(request));
    },
    ...key,
    async execute<Data>(definition: ToolDefinition, input: unknown, options?: CallOptions) {
      if (options) refuseUndefined(options, "The options of the call");
      return (await perform(runtime, caller, definition, input, options)) as ToolResult<Data>;
    },
    pages: <Item>(definition: ToolDefinition, input: unknown, options?: CallOptions) =>
      (definition.run ? pagesOfSteps : pages)(runtime, caller, definition, input, options) as AsyncGenerator<
        Item,
        void,
        undefined
      >,
  };
}

/** Of one call, or of several, which are loaded when they are first wanted. */
async function perform(
  runtime: Runtime,
  caller: Caller,
  definition: ToolDefinition,
  input: unknown,
  options?: CallOptions,
): Promise<ToolResult<unknown>> {
  if (!definition.run) return (await execute(runtime, caller, definition, input, options)).result;
  const { performSteps } = await import("./workflows/perform.js");
  return await performSteps(runtime, caller, definition, input, options);
}

/** What several calls bring back as a list is one page. */
async function* pagesOfSteps(...call: Parameters<typeof perform>): AsyncGenerator<unknown, void, undefined> {
  const { data } = await perform(...call);
  if (Array.isArray(data)) yield* data;
}

function spread(result: ToolResult<unknown>): SpreadResult<unknown> {
  const { data } = result;
  const own = typeof data === "object" && data !== null && !Array.isArray(data) ? data : {};
  return { ...own, ...result };
}
