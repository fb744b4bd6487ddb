import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Kysely, SqliteDialect } from "kysely";
import Database from "libsql";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import type { AccountStore } from "../../src/stores/account-store.js";
import { migrate, migrations } from "../../src/stores/migrations.js";
import { openStore } from "../../src/stores/open-store.js";
import { withSafeWrites } from "../../src/stores/sqlite-writes.js";
import type { Tables } from "../../src/stores/tables.js";

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

test("a file of a newer version is refused, not damaged", async () => {
  const path = join(folder, "newer.db");
  const newer = directly(path);
  await migrate(newer, { ...migrations, "9999_later": { up: () => Promise.resolve() } });
  await newer.destroy();
  await expect(open(path).open()).rejects.toThrow(/newer version/);
});

test("the lease of a process that died is taken over at once", async () => {
  const path = join(folder, "killed.db");
  const store = open(path);
  await store.open();
  const child = spawn(process.execPath, ["--import", "tsx", "test/support/lock-and-hang.ts", `sqlite:${path}`], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  let entered = false;
  const waiting = store.withLock("name", () => {
    entered = true;
    return Promise.resolve();
  });
  await store.withLock("another name", () => Promise.resolve());
  expect(entered).toBe(false);
  const killed = performance.now();
  child.kill("SIGKILL");
  await waiting;
  expect(performance.now() - killed).toBeLessThan(2_000);
});

test("a lease that was abandoned elsewhere ends by itself", async () => {
  const path = join(folder, "abandoned.db");
  const store = open(path);
  await store.open();
  const other = directly(path);
  const owner = JSON.stringify({ at: "another machine", pid: 1, id: "x" });
  await other
    .insertInto("gitlab_leases")
    .values({ name: "name", owner, expires_at: Date.now() + 300 })
    .execute();
  await other.destroy();
  const from = Date.now();
  await store.withLock("name", () => Promise.resolve());
  expect(Date.now() - from).toBeGreaterThan(200);
});

test("a write that waited in vain for the lock spoils none of the next ones", async () => {
  const path = join(folder, "busy.db");
  await open(path).open();
  const db = new Kysely<Tables>({
    dialect: new SqliteDialect({ database: withSafeWrites(new Database(path, { timeout: 20 })) }),
  });
  const write = (name: string): Promise<unknown> =>
    db.insertInto("gitlab_settings").values({ name, value: "x" }).execute();
  const holder = new Database(path);
  holder.exec("begin immediate");
  await expect(write("refused")).rejects.toThrow(/locked/);
  holder.exec("rollback");
  await write("accepted");
  // Seen from another connection: it has been committed.
  expect(holder.prepare("select name from gitlab_settings").all([])).toEqual([{ name: "accepted" }]);
  holder.close();
  await db.destroy();
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
  const from = performance.now();
  holder.exec("commit");
  expect(await written).toBe("value");
  expect(performance.now() - from).toBeLessThan(1_000);
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
