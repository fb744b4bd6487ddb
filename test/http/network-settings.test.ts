import { randomBytes } from "node:crypto";
import { createServer as createHttp, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createHttps } from "node:https";
import { connect as connectTo, type AddressInfo, type Socket } from "node:net";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import type { TLSSocket } from "node:tls";
import { createGitLab, GitLabToolError, type GitLab, type GitLabOptions } from "gitlab-agent-tools";
import { issueCreate, issuesList } from "gitlab-agent-tools/tools";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import {
  authority,
  client,
  elsewhere,
  encryptedClient,
  otherAuthority,
  server,
  stranger,
} from "../support/certificates.js";

const token = "glpat-a-token-that-nobody-may-see";
const password = "a-password-that-nobody-may-see";
const key = randomBytes(32).toString("base64");

afterEach(() => vi.unstubAllEnvs());

interface Seen {
  readonly baseUrl: string;
  /** Method and path of each request, and the name on the certificate that came with it. */
  readonly requests: { readonly line: string; readonly certificate?: string }[];
  /** Shows another certificate from now on. */
  become(certificate: typeof server): void;
}

async function listening(http: Server, sockets = new Set<Socket>()): Promise<number> {
  http.on("connection", (socket: Socket) => sockets.add(socket.on("close", () => sockets.delete(socket))));
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    http.close();
    for (const socket of sockets) socket.destroy();
  });
  return (http.address() as AddressInfo).port;
}

/** A GitLab behind TLS that knows one token, and grants others. */
async function gitlabBehindTls(options: object = server): Promise<Seen> {
  const requests: Seen["requests"] = [];
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const name = (request.socket as TLSSocket).getPeerCertificate().subject?.CN;
    const line = `${request.method} ${(request.url ?? "").split("?")[0]}`;
    requests.push({ line, ...(typeof name === "string" && { certificate: name }) });
    const bodies: Record<string, unknown> = {
      "/api/v4/user": { id: 1, username: "ada" },
      "/api/v4/personal_access_tokens/self": { scopes: ["api"], expires_at: null },
      "/oauth/token": { access_token: token, refresh_token: "r", token_type: "Bearer", expires_in: 7200 },
      "/oauth/authorize_device": {
        device_code: "device",
        user_code: "CODE",
        verification_uri: "https://gitlab.example/device",
        expires_in: 300,
        interval: 1,
      },
      "/oauth/revoke": {},
    };
    const body = JSON.stringify(bodies[(request.url ?? "").split("?")[0] ?? ""] ?? [{ id: 1, iid: 1 }]);
    response.writeHead(200, { "content-type": "application/json" }).end(body);
  };
  const [https, sockets] = [createHttps(options, answer), new Set<Socket>()];
  const port = await listening(https, sockets);
  return {
    baseUrl: `https://localhost:${port}`,
    requests,
    become(certificate) {
      https.setSecureContext(certificate);
      for (const socket of sockets) socket.destroy();
    },
  };
}

interface Proxy {
  readonly port: number;
  /** Where tunnels led to, and what they came with. */
  readonly tunnels: { readonly to: string; readonly authorization: string | undefined }[];
}

/** A proxy that passes CONNECT on, or answers with a status of its own. */
async function proxy(status?: number, tls?: typeof server): Promise<Proxy> {
  const tunnels: Proxy["tunnels"] = [];
  const http = tls ? createHttps(tls) : createHttp();
  http.on("connect", (request: IncomingMessage, socket: Socket) => {
    tunnels.push({ to: request.url ?? "", authorization: request.headers["proxy-authorization"] });
    if (status !== undefined) return void socket.end(`HTTP/1.1 ${status} No\r\n\r\n`);
    const [host = "", port] = (request.url ?? "").split(":");
    const through = connectTo(Number(port), host, () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      through.pipe(socket).pipe(through);
    });
    through.on("error", () => socket.destroy());
    socket.on("error", () => through.destroy());
  });
  return { port: await listening(http), tunnels };
}

type Connections = NonNullable<GitLabOptions["connections"]>;

function clientOf(connection: Connections[string], options: Partial<GitLabOptions> = {}): GitLab {
  const gitlab = createGitLab({ store: "memory:", connections: { gitlab: connection }, ...options });
  onTestFinished(() => gitlab.close());
  return gitlab;
}

async function listThrough(gitlab: GitLab): Promise<unknown> {
  await gitlab.connectWithToken({ identifier: "ada", token });
  return (await issuesList(gitlab.as("ada"), { project_id: 1 })).data;
}

async function failure(work: Promise<unknown>): Promise<GitLabToolError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(GitLabToolError);
  const shown = inspect(error, { depth: 20, showHidden: true }) + JSON.stringify(error);
  for (const secret of [token, password, client.key, stranger.key]) expect(shown).not.toContain(secret);
  return error as GitLabToolError;
}

describe("an authority of one's own", () => {
  test("its instance is reached with ca: by calls, and by what connects accounts", async () => {
    const instance = await gitlabBehindTls();
    const gitlab = clientOf({ baseUrl: instance.baseUrl, ca: authority });
    expect(await listThrough(gitlab)).toEqual([{ id: 1, iid: 1 }]);
    expect(instance.requests.map(({ line }) => line)).toEqual([
      "GET /api/v4/user",
      "GET /api/v4/personal_access_tokens/self",
      "GET /api/v4/projects/1/issues",
    ]);
  });

  test("device flow, token endpoint and revocation go the same way", async () => {
    const instance = await gitlabBehindTls({ ...server, ca: authority, requestCert: true, rejectUnauthorized: true });
    const gitlab = clientOf(
      {
        baseUrl: instance.baseUrl,
        ca: [otherAuthority, authority],
        clientCertificate: client,
        clientId: "app",
        scopes: ["api"],
      },
      { sleep: () => Promise.resolve() },
    );
    const flow = await gitlab.startDeviceFlow({ identifier: "ada" });
    await flow.wait();
    const { revocation } = await gitlab.actions.deleteConnectedAccount({ identifier: "ada" });
    expect(revocation).toBe("revoked");
    expect(instance.requests).toEqual(
      ["POST /oauth/authorize_device", "POST /oauth/token", "GET /api/v4/user", "POST /oauth/revoke"].map((line) => ({
        line,
        certificate: "Test client",
      })),
    );
  });

  test("without it the call says whose certificate was refused, and is not repeated", async () => {
    const instance = await gitlabBehindTls();
    const gitlab = clientOf({ baseUrl: instance.baseUrl });
    const error = await failure(gitlab.connectWithToken({ identifier: "ada", token }));
    expect(error).toMatchObject({ code: "connection_misconfigured", retryable: false });
    expect(error.message).toContain(`The certificate of ${new URL(instance.baseUrl).host} was refused`);
    expect(error.hint).toContain("as ca");
    expect(instance.requests).toEqual([]);
  });

  test("a certificate for another name is refused, and a write that meets it is not in doubt", async () => {
    const instance = await gitlabBehindTls();
    const gitlab = clientOf({ baseUrl: instance.baseUrl, ca: authority }, { sleep: () => Promise.resolve() });
    await listThrough(gitlab);
    const before = instance.requests.length;
    instance.become(elsewhere);
    // The read also finds out that the old connection is gone.
    const read = await failure(issuesList(gitlab.as("ada"), { project_id: 1 }));
    expect(read.code).toBe("connection_misconfigured");
    const error = await failure(issueCreate(gitlab.as("ada"), { project_id: 1, title: "x" }));
    expect(error).toMatchObject({ code: "connection_misconfigured", toolName: "gitlab_issue_create" });
    expect(error.message).toContain("it is for another name (ERR_TLS_CERT_ALTNAME_INVALID)");
    expect(error.message).not.toContain("may have been carried out");
    expect(instance.requests).toHaveLength(before);
  });
});

describe("a client certificate", () => {
  const strict = { ...server, ca: authority, requestCert: true, rejectUnauthorized: true };

  test("is shown, also where its key is encrypted", async () => {
    const instance = await gitlabBehindTls(strict);
    for (const clientCertificate of [client, encryptedClient]) {
      await listThrough(clientOf({ baseUrl: instance.baseUrl, ca: authority, clientCertificate }));
    }
    expect(new Set(instance.requests.map(({ certificate }) => certificate))).toEqual(new Set(["Test client"]));
    expect(instance.requests).toHaveLength(6);
  });

  test.each([
    ["a path in place of a ca", { ca: "/etc/ssl/ca.pem" }, "not a certificate as PEM"],
    ["no ca at all", { ca: [] }, "not a certificate as PEM"],
    ["a key of another certificate", { clientCertificate: { ...client, key: stranger.key } }, "belongs to another one"],
    [
      "an encrypted key without its passphrase",
      { clientCertificate: { ...encryptedClient, passphrase: undefined } },
      "does not open",
    ],
    ["a key that is none", { clientCertificate: { ...client, key: "secret" } }, "does not open"],
    ["a proxy that is no URL", { proxy: `proxy.example ${password}` }, "not the URL of an HTTP proxy"],
    ["a proxy of another kind", { proxy: `socks5://me:${password}@proxy.example` }, "not the URL of an HTTP proxy"],
    ["an unknown part", { clientCertificate: { ...client, pfx: "x" } }, "pfx"],
  ])("%s is refused before anything is sent", async (_, wrong, words) => {
    const error = await failure(Promise.resolve().then(() => clientOf(wrong as Connections[string])));
    expect(error.code).toBe("connection_misconfigured");
    expect(error.message).toContain(words);
  });
});

describe("a proxy", () => {
  test("everything goes through it, with its user and password", async () => {
    const [instance, gate] = [await gitlabBehindTls(), await proxy()];
    const gitlab = clientOf({
      baseUrl: instance.baseUrl,
      ca: authority,
      proxy: `http://me:${password}@127.0.0.1:${gate.port}`,
    });
    expect(await listThrough(gitlab)).toEqual([{ id: 1, iid: 1 }]);
    const authorization = `Basic ${Buffer.from(`me:${password}`).toString("base64")}`;
    expect(gate.tunnels[0]).toEqual({ to: new URL(instance.baseUrl).host, authorization });
    expect(instance.requests).toHaveLength(3);
  });

  test("the environment's proxy is used, and NO_PROXY is honoured", async () => {
    const [instance, gate] = [await gitlabBehindTls(), await proxy()];
    vi.stubEnv("HTTPS_PROXY", `http://127.0.0.1:${gate.port}`);
    await listThrough(clientOf({ baseUrl: instance.baseUrl, ca: authority }));
    expect(gate.tunnels.length).toBeGreaterThan(0);
    const before = gate.tunnels.length;
    vi.stubEnv("NO_PROXY", "localhost");
    await listThrough(clientOf({ baseUrl: instance.baseUrl, ca: authority }));
    expect(gate.tunnels).toHaveLength(before);
    expect(instance.requests).toHaveLength(6);
  });

  test("that refuses its user is named, without the password", async () => {
    const [instance, gate] = [await gitlabBehindTls(), await proxy(407)];
    const gitlab = clientOf({
      baseUrl: instance.baseUrl,
      ca: authority,
      proxy: `http://me:${password}@127.0.0.1:${gate.port}`,
    });
    const error = await failure(gitlab.connectWithToken({ identifier: "ada", token }));
    expect(error).toMatchObject({ code: "connection_misconfigured", retryable: false });
    expect(error.message).toBe(`The proxy 127.0.0.1:${gate.port} refused the connection (status 407).`);
    expect(instance.requests).toEqual([]);
  });

  test("with a certificate of its own that nobody trusts is named as the one that was refused", async () => {
    const [instance, gate] = [await gitlabBehindTls(), await proxy(undefined, server)];
    const proxyUrl = `https://127.0.0.1:${gate.port}`;
    const error = await failure(
      clientOf({ baseUrl: instance.baseUrl, proxy: proxyUrl }).connectWithToken({ identifier: "ada", token }),
    );
    expect(error.message).toContain(`The certificate of the proxy 127.0.0.1:${gate.port} was refused`);
    expect(await listThrough(clientOf({ baseUrl: instance.baseUrl, proxy: proxyUrl, ca: authority }))).toEqual([
      { id: 1, iid: 1 },
    ]);
  });

  test("that is away, or cannot reach the instance, fails the call as the network does: a write is not in doubt", async () => {
    const [instance, gate] = [await gitlabBehindTls(), await proxy(502)];
    const gitlab = clientOf(
      { baseUrl: instance.baseUrl, ca: authority, proxy: `http://127.0.0.1:${gate.port}` },
      { sleep: () => Promise.resolve() },
    );
    await gitlab.connectWithToken({ identifier: "ada", token });
    const error = await failure(issueCreate(gitlab.as("ada"), { project_id: 1, title: "x" }));
    expect(error).toMatchObject({ code: "network_error", retryable: true });
    expect(error.message).not.toContain("may have been carried out");
  });
});

describe("connections that are added at run time", () => {
  test("keep certificates, keys and the proxy's password sealed, and another client reads them back", async () => {
    const [instance, gate] = [await gitlabBehindTls({ ...server, ca: authority, requestCert: true }), await proxy()];
    const folder = await mkdtemp(join(tmpdir(), "network-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const store = `sqlite:${join(folder, "accounts.db")}`;
    const first = createGitLab({ store, encryptionKey: key, connections: {} });
    const shown = await first.connections.set("acme", {
      baseUrl: instance.baseUrl,
      clientId: "app",
      clientSecret: "a-client-secret",
      ca: authority,
      clientCertificate: encryptedClient,
      proxy: `http://me:${password}@127.0.0.1:${gate.port}`,
    });
    expect(shown).toMatchObject({ hasClientSecret: true, network: ["ca", "clientCertificate", "proxy"] });
    await first.connectWithToken({ connectionName: "acme", identifier: "ada", token });
    await first.close();

    const bytes = (await readFile(join(folder, "accounts.db"))).toString("latin1");
    for (const secret of [password, "a-client-secret", "open-sesame", "PRIVATE KEY"])
      expect(bytes).not.toContain(secret);

    const second = createGitLab({ store, encryptionKey: [randomBytes(32).toString("base64"), key], connections: {} });
    onTestFinished(() => second.close());
    const [listed] = await second.connections.list();
    expect(listed).toMatchObject({ hasClientSecret: true, network: ["ca", "clientCertificate", "proxy"] });
    expect(inspect(listed, { depth: 9 }) + JSON.stringify(listed)).not.toMatch(/a-password|PRIVATE|open-sesame/);
    expect((await second.rotateEncryptionKey()).complete).toBe(true);
    const { data } = await issuesList(second.as("ada", { connectionName: "acme" }), { project_id: 1 });
    expect(data).toEqual([{ id: 1, iid: 1 }]);
    expect(instance.requests.at(-1)?.certificate).toBe("Test client");
  });

  test("a way that is taken back is not used any more", async () => {
    const [instance, gate] = [await gitlabBehindTls(), await proxy()];
    const gitlab = clientOf({});
    const config = { baseUrl: instance.baseUrl, ca: authority };
    await gitlab.connections.set("acme", { ...config, proxy: `http://127.0.0.1:${gate.port}` });
    await gitlab.connectWithToken({ connectionName: "acme", identifier: "ada", token });
    const tunnels = gate.tunnels.length;
    expect(await gitlab.connections.set("acme", config)).toMatchObject({ network: ["ca"] });
    await issuesList(gitlab.as("ada", { connectionName: "acme" }), { project_id: 1 });
    expect(gate.tunnels).toHaveLength(tunnels);
  });
});
