import { createGitLab } from "gitlab-agent-tools";
import { createGitLabEmulator, type GitLabEmulator } from "gitlab-agent-tools/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createCipher } from "../../src/accounts/encryption.js";
import { openTokens, sealTokens } from "../../src/accounts/tokens.js";
import { Secret } from "../../src/accounts/secret.js";
import { openStore } from "../../src/stores/open-store.js";
import { newKey } from "./accounts.js";
import type { WorkerSetup } from "./worker-messages.js";
import { startWorkers, type Worker } from "./workers.js";

const lifetimeMs = 7_200_000;
const key = { connectionName: "gitlab", identifier: "user_ada" };

export interface Rush {
  readonly processes: number;
  readonly callsEach: number;
}

/** What every run of the tests has time for, and what a long one has. */
export const rushes = { short: { processes: 2, callsEach: 20 }, long: { processes: 8, callsEach: 50 } } as const;

/**
 * Real processes share one account on one store, and its token ends while all of them call.
 *
 * @param createStore makes an empty store and returns its URL
 */
export function describeRefreshes(
  kind: string,
  createStore: () => Promise<string>,
  { processes, callsEach }: Rush,
): void {
  describe(`${kind}, ${processes} processes with ${callsEach} calls each at the moment of expiry`, () => {
    let gitlab: GitLabEmulator;
    let setup: WorkerSetup;
    let workers: Worker[];
    /** How far the clock of everybody is ahead. */
    let offsetMs = 0;

    beforeAll(async () => {
      gitlab = await createGitLabEmulator({ now: () => new Date(Date.now() + offsetMs) });
      const redirectUri = "https://app.example/callback";
      const application = gitlab.oauth.createApplication({ redirectUri, scopes: ["api"] });
      setup = {
        store: await createStore(),
        encryptionKey: newKey(),
        connection: { baseUrl: gitlab.baseUrl, redirectUri, scopes: ["api"], ...application },
      };
      const { connection, ...rest } = setup;
      const client = createGitLab({ ...rest, connections: { gitlab: connection } });
      const { link } = await client.actions.getAuthorizationLink(key);
      await client.handleCallback(gitlab.oauth.authorize(link, { username: "ada" }));
      await client.close();
      workers = await startWorkers(processes, setup);
    });

    afterAll(async () => {
      await Promise.all(workers.map((worker) => worker.kill()));
      await gitlab.close();
    });

    /** Everybody calls at once, just after the token has ended. */
    async function rush(
      title: string,
    ): Promise<{ refreshes: number; attempts: number; users: unknown; failures: unknown }> {
      const [refreshes, attempts] = [gitlab.oauth.refreshes(), gitlab.oauth.attempts.length];
      const started = performance.now();
      const order = { identifier: key.identifier, calls: callsEach, offsetMs };
      const reports = await Promise.all(workers.map((worker) => worker.run(order)));
      const result = {
        refreshes: gitlab.oauth.refreshes() - refreshes,
        attempts: gitlab.oauth.attempts.length - attempts,
        users: [...new Set(reports.flatMap(({ users }) => users))],
        failures: reports.flatMap(({ failures }) => failures),
      };
      const succeeded = reports.reduce((sum, report) => sum + report.succeeded, 0);
      const ms = Math.round(performance.now() - started);
      console.log(
        `${kind}, ${title}: ${succeeded} of ${processes * callsEach} calls succeeded, ${result.refreshes} refresh(es) ` +
          `in ${result.attempts} token request(s), ${ms} ms`,
      );
      return result;
    }

    const expireNow = (): void => void (offsetMs += lifetimeMs + 1_000);
    const fine = { refreshes: 1, users: ["ada"], failures: [] };

    test("make exactly one refresh", async () => {
      expireNow();
      expect(await rush("plain")).toEqual({ ...fine, attempts: 1 });
    });

    test("make exactly one refresh when the token endpoint fails five times first", async () => {
      expireNow();
      const fault = gitlab.faults.add({ path: "/oauth/token", status: 503, times: 5, body: "<html>503</html>" });
      expect(await rush("five failures first")).toEqual({ ...fine, attempts: 1 });
      expect(fault.strikes).toBe(5);
    });

    test("make exactly one refresh when a process is killed in the middle of its own", async () => {
      expireNow();
      const [victim] = await startWorkers(1, setup);
      const fault = gitlab.faults.add({ path: "/oauth/token", delayMs: 600_000, reset: "before" });
      victim?.run({ identifier: key.identifier, calls: 1, offsetMs })?.catch(() => undefined);
      await expect.poll(() => fault.strikes, { interval: 5, timeout: 30_000 }).toBe(1);
      const rushing = rush("a process killed while it refreshes");
      await victim?.kill();
      expect(await rushing).toEqual({ ...fine, attempts: 1 });
    });

    test("take over the pair of a second refresh that races from outside", async () => {
      expireNow();
      const store = openStore(setup.store);
      await store.open();
      const cipher = createCipher([setup.encryptionKey]);
      const account = await store.getAccount(key);
      const tokens = openTokens(cipher, account ?? expect.fail("no account"), account?.secret ?? "");
      // Our own request is held up until the other party has rotated the pair and written the new one down.
      const fault = gitlab.faults.add({ path: "/oauth/token", delayMs: 1_000 });
      const rushing = rush("another refresh from outside");
      await expect.poll(() => fault.strikes, { interval: 5, timeout: 30_000 }).toBe(1);
      const { baseUrl, clientId = "", clientSecret = "", redirectUri = "" } = setup.connection;
      const answer = await fetch(`${baseUrl}/oauth/token`, {
        method: "POST",
        body: new URLSearchParams({
          grant_type: "refresh_token",
          refresh_token: tokens.refresh?.reveal() ?? "",
          client_id: clientId,
          client_secret: clientSecret,
          redirect_uri: redirectUri,
        }),
      });
      const pair = (await answer.json()) as { access_token: string; refresh_token: string };
      const sealed = sealTokens(cipher, account ?? expect.fail("no account"), {
        ...tokens,
        access: new Secret(pair.access_token),
        refresh: new Secret(pair.refresh_token),
      });
      const now = Date.now() + offsetMs;
      const changes = { secret: sealed, expiresAt: now + lifetimeMs, updatedAt: now };
      expect(await store.updateAccount(account?.id ?? "", account?.version ?? 0, changes)).toBeDefined();
      await store.close();
      // The one refresh that succeeded is the other party's.
      expect(await rushing).toEqual({ ...fine, attempts: 2 });
    });

    test("are told the truth when GitLab has rotated for a process that died before it could write", async () => {
      expireNow();
      const [victim] = await startWorkers(1, setup);
      gitlab.faults.add({ path: "/oauth/token", slowBodyMs: 1_000 });
      const before = gitlab.oauth.refreshes();
      victim?.run({ identifier: key.identifier, calls: 1, offsetMs }).catch(() => undefined);
      await expect.poll(() => gitlab.oauth.refreshes(), { interval: 5, timeout: 30_000 }).toBe(before + 1);
      await victim?.kill();
      const { failures } = await rush("the pair died with its process");
      expect(failures).toHaveLength(processes * callsEach);
      // Nobody has revoked anything: the dead process's lease says that GitLab may have rotated.
      for (const failure of failures as string[]) expect(failure).toMatch(/^account_not_connected/);
    });
  });
}
