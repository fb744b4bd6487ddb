import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createGitLab } from "gitlab-agent-tools";
import { createGitLabEmulator } from "gitlab-agent-tools/testing";
import { expect, onTestFinished, test } from "vitest";
import { createApiKeys } from "../../src/serve/api-keys.js";
import { commandLine } from "../support/command-line.js";
import { startPostgres } from "../support/postgres.js";
import { freePort } from "../support/sign-in.js";

interface Replica {
  readonly url: string;
  readonly process: ChildProcess;
  readonly heard: () => string;
}

/** A replica: the command line as a process of its own. */
async function replica(env: NodeJS.ProcessEnv, ...args: readonly string[]): Promise<Replica> {
  const child = spawn(process.execPath, [...commandLine, "serve", "--port", "0", "--json", ...args], {
    env,
    stdio: ["ignore", "inherit", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let heard = "";
  child.stderr.on("data", (chunk: Buffer) => (heard += chunk.toString()));
  await expect.poll(() => heard, { timeout: 60_000 }).toContain('"url"');
  const [line = ""] = heard.split("\n").filter((one) => one.includes('"url"'));
  return { url: (JSON.parse(line) as { url: string }).url, process: child, heard: () => heard };
}

test("two processes on one PostgreSQL serve the same product: what is linked on one is used on the other, and a key that ends there ends here", async () => {
  const postgres = await startPostgres();
  onTestFinished(() => postgres.stop());
  const emulator = await createGitLabEmulator();
  onTestFinished(() => emulator.close());
  const page = "https://app.example/connect/gitlab";
  const { clientId, clientSecret } = emulator.oauth.createApplication({ redirectUri: page, scopes: ["api"] });
  const [store, encryptionKey] = [await postgres.createDatabase(), randomBytes(32).toString("base64")];
  const env = {
    PATH: process.env["PATH"],
    GITLAB_URL: emulator.baseUrl,
    GITLAB_CLIENT_ID: clientId,
    GITLAB_CLIENT_SECRET: clientSecret,
    GITLAB_AGENT_TOOLS_STORE: store,
    GITLAB_AGENT_TOOLS_KEY: encryptionKey,
  };
  const metricsPort = String(await freePort());
  const places = ["--redirect-uri", "https://app.example/connect/{connection}", "--audit"];
  const [first, second] = await Promise.all([
    replica(env, ...places, "--metrics-port", metricsPort),
    replica(env, ...places, "--access", "read"),
  ]);
  const operator = createGitLab({ store, encryptionKey, connections: {} });
  onTestFinished(() => operator.close());
  const keys = createApiKeys(operator);
  const { key, apiKey } = await keys.create({
    ...{ name: "acme", namespace: "acme", access: "write", connections: ["gitlab"], expiresIn: "1h" },
    scopes: ["accounts:write", "tools:execute"],
  });

  const send = async (
    { url }: Replica,
    path: string,
    body: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Record<string, unknown>> => {
    const response = await fetch(new URL(path, url), {
      method: "POST",
      headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
    return { ...((await response.json()) as Record<string, unknown>), httpStatus: response.status };
  };
  const ada = { identifier: "user_ada", scopes: ["api"] };
  const { link } = await send(first, "/v1/account/link", ada);
  const url = emulator.oauth.authorize(link as string, { username: "ada" });
  const connected = await send(second, "/v1/callback", { url, expected_identifier: "user_ada" });
  expect(connected["connected_account"]).toMatchObject({ status: "ACTIVE", gitlab_user: { username: "ada" } });
  const whoAmI = { identifier: "user_ada", tool_name: "gitlab_current_user_get" };
  for (const one of [first, second])
    expect(await send(one, "/v1/execute", whoAmI)).toMatchObject({ data: { username: "ada" } });

  // What one has carried out, the other answers alike; and each holds its calls to what it was started with.
  const create = { ...whoAmI, tool_name: "gitlab_issue_create", tool_input: { project_id: "acme/app", title: "x" } };
  expect((await send(second, "/v1/execute", create))["httpStatus"]).toBe(403);
  const repeated = { "Idempotency-Key": "once" };
  const made = await send(first, "/v1/execute", create, repeated);
  expect(made).toMatchObject({ httpStatus: 200, data: { title: "x" } });
  expect(await send(second, "/v1/execute", create, repeated)).toEqual(made);

  await keys.revoke(apiKey.keyId);
  for (const one of [first, second]) expect((await send(one, "/v1/execute", whoAmI))["httpStatus"]).toBe(401);

  const metrics = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  expect(metrics).toMatch(/http_server_request_duration_count\{[^}]*http_route="\/v1\/execute"/);
  const stopped = Promise.all([first, second].map((one) => once(one.process, "exit")));
  for (const one of [first, second]) one.process.kill("SIGTERM");
  await stopped;
  expect([first.process.exitCode, second.process.exitCode]).toEqual([0, 0]);
  const requests = first
    .heard()
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as { request?: Record<string, unknown> }).request)
    .filter((request) => request?.["tool"] !== undefined);
  expect(requests[0]).toEqual({
    ...{ method: "POST", path: "/v1/execute", status: 200, durationMs: expect.any(Number) as number },
    ...{ keyId: apiKey.keyId, operation: "execute_tool", tool: "gitlab_current_user_get" },
    account: { connectionName: "gitlab", identifier: "acme:user_ada" },
  });
  for (const said of [first.heard(), second.heard(), metrics])
    for (const secret of [key, key.slice(21), clientSecret]) expect(said).not.toContain(secret);
  expect((await operator.actions.listAuditEntries()).auditEntries).toContainEqual(
    expect.objectContaining({ identifier: "acme:user_ada", toolName: "gitlab_current_user_get", outcome: "ok" }),
  );
}, 120_000);
