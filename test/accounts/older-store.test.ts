import { copyFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { createGitLab, type GitLab } from "gitlab-agent-tools";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { startPostgres, type TestPostgres } from "../support/postgres.js";

const fixture = new URL("../fixtures/store-0.1/", import.meta.url);

interface Written {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly tokens: Readonly<Record<string, { access: string; refresh?: string }>>;
  readonly pending: { readonly link: string; readonly returnTo: string };
  readonly session: string;
  readonly revokedSession: string;
}

const contents = JSON.parse(await readFile(new URL("contents.json", fixture), "utf8")) as {
  now: number;
  encryptionKey: string;
  sqlite: Written;
  postgres: Written;
};

let postgres: TestPostgres;
beforeAll(async () => void (postgres = await startPostgres()), 60_000);
afterAll(() => postgres.stop());

const stores = {
  async sqlite(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), "older-store-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await copyFile(new URL("accounts.db", fixture), join(folder, "accounts.db"));
    return `sqlite:${join(folder, "accounts.db")}`;
  },
  async postgres(): Promise<string> {
    const url = await postgres.createDatabase();
    await postgres.query(url, await readFile(new URL("accounts.sql", fixture), "utf8"));
    return url;
  },
};

/** Both instances of the fixture, on one port: what arrives, and a GitLab that grants everything. */
async function instances() {
  const arrived: { host: string; path: string; token: string; form: URLSearchParams }[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { pathname } = new URL(request.url ?? "/", "http://localhost");
      const token = (request.headers.authorization ?? "").replace("Bearer ", "");
      const form = new URLSearchParams(body);
      arrived.push({ host: String(request.headers["x-host"]), path: pathname, token, form });
      const answer = pathname.endsWith("/oauth/token")
        ? { access_token: "new-access", refresh_token: "new-refresh", token_type: "Bearer", expires_in: 7200 }
        : { id: 1, username: "somebody" };
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const rewriting: typeof fetch = (input, init) => {
    const request = new Request(input, init);
    const { host, pathname, search } = new URL(request.url);
    const headers = new Headers(request.headers);
    headers.set("x-host", host);
    return request.text().then((body) =>
      fetch(`http://127.0.0.1:${port}${pathname}${search}`, {
        method: request.method,
        headers,
        ...(body !== "" && { body }),
      }),
    );
  };
  return { arrived, fetch: rewriting };
}

describe.each(["sqlite", "postgres"] as const)("a store that version 0.1.0 wrote, on %s", (kind) => {
  const written = contents[kind];

  async function open(laterMs = 0) {
    const { arrived, fetch } = await instances();
    const gitlab = createGitLab({
      store: await stores[kind](),
      encryptionKey: contents.encryptionKey,
      now: () => contents.now + laterMs,
      fetch,
      connections: {
        gitlab: {
          baseUrl: "https://gitlab.example",
          clientId: written.clientId,
          clientSecret: written.clientSecret,
          redirectUri: "https://app.example/callback",
          scopes: ["api"],
        },
      },
    });
    onTestFinished(() => gitlab.close());
    return { gitlab, arrived };
  }

  const call = (gitlab: GitLab, identifier: string, connectionName = "gitlab"): Promise<unknown> =>
    gitlab.executeTool({ identifier, connectionName, toolName: "gitlab_current_user_get" });

  test("opens with every account", async () => {
    const { gitlab, arrived } = await open();
    const { connectedAccounts } = await gitlab.actions.listConnectedAccounts();
    expect(
      connectedAccounts.map(({ connectionName, identifier, status }) => [connectionName, identifier, status]),
    ).toEqual([
      ["acme", "gus", "ACTIVE"],
      ["gitlab", "ada", "ACTIVE"],
      ["gitlab", "ben", "ACTIVE"],
      ["gitlab", "cleo", "PENDING"],
      ["gitlab", "dan", "ACTIVE"],
      ["gitlab", "eve", "REVOKED"],
      ["gitlab", "fay", "EXPIRED"],
    ]);
    for (const identifier of ["ada", "ben", "dan"]) await call(gitlab, identifier);
    await call(gitlab, "gus", "acme");
    expect(arrived.map(({ host, token }) => [host, token])).toEqual([
      ["gitlab.example", written.tokens["ada"]?.access],
      ["gitlab.example", written.tokens["ben"]?.access],
      ["gitlab.example", written.tokens["dan"]?.access],
      ["gitlab.acme.example", written.tokens["gus"]?.access],
    ]);
  });

  test("refreshes its pairs, with the client secret that is kept in it", async () => {
    const { gitlab, arrived } = await open(7_200_000);
    await call(gitlab, "gus", "acme");
    const refresh = arrived.find(({ path }) => path === "/oauth/token");
    expect(Object.fromEntries(refresh?.form ?? [])).toMatchObject({
      refresh_token: written.tokens["gus"]?.refresh,
      client_secret: written.clientSecret,
      redirect_uri: "https://app.example/acme/callback",
    });
    expect(arrived.at(-1)?.token).toBe("new-access");
  });

  test("completes the links that it has given out", async () => {
    const { gitlab } = await open(60_000);
    const state = new URL(written.pending.link).searchParams.get("state") ?? "";
    const callback = `https://app.example/callback?${new URLSearchParams({ code: "code", state }).toString()}`;
    const { connectedAccount, returnTo } = await gitlab.handleCallback(callback, { expectedIdentifier: "cleo" });
    expect(connectedAccount).toMatchObject({ identifier: "cleo", status: "ACTIVE" });
    expect(returnTo).toBe(written.pending.returnTo);
  });

  test("knows its sessions, and those that were ended", async () => {
    const { gitlab } = await open();
    expect(await gitlab.verifySession(written.session)).toMatchObject({ identifier: "ada" });
    expect(await gitlab.verifySession(written.revokedSession)).toBeUndefined();
  });
});
