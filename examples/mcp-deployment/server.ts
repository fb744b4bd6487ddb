/** The MCP server of a company: people add its address to their client and sign in with GitLab. */
import { createGitLab } from "gitlab-agent-tools";
import { serveMcp } from "gitlab-agent-tools/mcp";

export interface Settings {
  readonly GITLAB_URL?: string;
  readonly GITLAB_CLIENT_ID?: string;
  readonly GITLAB_CLIENT_SECRET?: string;
  readonly GITLAB_AGENT_TOOLS_KEY?: string;
  /** Where people reach the server. */
  readonly PUBLIC_URL?: string;
  readonly STORE?: string;
}

/** @returns the address to give to people, and what stops the server */
export async function start(settings: Settings): Promise<{ address: string; stop: () => Promise<void> }> {
  const { PUBLIC_URL = "http://127.0.0.1:8080", STORE = "sqlite:./accounts.db" } = settings;
  const gitlab = createGitLab({
    connections: {
      gitlab: {
        ...(settings.GITLAB_URL && { baseUrl: settings.GITLAB_URL }),
        clientId: settings.GITLAB_CLIENT_ID,
        clientSecret: settings.GITLAB_CLIENT_SECRET,
        scopes: ["api"],
      },
    },
    store: STORE,
    encryptionKey: settings.GITLAB_AGENT_TOOLS_KEY,
    audit: {},
  });
  const server = await serveMcp({
    gitlab,
    port: Number(new URL(PUBLIC_URL).port || 8080),
    // The most that anybody gets: a client may ask for less.
    select: { access: "write" },
    trustedHosts: [new URL(PUBLIC_URL).host],
    signIn: { publicUrl: PUBLIC_URL },
  });
  const stop = async (): Promise<void> => {
    await server.close();
    await gitlab.close();
  };
  return { address: `${PUBLIC_URL}/mcp`, stop };
}
