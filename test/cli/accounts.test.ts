import { randomBytes } from "node:crypto";
import { createGitLab, type ConnectedAccount } from "gitlab-agent-tools";
import { expect, test } from "vitest";
import { cli } from "../support/cli.js";
import { emulator, newStore, redirectUri } from "../support/emulated.js";

/** A store with ada by OAuth and ben by token, and the environment that names it. */
async function connected() {
  const gitlab = await emulator({ pathPrefix: "/gitlab" });
  const application = gitlab.oauth.createApplication({ redirectUri, scopes: ["api", "read_api"] });
  const { store, encryptionKey } = await newStore();
  const connection = { baseUrl: gitlab.baseUrl, redirectUri, scopes: ["api"], ...application };
  const client = createGitLab({ store, encryptionKey, connections: { gitlab: connection } });
  const { link } = await client.actions.getAuthorizationLink({ identifier: "user_ada" });
  await client.handleCallback(gitlab.oauth.authorize(link, { username: "ada" }));
  const token = gitlab.tokens.create({ username: "ben", scopes: ["read_api"] });
  await client.connectWithToken({ identifier: "user_ben", token });
  await client.close();
  const env = {
    GITLAB_URL: gitlab.baseUrl,
    GITLAB_CLIENT_ID: application.clientId,
    GITLAB_CLIENT_SECRET: application.clientSecret,
    GITLAB_AGENT_TOOLS_STORE: store,
    GITLAB_AGENT_TOOLS_KEY: encryptionKey,
  };
  return { gitlab, env, token };
}

test("lists and shows accounts, never their tokens", async () => {
  const { gitlab, env, token } = await connected();
  const list = await cli(["accounts", "list"], { env });
  expect(list).toMatchObject({ code: 0, stderr: "" });
  expect(list.stdout).toMatch(/gitlab {2}user_ada {2}ACTIVE {2}@ada/);
  expect(list.stdout).toMatch(/gitlab {2}user_ben {2}ACTIVE {2}@ben/);
  const json = await cli(["accounts", "list", "--json"], { env });
  const accounts = JSON.parse(json.stdout) as ConnectedAccount[];
  expect(accounts.map(({ identifier, baseUrl }) => [identifier, baseUrl])).toEqual([
    ["user_ada", gitlab.baseUrl],
    ["user_ben", gitlab.baseUrl],
  ]);
  const one = await cli(["accounts", "show", "user_ben"], { env });
  expect(one.stdout).toContain("@ben");
  expect(one.stdout).toContain("read_api");
  for (const { stdout } of [list, json, one]) expect(stdout).not.toContain(token);
});

test("disconnects: the grant is revoked at GitLab, a pasted token stays", async () => {
  const { env } = await connected();
  const ada = await cli(["accounts", "disconnect", "user_ada", "--json"], { env });
  expect(JSON.parse(ada.stdout)).toMatchObject({ revocation: "revoked", connectedAccount: { identifier: "user_ada" } });
  const ben = await cli(["accounts", "disconnect", "user_ben"], { env });
  expect(ben.stdout).toContain("stays valid at GitLab");
  expect(JSON.parse((await cli(["accounts", "list", "--json"], { env })).stdout)).toEqual([]);
});

test("a person's data is exported as JSON, and deleted on every connection, as often as one likes", async () => {
  const { env, token } = await connected();
  const exported = await cli(["accounts", "export", "user_ben"], { env });
  expect(JSON.parse(exported.stdout)).toMatchObject({ connectedAccounts: [{ identifier: "user_ben" }] });
  expect(exported.stdout).not.toContain(token);
  const deleted = await cli(["accounts", "delete", "user_ada", "--yes"], { env });
  expect(deleted.stdout).toContain("user_ada on gitlab: its token is revoked at GitLab.");
  expect(deleted.stdout).toMatch(/^accounts +1$/m);
  const again = await cli(["accounts", "delete", "user_ada", "--yes", "--json"], { env });
  expect([again.code, JSON.parse(again.stdout)]).toMatchObject([0, { connectedAccounts: [], auditEntries: 0 }]);
  const left = JSON.parse((await cli(["accounts", "list", "--json"], { env })).stdout) as ConnectedAccount[];
  expect(left.map(({ identifier }) => identifier)).toEqual(["user_ben"]);
});

test.each(["show", "disconnect"])("%s of an account that is not there says what to run", async (command) => {
  const { env } = await connected();
  const ran = await cli(["accounts", command, "it's me", "--connection", "gitlab"], { env });
  expect(ran).toMatchObject({ code: 1, stdout: "" });
  expect(ran.stderr).toContain("account_not_found");
  expect(ran.stderr).toContain(String.raw`gitlab-agent-tools connect --identifier 'it'\''s me'`);
  expect(ran.stderr).not.toMatch(/getAuthorizationLink|connectWithToken/);
});

test("needs the store's key", async () => {
  const { env } = await connected();
  const without = await cli(["accounts", "list"], { env: { ...env, GITLAB_AGENT_TOOLS_KEY: "" } });
  expect([without.code, without.stderr]).toEqual([2, expect.stringContaining("GITLAB_AGENT_TOOLS_KEY")]);
  const key = (await newStore()).encryptionKey;
  const wrong = await cli(["accounts", "list", "--json"], { env: { ...env, GITLAB_AGENT_TOOLS_KEY: key } });
  expect(wrong.code).toBe(1);
  expect(JSON.parse(wrong.stderr)).toMatchObject({ error: { code: "connection_misconfigured" } });
});

test("rotate fails a script as long as something needs a key that it was not given", async () => {
  const gitlab = await emulator();
  const [{ store, encryptionKey: first }, { encryptionKey: second }] = [await newStore(), await newStore()];
  const connections = { gitlab: { baseUrl: gitlab.baseUrl } };
  const connect = async (identifier: string, keys: string[]): Promise<void> => {
    const client = createGitLab({ store, encryptionKey: keys, connections });
    await client.connectWithToken({ identifier, token: gitlab.tokens.create({ username: "ben", scopes: ["api"] }) });
    await client.close();
  };
  await connect("user_old", [first]);
  await connect("user_new", [second, first]);
  const rotate = async (keys: string) =>
    await cli(["accounts", "rotate", "--json"], {
      env: { GITLAB_AGENT_TOOLS_STORE: store, GITLAB_AGENT_TOOLS_KEY: keys },
    });
  const partly = await rotate(first);
  expect(partly.code).toBe(1);
  expect(JSON.parse(partly.stdout)).toMatchObject({ complete: false });
  expect(JSON.parse(partly.stderr)).toMatchObject({ error: { code: "rotation_incomplete" } });
  const whole = await rotate(`${second},${first}`);
  expect(whole).toMatchObject({ code: 0, stderr: "" });
  expect(JSON.parse(whole.stdout)).toMatchObject({ complete: true, resealed: 1 });
  expect((await rotate(second)).code).toBe(0);
});

test("rotate seals everything with the new key and says when the old one can go", async () => {
  const { env } = await connected();
  const { GITLAB_AGENT_TOOLS_KEY: old, ...rest } = env;
  const current = randomBytes(32).toString("base64");
  const both = { ...rest, GITLAB_AGENT_TOOLS_KEY: `${current},${old}` };
  const first = await cli(["accounts", "rotate", "--json"], { env: both });
  expect(first).toMatchObject({ code: 0, stderr: "" });
  expect(JSON.parse(first.stdout)).toEqual({ checked: 2, resealed: 2, unreadable: 0, complete: true });
  const again = await cli(["accounts", "rotate"], { env: both });
  expect(again.stdout).toContain("take the earlier ones out");
  const rotated = await cli(["accounts", "list"], { env: { ...rest, GITLAB_AGENT_TOOLS_KEY: current } });
  expect(rotated.stdout).toContain("user_ben  ACTIVE");
  const late = await cli(["accounts", "list"], { env });
  expect(late).toMatchObject({ code: 1 });
});
