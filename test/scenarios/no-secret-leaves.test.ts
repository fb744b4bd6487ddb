import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { ada, setUpAccounts, newKey } from "../support/accounts.js";
import { startOwnPostgres, type TestPostgres } from "../support/postgres.js";

let postgres: TestPostgres;
let folder: string;

beforeAll(async () => {
  postgres = await startOwnPostgres();
  folder = await mkdtemp(join(tmpdir(), "secrets-"));
});

afterAll(async () => {
  await postgres.stop();
  await rm(folder, { recursive: true });
});

/** Everything that is written to the console or to the process's streams during the test. */
function listen(): () => string {
  const lines: string[] = [];
  const spies = [
    ...(["log", "info", "warn", "error", "debug"] as const).map((name) =>
      vi.spyOn(console, name).mockImplementation((...args: unknown[]) => void lines.push(inspect(args))),
    ),
    ...[process.stdout, process.stderr].map((stream) =>
      vi.spyOn(stream, "write").mockImplementation((chunk) => {
        lines.push(String(chunk));
        return true;
      }),
    ),
  ];
  const stop = (): void => spies.forEach((spy) => spy.mockRestore());
  onTestFinished(stop);
  return () => {
    stop();
    return lines.join("\n");
  };
}

async function filesBelow(path: string): Promise<string[]> {
  const names = await readdir(path, { recursive: true });
  const files = await Promise.all(
    names.map(async (name) => ((await stat(join(path, name))).isFile() ? [join(path, name)] : [])),
  );
  return files.flat();
}

async function dump(url: string): Promise<string> {
  const tables = await postgres.query(url, "select tablename from pg_tables where schemaname = 'public'");
  const rows = await Promise.all(
    tables.map(({ tablename }) => postgres.query(url, `select * from "${String(tablename)}"`)),
  );
  return JSON.stringify(rows);
}

test.each(["memory", "SQLite", "PostgreSQL"])(
  "%s: no token, code, verifier, secret or key is anywhere to be found",
  async (kind) => {
    const logged = listen();
    const url = kind === "PostgreSQL" ? await postgres.createDatabase() : "";
    const store = { memory: "memory:", SQLite: `sqlite:${join(folder, "accounts.db")}`, PostgreSQL: url }[kind] ?? "";
    const encryptionKey = newKey();
    const { server, accounts, clock, changes, connect } = await setUpAccounts({ store, encryptionKey });
    const secrets = new Set([encryptionKey, Buffer.from(encryptionKey, "base64").toString("hex")]);
    const seen: unknown[] = [];
    const attempt = async (work: () => Promise<unknown>): Promise<void> => {
      try {
        seen.push(await work());
      } catch (error) {
        seen.push(error);
      }
    };

    // A life with everything that can happen to an account.
    await attempt(() => connect());
    await attempt(() => accounts.connections.set("acme", server.connection));
    await attempt(() => accounts.connections.list());
    await attempt(() => connect({ connectionName: "acme", identifier: "user_ada" }));
    const pasted = server.personalToken("ben");
    await attempt(() => accounts.connectWithToken({ connectionName: "gitlab", identifier: "user_ben", token: pasted }));
    await attempt(() => accounts.connectWithToken({ ...ada, identifier: "nobody", token: "glpat-refused-token" }));
    secrets.add("glpat-refused-token");
    await attempt(() => accounts.startDeviceFlow({ ...ada, identifier: "user_carl" }));
    clock.now += 7_201_000;
    await accounts.credentials(ada);
    for (const fail of [
      { status: 500, body: "no" },
      { status: 400, body: '{"error":"invalid_request"}' },
      { status: 200, body: '{"access_token":"leaky-access","refresh_token":"leaky-refresh","token_type":"mac"}' },
      { status: 200, body: '{"access_token":"leaky-access","token_type":"Bearer","refresh_token":["leaky-refresh"]}' },
      { status: 200, body: "leaky-access" },
    ]) {
      clock.now += 7_201_000;
      server.before = (_, response) =>
        response.writeHead(fail.status, { "Content-Type": "application/json" }).end(fail.body);
      await attempt(() => accounts.credentials(ada));
    }
    server.before = (_, response) => response.destroy();
    await attempt(() => accounts.credentials(ada));
    server.before = undefined;
    const { link } = await accounts.authorizationLink(ada);
    const callback = new URL(server.authorize(link, "ada"));
    callback.searchParams.set("iss", "https://elsewhere.example");
    await attempt(() => accounts.handleCallback(callback));
    await accounts.credentials(ada);
    server.revoke("ada");
    clock.now += 7_201_000;
    await attempt(() => accounts.credentials(ada));
    await attempt(() => accounts.list());
    await attempt(() => accounts.delete({ connectionName: "gitlab", identifier: "user_ben" }));

    for (const secret of server.secrets) secrets.add(secret);
    for (const { parameters } of server.tokenRequests) {
      for (const name of ["code", "code_verifier", "refresh_token", "client_secret"]) {
        const value = parameters.get(name);
        if (value) secrets.add(value);
      }
    }
    for (const leaky of ["leaky-access", "leaky-refresh"]) secrets.add(leaky);
    expect(secrets.size).toBeGreaterThan(15);

    const shown = [seen, changes, accounts, accounts.connections].flatMap((value) => [
      JSON.stringify(value),
      value instanceof Error ? String(value) : "",
      inspect(value, { depth: Infinity, showHidden: true, getters: true }),
    ]);
    const haystacks = new Map([
      ["what callers get", Buffer.from(shown.join("\n"))],
      ["logs", Buffer.from(logged())],
    ]);
    if (kind === "SQLite") {
      const files = await filesBelow(folder);
      expect(files.map((file) => file.slice(folder.length + 1)).sort()).toEqual([
        "accounts.db",
        "accounts.db-shm",
        "accounts.db-wal",
      ]);
      for (const file of files) haystacks.set(file, await readFile(file));
    }
    if (kind === "PostgreSQL") {
      haystacks.set("dump", Buffer.from(await dump(url)));
      await postgres.query(url, "checkpoint");
      for (const file of await filesBelow(postgres.folder)) haystacks.set(file, await readFile(file));
    }
    const found = [...haystacks].flatMap(([place, hay]) =>
      [...secrets].filter((secret) => hay.includes(secret)).map((secret) => `${secret} in ${place}`),
    );
    expect(found).toEqual([]);
    // The search does find what is there: names are not secret.
    expect([...haystacks.values()].filter((hay) => hay.includes("user_ada")).length).toBeGreaterThan(
      kind === "memory" ? 0 : 1,
    );
    const bytes = [...haystacks.values()].reduce((sum, hay) => sum + hay.length, 0);
    console.log(
      `${kind}: ${secrets.size} secrets searched for in ${haystacks.size} places, ${bytes} bytes: none found`,
    );
  },
);
