import type { BrowserAuthorizationOptions } from "./accounts/browser.js";
import type { CallbackOptions } from "./accounts/callback.js";
import type { DeviceAuthorizationOptions } from "./accounts/device.js";
import type { AuthorizationLinkOptions, SignInLinkOptions } from "./accounts/link.js";
import { checkName } from "./accounts/keys.js";
import type { AccountsFilter } from "./accounts/list.js";
import type { RefresherOptions } from "./accounts/refresher.js";
import type { RotateOptions } from "./accounts/rotate.js";
import type { AccountKey, ConnectionConfig } from "./accounts/types.js";
import type { AuditFilter, AuditOptions } from "./tools/audit-trail.js";
import type { AccountRef, GitLabOptions, Unkeyed } from "./gitlab-types.js";
import type { PersonRef } from "./gitlab-person.js";
import type { ClientCertificate } from "./http/transport.js";
import type { SessionOptions } from "./sessions/sessions.js";
import type { ToolDefinition } from "./definition/definition.js";
import { definitionsIn } from "./tools/own-tools.js";
import { callSettings } from "./tools/settings.js";
import * as o from "./options/words.js";
import { accesses } from "./policy/access.js";
import { policySchema, policyWith } from "./policy/policy-schema.js";
import type { Policy } from "./policy/policy.js";

export const defaultConnection = "gitlab";

const connection = o.strict<ConnectionConfig>({
  baseUrl: o.maybe(o.text),
  clientId: o.maybe(o.text),
  clientSecret: o.maybe(o.text),
  redirectUri: o.maybe(o.text),
  scopes: o.maybe(o.texts),
  allowHttp: o.maybe(o.flag),
  instance: o.maybe(o.choice(["gitlab.com", "self-managed"])),
  ca: o.maybe(o.oneOrMore(o.text)),
  clientCertificate: o.maybe(o.strict<ClientCertificate>({ cert: o.text, key: o.text, passphrase: o.maybe(o.text) })),
  proxy: o.maybe(o.text),
});

const client: o.ShapeOf<GitLabOptions> = {
  ...callSettings,
  connections: o.maybe(o.record),
  tools: o.maybe(o.listOf(o.func)),
  store: o.maybe(o.either(o.text, o.having("open", "an AccountStore"), "a URL, or an AccountStore")),
  encryptionKey: o.maybe(o.oneOrMore(o.text)),
  refreshSkewSeconds: o.maybe(o.from(0)),
  accountCacheSeconds: o.maybe(o.from(0)),
  tokenRequestTimeoutMs: o.maybe(o.duration),
  checkBaseUrl: o.maybe(o.func),
  onAccountStatusChange: o.maybe(o.func),
  onAccountEvent: o.maybe(o.func),
  audit: o.unlessUndefined(
    o.either(
      o.func,
      o.strict<AuditOptions>({
        keepDays: o.maybe(o.positive),
        from: o.maybe(o.choice(accesses)),
      }),
      "a function, or options",
    ),
  ),
  publicUrl: o.maybe(o.text),
  allowedReturnOrigins: o.maybe(o.texts),
};

// Names of people and connections are checked where they are used.
const account: o.ShapeOf<AccountRef> = { connectionName: o.anything, identifier: o.anything };

const binding: o.ShapeOf<{ connectionName?: string; policy?: Policy }> = {
  connectionName: account.connectionName,
  policy: o.maybe(policySchema),
};

const session: o.ShapeOf<Unkeyed<SessionOptions>> = {
  ...account,
  select: o.anything,
  policy: o.maybe(policySchema),
  audience: o.maybe(o.text),
  conversation: o.unlessUndefined(o.text),
  expiresIn: o.anything,
};

const sent: o.ShapeOf<Pick<SignInLinkOptions, "scopes" | "tools">> = {
  scopes: o.maybe(o.texts),
  tools: o.maybe(o.texts),
};

const link: o.ShapeOf<Omit<SignInLinkOptions, "connectionName">> = {
  ...sent,
  returnTo: o.maybe(o.text),
  rootNamespaceId: o.maybe(o.either(o.text, o.from(0), "a number, or a path")),
  redirectUri: o.maybe(o.text),
  data: o.maybe(o.text),
};

/** What each method takes. */
const methods = {
  getOrCreateConnectedAccount: o.strict<AccountRef>(account),
  getConnectedAccount: o.strict<AccountRef>(account),
  deleteConnectedAccount: o.strict<AccountRef>(account),
  listConnectedAccounts: o.strict<AccountsFilter>({
    ...account,
    identifierPrefix: o.unlessUndefined(o.text),
    status: o.maybe(o.choice(["PENDING", "ACTIVE", "EXPIRED", "REVOKED"])),
    after: o.maybe(o.strict<AccountKey>({ connectionName: o.text, identifier: o.text })),
    limit: o.maybe(o.from(1)),
  }),
  exportPersonalData: o.strict<PersonRef>(account),
  deletePersonalData: o.strict<PersonRef>(account),
  listAuditEntries: o.strict<AuditFilter>({
    ...account,
    toolName: o.maybe(o.text),
    since: o.maybe(o.textThat((text) => !Number.isNaN(Date.parse(text)), "a time such as 2026-01-31T12:00:00Z")),
    limit: o.maybe(o.from(1)),
  }),
  getAuthorizationLink: o.strict<Unkeyed<AuthorizationLinkOptions>>({ ...account, ...link }),
  getSignInLink: o.strict<SignInLinkOptions>({ connectionName: o.anything, ...link }),
  handleCallback: o.strict<CallbackOptions>({ expectedIdentifier: o.maybe(o.text), identify: o.maybe(o.func) }),
  connectWithToken: o.strict<AccountRef & { token: string }>({ ...account, token: o.anything }),
  startDeviceFlow: o.strict<Unkeyed<DeviceAuthorizationOptions>>({ ...account, ...sent }),
  authorizeInBrowser: o.strict<Unkeyed<BrowserAuthorizationOptions>>({
    ...account,
    ...sent,
    open: o.func,
    signal: o.maybe(o.abortSignal),
  }),
  startRefresher: o.strict<RefresherOptions>({
    intervalSeconds: o.maybe(o.positive),
    batchSize: o.maybe(o.from(1)),
    concurrency: o.maybe(o.from(1)),
  }),
  rotateEncryptionKey: o.strict<RotateOptions>({ onProgress: o.maybe(o.func), signal: o.maybe(o.abortSignal) }),
  verifySession: o.strict<{ audience?: string }>({ audience: o.maybe(o.text) }),
  revokeSession: o.strict<AccountRef & { sessionId: string }>({ ...account, sessionId: o.text }),
  revokeSessions: o.strict<AccountRef>(account),
};

/**
 * Checks what a method was called with, before anything is done.
 *
 * @throws {GitLabToolError} `invalid_input` for an option that does not exist, does not fit, or says who or where and is
 * undefined
 */
export function checkMethodOptions(method: keyof typeof methods, options: unknown): void {
  const owner = `The options of ${method}`;
  o.refuseUndefined(options, owner);
  o.checkOptions(methods[method], options, { of: owner });
}

/** @throws {GitLabToolError} `invalid_input`, also where callers without types leave everything out */
export function keyOf(account: AccountRef | undefined): AccountKey {
  const { connectionName = defaultConnection, identifier }: Partial<AccountRef> = account ?? {};
  checkName(connectionName, "connectionName");
  checkName(identifier, "identifier");
  return { connectionName, identifier };
}

/** @throws {GitLabToolError} `invalid_input` */
export function checked(method: keyof typeof methods, options: AccountRef): AccountKey {
  // Names first: what is wrong with them is said best there.
  const key = keyOf(options);
  checkMethodOptions(method, options);
  return key;
}

/** @throws {GitLabToolError} `invalid_input` */
export function checkedPerson(method: keyof typeof methods, person: PersonRef): PersonRef {
  const { connectionName, identifier }: Partial<PersonRef> = person ?? {};
  checkName(identifier, "identifier");
  checkMethodOptions(method, person);
  if (connectionName === undefined) return { identifier };
  checkName(connectionName, "connectionName");
  return { connectionName, identifier };
}

/** @throws {GitLabToolError} `connection_misconfigured` */
export function checkConnection(name: string, config: unknown): void {
  o.refuseUndefined(config, `Connection "${name}"`);
  const about = {
    of: `Connection "${name}"`,
    code: "connection_misconfigured",
    details: { connectionName: name },
  } as const;
  o.checkOptions(connection, config, about);
}

/** @throws {GitLabToolError} `invalid_input`, `connection_misconfigured` */
export function checkGitLabOptions(options: GitLabOptions): void {
  o.refuseUndefined(options, "The options of createGitLab");
  // Callers without types may pass nothing at all.
  const { tools }: { readonly tools?: unknown } = options ?? {};
  const policy = o.maybe(policyWith(definitionsIn(tools)));
  o.checkOptions(o.strict({ ...client, policy }), options, { of: "The options of createGitLab" });
  for (const [name, config] of Object.entries(options.connections ?? {})) checkConnection(name, config);
}

/**
 * @param own the client's own tools, which a policy may take away
 * @throws {GitLabToolError} `invalid_input`
 */
export function checkBinding(options: unknown, own: readonly ToolDefinition[]): void {
  o.refuseUndefined(options, "The options of as()");
  o.checkOptions(o.strict({ ...binding, policy: o.maybe(policyWith(own)) }), options, { of: "The options of as()" });
}

/**
 * Checks what a session is minted with. Tools are loaded to check a selection, and only then.
 *
 * @param own the client's own tools, which a selection may name and a policy take away
 * @throws {GitLabToolError} `invalid_input`, and `unknown_tool` for a selection that names a tool that does not exist
 */
export async function checkSession(options: Unkeyed<SessionOptions>, own: readonly ToolDefinition[]): Promise<void> {
  o.refuseUndefined(options, "The options of createSession");
  o.checkOptions(o.strict({ ...session, policy: o.maybe(policyWith(own)) }), options, {
    of: "The options of createSession",
  });
  if (options.select === undefined) return;
  const { selectTools } = await import("./tools/select.js");
  selectTools(options.select, own);
}
