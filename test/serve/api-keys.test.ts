import { randomBytes } from "node:crypto";
import { createGitLab } from "gitlab-agent-tools";
import { describe, expect, onTestFinished, test } from "vitest";
import { createApiKeys, type ApiKeys, type KeyOptions } from "../../src/serve/api-keys.js";
import { MemoryStore } from "../../src/stores/memory-store.js";
import { newStore } from "../support/emulated.js";
import { refusal } from "../support/people.js";

const acme: KeyOptions = {
  name: "acme-production",
  namespace: "acme",
  scopes: ["accounts:read", "tools:execute"],
  access: "write",
  connections: ["gitlab"],
  expiresIn: "90d",
};

function setup(store = new MemoryStore(), encryptionKey: string | string[] = randomBytes(32).toString("base64")) {
  const clock = { now: Date.parse("2026-01-01T00:00:00Z") };
  const gitlab = createGitLab({ store, encryptionKey, now: () => clock.now, connections: { gitlab: {} } });
  onTestFinished(() => gitlab.close());
  return { store, encryptionKey, clock, gitlab, keys: createApiKeys(gitlab) };
}

const idOf = async (keys: ApiKeys, key: string): Promise<string | undefined> => (await keys.verify(key))?.keyId;

const day = 86_400_000;

describe("a key", () => {
  test("says what it was made for, until its end and no longer", async () => {
    const { keys, clock } = setup();
    const { apiKey, key } = await keys.create(acme);
    expect(key).toMatch(/^gat_[0-9a-f]{16}_[\w-]{43}$/);
    const { expiresIn: _, ...limits } = acme;
    expect(await keys.verify(key)).toMatchObject({ ...limits, keyId: apiKey.keyId });
    clock.now += 90 * day - 1;
    expect(await idOf(keys, key)).toBe(apiKey.keyId);
    clock.now += 1;
    expect(await keys.verify(key)).toBeUndefined();
    expect(await keys.list()).toEqual([]);
  });

  test("is not let in by its id, by another's secret, or cut short", async () => {
    const { keys } = setup();
    const [{ key }, other] = [await keys.create(acme), await keys.create(acme)];
    const wrong = [
      ...["", "gat_", key.slice(0, -1), `${key}A`, ` ${key}`, key.toUpperCase(), key.replace("gat_", "")],
      key.slice(0, 21) + other.key.slice(21),
      key.slice(0, 21) + "A".repeat(43),
    ];
    for (const one of wrong) expect(await keys.verify(one), one).toBeUndefined();
  });

  test("is nowhere in the store, and who can write there makes none", async () => {
    const { keys, store } = setup();
    const [{ apiKey, key }, victim] = [await keys.create(acme), await keys.create({ ...acme, namespace: null })];
    const rows = await store.rows.list("api key", { now: 0, limit: 10 });
    expect(rows).toHaveLength(2);
    for (const secret of [key, key.slice(21), apiKey.keyId]) expect(JSON.stringify(rows)).not.toContain(secret);
    // The value of one key in another's place.
    const [one, two] = rows;
    if (!one || !two) throw new Error("two rows");
    await store.rows.replace({ ...one, value: two.value }, one.value);
    const alive = await Promise.all([idOf(keys, key), idOf(keys, victim.key)]);
    expect(alive.filter((id) => id !== undefined)).toHaveLength(1);
  });

  test("that was revoked is refused at once by another client of the store, however often it is used meanwhile", async () => {
    const { keys, store, encryptionKey, clock } = setup();
    const elsewhere = setup(store, encryptionKey);
    const { apiKey, key } = await keys.create(acme);
    expect(await idOf(elsewhere.keys, key)).toBe(apiKey.keyId);
    clock.now += day;
    elsewhere.clock.now += day;
    await Promise.all([elsewhere.keys.verify(key), keys.revoke(apiKey.keyId), elsewhere.keys.verify(key)]);
    expect(await elsewhere.keys.verify(key)).toBeUndefined();
    expect((await refusal(keys.revoke(apiKey.keyId))).code).toBe("not_found");
  });

  test("is replaced by one like it, and both are good for as long as was said", async () => {
    const { keys, clock } = setup();
    const old = await keys.create(acme);
    const fresh = await keys.replace(old.apiKey.keyId, { expiresIn: "30d", overlapSeconds: 3600 });
    const { keyId: _, createdAt: __, expiresAt, ...same } = fresh.apiKey;
    expect(old.apiKey).toMatchObject(same);
    expect(expiresAt).toBe("2026-01-31T00:00:00.000Z");
    expect(await idOf(keys, old.key)).toBe(old.apiKey.keyId);
    clock.now += 3_600_000;
    expect(await keys.verify(old.key)).toBeUndefined();
    expect(await idOf(keys, fresh.key)).toBe(fresh.apiKey.keyId);
    const at = await keys.replace(fresh.apiKey.keyId, { expiresIn: "30d", overlapSeconds: 0 });
    expect(await keys.verify(fresh.key)).toBeUndefined();
    expect(await idOf(keys, at.key)).toBe(at.apiKey.keyId);
    expect((await refusal(keys.replace(old.apiKey.keyId, { expiresIn: "1d", overlapSeconds: 0 }))).code).toBe(
      "not_found",
    );
  });

  test("says when it was used last, to the minute", async () => {
    const { keys, clock } = setup();
    const { key } = await keys.create(acme);
    const last = async (): Promise<string | undefined> => (await keys.list())[0]?.lastUsedAt;
    expect(await last()).toBeUndefined();
    clock.now += 1_000;
    await keys.verify(key);
    clock.now += 30_000;
    await keys.verify(key);
    expect(await last()).toBe("2026-01-01T00:00:01.000Z");
    clock.now += 30_000;
    await keys.verify(key);
    expect(await last()).toBe("2026-01-01T00:01:01.000Z");
  });

  test("lives through a change of the encryption key", async () => {
    const [first, second] = [randomBytes(32).toString("base64"), randomBytes(32).toString("base64")];
    const before = setup(undefined, first);
    const { apiKey, key } = await before.keys.create(acme);
    const between = setup(before.store, [second, first]);
    expect(await between.gitlab.rotateEncryptionKey()).toMatchObject({ complete: true });
    const after = setup(before.store, second);
    expect(await idOf(after.keys, key)).toBe(apiKey.keyId);
  });
});

test("a key for nothing, nobody or for ever is not made", async () => {
  const { keys } = setup();
  const wrong: readonly Partial<KeyOptions>[] = [
    ...[{ scopes: [] }, { connections: [] }, { name: "" }, { name: "a\nb" }],
    ...["", "Acme", "acme:eu", "-acme", "acme_eu", "a".repeat(64)].map((namespace) => ({ namespace })),
    ...["0", "367d", "for ever", -1].map((expiresIn) => ({ expiresIn })),
  ];
  for (const one of wrong) {
    const { code } = await refusal(keys.create({ ...acme, ...one }));
    expect(code, JSON.stringify(one)).toBe("invalid_input");
  }
  expect(await keys.list()).toEqual([]);
});

test("keys outlive their client on SQLite", async () => {
  const { store, encryptionKey } = await newStore();
  const open = () => createGitLab({ store, encryptionKey, connections: { gitlab: {} } });
  const gitlab = open();
  const { apiKey, key } = await createApiKeys(gitlab).create(acme);
  await gitlab.close();
  const again = open();
  onTestFinished(() => again.close());
  expect(await createApiKeys(again).verify(key)).toMatchObject({ keyId: apiKey.keyId, namespace: "acme" });
});
