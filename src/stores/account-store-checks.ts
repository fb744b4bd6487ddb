import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import type { AccountKey } from "../accounts/types.js";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type { AccountRecord, AccountStore, AuthorizationRecord } from "./account-store.js";

/** One promise of the {@link AccountStore} interface, and how to see that it is kept. */
export interface AccountStoreCheck {
  readonly name: string;
  /** Fails with an `AssertionError`. The store is open; what else is in it does not matter. */
  run(store: AccountStore): Promise<void>;
}

const at = 1_700_000_000_000;

/** Names that a careless store mixes up: quotes, wildcards, case, accents, spaces, emoji, prototypes. */
const awkward = ["a", "A", "a ", "ä", "a\u0308", "a%", "a_", "a'b", 'a"b', "a\\b", "__proto__", "a|b", "🦊", "null"];

function account(key: AccountKey, more: Partial<AccountRecord> = {}): AccountRecord {
  return {
    id: randomUUID(),
    ...key,
    status: "PENDING",
    scopes: [],
    baseUrl: null,
    gitlabUserId: null,
    gitlabUsername: null,
    secret: null,
    refreshable: false,
    expiresAt: null,
    createdAt: at,
    updatedAt: at,
    version: 1,
    ...more,
  };
}

const newKey = (): AccountKey => ({ connectionName: `connection ${randomUUID()}`, identifier: "somebody" });

function authorization(owner: AccountRecord, more: Partial<AuthorizationRecord> = {}): AuthorizationRecord {
  return {
    stateHash: randomUUID(),
    accountId: owner.id,
    connectionName: owner.connectionName,
    identifier: owner.identifier,
    secret: "sealed",
    redirectUri: "https://app.example/callback",
    scopes: ["read_api", "read_user"],
    returnTo: "/settings",
    expiresAt: at + 600_000,
    usedAt: null,
    ...more,
  };
}

/**
 * What every account store has to do. Run each check against your own:
 *
 * @example
 * ```ts
 * for (const check of accountStoreChecks) {
 *   test(check.name, async () => {
 *     const store = new MyStore();
 *     await store.open();
 *     await check.run(store);
 *     await store.close();
 *   });
 * }
 * ```
 */
export const accountStoreChecks: readonly AccountStoreCheck[] = [
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
    name: "deleting takes the account and its authorizations, and no others",
    async run(store) {
      const [gone, stays] = [await store.addAccount(account(newKey())), await store.addAccount(account(newKey()))];
      const [first, second] = [authorization(gone), authorization(stays)];
      await store.addAuthorization(first);
      await store.addAuthorization(second);
      assert.equal(await store.deleteAccount(gone.id), true);
      assert.equal(await store.deleteAccount(gone.id), false);
      assert.equal(await store.getAccount(gone), undefined);
      assert.equal(await store.useAuthorization(first.stateHash, at), undefined);
      assert.deepEqual(await store.getAccount(stays), stays);
      assert.deepEqual(await store.useAuthorization(second.stateHash, at), second);
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
    name: "authorizations can be walked through, and the secret of an unused one replaced",
    async run(store) {
      // A store may do without: then its keys cannot be rotated.
      if (!store.listAuthorizations || !store.resealAuthorization) return;
      const made = await store.addAccount(account(newKey()));
      const [used, unused] = [authorization(made), authorization(made)];
      for (const one of [used, unused]) await store.addAuthorization(one);
      await store.useAuthorization(used.stateHash, at);
      for (const { stateHash } of [used, unused]) await store.resealAuthorization(stateHash, "sealed anew");
      const secrets = new Map<string, string>();
      for (let after: string | undefined; ;) {
        const page = await store.listAuthorizations({ ...(after !== undefined && { after }), limit: 1 });
        after = page[0]?.stateHash;
        if (after === undefined) break;
        secrets.set(after, page[0]?.secret ?? "");
      }
      assert.equal(secrets.get(used.stateHash), used.secret);
      assert.equal(secrets.get(unused.stateHash), "sealed anew");
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
  {
    name: "an authorization is used once, by whoever is first",
    async run(store) {
      const owner = await store.addAccount(account(newKey()));
      const pending = authorization(owner, { returnTo: null });
      await store.addAuthorization(pending);
      const uses = await Promise.all(
        Array.from({ length: 10 }, () => store.useAuthorization(pending.stateHash, at + 1)),
      );
      assert.deepEqual(
        uses.filter((use) => use?.usedAt === null),
        [pending],
      );
      assert.equal(uses.filter((use) => use?.usedAt === at + 1).length, 9);
      assert.equal(await store.useAuthorization(randomUUID(), at), undefined);
    },
  },
  {
    name: "old authorizations are cleared away",
    async run(store) {
      const owner = await store.addAccount(account(newKey()));
      const [old, young] = [authorization(owner, { expiresAt: 10 }), authorization(owner, { expiresAt: 20 })];
      await store.addAuthorization(old);
      await store.addAuthorization(young);
      await store.deleteAuthorizations(15);
      assert.equal(await store.useAuthorization(old.stateHash, at), undefined);
      assert.deepEqual(await store.useAuthorization(young.stateHash, at), young);
    },
  },
  {
    name: "connections are put, replaced, listed and deleted",
    async run(store) {
      const name = newKey().connectionName;
      const connection = { name, config: '{"baseUrl":"https://one.example"}', secret: "sealed", updatedAt: at };
      assert.equal(await store.getConnection(name), undefined);
      await store.putConnection(connection);
      assert.deepEqual(await store.getConnection(name), connection);
      const replaced = { ...connection, config: "{}", secret: null, updatedAt: at + 1 };
      await store.putConnection(replaced);
      const listed = await store.listConnections();
      assert.deepEqual(
        listed.filter((found) => found.name === name),
        [replaced],
      );
      assert.equal(await store.deleteConnection(name), true);
      assert.equal(await store.deleteConnection(name), false);
      assert.equal(await store.getConnection(name), undefined);
    },
  },
  {
    name: "the first value of a setting stays until it is replaced",
    async run(store) {
      const name = `setting ${randomUUID()}`;
      const values = await Promise.all(["a", "b", "c"].map((value) => store.addSetting(name, value)));
      assert.equal(new Set(values).size, 1);
      assert.equal(await store.getSetting(name), values[0]);
      assert.equal(await store.getSetting(randomUUID()), undefined);
      await store.putSetting(name, "d");
      assert.equal(await store.addSetting(name, "e"), "d");
    },
  },
  {
    name: "work under one name never overlaps, under two names it may",
    async run(store) {
      const [name, other] = [randomUUID(), randomUUID()];
      let [inside, most] = [0, 0];
      const work = async (): Promise<void> => {
        inside += 1;
        most = Math.max(most, inside);
        await new Promise((resolve) => setImmediate(resolve));
        inside -= 1;
      };
      await Promise.all(Array.from({ length: 8 }, () => store.withLock(name, work)));
      assert.equal(most, 1);
      assert.equal(await store.withLock(name, () => store.withLock(other, () => Promise.resolve("both"))), "both");
    },
  },
  {
    name: "a lock is not waited for without end",
    async run(store) {
      const name = randomUUID();
      let finish = (): void => undefined;
      const held = new Promise<void>((resolve) => (finish = resolve));
      let first = Promise.resolve(true);
      await new Promise<void>((inside) => {
        first = store.withLock(name, ({ abandoned }) => {
          inside();
          return held.then(() => abandoned);
        });
      });
      const other = (): Promise<never> => Promise.reject(new Error("ran beside the holder"));
      await assert.rejects(
        store.withLock(name, other, { waitMs: 1 }),
        (error) => error instanceof GitLabToolError && error.code === "timeout" && error.retryable,
      );
      finish();
      assert.equal(await first, false);
      assert.equal(await store.withLock(name, () => Promise.resolve("free")), "free");
    },
  },
  {
    name: "a lock is given back when its work fails, and the failure comes through",
    async run(store) {
      const name = randomUUID();
      const failure = new Error("on purpose");
      await assert.rejects(
        store.withLock(name, () => Promise.reject(failure)),
        (error) => error === failure,
      );
      assert.equal(await store.withLock(name, () => Promise.resolve("again")), "again");
    },
  },
  {
    name: "the store can be read and written while a lock is held",
    async run(store) {
      const added = await store.addAccount(account(newKey()));
      const updated = await store.withLock(randomUUID(), async () => {
        const stored = await store.getAccount(added);
        return stored && (await store.updateAccount(stored.id, stored.version, { secret: "new", updatedAt: at }));
      });
      assert.equal(updated?.secret, "new");
    },
  },
  {
    name: "rows that end by themselves are added, replaced and taken once, and are gone when they have ended",
    async run({ rows }) {
      if (!rows) return;
      const [kind, id] = [`kind ${randomUUID()}`, randomUUID()];
      const row = { kind, id, value: "first", expiresAt: at + 1000 };
      assert.deepEqual(await Promise.all([rows.add(row, at), rows.get(kind, "other", at)]), [true, undefined]);
      assert.equal(await rows.add({ ...row, value: "again" }, at), false);
      assert.deepEqual(await rows.get(kind, id, at), row);
      assert.equal(await rows.get(kind, id, at + 1000), undefined);
      const next = { ...row, value: "second", expiresAt: at + 2000 };
      const replaced = await Promise.all([rows.replace(next, "first"), rows.replace(next, "first")]);
      assert.deepEqual(replaced.sort(), [false, true]);
      await Promise.all(["a", "b", "c"].map((name) => rows.add({ ...row, id: name }, at)));
      const page = await rows.list(kind, { now: at, after: "a", limit: 1 });
      assert.deepEqual(
        page.map((listed) => listed.id),
        ["b"],
      );
      const taken = await Promise.all([rows.take(kind, id, at), rows.take(kind, id, at)]);
      assert.deepEqual(
        taken.filter((one) => one !== undefined),
        [next],
      );
      // What has ended makes room.
      assert.equal(await rows.add({ ...row, id: "a", value: "later", expiresAt: at + 9000 }, at + 1000), true);
      await rows.deleteEnded(at + 1000);
      assert.deepEqual(await rows.list(kind, { now: at, limit: 10 }), [
        { ...row, id: "a", value: "later", expiresAt: at + 9000 },
      ]);
    },
  },
];
