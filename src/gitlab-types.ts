import type { Accounts } from "./accounts/accounts.js";
import type { BrowserAuthorizationOptions } from "./accounts/browser.js";
import type { DeletedAccount } from "./accounts/delete.js";
import type { DeviceAuthorization, DeviceAuthorizationOptions } from "./accounts/device.js";
import type { AuthorizationLink, AuthorizationLinkOptions, SignInLinkOptions } from "./accounts/link.js";
import type { AccountsFilter } from "./accounts/list.js";
import type { AccountsOptions } from "./accounts/options.js";
import type { KeyRotation, RotateOptions } from "./accounts/rotate.js";
import type { AccountKey, ConnectedAccount } from "./accounts/types.js";
import type { DeletedPersonalData, PersonalData, PersonRef } from "./gitlab-person.js";
import type { Policy } from "./policy/policy.js";
import type { MintedSession, Session, SessionOptions } from "./sessions/sessions.js";
import type { Abilities } from "./tools/abilities.js";
import type { CallOptions, Compact, DryRunRequest, GitLabAccount, ToolResult } from "./tools/account.js";
import type { AuditEntry } from "./tools/audit.js";
import type { AuditFilter, AuditOptions } from "./tools/audit-trail.js";
import type { OwnTool } from "./tools/own-tools.js";
import type { OwnToolName, ToolData, ToolInput, ToolName } from "./tools/registry-types.js";
import type { CallSettings } from "./tools/settings.js";

/** Options of {@link createGitLab}. */
export interface GitLabOptions extends Omit<AccountsOptions, "store" | "leastScopes">, CallSettings {
  /** `sqlite:PATH` (default `sqlite:./accounts.db`), `postgres://…`, `memory:`, or an `AccountStore` of your own. */
  readonly store?: AccountsOptions["store"] | undefined;
  /** Tools of your own, from `defineTool` or generated: known by their names beside GitLab's. */
  readonly tools?: readonly OwnTool[] | undefined;
  /**
   * Records each call that is made: who, which tool, which project, what came of it. Nothing of what was written or read.
   * Options: in the store, for `actions.listAuditEntries` and the command line's `accounts audit`; `{}` for 90 days. Or a
   * function that is told of each. Neither is waited for.
   */
  readonly audit?: AuditOptions | ((entry: AuditEntry) => unknown);
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
  } & InputMember<Name>;

/** The input may be left out where nothing in it is required. */
type InputMember<Name extends string> =
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
  Name extends ToolName | OwnToolName | (string & {}),
  View extends CallOptions["view"] = undefined,
  Fields extends CallOptions["fields"] = undefined,
  DryRun extends CallOptions["dryRun"] = false,
>(
  call: CallOf<Name, View, Fields, DryRun>,
) => Promise<ToolResult<DataOf<Name, View, Fields, DryRun>>>;

/** Carries out a tool by its name, in the shape of hosted connector SDKs. */
export type ExecuteToolSpread = <
  Name extends ToolName | OwnToolName | (string & {}),
  View extends CallOptions["view"] = undefined,
  Fields extends CallOptions["fields"] = undefined,
  DryRun extends CallOptions["dryRun"] = false,
>(
  call: CallOf<Name, View, Fields, DryRun>,
) => Promise<SpreadResult<DataOf<Name, View, Fields, DryRun>>>;

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
  /**
   * All that the store has of one person, on every connection or one: accounts, links, sessions, what programs were
   * allowed, audit entries. No secret is in it.
   */
  exportPersonalData(person: PersonRef): Promise<PersonalData>;
  /**
   * Deletes all that {@link exportPersonalData} brings, after the tokens were revoked at GitLab where that is possible,
   * and says what it was. May be repeated. What ends within days by itself, such as answers that a gateway keeps for
   * repeated requests, is left to that.
   */
  deletePersonalData(person: PersonRef): Promise<DeletedPersonalData>;
  /** The audit trail, newest first: what clients with `audit` have recorded in this store. */
  listAuditEntries(filter?: AuditFilter): Promise<{ auditEntries: AuditEntry[] }>;
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
