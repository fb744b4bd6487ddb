import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { ada, setUpAccounts, newKey } from "../support/accounts.js";
import { startPostgres } from "../support/postgres.js";

async function sqlite(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "rotate-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return `sqlite:${join(folder, "accounts.db")}`;
}

async function postgres(): Promise<string> {
  const server = await startPostgres();
  onTestFinished(() => server.stop());
  return await server.createDatabase();
}

test.each([
  ["SQLite", sqlite],
  ["PostgreSQL", postgres],
])("on %s a rotation seals accounts, connections and links anew while calls go on", async (_, createStore) => {
  const store = await createStore();
  const [old, current] = [newKey(), newKey()];
  const setup = await setUpAccounts({ store, encryptionKey: [old, current] });
  const { server } = setup;
  const people = Array.from({ length: 12 }, (_, index) => ({ ...ada, identifier: `user_${index}` }));
  for (const key of people) await setup.connect(key, key.identifier);
  await setup.accounts.connections.set("other", server.connection);
  const { link } = await setup.accounts.authorizationLink(ada);
  const with_ = (encryptionKey: string | string[]) =>
    setUpAccounts(
      { store, encryptionKey, connections: { gitlab: server.connection }, now: () => setup.clock.now },
      server,
    );
  const rotating = await with_([current, old]);
  // Pairs are refreshed meanwhile, by a process that still seals with the old key.
  setup.clock.now += 7_201_000;
  server.now = () => setup.clock.now;
  const { link: later } = await rotating.accounts.authorizationLink(ada);
  const [rotation] = await Promise.all([
    rotating.accounts.rotateKeys(),
    ...people.map((key) => setup.accounts.credentials(key)),
  ]);
  expect(rotation.unreadable).toBe(0);
  // Who refreshed after a row was visited has sealed it with the old key: a second run finds it.
  await setup.accounts.close();
  expect(await rotating.accounts.rotateKeys()).toMatchObject({ unreadable: 0, complete: true });

  const rotated = await with_(current);
  for (const key of people) expect((await rotated.accounts.credentials(key)).token).not.toBe("");
  await rotated.accounts.handleCallback(server.authorize(later, "ada"));
  expect((await rotated.accounts.get(ada))?.status).toBe("ACTIVE");
  expect(await rotated.accounts.connections.get("other")).toMatchObject({ hasClientSecret: true });
  // The link from before has expired, and only that is the matter with it.
  await expect(rotated.accounts.handleCallback(server.authorize(link, "ada"))).rejects.toMatchObject({
    details: { reason: "state_expired" },
  });
  await expect((await with_(old)).accounts.list()).rejects.toMatchObject({ code: "connection_misconfigured" });
});
