import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
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

export interface Emulated {
  readonly emulator: GitLabEmulator;
  readonly gitlab: GitLab;
  /** Connects `user_<username>` with a personal access token. */
  readonly connect: (username: string) => Promise<void>;
  /** Connects `user_<username>` by OAuth. */
  readonly authorize: (username: string) => Promise<void>;
}

/** Like {@link startEmulated}, for one test. */
export async function emulated(options: Partial<GitLabOptions> = {}): Promise<Emulated> {
  const started = await startEmulated(options);
  onTestFinished(() => started.close());
  return started;
}

/** A client of an emulated GitLab whose connection `gitlab` has an OAuth application; `ada` is connected by token. */
export async function startEmulated(
  options: Partial<GitLabOptions> = {},
): Promise<Emulated & { readonly close: () => Promise<void> }> {
  const server = await createGitLabEmulator({ pathPrefix: "/gitlab" });
  const application = server.oauth.createApplication({ redirectUri, scopes: ["api", "read_api"] });
  const gitlab = createGitLab({
    store: "memory:",
    connections: { gitlab: { baseUrl: server.baseUrl, redirectUri, scopes: ["api"], ...application } },
    ...options,
  });
  const connect = async (username: string): Promise<void> => {
    const token = server.tokens.create({ username, scopes: ["api"] });
    await gitlab.connectWithToken({ identifier: `user_${username}`, token });
  };
  const authorize = async (username: string): Promise<void> => {
    const { link } = await gitlab.actions.getAuthorizationLink({ identifier: `user_${username}` });
    await gitlab.handleCallback(server.oauth.authorize(link, { username }));
  };
  await connect("ada");
  const close = async (): Promise<void> => {
    await gitlab.close();
    await server.close();
  };
  return { emulator: server, gitlab, connect, authorize, close };
}

/** A store that outlives its client, for one test. */
export async function newStore(): Promise<{ store: string; encryptionKey: string }> {
  const folder = await mkdtemp(join(tmpdir(), "gitlab-agent-tools-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return { store: `sqlite:${join(folder, "accounts.db")}`, encryptionKey: randomBytes(32).toString("base64") };
}
