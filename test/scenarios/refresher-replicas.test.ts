import { afterAll, beforeAll, expect, test } from "vitest";
import { setUpAccounts, newKey } from "../support/accounts.js";
import { startPostgres, type TestPostgres } from "../support/postgres.js";

let postgres: TestPostgres;

beforeAll(async () => {
  postgres = await startPostgres();
});

afterAll(() => postgres.stop());

test("replicas share the work of keeping accounts alive and do none of it twice", async () => {
  const options = { store: await postgres.createDatabase(), encryptionKey: newKey() };
  const first = await setUpAccounts(options);
  const { server, clock } = first;
  const connections = { gitlab: server.connection };
  const second = await setUpAccounts({ ...options, connections, now: () => clock.now }, server);
  server.now = () => clock.now;
  for (let person = 0; person < 40; person += 1) {
    await first.connect({ connectionName: "gitlab", identifier: `user_${person}` }, `user_${person}`);
  }
  clock.now += 116 * 60_000;
  const batches = { batchSize: 5, concurrency: 2 };
  const shares = await Promise.all([first.accounts.refreshDue(batches), second.accounts.refreshDue(batches)]);
  expect(shares.map(({ failed }) => failed)).toEqual([0, 0]);
  expect(shares.reduce((sum, { refreshed }) => sum + refreshed, 0)).toBe(40);
  expect(server.refreshes).toBe(40);
  console.log(`two replicas renewed ${shares.map(({ refreshed }) => refreshed).join(" and ")} of 40 accounts`);
});
