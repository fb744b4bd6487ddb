import { randomUUID } from "node:crypto";
import { assert, at, type AccountStoreCheck } from "./check.js";

/** What a store does with rows that end by themselves. */
export const rowChecks: readonly AccountStoreCheck[] = [
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
      // After every random id, which begins with a digit or a letter up to f.
      await Promise.all(["x", "y", "z"].map((name) => rows.add({ ...row, id: name }, at)));
      const page = await rows.list(kind, { now: at, after: "x", limit: 1 });
      assert.deepEqual(
        page.map((listed) => listed.id),
        ["y"],
      );
      const taken = await Promise.all([rows.take(kind, id, at), rows.take(kind, id, at)]);
      assert.deepEqual(
        taken.filter((one) => one !== undefined),
        [next],
      );
      // What has ended makes room.
      assert.equal(await rows.add({ ...row, id: "x", value: "later", expiresAt: at + 9000 }, at + 1000), true);
      await rows.deleteEnded(at + 1000);
      assert.deepEqual(await rows.list(kind, { now: at, limit: 10 }), [
        { ...row, id: "x", value: "later", expiresAt: at + 9000 },
      ]);
    },
  },
  {
    name: "rows about somebody are found by whom they are about, also when they have been replaced",
    async run({ rows }) {
      if (!rows) return;
      const kind = `kind ${randomUUID()}`;
      const row = { kind, value: "first", expiresAt: at + 1000 };
      await rows.add({ ...row, id: "a", about: "ada" }, at);
      await rows.add({ ...row, id: "b", about: "ben" }, at);
      await rows.add({ ...row, id: "c", about: "ada" }, at);
      await rows.add({ ...row, id: "d" }, at);
      assert.equal(await rows.replace({ ...row, id: "c", value: "second" }, "first"), true);
      const found = async (after?: string): Promise<string[]> => {
        const page = { now: at, limit: 10, about: "ada", ...(after !== undefined && { after }) };
        return (await rows.list(kind, page)).map(({ id }) => id);
      };
      // A store that does not look at it returns the others as well.
      assert.deepEqual(
        (await found()).filter((id) => id === "a" || id === "c"),
        ["a", "c"],
      );
      assert.ok((await found("a")).includes("c"));
    },
  },
];
