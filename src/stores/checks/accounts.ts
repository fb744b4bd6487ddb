import { randomUUID } from "node:crypto";
import type { AccountKey, AccountRecord } from "../account-store.js";
import { account, assert, at, newKey, type AccountStoreCheck } from "./check.js";

/** Names that a careless store mixes up: quotes, wildcards, case, accents, spaces, emoji, prototypes. */
const awkward = ["a", "A", "a ", "ä", "a\u0308", "a%", "a_", "a'b", 'a"b', "a\\b", "__proto__", "a|b", "🦊", "null"];

/** What a store does with accounts. */
export const accountChecks: readonly AccountStoreCheck[] = [
  {
    name: "opening twice does no harm",
    async run(store) {
      const added = await store.addAccount(account(newKey()));
      await store.open();
      assert.deepEqual(await store.getAccount(added), added);
    },
  },
  {
    name: "an account comes back as it was put in",
    async run(store) {
      const full = account(newKey(), {
        status: "ACTIVE",
        scopes: ["api", "read_user"],
        baseUrl: "https://example.com:8443/gitlab",
        gitlabUserId: 9_007_199_254_740,
        gitlabUsername: "ada",
        secret: "v1.key.sealed",
        refreshable: true,
        expiresAt: at + 7_200_000,
      });
      assert.deepEqual(await store.addAccount(full), full);
      assert.deepEqual(await store.getAccount(full), full);
      const bare = account(newKey());
      assert.deepEqual(await store.addAccount(bare), bare);
    },
  },
  {
    name: "an account that is not there is undefined",
    async run(store) {
      assert.equal(await store.getAccount(newKey()), undefined);
    },
  },
  {
    name: "adding an account a hundred times at once makes one",
    async run(store) {
      const key = newKey();
      const added = await Promise.all(Array.from({ length: 100 }, () => store.addAccount(account(key))));
      assert.equal(new Set(added.map(({ id }) => id)).size, 1);
      assert.equal((await store.listAccounts({ ...key, limit: 10 })).length, 1);
    },
  },
  {
    name: "names are told apart exactly",
    async run(store) {
      const { connectionName } = newKey();
      for (const identifier of awkward) await store.addAccount(account({ connectionName, identifier }));
      for (const identifier of awkward) {
        assert.equal((await store.getAccount({ connectionName, identifier }))?.identifier, identifier);
        const listed = await store.listAccounts({ connectionName, identifier, limit: 10 });
        assert.deepEqual(
          listed.map((found) => found.identifier),
          [identifier],
        );
      }
      assert.equal((await store.listAccounts({ connectionName, limit: 100 })).length, awkward.length);
    },
  },
  {
    name: "names of 512 characters are told apart by the last one, and listed in order",
    async run(store) {
      // Each another letter, so that no database can make them shorter.
      const long = (from: number, end: string): string =>
        Array.from({ length: 511 }, (_, n) => String.fromCodePoint(0x4e00 + ((from + n * 37) % 20_000))).join("") + end;
      const connectionName = long(Math.floor(Math.random() * 20_000), "连");
      const keys = ["乙", "甲"].map((end) => ({ connectionName, identifier: long(7, end) }));
      for (const key of keys) await store.addAccount(account(key));
      for (const key of keys) {
        assert.equal((await store.addAccount(account(key))).identifier, key.identifier);
        assert.equal((await store.getAccount(key))?.identifier, key.identifier);
        const name = JSON.stringify(key);
        assert.equal(await store.withLock(name, () => store.addSetting(name, key.identifier)), key.identifier);
      }
      const first = await store.listAccounts({ connectionName, limit: 1 });
      const rest = await store.listAccounts({ connectionName, after: first[0], limit: 2 });
      assert.deepEqual(new Set([...first, ...rest].map(({ identifier }) => identifier)).size, 2);
      assert.equal(rest.length, 1);
    },
  },
  {
    name: "lists are complete page by page",
    async run(store) {
      const { connectionName } = newKey();
      for (let n = 0; n < 7; n += 1) await store.addAccount(account({ connectionName, identifier: `user ${n}` }));
      const seen: string[] = [];
      for (let after: AccountKey | undefined; ;) {
        const page = await store.listAccounts({ connectionName, after, limit: 3 });
        seen.push(...page.map(({ identifier }) => identifier));
        after = page.at(-1);
        if (page.length < 3) break;
      }
      assert.deepEqual(
        seen,
        [0, 1, 2, 3, 4, 5, 6].map((n) => `user ${n}`),
      );
    },
  },
  {
    name: "an update changes what it names, and the version",
    async run(store) {
      const added = await store.addAccount(account(newKey(), { secret: "old", scopes: ["api"] }));
      const changes = { status: "ACTIVE", secret: "new", expiresAt: at + 5, updatedAt: at + 1 } as const;
      const updated = await store.updateAccount(added.id, 1, changes);
      assert.deepEqual(updated, { ...added, ...changes, version: 2 });
      assert.deepEqual(await store.getAccount(added), updated);
      const emptied = await store.updateAccount(added.id, 2, {
        secret: null,
        expiresAt: null,
        scopes: [],
        updatedAt: at,
      });
      assert.deepEqual([emptied?.secret, emptied?.expiresAt, emptied?.scopes], [null, null, []]);
    },
  },
  {
    name: "of many updates of one version, one is made",
    async run(store) {
      const added = await store.addAccount(account(newKey()));
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, n) => store.updateAccount(added.id, 1, { secret: `${n}`, updatedAt: at })),
      );
      const made = results.filter((result) => result !== undefined);
      assert.equal(made.length, 1);
      assert.equal((await store.getAccount(added))?.secret, made[0]?.secret);
      assert.equal(await store.updateAccount(randomUUID(), 1, { updatedAt: at }), undefined);
    },
  },
  {
    name: "an account that has changed is not deleted as the one that was read",
    async run(store) {
      const added = await store.addAccount(account(newKey()));
      const changed = await store.updateAccount(added.id, added.version, { secret: "new", updatedAt: at });
      assert.equal(await store.deleteAccount(added.id, added.version), false);
      assert.deepEqual(await store.getAccount(added), changed);
      assert.equal(await store.deleteAccount(added.id, changed?.version), true);
      assert.equal(await store.getAccount(added), undefined);
    },
  },
  {
    name: "due accounts are claimed once until the claim ends",
    async run(store) {
      const { connectionName } = newKey();
      // Far in the past: in front of whatever else is due in this store.
      const add = (identifier: string, more: Partial<AccountRecord>): Promise<AccountRecord> =>
        store.addAccount(
          account({ connectionName, identifier }, { status: "ACTIVE", refreshable: true, expiresAt: 2, ...more }),
        );
      await add("first", { expiresAt: 1 });
      await add("second", {});
      await add("third", {});
      await add("late", { expiresAt: 100 });
      await add("revoked", { status: "REVOKED" });
      await add("not renewable", { refreshable: false });
      await add("endless", { expiresAt: null });
      const claim = (now: number): Promise<AccountRecord[]> =>
        store.claimDueAccounts({ now, expiresBefore: 50, claimUntil: now + 10, limit: 2 });
      const claimed = await Promise.all([claim(20), claim(20), claim(20)]);
      const names = claimed.flat().map(({ identifier }) => identifier);
      assert.deepEqual(names.sort(), ["first", "second", "third"]);
      assert.deepEqual(await claim(29), []);
      assert.equal((await claim(30)).length, 2);
    },
  },
];
