import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type { ConnectionRecord } from "../stores/account-store.js";
import { parseBaseUrl } from "./base-url.js";
import type { AccountsContext } from "./context.js";
import { checkName } from "./keys.js";
import { namesOf, openSecrets, resealSecrets, sealSecrets, type ConnectionSecrets } from "./connection-secrets.js";
import { misconfigured } from "./misconfigured.js";
import { networkNames, networkOf } from "./network-settings.js";
import { checkOwnRedirectUri, expandRedirectUri } from "./redirect-uri.js";
import { Secret } from "./secret.js";
import type { Connection, ConnectionConfig } from "./types.js";

/** A connection with its secrets, for requests only. */
export interface ResolvedConnection extends Connection, ConnectionSecrets {}

/** Connections by name: those of the configuration, and those added while the program runs. */
export interface Connections {
  /**
   * Adds or replaces a connection at run time. It is kept in the store; its client secret, certificates and proxy are
   * encrypted. Pointing an existing name at another base URL disconnects its accounts: their tokens belong to the old instance.
   *
   * A base URL that a customer has typed may lead into your own network: set `checkBaseUrl` where that matters.
   *
   * @throws {GitLabToolError} `connection_misconfigured`, `invalid_input` for a name that the configuration defines
   */
  set(name: string, config: ConnectionConfig): Promise<Connection>;
  get(name: string): Promise<Connection | undefined>;
  list(): Promise<Connection[]>;
  /** `false` when the store had no connection of that name. Its accounts stay and cannot be used. */
  delete(name: string): Promise<boolean>;
}

export interface ConnectionDirectory extends Connections {
  /** Seals a stored connection's secret with the current key; `false` when it was changed meanwhile. */
  reseal(record: ConnectionRecord): Promise<boolean>;
  /** @throws {GitLabToolError} `connection_not_found` */
  resolve(name: string): Promise<ResolvedConnection>;
}

/** Whether a text can be a scope: one word, since scopes are sent separated by spaces. https://datatracker.ietf.org/doc/html/rfc6749#section-3.3 */
export function isScope(text: string): boolean {
  return /^[\w:.-]+$/.test(text);
}

/** Checks a configuration and fills its defaults in. Throws `connection_misconfigured`. */
export function parseConnection(
  name: string,
  config: ConnectionConfig,
  source: Connection["source"],
): ResolvedConnection {
  checkName(name, "connectionName");
  const allowHttp = config.allowHttp ?? false;
  const baseUrl = parseBaseUrl(config.baseUrl ?? "https://gitlab.com", { name, allowHttp });
  const redirectUri = config.redirectUri === undefined ? undefined : expandRedirectUri(config.redirectUri, name);
  if (config.redirectUri !== undefined && redirectUri === undefined) {
    throw misconfigured(
      name,
      "has a redirectUri that is not an absolute URL",
      "Give it whole, as it is registered with the application: https://app.example/callback/{connection}, or http://localhost:3000/callback.",
    );
  }
  if (config.scopes?.every(isScope) === false) {
    throw misconfigured(name, "has a scope that is not a word such as read_api or api");
  }
  const network = networkOf(name, config);
  return {
    name,
    baseUrl,
    instance: config.instance ?? (new URL(baseUrl).hostname === "gitlab.com" ? "gitlab.com" : "self-managed"),
    ...(config.clientId && { clientId: config.clientId }),
    hasClientSecret: Boolean(config.clientSecret),
    ...(config.clientSecret && { clientSecret: new Secret(config.clientSecret) }),
    ...(redirectUri !== undefined && { redirectUri }),
    scopes: [...(config.scopes ?? [])],
    allowHttp,
    ...(network && { networkSettings: new Secret(network), network: networkNames(network) }),
    source,
  };
}

/** @throws {GitLabToolError} `connection_misconfigured` for a row that somebody has damaged */
function configOf({ name, config }: ConnectionRecord): ConnectionConfig & { readonly sealed?: unknown } {
  try {
    const parsed: unknown = JSON.parse(config);
    if (typeof parsed === "object" && parsed !== null) return parsed;
  } catch {
    // Said below, without what is in the row.
  }
  throw misconfigured(name, "is damaged in the store: set it again");
}

/** A connection without its secrets. */
export function shown({ clientSecret: _, networkSettings: __, ...connection }: ResolvedConnection): Connection {
  return connection;
}

export function createConnections(
  configured: ReadonlyMap<string, ResolvedConnection>,
  context: AccountsContext,
  {
    onChange,
    checkBaseUrl,
  }: { onChange: (name: string) => void; checkBaseUrl: ((url: URL) => void | Promise<void>) | undefined },
): ConnectionDirectory {
  const { store, cipher, now } = context;

  function read(record: ConnectionRecord): Connection {
    const { redirectUri, sealed, ...config } = configOf(record);
    // Version 0.1 stored what it could not use: the connection's accounts need no redirect URI.
    const usable = redirectUri !== undefined && expandRedirectUri(redirectUri, record.name) !== undefined;
    const connection = parseConnection(record.name, { ...config, ...(usable && { redirectUri }) }, "store");
    return { ...connection, ...namesOf(record, sealed) };
  }

  /** Nothing for a row that cannot be used: it is nobody's reason not to see the others. */
  function readable(record: ConnectionRecord): Connection[] {
    try {
      return [read(record)];
    } catch {
      return [];
    }
  }

  async function find(name: string): Promise<ResolvedConnection | undefined> {
    const fixed = configured.get(name);
    if (fixed) return fixed;
    const record = await store.getConnection(name);
    if (!record) return undefined;
    const connection = read(record);
    if (record.secret === null) return connection;
    return { ...connection, ...openSecrets(cipher, record.secret, connection, configOf(record).sealed) };
  }

  async function list(): Promise<Connection[]> {
    const records = await store.listConnections();
    const added = records.filter(({ name }) => !configured.has(name)).flatMap(readable);
    return [...configured.values(), ...added].map(shown).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  return {
    async set(name, config) {
      if (configured.has(name)) {
        throw new GitLabToolError({
          code: "invalid_input",
          message: `Connection "${name}" is part of the configuration and cannot be changed at run time.`,
          hint: "Use another name, or change the configuration.",
        });
      }
      const connection = parseConnection(name, config, "store");
      try {
        await checkBaseUrl?.(new URL(connection.baseUrl));
      } catch (error) {
        if (error instanceof GitLabToolError) throw error;
        const because = error instanceof Error ? error.message : String(error);
        throw misconfigured(name, `has a base URL that is not allowed: ${because}`);
      }
      if (connection.redirectUri !== undefined && connection.clientId !== undefined) {
        const others = (await list()).filter((other) => other.name !== name);
        checkOwnRedirectUri(connection, connection.redirectUri, others);
      }
      const { secret, sealed } = sealSecrets(cipher, connection);
      await store.putConnection({
        name,
        config: JSON.stringify({
          baseUrl: connection.baseUrl,
          instance: connection.instance,
          clientId: connection.clientId,
          redirectUri: connection.redirectUri,
          scopes: connection.scopes,
          allowHttp: connection.allowHttp,
          sealed,
        } satisfies ConnectionConfig & { sealed: unknown }),
        secret,
        updatedAt: now(),
      });
      onChange(name);
      return shown(connection);
    },

    async get(name) {
      const connection = await find(name);
      return connection && shown(connection);
    },

    list,

    async delete(name) {
      if (configured.has(name)) {
        throw new GitLabToolError({
          code: "invalid_input",
          message: `Connection "${name}" is part of the configuration and cannot be deleted at run time.`,
          hint: "Remove it from the configuration.",
        });
      }
      const deleted = await store.deleteConnection(name);
      onChange(name);
      return deleted;
    },

    async resolve(name) {
      const connection = await find(name);
      if (connection) return connection;
      // Others' names are others' business: a connection may be named after a customer.
      throw new GitLabToolError({
        code: "connection_not_found",
        message: `There is no connection "${name}".`,
        hint: "Check its name, or add it: in createGitLab's connections, or with connections.set while the program runs.",
        details: { connectionName: name },
      });
    },

    async reseal(record) {
      if (record.secret === null) return true;
      const secret = resealSecrets(cipher, record.secret, read(record), configOf(record).sealed);
      const stored = await store.getConnection(record.name);
      if (stored?.secret !== record.secret || stored.config !== record.config) {
        return stored?.secret == null || cipher.isCurrent(stored.secret);
      }
      await store.putConnection({ ...record, secret });
      return true;
    },
  };
}
