import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGitLab, type GitLab } from "gitlab-agent-tools";
import { createGitLabEmulator, type GitLabEmulator } from "gitlab-agent-tools/testing";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { partsOf } from "../../src/gitlab-parts.js";
import { createJournal } from "../../src/serve/journal.js";
import { openMemory } from "../../src/tools/agent-memory.js";
import { keyText } from "../../src/stores/key-text.js";
import { sealedRows } from "../../src/web/sealed-rows.js";
import { newKey } from "../support/accounts.js";
import { startPostgres, type TestPostgres } from "../support/postgres.js";

const redirectUri = "https://app.example/callback/{connection}";

let emulator: GitLabEmulator;
let postgres: TestPostgres;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "personal-data-"));
  [emulator, postgres] = await Promise.all([createGitLabEmulator(), startPostgres()]);
});
afterAll(async () => {
  await Promise.all([emulator.close(), postgres.stop()]);
  await rm(folder, { recursive: true });
});

const stores: Readonly<Record<string, () => Promise<string> | string>> = {
  memory: () => "memory:",
  SQLite: () => `sqlite:${join(folder, "accounts.db")}`,
  PostgreSQL: () => postgres.createDatabase(),
};

describe.each(Object.keys(stores))("in %s", (kind) => {
  async function client(): Promise<GitLab> {
    const of = (name: string) => {
      const uri = redirectUri.replace("{connection}", name);
      const application = emulator.oauth.createApplication({ redirectUri: uri, scopes: ["api"] });
      return { baseUrl: emulator.baseUrl, redirectUri: uri, scopes: ["api"], ...application };
    };
    const gitlab = createGitLab({
      store: (await stores[kind]?.()) ?? "",
      encryptionKey: newKey(),
      connections: { gitlab: of("gitlab"), acme: of("acme") },
      audit: {},
    });
    onTestFinished(() => gitlab.close());
    return gitlab;
  }

  /** All that a store may come to have of somebody. */
  async function live(gitlab: GitLab, identifier: string, username: string) {
    for (const connectionName of ["gitlab", "acme"]) {
      const { link } = await gitlab.actions.getAuthorizationLink({ identifier, connectionName, returnTo: "/settings" });
      await gitlab.handleCallback(emulator.oauth.authorize(link, { username }));
      await gitlab.executeTool({ identifier, connectionName, toolName: "gitlab_current_user_get" });
    }
    const { token, sessionId } = await gitlab.createSession({ identifier });
    await gitlab.revokeSession({ identifier, sessionId });
    const alive = await gitlab.createSession({ identifier });
    const parts = partsOf(gitlab) ?? expect.fail("no parts");
    const rows = parts.store.rows ?? expect.fail("no rows");
    const account = { connectionName: "gitlab", identifier };
    const grant = { clientId: "an MCP client", account, scopes: ["gitlab:read"], refresh: "hash", sessions: [] };
    await sealedRows(parts, rows, "mcp grant").add(`family of ${identifier}`, grant, 60_000);
    await sealedRows(parts, rows, "mcp code").add(`code of ${identifier}`, grant, 60_000);
    const { connectedAccount } = await gitlab.actions.getConnectedAccount(account);
    await createJournal(gitlab).record({
      type: "connected",
      account: connectedAccount,
      at: connectedAccount.updatedAt,
    });
    const memory = openMemory({ ...parts, rows });
    const scope = { account: keyText(account), conversation: "chat" };
    await memory.remember(scope, "shown", () => "1");
    return { token, sessionId, alive: alive.token, recall: () => memory.recall(scope, "shown") };
  }

  test("one person's data is exported without a secret, and deleted with what GitLab knows; nobody else's is", async () => {
    const gitlab = await client();
    const ada = await live(gitlab, "ada", "ada");
    const ben = await live(gitlab, "ben", "ben");

    const exported = await gitlab.actions.exportPersonalData({ identifier: "ada" });
    expect(exported).toMatchObject({
      identifier: "ada",
      connectedAccounts: ["acme", "gitlab"].map((connectionName) => ({
        ...{ connectionName, identifier: "ada", status: "ACTIVE" },
        gitlabUser: { username: "ada" },
      })),
      sessions: [{ connectionName: "gitlab", revoked: [{ sessionId: ada.sessionId }] }],
      clients: [{ connectionName: "gitlab", clientId: "an MCP client", scopes: ["gitlab:read"] }],
    });
    expect(
      exported.authorizationLinks.map(({ connectionName, returnTo }) => [connectionName, returnTo]).sort(),
    ).toEqual([
      ["acme", "/settings"],
      ["gitlab", "/settings"],
    ]);
    expect(exported.auditEntries.map(({ identifier, toolName }) => [identifier, toolName])).toEqual([
      ["ada", "gitlab_current_user_get"],
      ["ada", "gitlab_current_user_get"],
    ]);
    expect(exported.accountEvents).toMatchObject([{ connectionName: "gitlab", type: "connected" }]);
    const text = JSON.stringify(exported);
    const tokens = [...emulator.state.tokens.keys()];
    expect(tokens.length).toBeGreaterThan(3);
    for (const secret of [ada.token, ada.alive, ...tokens]) expect(text).not.toContain(secret);
    expect(text).not.toMatch(/refresh|secret/);

    // On one connection only what is of that one.
    const onOne = await gitlab.actions.exportPersonalData({ identifier: "ada", connectionName: "acme" });
    expect([
      onOne.connectedAccounts.length,
      onOne.sessions.length,
      onOne.clients.length,
      onOne.auditEntries.length,
    ]).toEqual([1, 0, 0, 1]);

    const deleted = await gitlab.actions.deletePersonalData({ identifier: "ada" });
    expect(deleted).toMatchObject({
      connectedAccounts: [{ revocation: "revoked" }, { revocation: "revoked" }],
      ...{ identifier: "ada", authorizationLinks: 2, sessions: 1, clients: 2, auditEntries: 2, accountEvents: 1 },
    });
    expect(await gitlab.verifySession(ada.alive)).toBeUndefined();
    expect(await ada.recall()).toBeUndefined();
    expect(await gitlab.actions.exportPersonalData({ identifier: "ada" })).toMatchObject({
      ...{ connectedAccounts: [], authorizationLinks: [], sessions: [], clients: [], auditEntries: [] },
    });
    // Again, as after a break in the middle.
    expect(await gitlab.actions.deletePersonalData({ identifier: "ada" })).toEqual({
      ...{
        identifier: "ada",
        connectedAccounts: [],
        authorizationLinks: 0,
        sessions: 0,
        clients: 0,
        auditEntries: 0,
        accountEvents: 0,
      },
    });

    // Everything of the other one is there.
    expect(await gitlab.verifySession(ben.alive)).toMatchObject({ identifier: "ben" });
    expect(await ben.recall()).toBe("1");
    const other = await gitlab.actions.exportPersonalData({ identifier: "ben" });
    expect([other.connectedAccounts.length, other.clients.length, other.auditEntries.length]).toEqual([2, 1, 2]);
    // A session of before does not come back to life with the person.
    await live(gitlab, "ada", "ada");
    expect(await gitlab.verifySession(ada.alive)).toBeUndefined();
  });
});

test("whose data is to be said, by a name that can be", async () => {
  const gitlab = createGitLab({ store: "memory:" });
  onTestFinished(() => gitlab.close());
  for (const wrong of [
    {},
    { identifier: undefined },
    { identifier: "" },
    { identifier: "ada", connectionName: undefined },
  ])
    for (const method of ["exportPersonalData", "deletePersonalData"] as const)
      await expect(gitlab.actions[method](wrong as { identifier: string })).rejects.toMatchObject({
        code: "invalid_input",
      });
});
