import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, copyFile, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { Kysely, SqliteDialect } from "kysely";
import Database from "libsql";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import type { AccountStore } from "../../src/stores/account-store.js";
import { migrate } from "../../src/stores/migrate.js";
import { migrations } from "../../src/stores/migrations.js";
import { openStore } from "../../src/stores/open-store.js";
import { sqliteDialect } from "../../src/stores/sqlite-dialect.js";
import { openEngine } from "../../src/stores/sqlite-engine.js";
import { SqliteQueue } from "../../src/stores/sqlite-queue.js";
import type { Tables } from "../../src/stores/tables.js";
import { deliverTwice } from "../support/deliver-twice.js";
import { scriptOf } from "../support/script.js";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sqlite-"));
});

afterAll(() => rm(folder, { recursive: true }));

function open(path: string): AccountStore {
  const store = openStore(`sqlite:${path}`);
  onTestFinished(() => store.close());
  return store;
}

function directly(path: string): Kysely<Tables> {
  const database = new Database(path);
  database.pragma("journal_mode = wal");
  return new Kysely<Tables>({ dialect: new SqliteDialect({ database }) });
}

const account = {
  id: "one",
  connectionName: "gitlab",
  identifier: "user",
  status: "PENDING",
  scopes: [],
  baseUrl: null,
  gitlabUserId: null,
  gitlabUsername: null,
  secret: null,
  refreshable: false,
  expiresAt: null,
  createdAt: 1,
  updatedAt: 1,
  version: 1,
} as const;

test("folder and files belong to their owner alone, the journal included", async () => {
  const path = join(folder, "new", "deep", "accounts.db");
  const store = open(path);
  await store.open();
  await store.addAccount(account);
  for (const name of ["new", "new/deep"]) expect((await stat(join(folder, name))).mode & 0o777).toBe(0o700);
  const files = await readdir(join(folder, "new", "deep"));
  expect(files.sort()).toEqual(["accounts.db", "accounts.db-shm", "accounts.db-wal"]);
  for (const name of files) expect((await stat(join(folder, "new", "deep", name))).mode & 0o777).toBe(0o600);
});

test("a folder that was there keeps its permissions", async () => {
  const before = (await stat(folder)).mode;
  await open(join(folder, "beside.db")).open();
  expect((await stat(folder)).mode).toBe(before);
});

test("a file that was open to others is closed, its journal included", async () => {
  const path = join(folder, "open.db");
  const first = open(path);
  await first.open();
  await first.addAccount(account);
  const files = ["", "-wal", "-shm"].map((end) => `${path}${end}`);
  for (const file of files) await chmod(file, 0o664);
  await open(path).open();
  for (const file of files) expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test("many stores on one new file migrate at once", async () => {
  const path = join(folder, "at-once.db");
  const stores = Array.from({ length: 8 }, () => open(path));
  await Promise.all(stores.map((store) => store.open()));
  await Promise.all(stores.map((store) => store.addAccount(account)));
  expect(await stores[0]?.listAccounts({ limit: 10 })).toEqual([account]);
});

test.each(
  Object.keys(migrations)
    .slice(0, -1)
    .map((_, index) => index + 1),
)("a file of version %i is brought up to date with its rows", async (version) => {
  const path = join(folder, `version-${version}.db`);
  const old = new Kysely<Tables>({ dialect: new SqliteDialect({ database: new Database(path) }) });
  await migrate(old, Object.fromEntries(Object.entries(migrations).slice(0, version)));
  const { connectionName, identifier, ...rest } = account;
  await old
    .insertInto("gitlab_accounts")
    .values({
      id: rest.id,
      connection_name: connectionName,
      identifier,
      status: rest.status,
      scopes: "",
      refreshable: 0,
      created_at: 1,
      updated_at: 1,
      version: 1,
    })
    .execute();
  await old.destroy();
  const stores = [open(path), open(path)];
  await Promise.all(stores.map((store) => store.open()));
  for (const store of stores) {
    expect(await store.getAccount(account)).toEqual(account);
    expect(await store.withLock("x", () => Promise.resolve("done"))).toBe("done");
  }
});

test("what a newer version only adds does not keep this one out; what it takes away does, and nothing is damaged", async () => {
  const nothing = (): Promise<void> => Promise.resolve();
  const path = join(folder, "newer.db");
  await open(path).open();
  const newer = directly(path);
  const later = { ...migrations, "9999_later": { up: nothing, contract: nothing } };
  await migrate(newer, later);
  const store = open(path);
  await store.open();
  await store.addAccount(account);
  await migrate(newer, later, true);
  await newer.destroy();
  await expect(open(path).open()).rejects.toThrow(/newer version/);
  expect(await store.getAccount(account)).toEqual(account);
});

test("the lease of a process that died is taken over at once", async () => {
  const path = join(folder, "killed.db");
  const store = open(path);
  await store.open();
  const child = spawn(process.execPath, [await scriptOf("lock-and-hang"), `sqlite:${path}`], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  await expect(store.withLock("name", () => Promise.resolve(), { waitMs: 0 })).rejects.toMatchObject({
    code: "timeout",
  });
  await store.withLock("another name", () => Promise.resolve());
  child.kill("SIGKILL");
  await once(child, "exit");
  const other = directly(path);
  await other
    .updateTable("gitlab_leases")
    .set(({ eb }) => ({ expires_at: eb("expires_at", "+", 3_600_000) }))
    .execute();
  await other.destroy();
  expect(await store.withLock("name", ({ abandoned }) => Promise.resolve(abandoned))).toBe(true);
});

test("a lease that was abandoned elsewhere ends by itself", async () => {
  const path = join(folder, "abandoned.db");
  const store = open(path);
  await store.open();
  const other = directly(path);
  const owner = JSON.stringify({ at: "another machine", pid: 1, id: "x" });
  const end = Date.now() + 300;
  await other.insertInto("gitlab_leases").values({ name: "name", owner, expires_at: end }).execute();
  await other.destroy();
  await store.withLock("name", () => Promise.resolve());
  // SQLite's clock rounds.
  expect(Date.now()).toBeGreaterThanOrEqual(end - 5);
});

test("a write that waited in vain for the lock spoils none of the next ones", async () => {
  const path = join(folder, "busy.db");
  await open(path).open();
  const engine = await openEngine(path);
  const db = new Kysely<Tables>({ dialect: sqliteDialect(engine, new SqliteQueue(engine, () => undefined, 1)) });
  const write = (name: string): Promise<unknown> =>
    db.insertInto("gitlab_settings").values({ name, value: "x" }).execute();
  const holder = await openEngine(path);
  holder.exec("begin immediate");
  await expect(write("refused")).rejects.toThrow(/locked/);
  holder.exec("rollback");
  await write("accepted");
  // Seen from another connection: it has been committed.
  const rows = holder.all("select name from gitlab_settings", []) as object[];
  expect(rows.map((row) => ({ ...row }))).toEqual([{ name: "accepted" }]);
  holder.close();
  engine.close();
});

test("a write that fails takes none of those with it that came at the same time", async () => {
  const path = join(folder, "together.db");
  const store = open(path);
  await store.open();
  const stateHash = "same";
  const authorization = { stateHash, accountId: "one", connectionName: "gitlab", identifier: "user", secret: "x" };
  const add = (): Promise<void> =>
    store.addAuthorization({
      ...authorization,
      redirectUri: "x",
      scopes: [],
      returnTo: null,
      expiresAt: 1,
      usedAt: null,
    });
  const results = await Promise.allSettled([
    store.addSetting("before", "kept"),
    add(),
    store.addSetting("between", "kept"),
    add(),
    store.addSetting("after", "kept"),
  ]);
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "fulfilled", "rejected", "fulfilled"]);
  const other = open(path);
  await other.open();
  for (const name of ["before", "between", "after"]) expect(await other.addSetting(name, "new")).toBe("kept");
});

test("a full disk is what the error says, and later writes go on", async () => {
  const path = join(folder, "full.db");
  await open(path).open();
  const engine = await openEngine(path);
  const db = new Kysely<Tables>({ dialect: sqliteDialect(engine, new SqliteQueue(engine, () => undefined)) });
  const write = (value: string): Promise<unknown> =>
    db
      .insertInto("gitlab_settings")
      .values({ name: value.slice(0, 5), value })
      .execute();
  const [{ page_count: pages }] = engine.all("pragma page_count", []) as [{ page_count: number }];
  engine.exec(`pragma max_page_count = ${pages}`);
  await expect(write("large".repeat(100_000))).rejects.toThrow(/full/);
  engine.exec("pragma max_page_count = 1000000");
  await write("small");
  engine.close();
});

test("a copy of the file alone has every account after the store was closed", async () => {
  const path = join(folder, "copied.db");
  const store = open(path);
  await store.open();
  for (let n = 0; n < 50; n += 1) await store.addAccount({ ...account, id: `${n}`, identifier: `user ${n}` });
  await store.close();
  await copyFile(path, join(folder, "copy.db"));
  const copy = open(join(folder, "copy.db"));
  await copy.open();
  expect(await copy.listAccounts({ limit: 100 })).toHaveLength(50);
});

test("opening and closing again and again leaves no descriptors behind", async ({ skip }) => {
  const descriptors = async (): Promise<number> => (await readdir("/proc/self/fd")).length;
  if (!existsSync("/proc/self/fd")) skip("needs /proc");
  const before = await descriptors();
  for (let n = 0; n < 40; n += 1) {
    const store = openStore(`sqlite:${join(folder, "again.db")}`);
    await store.open();
    await store.getAccount(account);
    await store.close();
  }
  // Without any care there would be a hundred more.
  await expect.poll(descriptors).toBeLessThan(before + 40);
});

test.each(["deleted", "replaced"])(
  "a file that was %s under the store is noticed before anything is lost",
  async (what) => {
    const path = join(folder, `${what}.db`);
    const store = open(path);
    await store.open();
    await store.addAccount(account);
    await rm(path);
    if (what === "replaced") await writeFile(path, "");
    await expect(store.addSetting("name", "value")).rejects.toThrow(`file was ${what}`);
    await expect(store.getAccount(account)).rejects.toThrow(`file was ${what}`);
  },
);

test("thousands of calls at once leave the event loop to others", async () => {
  const store = open(join(folder, "crowd.db"));
  await store.open();
  const delays = monitorEventLoopDelay({ resolution: 5 });
  let turns = 0;
  let running = true;
  const spin = (): void => {
    turns += 1;
    if (running) setImmediate(spin);
  };
  spin();
  delays.enable();
  const calls = Array.from({ length: 1_500 }, (_, n) =>
    store.withLock(`lock ${n}`, async () => {
      await store.getAccount(account);
      return await store.addSetting(`setting ${n}`, "value");
    }),
  );
  expect(await Promise.all(calls)).toHaveLength(1_500);
  running = false;
  delays.disable();
  console.log(`1,500 calls at once: longest stall ${Math.round(delays.max / 1e6)} ms, ${turns} turns`);
  // 6,000 statements without giving way were one turn; how many turns they take depends on how fast they are.
  expect(turns).toBeGreaterThan(5);
});

test("a write waits for another process without holding up this one", async () => {
  const path = join(folder, "patient.db");
  const store = open(path);
  await store.open();
  const holder = new Database(path);
  holder.exec("begin immediate");
  const written = store.addSetting("name", "value");
  // Reads go on, and so does everything else here: the holder itself is let go by this very process.
  expect(await store.getAccount(account)).toBeUndefined();
  holder.exec("commit");
  expect(await written).toBe("value");
  holder.close();
});

test("a store that was closed says so, and opens again only when it is told to", async () => {
  const store = open(join(folder, "closed.db"));
  await store.open();
  await store.close();
  await expect(store.getAccount(account)).rejects.toThrow(/has been closed/);
  await store.open();
  expect(await store.getAccount(account)).toBeUndefined();
});

test("receivers of webhooks with stores of their own on one file handle a delivery once between them", async () => {
  const path = join(folder, "webhooks.db");
  const [one, other] = [open(path), open(path)];
  const { handled, outcomes } = await deliverTwice([one, other], ["a", "b", "c"]);
  expect(handled).toEqual({ a: 1, b: 1, c: 1 });
  expect(outcomes).toEqual([...Array<string>(9).fill("duplicate"), ...Array<string>(3).fill("handled")]);
  // What failed is let go, so that GitLab's next attempt is handled.
  expect((await deliverTwice([one, other], ["d"], "d")).handled).toEqual({ d: 1 });
});
