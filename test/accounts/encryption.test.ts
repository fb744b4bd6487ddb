import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "libsql";
import { createGitLab } from "gitlab-agent-tools";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { createCipher } from "../../src/accounts/encryption.js";
import { ada, setUpAccounts, newKey, type AccountsSetup } from "../support/accounts.js";
import { OAuthServer } from "../support/oauth-server.js";

let folder: string;
let files = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "encryption-"));
});

afterAll(() => rm(folder, { recursive: true }));

const newFile = (): string => join(folder, `${(files += 1)}.db`);
const ben = { connectionName: "gitlab", identifier: "user_ben" };

function sql(file: string, text: string, ...values: unknown[]): Record<string, unknown>[] {
  const database = new Database(file);
  try {
    const statement = database.prepare(text);
    return statement.reader ? (statement.all(values) as Record<string, unknown>[]) : (statement.run(values), []);
  } finally {
    database.close();
  }
}

/** The same store in a process of its own, as it were: nothing in memory, perhaps other keys. */
async function reopen(
  file: string,
  encryptionKey: string | readonly string[],
  setup: AccountsSetup,
): Promise<AccountsSetup["accounts"]> {
  await setup.accounts.close();
  const { createAccounts } = await import("../../src/accounts/accounts.js");
  const accounts = createAccounts({
    connections: { gitlab: setup.server.connection },
    store: `sqlite:${file}`,
    encryptionKey,
    now: () => setup.clock.now,
    sleep: () => Promise.resolve(),
  });
  onTestFinished(() => accounts.close());
  return accounts;
}

describe("the cipher", () => {
  const [current, previous] = [newKey(), newKey()];

  test("never gives the same text twice, and opens both", () => {
    const cipher = createCipher([current]);
    const [one, two] = [cipher.seal("token", ["a"]), cipher.seal("token", ["a"])];
    expect(one).not.toBe(two);
    expect([cipher.open(one, ["a"]), cipher.open(two, ["a"])]).toEqual(["token", "token"]);
  });

  test("opens with earlier keys and seals with the current one", () => {
    const old = createCipher([previous]).seal("token", []);
    const cipher = createCipher([current, previous]);
    expect(cipher.open(old, [])).toBe("token");
    expect(cipher.isCurrent(old)).toBe(false);
    expect(cipher.isCurrent(cipher.seal("token", []))).toBe(true);
    expect(() => createCipher([current]).open(old, [])).toThrow(
      expect.objectContaining({
        code: "connection_misconfigured",
        hint: expect.stringContaining("previous") as string,
      }),
    );
  });

  test("opens only where it was sealed, and only whole", () => {
    const cipher = createCipher([current]);
    const sealed = cipher.seal("token", ["a", "bc"]);
    expect(() => cipher.open(sealed, ["ab", "c"])).toThrow(expect.objectContaining({ code: "internal" }));
    const [head, id, body = ""] = sealed.split(".");
    const flipped = Buffer.from(body, "base64url");
    flipped.writeUInt8(flipped.readUInt8(20) ^ 1, 20);
    for (const broken of [`${head}.${id}.${flipped.toString("base64url")}`, `${head}.${id}.AAAA`, "", "v2.x.y"]) {
      expect(() => cipher.open(broken, ["a", "bc"])).toThrow(expect.objectContaining({ code: "internal" }));
    }
  });
});

test("another key is a clear error at the start, before anything is read or written", async () => {
  const file = newFile();
  const setup = await setUpAccounts({ store: `sqlite:${file}`, encryptionKey: newKey() });
  await setup.connect();
  const accounts = await reopen(file, newKey(), setup);
  for (const use of [() => accounts.ready(), () => accounts.getOrCreate(ben), () => accounts.credentials(ada)]) {
    await expect(use()).rejects.toMatchObject({
      code: "connection_misconfigured",
      message: expect.stringContaining("another key") as string,
    });
  }
  expect(sql(file, "select identifier from gitlab_accounts")).toEqual([{ identifier: "user_ada" }]);
});

test("keys rotate: what is read is sealed anew, and the store keeps to the old key until all of it is", async () => {
  const file = newFile();
  const [first, second] = [newKey(), newKey()];
  const setup = await setUpAccounts({ store: `sqlite:${file}`, encryptionKey: first });
  await setup.connect();
  const keyIds = (): unknown[] =>
    sql(file, "select substr(secret, 4, 8) as id from gitlab_accounts").map(({ id }) => id);
  const [before] = keyIds();

  const rotating = await reopen(file, [second, first], setup);
  const { token } = await rotating.credentials(ada);
  await expect.poll(keyIds).not.toEqual([before]);
  await expect((await reopen(file, second, setup)).list()).rejects.toMatchObject({ code: "connection_misconfigured" });
  expect(await rotating.rotateKeys()).toEqual({ checked: 1, resealed: 0, unreadable: 0, complete: true });
  await rotating.close();

  const rotated = await reopen(file, second, setup);
  expect((await rotated.credentials(ada)).token).toBe(token);
});

test("a row that is copied to another account does not open", async () => {
  const file = newFile();
  const key = newKey();
  const setup = await setUpAccounts({ store: `sqlite:${file}`, encryptionKey: key });
  await setup.connect(ada, "ada");
  await setup.connect(ben, "ben");
  const accounts = await reopen(file, key, setup);
  sql(
    file,
    "update gitlab_accounts set secret = (select secret from gitlab_accounts where identifier = 'user_ada') where identifier = 'user_ben'",
  );
  await expect(accounts.credentials(ben)).rejects.toMatchObject({ code: "internal" });
  expect((await accounts.credentials(ada)).token).toMatch(/^access-/);
});

test("a row that is pointed at another host does not take the secrets there", async () => {
  const file = newFile();
  const key = newKey();
  const elsewhere = await new OAuthServer().start();
  onTestFinished(async () => void (await elsewhere.stop()));
  const setup = await setUpAccounts({ store: `sqlite:${file}`, encryptionKey: key });
  const acme = { connectionName: "acme", identifier: "user_ada" };
  await setup.accounts.connections.set("acme", setup.server.connection);
  await setup.connect(acme);
  const accounts = await reopen(file, key, setup);
  sql(file, "update gitlab_connections set config = replace(config, ?, ?)", setup.server.baseUrl, elsewhere.baseUrl);
  sql(file, "update gitlab_accounts set base_url = ?", elsewhere.baseUrl);
  await expect(accounts.credentials(acme)).rejects.toMatchObject({ code: "internal" });
  await expect(accounts.authorizationLink(acme)).rejects.toMatchObject({ code: "internal" });
  expect([elsewhere.apiTokens, elsewhere.tokenRequests]).toEqual([[], []]);
});

test("a client that is made when a module is loaded, where secrets are not set yet, says what is missing on first use", async () => {
  const gitlab = createGitLab({
    connections: { gitlab: { clientId: "id", clientSecret: process.env["NOT_SET"], scopes: ["api"] } },
    store: `sqlite:${newFile()}`,
    encryptionKey: process.env["NOT_SET"],
  });
  onTestFinished(() => gitlab.close());
  await expect(gitlab.actions.listConnectedAccounts()).rejects.toMatchObject({
    code: "connection_misconfigured",
    hint: expect.stringContaining("encryptionKey") as string,
  });
});
