import { createGitLab, defaultConnection, type GitLab } from "../gitlab.js";
import { UsageError } from "./output.js";

export interface AccountFlags {
  readonly connection?: string;
  readonly identifier?: string;
}

const personal = "me";

/**
 * The client a command works with: `GITLAB_TOKEN` and `GITLAB_URL` for one person without any store, otherwise the
 * store of `GITLAB_AGENT_TOOLS_STORE` with the key in `GITLAB_AGENT_TOOLS_KEY`.
 */
export async function openClient(
  flags: AccountFlags,
): Promise<{ gitlab: GitLab; account: { connectionName: string; identifier: string } }> {
  const { GITLAB_TOKEN: token, GITLAB_URL: baseUrl } = process.env;
  const connectionName = flags.connection ?? defaultConnection;
  if (flags.identifier !== undefined) {
    return { gitlab: openStore(), account: { connectionName, identifier: flags.identifier } };
  }
  if (!token) {
    throw new UsageError(
      "Set GITLAB_TOKEN (and GITLAB_URL for an instance of your own), or name a connected account with --identifier.",
    );
  }
  const gitlab = createGitLab({ store: "memory:", connections: { [connectionName]: { ...(baseUrl && { baseUrl }) } } });
  const account = { connectionName, identifier: personal };
  try {
    await gitlab.connectWithToken({ ...account, token });
    return { gitlab, account };
  } catch (error) {
    await gitlab.close();
    throw error;
  }
}

/** The client on the store that the environment names. */
export function openStore(): GitLab {
  const { GITLAB_AGENT_TOOLS_STORE: store, GITLAB_AGENT_TOOLS_KEY: encryptionKey, GITLAB_URL: baseUrl } = process.env;
  if (!encryptionKey) {
    throw new UsageError(
      "Set GITLAB_AGENT_TOOLS_KEY: 32 random bytes as base64 (openssl rand -base64 32), the same on every run.",
    );
  }
  return createGitLab({
    ...(store && { store }),
    encryptionKey: encryptionKey.split(","),
    connections: { [defaultConnection]: { ...(baseUrl && { baseUrl }) } },
  });
}
