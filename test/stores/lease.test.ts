import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import type { AccountRecord, AccountStore } from "../../src/stores/account-store.js";
import { openStore } from "../../src/stores/open-store.js";
import { openEngine, type SqliteEngine } from "../../src/stores/sqlite-engine.js";

let folder: string;
let file: string;
let store: AccountStore;
let beside: SqliteEngine;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lease-"));
  file = join(folder, "accounts.db");
  store = openStore(`sqlite:${file}`);
  await store.open();
  beside = await openEngine(file);
});

afterAll(async () => {
  beside.close();
  await store.close();
  await rm(folder, { recursive: true });
});

const newAccount: AccountRecord = {
  ...{ id: "account_1", connectionName: "", identifier: "", status: "ACTIVE", scopes: [], baseUrl: null },
  ...{ gitlabUserId: null, gitlabUsername: null, secret: "old", refreshable: true, expiresAt: 1 },
  ...{ createdAt: 1, updatedAt: 1, version: 1 },
};

const endOf = (name: string): number =>
  (beside.all("select expires_at from gitlab_leases where name = ?", [name])[0] as { expires_at: number }).expires_at;

test("a holder that is stuck renews its lock for as long as the work may take, and then loses it to the next one", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] });
  onTestFinished(() => void vi.useRealTimers());
  let finish = (): void => undefined;
  const stuck = new Promise<void>((resolve) => (finish = resolve));
  let begun = (): void => undefined;
  const working = new Promise<void>((resolve) => (begun = resolve));
  const first = store.withLock(
    "stuck",
    () => {
      begun();
      return stuck;
    },
    { holdMs: 10_000 },
  );
  await working;
  const taken = endOf("stuck");
  vi.advanceTimersByTime(9_000);
  await expect.poll(() => endOf("stuck"), { interval: 2 }).toBeGreaterThan(taken);
  const renewed = endOf("stuck");
  vi.advanceTimersByTime(60_000);
  // A write after any renewal that there might have been.
  await store.putSetting("after", "x");
  expect(endOf("stuck")).toBe(renewed);

  // What the time does to a lease that nobody renews.
  beside.run("update gitlab_leases set expires_at = 1 where name = ?", ["stuck"]);
  const told = await store.withLock("stuck", (lock) => {
    // The stuck one comes back, and takes nobody's lock away.
    finish();
    return first.then(() => ({ lock, left: beside.all("select 1 from gitlab_leases where name = ?", ["stuck"]) }));
  });
  expect(told.lock.abandoned).toBe(true);
  expect(told.left).toHaveLength(1);
});

test("a lock that does not become free in time is a retryable timeout", async () => {
  let finish = (): void => undefined;
  const held = store.withLock("held", () => new Promise<void>((resolve) => (finish = resolve)));
  await expect.poll(() => beside.all("select 1 from gitlab_leases where name = ?", ["held"]).length).toBe(1);
  const waiting = store.withLock("held", () => Promise.resolve(), { waitMs: 0 });
  await expect(waiting).rejects.toMatchObject({ code: "timeout", retryable: true });
  const stop = new AbortController();
  const cancelled = store.withLock("held", () => Promise.resolve(), { signal: stop.signal });
  stop.abort();
  await expect(cancelled).rejects.toThrow(/abort/i);
  finish();
  await held;
});

test("a lease that is given to an update goes with it, and is the next one's before the work ends", async () => {
  const key = { connectionName: "gitlab", identifier: "ada" };
  const account = await store.addAccount({ ...newAccount, ...key });
  const leases = (): unknown[] => beside.all("select 1 from gitlab_leases where name = ?", ["updated"]);
  await store.withLock("updated", async (lock) => {
    const changes = { secret: "new", updatedAt: 2 };
    // A row that is in another version is not changed, and the lease stays.
    expect(await store.updateAccount(account.id, 7, changes, lock)).toBeUndefined();
    expect(leases()).toHaveLength(1);
    expect(await store.updateAccount(account.id, 1, changes, lock)).toMatchObject({ secret: "new", version: 2 });
    expect(leases()).toEqual([]);
    expect(await store.withLock("updated", ({ abandoned }) => Promise.resolve(abandoned))).toBe(false);
    // What is written later has no lease to give back.
    await store.withLock("updated", async () => {
      await store.updateAccount(account.id, 2, { ...changes, secret: "newer" }, lock);
      expect(leases()).toHaveLength(1);
    });
  });
  expect(leases()).toEqual([]);
});
