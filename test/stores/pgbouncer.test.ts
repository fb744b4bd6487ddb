import { randomBytes } from "node:crypto";
import pg from "pg";
import { createGitLab, type GitLab } from "gitlab-agent-tools";
import { createSigningToken, createWebhookReceiver, signWebhook } from "gitlab-agent-tools/webhooks";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AccountStore } from "../../src/stores/account-store.js";
import { accountStoreChecks } from "../../src/stores/account-store-checks.js";
import { openStore } from "../../src/stores/open-store.js";
import { pgbouncer, startPgBouncer } from "../support/pgbouncer.js";
import { startPostgres, type TestPostgres } from "../support/postgres.js";

// In transaction mode nothing of a session may be relied on: https://www.pgbouncer.org/features.html
if (pgbouncer === undefined) console.log("Left out: PgBouncer is not installed here (Debian: apt install pgbouncer).");

describe.skipIf(pgbouncer === undefined)("behind PgBouncer in transaction mode", () => {
  let postgres: TestPostgres;
  let direct: string;
  let proxy: Awaited<ReturnType<typeof startPgBouncer>>;
  let stores: readonly AccountStore[];
  let clients: readonly GitLab[];

  beforeAll(async () => {
    postgres = await startPostgres();
    direct = await postgres.createDatabase();
    proxy = await startPgBouncer(direct);
    stores = [openStore(proxy.url), openStore(proxy.url)];
    // Both migrate, at once.
    await Promise.all(stores.map((store) => store.open()));
    const encryptionKey = randomBytes(32).toString("base64");
    clients = stores.map(() => createGitLab({ store: proxy.url, encryptionKey }));
  });

  afterAll(async () => {
    await Promise.all([...stores, ...clients].map((one) => one.close()));
    await proxy.stop();
    await postgres.stop();
  });

  test.each(accountStoreChecks)("a store keeps its promise: $name", async (check) => {
    const [store] = stores;
    if (store) await check.run(store);
  });

  test("the locks of many clients keep each other out, and hold no connection meanwhile", async () => {
    let inside = 0;
    let most = 0;
    const turns = stores.flatMap((store) =>
      Array.from({ length: 10 }, () =>
        store.withLock("shared", async () => {
          most = Math.max(most, (inside += 1));
          await store.listConnections();
          inside -= 1;
        }),
      ),
    );
    // More than there are connections.
    const others = Array.from({ length: 10 }, (_, n) =>
      stores[n % 2]?.withLock(`other ${n}`, () => Promise.all(turns)),
    );
    await Promise.all([...turns, ...others]);
    expect(most).toBe(1);
  });

  test("a session that one replica makes and revokes is so for the others", async () => {
    const [one, other] = clients;
    const { token, sessionId } = (await one?.createSession({ identifier: "ada" })) ?? { token: "", sessionId: "" };
    expect(await other?.verifySession(token)).toMatchObject({ identifier: "ada" });
    await other?.revokeSession({ identifier: "ada", sessionId });
    expect(await one?.verifySession(token)).toBeUndefined();
  });

  test("of one delivery at several replicas, one is handled", async () => {
    const secret = createSigningToken();
    const delivery = signWebhook({ secret, body: { object_kind: "push", project: { id: 1 } } });
    let handled = 0;
    const receivers = stores.map((store) => {
      const receiver = createWebhookReceiver({ secrets: secret, store });
      receiver.on("*", () => void (handled += 1));
      return receiver;
    });
    await Promise.all(
      [...receivers, ...receivers, ...receivers].map((receiver) =>
        receiver.handle(new Request("https://app.example/hooks", delivery)),
      ),
    );
    expect(handled).toBe(1);
  });

  test("nothing is left in the server's sessions: no lock, no listener, no prepared statement", async () => {
    const left = "select count(*)::int as locks from pg_locks where locktype = 'advisory'";
    expect(await postgres.query(direct, left)).toEqual([{ locks: 0 }]);
    // Asked of a connection that the others have used.
    const client = new pg.Client({ connectionString: proxy.url });
    await client.connect();
    const { rows } = await client.query(`select (select count(*)::int from pg_prepared_statements) as prepared,
      (select count(*)::int from pg_listening_channels()) as channels`);
    await client.end();
    expect(rows).toEqual([{ prepared: 0, channels: 0 }]);
  });
});
