import { defaultConnection } from "../gitlab-options.js";
import type { GitLab, GitLabOptions } from "../gitlab-types.js";
import { createGitLab } from "../gitlab.js";
import { readEnvironment, requireAccount, requireStore } from "./environment.js";

export interface AccountFlags {
  readonly connection?: string;
  readonly identifier?: string;
}

/** Whose account it is where nobody says: the person at this machine. */
export const personal = "me";

export interface Client {
  readonly gitlab: GitLab;
  readonly account: { readonly connectionName: string; readonly identifier: string };
  /** Connects `GITLAB_TOKEN`, with requests to GitLab; absent for an account of the store. */
  readonly connect?: () => Promise<void>;
}

type ClientOptions = Omit<GitLabOptions, "store" | "encryptionKey" | "connections">;

/**
 * The client a command works with, before anything is sent: `GITLAB_TOKEN` and `GITLAB_URL` for one person without any
 * store, otherwise the store of `GITLAB_AGENT_TOOLS_STORE` with the key in `GITLAB_AGENT_TOOLS_KEY`.
 */
export async function createClient(flags: AccountFlags, options: ClientOptions = {}): Promise<Client> {
  const env = readEnvironment();
  requireAccount(env, flags.identifier);
  const { connection: connectionName = defaultConnection, identifier = personal } = flags;
  const account = { connectionName, identifier };
  const { token, baseUrl } = env;
  if (flags.identifier !== undefined || token === undefined) {
    return { gitlab: await openStore(options), account };
  }
  const connections = { [connectionName]: { ...(baseUrl && { baseUrl }) } };
  const gitlab = createGitLab({ ...options, store: "memory:", connections });
  return { gitlab, account, connect: async () => void (await gitlab.connectWithToken({ ...account, token })) };
}

/** The client a command works with, connected. */
export async function openClient(flags: AccountFlags, options: ClientOptions = {}): Promise<Client> {
  const client = await createClient(flags, options);
  try {
    await client.connect?.();
    return client;
  } catch (error) {
    await client.gitlab.close();
    throw error;
  }
}

/**
 * The client on the store that the environment names. The connection `gitlab` is what the environment says; where that
 * says nothing, what the store has; where that has nothing either, GitLab.com, unless `assumeDefault` is false.
 */
export async function openStore(
  options: ClientOptions & {
    readonly assumeDefault?: false;
    readonly scopes?: readonly string[];
    readonly redirectUri?: string;
  } = {},
): Promise<GitLab> {
  const env = readEnvironment();
  requireStore(env);
  const { store, keys: encryptionKey, baseUrl, clientId, clientSecret } = env;
  const { assumeDefault = true, scopes, redirectUri, ...rest } = options;
  const open = (connections: GitLabOptions["connections"]): GitLab =>
    createGitLab({ ...rest, ...(store && { store }), encryptionKey, connections });
  if (baseUrl || clientId) {
    const named = {
      ...(baseUrl && { baseUrl }),
      ...(clientId && { clientId }),
      ...(clientSecret && { clientSecret }),
      ...(scopes && { scopes }),
      ...(redirectUri !== undefined && { redirectUri }),
    };
    return open({ [defaultConnection]: named });
  }
  const stored = open({});
  if (!assumeDefault || (await stored.connections.get(defaultConnection))) return stored;
  await stored.close();
  return open({ [defaultConnection]: {} });
}
