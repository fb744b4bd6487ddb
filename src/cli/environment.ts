import { UsageError } from "./output.js";

/** What the environment says about accounts. */
export interface Environment {
  /** A personal access token: one person, no store. */
  readonly token?: string;
  /** The instance of the connection `gitlab`. */
  readonly baseUrl?: string;
  /** The OAuth application of the connection `gitlab`. */
  readonly clientId?: string;
  readonly clientSecret?: string;
  readonly store?: string;
  /** The current key, then earlier ones. */
  readonly keys: readonly string[];
}

export function readEnvironment(env: NodeJS.ProcessEnv = process.env): Environment {
  const { GITLAB_TOKEN, GITLAB_URL, GITLAB_CLIENT_ID, GITLAB_CLIENT_SECRET } = env;
  const { GITLAB_AGENT_TOOLS_STORE: store, GITLAB_AGENT_TOOLS_KEY: key } = env;
  return {
    ...(GITLAB_TOKEN && { token: GITLAB_TOKEN }),
    ...(GITLAB_URL && { baseUrl: GITLAB_URL }),
    ...(GITLAB_CLIENT_ID && { clientId: GITLAB_CLIENT_ID }),
    ...(GITLAB_CLIENT_SECRET && { clientSecret: GITLAB_CLIENT_SECRET }),
    ...(store && { store }),
    keys: (key ?? "").split(",").filter(Boolean),
  };
}

/** @throws {UsageError} unless there is a token, or a store that accounts can be in */
export function requireAccount(env: Environment, identifier: string | undefined): void {
  if (identifier === undefined && env.token) return;
  if (env.keys.length > 0) return;
  throw new UsageError(
    identifier === undefined
      ? "Set GITLAB_TOKEN (and GITLAB_URL for a self-managed instance), or GITLAB_AGENT_TOOLS_KEY for connected accounts."
      : keyMissing,
  );
}

/** @throws {UsageError} without the key of the store */
export function requireStore(env: Environment): void {
  if (env.keys.length === 0) throw new UsageError(keyMissing);
}

const keyMissing =
  "Set GITLAB_AGENT_TOOLS_KEY: 32 random bytes as base64 (openssl rand -base64 32), the same on every run.";
