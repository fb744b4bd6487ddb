import { expect, test } from "vitest";
import { createCipher } from "../../src/accounts/encryption.js";
import { Secret } from "../../src/accounts/secret.js";
import { openTokens, sealTokens } from "../../src/accounts/tokens.js";
import { MemoryStore } from "../../src/stores/memory-store.js";
import { ada, setUpAccounts, newKey } from "../support/accounts.js";

const minutes = (count: number): number => count * 60_000;

test("the hot path costs one look-up at first and none afterwards, on a store of one's own", async () => {
  class CountingStore extends MemoryStore {
    readonly asked: string[] = [];

    override getAccount(...key: Parameters<MemoryStore["getAccount"]>): ReturnType<MemoryStore["getAccount"]> {
      this.asked.push("getAccount");
      return super.getAccount(...key);
    }

    override getConnection(
      ...name: Parameters<MemoryStore["getConnection"]>
    ): ReturnType<MemoryStore["getConnection"]> {
      this.asked.push("getConnection");
      return super.getConnection(...name);
    }
  }
  const store = new CountingStore();
  const { accounts, connect } = await setUpAccounts({ store, encryptionKey: newKey() });
  await connect();
  store.asked.length = 0;
  await accounts.credentials(ada);
  expect(store.asked).toEqual(["getAccount"]);
  for (let call = 0; call < 10; call += 1) await accounts.credentials(ada);
  expect(store.asked).toEqual(["getAccount"]);
});

test("a rotation by another process is noticed at the next 401", async () => {
  const store = new MemoryStore();
  const encryptionKey = newKey();
  const first = await setUpAccounts({ store, encryptionKey });
  const { server, clock } = first;
  const second = await setUpAccounts(
    { store, encryptionKey, connections: { gitlab: server.connection }, now: () => clock.now },
    server,
  );
  await first.connect();
  const before = await second.accounts.credentials(ada);
  const rejected = { token: before.token, reason: "expired" } as const;
  const { token } = await first.accounts.credentials(ada, { rejected });
  expect((await second.accounts.credentials(ada)).token).toBe(before.token);
  const seen = await second.accounts.credentials(ada, { rejected: { token: before.token, reason: "revoked" } });
  expect(seen.token).toBe(token);
  expect(server.refreshes).toBe(1);
});

test("a pair that another party rotated is waited for a moment before the account is given up", async () => {
  const store = new MemoryStore();
  const encryptionKey = newKey();
  const cipher = createCipher([encryptionKey]);
  const rotated: { access: string; refresh: string }[] = [];
  const { server, accounts, clock, changes, connect } = await setUpAccounts({
    store,
    encryptionKey,
    // The other party writes its pair down while we wait.
    sleep: async () => {
      const account = await store.getAccount(ada);
      const [pair] = rotated;
      if (!pair || !account) return;
      const tokens = openTokens(cipher, account, account.secret ?? "");
      const next = { ...tokens, access: new Secret(pair.access), refresh: new Secret(pair.refresh) };
      await store.updateAccount(account.id, account.version, {
        secret: sealTokens(cipher, account, next),
        expiresAt: clock.now + minutes(120),
        updatedAt: clock.now,
      });
    },
  });
  await connect();
  clock.now += minutes(121);
  rotated.push(server.rotateFor("ada"));
  expect((await accounts.credentials(ada)).token).toBe(rotated[0]?.access);
  expect(server.refreshes).toBe(0);
  expect(changes).toHaveLength(1);
});

test("a new pair that the store does not take at once is not lost", async () => {
  const store = new MemoryStore();
  const { server, accounts, clock, slept, connect } = await setUpAccounts({ store, encryptionKey: newKey() });
  await connect();
  clock.now += minutes(121);
  const update = store.updateAccount.bind(store);
  let failures = 3;
  store.updateAccount = (...change) => {
    failures -= 1;
    return failures >= 0 ? Promise.reject(new Error("the database is restarting")) : update(...change);
  };
  const { token } = await accounts.credentials(ada);
  expect(slept).toHaveLength(3);
  await accounts.credentials(ada, { rejected: { token, reason: "expired" } });
  expect(server.refreshes).toBe(2);
});

test("a write whose answer is lost on the way counts", async () => {
  const store = new MemoryStore();
  const { server, accounts, clock, connect } = await setUpAccounts({ store, encryptionKey: newKey() });
  await connect();
  clock.now += minutes(121);
  const update = store.updateAccount.bind(store);
  let lost = false;
  store.updateAccount = async (...change) => {
    const updated = await update(...change);
    if (lost) return updated;
    lost = true;
    throw new Error("connection terminated");
  };
  const { token } = await accounts.credentials(ada);
  expect(server.revocations).toEqual([]);
  expect((await accounts.credentials(ada)).token).toBe(token);
  expect(server.refreshes).toBe(1);
});
