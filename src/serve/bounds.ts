import { checkName } from "../accounts/keys.js";
import type { AccountKey } from "../accounts/types.js";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { narrowest } from "../policy/access.js";
import type { Policy } from "../policy/policy.js";
import type { Access } from "../definition/definition.js";
import type { ApiKey, KeyScope } from "./api-keys.js";

/** What a request names an account by. */
export interface GivenAccount {
  readonly connection_name: string;
  readonly identifier: string;
}

/** What stands before the identifiers of a product's accounts in the store. */
export const prefixOf = ({ namespace }: Pick<ApiKey, "namespace">): string =>
  namespace === null ? "" : `${namespace}:`;

/** The identifier as the product gave it. */
export const shownIdentifier = (apiKey: ApiKey, identifier: string): string =>
  identifier.slice(prefixOf(apiKey).length);

export const hasConnection = ({ connections }: ApiKey, name: string): boolean =>
  connections === "all" || connections.includes(name);

/** Whether an account is there for the key at all. */
export const reaches = (apiKey: ApiKey, { connectionName, identifier }: AccountKey): boolean =>
  hasConnection(apiKey, connectionName) && identifier.startsWith(prefixOf(apiKey));

/**
 * The account in the store that a product means: in its own namespace, whatever it writes.
 *
 * @throws {GitLabToolError} `forbidden` for a connection that the key does not have
 */
export function accountOf(apiKey: ApiKey, { connection_name: connectionName, identifier }: GivenAccount): AccountKey {
  checkName(identifier, "identifier");
  checkName(connectionName, "connectionName");
  if (!hasConnection(apiKey, connectionName))
    throw beyond("connections", `the connection ${JSON.stringify(connectionName.slice(0, 100))}`);
  return { connectionName, identifier: prefixOf(apiKey) + identifier };
}

/** @throws {GitLabToolError} `forbidden` */
export function checkScope({ scopes }: ApiKey, needed: KeyScope | undefined): void {
  if (needed !== undefined && !scopes.includes(needed)) throw beyond("scopes", needed, { needed });
}

/** The most that a call by this key may do. */
export const accessOf = (apiKey: ApiKey, requested: Access | undefined): Access =>
  narrowest(apiKey.access, requested) ?? "read";

/**
 * What a call by this key is held to: it writes and reads no files of the gateway's machine either.
 *
 * @throws {GitLabToolError} `forbidden` where the request names places and the key does, too
 */
export function policyOf(
  apiKey: ApiKey,
  requested: {
    readonly access?: Access | undefined;
    readonly projects?: string[] | undefined;
    readonly groups?: string[] | undefined;
  },
): Policy {
  const confined = apiKey.projects !== undefined || apiKey.groups !== undefined;
  // Which of two lists is the narrower one cannot be told from names: a group may hold a project of the other.
  if (confined && (requested.projects ?? requested.groups) !== undefined)
    throw beyond("places", "projects or groups of a request's own");
  const { projects, groups } = confined ? apiKey : requested;
  return {
    access: accessOf(apiKey, requested.access),
    ...(projects && { projects }),
    ...(groups && { groups }),
    downloads: false,
    uploads: false,
  };
}

function beyond(rule: string, what: string, details: Readonly<Record<string, unknown>> = {}): GitLabToolError {
  return new GitLabToolError({
    code: "forbidden",
    message: `This API key is not for ${what}.`,
    hint: "Nothing was done. Use a key that is for it: gitlab-agent-tools keys list shows what each is for.",
    details: { policy: "api key", rule, ...details },
  });
}
