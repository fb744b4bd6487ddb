import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import { createServer as createHttps } from "node:https";
import type { AddressInfo, Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { inspect } from "node:util";
import { createGitLab, type GitLabOptions } from "gitlab-agent-tools";
import { currentUserGet, jobArtifactsDownload } from "gitlab-agent-tools/tools";
import { expect, onTestFinished, test } from "vitest";
import { authority, client, server } from "../support/certificates.js";

async function listening(listener: Server & { closeAllConnections(): void }): Promise<number> {
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    listener.close();
    listener.closeAllConnections();
  });
  return (listener.address() as AddressInfo).port;
}

function clientOf(connections: GitLabOptions["connections"]) {
  const gitlab = createGitLab({ store: "memory:", connections });
  onTestFinished(() => gitlab.close());
  return gitlab;
}

const nameOn = (request: IncomingMessage): unknown => (request.socket as TLSSocket).getPeerCertificate().subject?.CN;

test("the client certificate that an instance asks for is not shown to where a download leads", async () => {
  const asks = { ...server, ca: authority, requestCert: true, rejectUnauthorized: false };
  const shown: Record<string, unknown> = {};
  const storage = createHttps(asks, (request, response) => {
    shown["storage"] = nameOn(request);
    response.end("artifacts");
  });
  const away = `https://localhost:${await listening(storage)}/bucket/artifacts.zip`;
  const instance = createHttps(asks, (request, response) => {
    if (/\/artifacts/.test(request.url ?? "")) {
      shown["instance"] = nameOn(request);
      response.writeHead(302, { location: away }).end();
    } else response.writeHead(404).end();
  });
  const gitlab = clientOf({
    gitlab: { baseUrl: `https://localhost:${await listening(instance)}`, ca: authority, clientCertificate: client },
  });
  const folder = await mkdtemp(join(tmpdir(), "network-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await gitlab.connectWithToken({ identifier: "ada", token: "glpat-x" });
  await jobArtifactsDownload(gitlab.as("ada"), { project_id: 1, job_id: 1, save_to: join(folder, "artifacts.zip") });
  expect(shown["instance"]).toEqual(expect.any(String));
  expect(Object.hasOwn(shown, "storage")).toBe(true);
  expect(shown["storage"]).toBeUndefined();
});

test("however many connections with ways of their own there are, those from before go on", async () => {
  const instance = createServer((_, response) =>
    response.setHeader("content-type", "application/json").end('{"id":1,"username":"ada"}'),
  );
  const baseUrl = `http://127.0.0.1:${await listening(instance)}`;
  // Each customer's proxy has a password of its own.
  const ways = Array.from({ length: 210 }, (_, index) => `customer${index}`);
  const gitlab = clientOf({
    gitlab: { baseUrl },
    ...Object.fromEntries(ways.map((name) => [name, { baseUrl, proxy: `http://${name}@127.0.0.1:9` }])),
  });
  await gitlab.connectWithToken({ identifier: "ada", token: "glpat-x" });
  const call = async (): Promise<unknown> => (await currentUserGet(gitlab.as("ada"), {})).data.username;
  expect(await call()).toBe("ada");
  for (const connectionName of ways) await gitlab.connectWithToken({ connectionName, identifier: "x", token: "t" });
  expect(await call()).toBe("ada");
});

test("of a token at which a network error's message is cut, no part stays", async () => {
  const token = randomBytes(32).toString("hex");
  const gitlab = createGitLab({
    store: "memory:",
    limits: { attempts: 1 },
    fetch: () =>
      Promise.reject(Object.assign(new TypeError(`${"x ".repeat(136)}${token} and more`), { code: "ECONNRESET" })),
  });
  onTestFinished(() => gitlab.close());
  await gitlab.connectWithToken({ identifier: "ada", token });
  const error: unknown = await currentUserGet(gitlab.as("ada"), {}).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "network_error" });
  expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(token.slice(0, 6));
});
