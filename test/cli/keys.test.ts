import { expect, test } from "vitest";
import { cli } from "../support/cli.js";
import { newStore } from "../support/emulated.js";

async function commandLine() {
  const { store, encryptionKey } = await newStore();
  const env = { GITLAB_AGENT_TOOLS_STORE: store, GITLAB_AGENT_TOOLS_KEY: encryptionKey };
  return (...args: readonly string[]) => cli(["keys", ...args], { env });
}

test("keys are made, listed, replaced and ended; only create shows one, and that alone on standard output", async () => {
  const keys = await commandLine();
  const made = await keys("create", "acme-production", "--namespace", "acme", "--access", "write");
  const key = made.stdout.trim();
  expect(key).toMatch(/^gat_\w{16}_[\w-]{43}$/);
  const id = key.slice(4, 20);
  expect(made.stderr).toContain(id);
  const listed = JSON.parse((await keys("list", "--json")).stdout) as unknown[];
  expect(listed).toEqual([
    expect.objectContaining({
      ...{ keyId: id, name: "acme-production", namespace: "acme", access: "write", connections: ["gitlab"] },
      scopes: ["accounts:read", "accounts:write", "tools:execute"],
    }),
  ]);
  const table = await keys("list");
  expect(table.stdout).toContain("acme:");
  expect(table.stdout).toContain("1 key");

  const next = JSON.parse((await keys("create", "--replaces", id, "--overlap", "0", "--json")).stdout) as {
    keyId: string;
    key: string;
  };
  expect(next.key.slice(4, 20)).toBe(next.keyId);
  expect((await keys("list")).stdout).not.toContain(id);
  expect((await keys("revoke", next.keyId, "--yes")).stdout).toContain("has ended");
  expect(JSON.parse((await keys("list", "--json")).stdout)).toEqual([]);
  const gone = await keys("revoke", next.keyId, "--json");
  expect(gone.code).toBe(1);
  expect(JSON.parse(gone.stderr)).toMatchObject({ error: { code: "not_found" } });
  for (const said of [table.stdout, JSON.stringify(listed), made.stderr, gone.stderr])
    expect(said).not.toContain(key.slice(21));
});

test("whose accounts, what for and how far has to be said, and said well", async () => {
  const keys = await commandLine();
  const wrong: readonly (readonly [number, ...string[]])[] = [
    [2, "create", "x"],
    [2, "create", "--namespace", "acme"],
    [2, "create", "x", "--namespace", "acme", "--all-accounts"],
    [2, "create", "x", "--namespace", "acme", "--scopes", "accounts:read,everything"],
    [2, "create", "x", "--namespace", "acme", "--access", "everything"],
    [2, "create", "x", "--replaces", "0123456789abcdef"],
    [1, "create", "x", "--namespace", "acme:eu"],
    [1, "create", "x", "--namespace", "acme", "--expires-in", "10000d"],
    [1, "create", "--replaces", "0123456789abcdef"],
  ];
  for (const [code, ...args] of wrong) expect([(await keys(...args)).code, args]).toEqual([code, args]);
  expect((await keys("list")).stdout).toContain("0 keys");
});
