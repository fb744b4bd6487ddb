import { createGitLab, type GitLab } from "gitlab-agent-tools";
import { createGitLabEmulator, type GitLabEmulator } from "gitlab-agent-tools/testing";
import { issuesList } from "gitlab-agent-tools/tools";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";

const redirectUri = "https://app.example/callback";
let emulator: GitLabEmulator;
let offsetMs = 0;

beforeAll(async () => {
  emulator = await createGitLabEmulator({ pathPrefix: "/gitlab", now: () => new Date(Date.now() + offsetMs) });
});

afterAll(() => emulator.close());

function client(): GitLab {
  const application = emulator.oauth.createApplication({ redirectUri, scopes: ["api", "read_api", "read_user"] });
  const gitlab = createGitLab({
    connections: { gitlab: { baseUrl: emulator.baseUrl, redirectUri, scopes: ["api"], ...application } },
    store: "memory:",
    now: () => Date.now() + offsetMs,
    sleep: (ms) => Promise.resolve(void (offsetMs += ms)),
  });
  onTestFinished(() => gitlab.close());
  return gitlab;
}

test("from a link with the least scopes that a tool needs to its first call", async () => {
  const gitlab = client();
  const { connectedAccount } = await gitlab.actions.getOrCreateConnectedAccount({ identifier: "me" });
  expect(connectedAccount.status).toBe("PENDING");
  const { link } = await gitlab.actions.getAuthorizationLink({
    identifier: "me",
    tools: ["gitlab_issues_list"],
    returnTo: "/done",
  });
  const callback = emulator.oauth.authorize(link, { username: "ada" });
  const connected = await gitlab.handleCallback(callback, { expectedIdentifier: "me" });
  expect(connected).toMatchObject({
    returnTo: "/done",
    connectedAccount: {
      id: connectedAccount.id,
      status: "ACTIVE",
      scopes: ["read_api"],
      gitlabUser: { username: "ada" },
    },
  });
  const issues = await issuesList(gitlab.as("me"), { project_id: "acme/app" });
  expect(issues.data.length).toBeGreaterThan(0);
});

test("a person who says no stays as they were", async () => {
  const gitlab = client();
  const { link } = await gitlab.actions.getAuthorizationLink({ identifier: "me" });
  const callback = emulator.oauth.authorize(link, { username: "ada", deny: true });
  await expect(gitlab.handleCallback(callback)).rejects.toMatchObject({
    code: "account_not_connected",
    details: { reason: "access_denied" },
  });
  await expect(issuesList(gitlab.as("me"), { project_id: "acme/app" })).rejects.toMatchObject({
    code: "account_not_connected",
  });
});

test("a device shows its code, waits, and works on after its token has ended", async () => {
  const gitlab = client();
  const device = await gitlab.startDeviceFlow({ identifier: "me" });
  expect(await device.poll()).toBeUndefined();
  emulator.oauth.approveDevice(device.userCode, { username: "ben" });
  expect(await device.wait()).toMatchObject({ status: "ACTIVE", gitlabUser: { username: "ben" } });
  offsetMs += 7_201_000;
  await issuesList(gitlab.as("me"), { project_id: "acme/app" });
});

test("a revocation on GitLab's page ends the account, authorizing again revives it", async () => {
  const gitlab = client();
  const connect = async (): Promise<void> => {
    const { link } = await gitlab.actions.getAuthorizationLink({ identifier: "me" });
    await gitlab.handleCallback(emulator.oauth.authorize(link, { username: "ada" }));
  };
  await connect();
  const list = (): Promise<unknown> => issuesList(gitlab.as("me"), { project_id: "acme/app" });
  await list();
  emulator.oauth.revoke("ada");
  await expect(list()).rejects.toMatchObject({ code: "account_revoked" });
  const requests = emulator.requests.length;
  await expect(list()).rejects.toMatchObject({ code: "account_revoked" });
  expect(emulator.requests.length).toBe(requests);
  await connect();
  await list();
});

test("a pasted token brings its scopes and its end along", async () => {
  const gitlab = client();
  const token = emulator.tokens.create({ username: "ben", scopes: ["read_api"] });
  const { connectedAccount } = await gitlab.connectWithToken({ identifier: "me", token });
  expect(connectedAccount).toMatchObject({ status: "ACTIVE", scopes: ["read_api"], gitlabUser: { username: "ben" } });
  emulator.tokens.revoke(token);
  await expect(issuesList(gitlab.as("me"), { project_id: "acme/app" })).rejects.toMatchObject({
    code: "account_revoked",
  });
  await expect(gitlab.connectWithToken({ identifier: "other", token })).rejects.toMatchObject({
    code: "account_not_connected",
  });
});

test("deleting an account ends its tokens at GitLab", async () => {
  const gitlab = client();
  const { link } = await gitlab.actions.getAuthorizationLink({ identifier: "me" });
  await gitlab.handleCallback(emulator.oauth.authorize(link, { username: "ada" }));
  expect(await gitlab.actions.deleteConnectedAccount({ identifier: "me" })).toMatchObject({ revocation: "revoked" });
  const revoked = emulator.requests.filter(({ path }) => path === "/oauth/revoke");
  expect(revoked.at(-1)).toMatchObject({ status: 200 });
});
