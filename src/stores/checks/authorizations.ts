import { randomUUID } from "node:crypto";
import { account, assert, at, authorization, newKey, type AccountStoreCheck } from "./check.js";

/** What a store does with authorizations that wait for their callback. */
export const authorizationChecks: readonly AccountStoreCheck[] = [
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
];
