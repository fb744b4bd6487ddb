import { expect, test } from "vitest";
import { cli, type Ran } from "../support/cli.js";
import { emulator, newStore } from "../support/emulated.js";

async function storeEnv(): Promise<Record<string, string>> {
  const { store, encryptionKey } = await newStore();
  return { GITLAB_AGENT_TOOLS_STORE: store, GITLAB_AGENT_TOOLS_KEY: encryptionKey };
}

/** Runs `connect` and does what it asks the person to do. */
function connecting(
  env: Readonly<Record<string, string>>,
  args: readonly string[],
  act: (line: string) => unknown,
): Promise<Ran> {
  let asked = false;
  return cli(["connect", ...args], {
    env,
    onStderr: (line) => {
      if (!asked) void act(line);
      asked = true;
    },
  });
}

test("connects by a code, and keeps instance and application for later commands", async () => {
  const gitlab = await emulator({ pathPrefix: "/gitlab", devicePollSeconds: 0.2 });
  const redirectUri = "http://127.0.0.1/callback";
  const application = { redirectUri, scopes: ["api", "read_api"], confidential: false };
  const { clientId } = gitlab.oauth.createApplication(application);
  const env = await storeEnv();
  const flags = ["--connection", "acme", "--url", gitlab.baseUrl, "--client-id", clientId, "--scopes", "api", "--json"];
  const { stdout } = await connecting(env, flags, (line) => {
    const asked = JSON.parse(line) as { open: string; userCode: string };
    expect(asked.open).toMatch(gitlab.baseUrl);
    gitlab.oauth.approveDevice(asked.userCode, { username: "ben" });
  });
  expect(JSON.parse(stdout)).toMatchObject({
    connectionName: "acme",
    identifier: "me",
    status: "ACTIVE",
    scopes: ["api"],
    gitlabUser: { username: "ben" },
  });
  const call = ["call", "gitlab_current_user_get", "--identifier", "me", "--connection", "acme"];
  expect(JSON.parse((await cli(call, { env })).stdout)).toMatchObject({ username: "ben" });
}, 60_000);

test("connects through a browser on this machine", async () => {
  const gitlab = await emulator();
  const redirectUri = "http://127.0.0.1/callback";
  const { clientId } = gitlab.oauth.createApplication({ redirectUri, scopes: ["read_api"], confidential: false });
  const env = await storeEnv();
  const flags = ["--url", gitlab.baseUrl, "--client-id", clientId, "--redirect-uri", redirectUri, "--with", "browser"];
  const { stdout } = await connecting(env, flags, async (line) => {
    const link = /Open (\S+)/.exec(line)?.[1] ?? "";
    await fetch(gitlab.oauth.authorize(link, { username: "ada" }));
  });
  expect(stdout).toContain("@ada");
  expect((await cli(["accounts", "list"], { env })).stdout).toContain("@ada");
});

test("connects with the token of the environment", async () => {
  const gitlab = await emulator();
  const token = gitlab.tokens.create({ username: "ada", scopes: ["api"] });
  const env = { ...(await storeEnv()), GITLAB_URL: gitlab.baseUrl, GITLAB_TOKEN: token };
  const { code, stdout } = await cli(["connect", "--with", "token", "--identifier", "user_ada"], { env });
  expect(code).toBe(0);
  expect(stdout).toContain("@ada");
  expect(stdout).not.toContain(token);
});

test("a token that GitLab does not know is to be replaced, and leaves no account behind", async () => {
  const gitlab = await emulator();
  const env = { ...(await storeEnv()), GITLAB_TOKEN: "glpat-nobodys" };
  const { code, stderr } = await cli(["connect", "--with", "token", "--url", gitlab.baseUrl], { env });
  expect(code).toBe(1);
  expect(stderr).toContain(`hint: Replace GITLAB_TOKEN by a valid token of ${gitlab.baseUrl}.`);
  expect(JSON.parse((await cli(["accounts", "list", "--json"], { env })).stdout)).toEqual([]);
});

test("says what is missing", async () => {
  const gitlab = await emulator();
  const env = await storeEnv();
  const without = await cli(["connect"], { env: {} });
  expect([without.code, without.stderr]).toEqual([2, expect.stringContaining("GITLAB_AGENT_TOOLS_KEY")]);
  const noToken = await cli(["connect", "--with", "token"], { env });
  expect([noToken.code, noToken.stderr]).toEqual([2, expect.stringContaining("GITLAB_TOKEN")]);
  const noApplication = await cli(["connect", "--url", gitlab.baseUrl, "--json"], { env });
  expect(noApplication.code).toBe(1);
  expect(JSON.parse(noApplication.stderr)).toMatchObject({
    error: { code: "connection_misconfigured", hint: expect.stringContaining("--client-id") as string },
  });
  // Nobody is left waiting for an authorization that cannot come.
  expect(JSON.parse((await cli(["accounts", "list", "--json"], { env })).stdout)).toEqual([]);
  const application = ["--url", gitlab.baseUrl, "--client-id", "some-id"];
  const noRedirect = await cli(["connect", ...application, "--with", "browser"], { env });
  expect([noRedirect.code, noRedirect.stderr]).toEqual([1, expect.stringContaining("--redirect-uri")]);
  expect(JSON.parse((await cli(["accounts", "list", "--json"], { env })).stdout)).toEqual([]);
  const both = await cli(["connect", "--url", gitlab.baseUrl], { env: { ...env, GITLAB_URL: gitlab.baseUrl } });
  expect([both.code, both.stderr]).toEqual([2, expect.stringContaining("GITLAB_URL")]);
}, 60_000);

test("what is missing is asked for where it is taken: beside GITLAB_URL, in the environment", async () => {
  const gitlab = await emulator();
  const env = { ...(await storeEnv()), GITLAB_URL: gitlab.baseUrl };
  const ran = await cli(["connect", "--json"], { env });
  const { error } = JSON.parse(ran.stderr) as { error: { hint: string } };
  expect(error.hint).toContain("GITLAB_CLIENT_ID");
  expect(error.hint).not.toContain("--client-id");
  const redirectUri = "http://127.0.0.1/callback";
  const { clientId } = gitlab.oauth.createApplication({ redirectUri, scopes: ["read_api"], confidential: false });
  let asked = "";
  // Only what the command listens with: others in this process may end it, such as the one that stops PostgreSQL.
  const before = process.listeners("SIGINT");
  const followed = await cli(["connect", "--json"], {
    env: { ...env, GITLAB_CLIENT_ID: clientId },
    onStderr: (line) => {
      if (asked === "")
        for (const interrupt of process.listeners("SIGINT")) if (!before.includes(interrupt)) interrupt("SIGINT");
      asked ||= line;
    },
  });
  expect(JSON.parse(asked)).toMatchObject({ userCode: expect.any(String) as string });
  expect(JSON.parse(followed.stderr.slice(asked.length))).toMatchObject({ error: { code: "aborted" } });
});

test.each([
  ["connect", ["--url", "http://gitlab.example.com", "--client-id", "x"], {}],
  ["call", ["gitlab_current_user_get"], { GITLAB_URL: "http://gitlab.example.com", GITLAB_TOKEN: "glpat-x" }],
  ["accounts", ["list"], { GITLAB_URL: "http://gitlab.example.com" }],
  ["sessions", ["list"], { GITLAB_URL: "http://gitlab.example.com" }],
  ["mcp", ["--http", "--port", "0"], { GITLAB_URL: "http://gitlab.example.com" }],
])("%s refuses an http:// address with advice that a terminal can follow", async (command, args, more) => {
  const ran = await cli([command, ...args], { env: { ...(await storeEnv()), ...more } });
  expect(ran.code).toBe(1);
  expect(ran.stderr).toContain("in the clear");
  expect(ran.stderr).toContain("hint: Give its https:// address");
  expect(ran.stderr).not.toContain("allowHttp");
});
