import type { ConnectionConfig } from "./accounts/types.js";
import type { AccountRef, GitLabOptions, Unkeyed } from "./gitlab.js";
import type { SessionOptions } from "./sessions/sessions.js";
import { callSettings } from "./tools/settings.js";
import * as o from "./tools/options.js";
import { policySchema } from "./policy/policy-schema.js";
import type { Policy } from "./policy/policy.js";

const connection = o.strict<ConnectionConfig>({
  baseUrl: o.maybe(o.text),
  clientId: o.maybe(o.text),
  clientSecret: o.maybe(o.text),
  redirectUri: o.maybe(o.text),
  scopes: o.maybe(o.texts),
  allowHttp: o.maybe(o.flag),
  instance: o.maybe(o.choice(["gitlab.com", "self-managed"])),
});

const client = o.strict<GitLabOptions>({
  ...callSettings,
  connections: o.maybe(o.record),
  store: o.maybe(o.either(o.text, o.having("open", "an AccountStore"), "a URL, or an AccountStore")),
  encryptionKey: o.maybe(o.oneOrMore(o.text)),
  refreshSkewSeconds: o.maybe(o.from(0)),
  accountCacheSeconds: o.maybe(o.from(0)),
  tokenRequestTimeoutMs: o.maybe(o.duration),
  checkBaseUrl: o.maybe(o.func),
  onAccountStatusChange: o.maybe(o.func),
  allowedReturnOrigins: o.maybe(o.texts),
});

// Names of people and connections are checked where they are used.
const account: o.ShapeOf<AccountRef> = { connectionName: o.anything, identifier: o.anything };

const binding = o.strict<{ connectionName?: string; policy?: Policy }>({
  connectionName: account.connectionName,
  policy: o.maybe(policySchema),
});

const session = o.strict<Unkeyed<SessionOptions>>({
  ...account,
  select: o.anything,
  policy: o.maybe(policySchema),
  expiresIn: o.anything,
});

/** @throws {GitLabToolError} `connection_misconfigured` */
export function checkConnection(name: string, config: unknown): void {
  const about = {
    of: `Connection "${name}"`,
    code: "connection_misconfigured",
    details: { connectionName: name },
  } as const;
  o.checkOptions(connection, config, about);
}

/** @throws {GitLabToolError} `invalid_input`, `connection_misconfigured` */
export function checkGitLabOptions(options: GitLabOptions): void {
  o.checkOptions(client, options, { of: "The options of createGitLab" });
  for (const [name, config] of Object.entries(options.connections ?? {})) checkConnection(name, config);
}

/** @throws {GitLabToolError} `invalid_input` */
export function checkBinding(options: unknown): void {
  o.checkOptions(binding, options, { of: "The options of as()" });
}

/**
 * Checks what a session is minted with. Tools are loaded to check a selection, and only then.
 *
 * @throws {GitLabToolError} `invalid_input`, and `unknown_tool` for a selection that names a tool that does not exist
 */
export async function checkSession(options: Unkeyed<SessionOptions>): Promise<void> {
  o.checkOptions(session, options, { of: "The options of createSession" });
  if (options.select === undefined) return;
  const { selectTools } = await import("./adapters/select.js");
  selectTools(options.select);
}
