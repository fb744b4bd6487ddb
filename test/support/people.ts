import { createGitLab, GitLabToolError, type GitLab, type GitLabAccount, type GitLabOptions } from "gitlab-agent-tools";
import { createGitLabEmulator, type EmulatorOptions, type GitLabEmulator } from "gitlab-agent-tools/testing";
import { onTestFinished } from "vitest";

/** An emulator and a client for one test, with an account for each of its people. */
export interface Stage {
  readonly emulator: GitLabEmulator;
  readonly gitlab: GitLab;
  /** A person's account, connected with a token; the default scopes are `api`. */
  readonly as: (username: string, scopes?: readonly string[]) => Promise<GitLabAccount>;
  /** Requests of tools since the last time, as `METHOD path`. */
  readonly requests: () => string[];
}

const connecting = /^\/(?:oauth\/|api\/v4\/(?:user|personal_access_tokens\/self)$)/;

export async function stage(options: EmulatorOptions = {}, client: Partial<GitLabOptions> = {}): Promise<Stage> {
  const emulator = await createGitLabEmulator(options);
  const { instance = "self-managed" } = options;
  const gitlab = createGitLab({
    store: "memory:",
    connections: { gitlab: { baseUrl: emulator.baseUrl, instance } },
    // A machine that is busy takes its time to look things up.
    lookups: { timeoutMs: 30_000 },
    ...client,
  });
  onTestFinished(async () => {
    await gitlab.close();
    await emulator.close();
  });
  let seen = 0;
  return {
    emulator,
    gitlab,
    async as(username, scopes = ["api"]) {
      const identifier = `${username} (${scopes.join(" ")})`;
      await gitlab.connectWithToken({ identifier, token: emulator.tokens.create({ username, scopes: [...scopes] }) });
      return gitlab.as(identifier);
    },
    requests() {
      const fresh = emulator.requests.slice(seen).filter(({ path }) => !connecting.test(path));
      seen = emulator.requests.length;
      return fresh.map(({ method, path }) => `${method} ${path.replace("/api/v4", "")}`);
    },
  };
}

/** The error that a call ends in. */
export async function refusal(call: Promise<unknown>): Promise<GitLabToolError> {
  const error: unknown = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof GitLabToolError)) throw new Error(`expected a refusal, got ${String(error)}`);
  return error;
}
