import { randomUUID } from "node:crypto";
import { account, assert, at, isTimeout, newKey, type AccountStoreCheck } from "./check.js";

/** What a store does with locks. */
export const lockChecks: readonly AccountStoreCheck[] = [
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
      const finished = new Promise<void>((resolve) => (finish = resolve));
      let first = Promise.resolve(true);
      await new Promise<void>((inside) => {
        first = store.withLock(name, ({ abandoned }) => {
          inside();
          return finished.then(() => abandoned);
        });
      });
      const other = (): Promise<never> => Promise.reject(new Error("ran beside the holder"));
      await assert.rejects(
        store.withLock(name, other, { waitMs: 1 }),
        (error) => isTimeout(error) && error.retryable === true,
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
    name: "a lock given to an update is held unless the update is made, and free at the end at the latest",
    async run(store) {
      const added = await store.addAccount(account(newKey()));
      const name = randomUUID();
      const beside = (): Promise<boolean> =>
        store.withLock(name, ({ abandoned }) => Promise.resolve(abandoned), { waitMs: 1 });
      const changes = { secret: "new", updatedAt: at };
      const updated = await store.withLock(name, async (lock) => {
        assert.equal(await store.updateAccount(added.id, added.version + 1, changes, lock), undefined);
        await assert.rejects(beside(), isTimeout);
        return await store.updateAccount(added.id, added.version, changes, lock);
      });
      assert.deepEqual(updated, { ...added, ...changes, version: added.version + 1 });
      assert.equal(await beside(), false);
    },
  },
];
