import { randomUUID } from "node:crypto";
import { assert, at, newKey, type AccountStoreCheck } from "./check.js";

/** What a store does with connections and settings. */
export const settingChecks: readonly AccountStoreCheck[] = [
  {
    name: "a setting that is deleted is gone, once",
    async run(store) {
      if (!store.deleteSetting) return;
      const name = `setting ${randomUUID()}`;
      await store.putSetting(name, "value");
      assert.equal(await store.deleteSetting(name), true);
      assert.equal(await store.deleteSetting(name), false);
      assert.equal(await store.getSetting(name), undefined);
      assert.equal(await store.addSetting(name, "another"), "another");
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
];
