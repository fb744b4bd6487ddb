import { createGitLab, type GitLab, type GitLabOptions } from "gitlab-agent-tools";
import { createGitLabEmulator, type EmulatorOptions, type GitLabEmulator } from "gitlab-agent-tools/testing";
import { onTestFinished } from "vitest";

export const redirectUri = "https://app.example/callback";

/** An emulated GitLab for one test. */
export async function emulator(options: EmulatorOptions = {}): Promise<GitLabEmulator> {
  const started = await createGitLabEmulator(options);
  onTestFinished(() => started.close());
  return started;
}

/** A client of an emulated GitLab whose connection `gitlab` has an OAuth application; `ada` is connected by token. */
export async function emulated(
  options: Partial<GitLabOptions> = {},
): Promise<{ emulator: GitLabEmulator; gitlab: GitLab; connect: (username: string) => Promise<void> }> {
  const server = await emulator({ pathPrefix: "/gitlab" });
  const application = server.oauth.createApplication({ redirectUri, scopes: ["api", "read_api"] });
  const gitlab = createGitLab({
    store: "memory:",
    connections: { gitlab: { baseUrl: server.baseUrl, redirectUri, scopes: ["api"], ...application } },
    ...options,
  });
  onTestFinished(() => gitlab.close());
  const connect = async (username: string): Promise<void> => {
    const token = server.tokens.create({ username, scopes: ["api"] });
    await gitlab.connectWithToken({ identifier: `user_${username}`, token });
  };
  await connect("ada");
  return { emulator: server, gitlab, connect };
}
