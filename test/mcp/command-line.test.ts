import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { request } from "node:http";
import { createGitLab } from "gitlab-agent-tools";
import { expect, onTestFinished, test } from "vitest";
import { cli } from "../support/cli.js";
import { commandLine } from "../support/command-line.js";
import { emulator, newStore } from "../support/emulated.js";
import { Browser, callTool, freePort } from "../support/sign-in.js";

async function place() {
  const server = await emulator({ pathPrefix: "/gitlab" });
  const { store, encryptionKey } = await newStore();
  const gitlab = createGitLab({ store, encryptionKey, connections: { gitlab: { baseUrl: server.baseUrl } } });
  onTestFinished(() => gitlab.close());
  const token = server.tokens.create({ username: "ada", scopes: ["api"] });
  await gitlab.connectWithToken({ identifier: "user_ada", token });
  const env = {
    GITLAB_URL: server.baseUrl,
    GITLAB_CLIENT_ID: "an-application",
    GITLAB_AGENT_TOOLS_STORE: store,
    GITLAB_AGENT_TOOLS_KEY: encryptionKey,
  };
  return { env, requests: server.requests };
}

/** The status of a request under another name, as a proxy passes it on. */
async function statusAs(url: string | URL, host: string, headers: Record<string, string> = {}): Promise<number> {
  const asked = request(url, { headers: { host, ...headers } }).end();
  const [response] = (await once(asked, "response")) as [{ statusCode: number; resume(): void }];
  response.resume();
  return response.statusCode;
}

test("mcp --http says what to register and what to give to people; a minted session calls, and is ended", async () => {
  const { env, requests: sent } = await place();
  const [port, metricsPort] = [await freePort(), await freePort()];
  const args = ["mcp", "--http", "--json", "--port", String(port), "--public-url", "https://mcp.example.com"];
  args.push("--tools", join("test", "fixtures", "own-tools.js"));
  args.push("--trusted-host", "inside.example:8443,other.example", "--metrics-port", String(metricsPort));
  args.push("--audit");
  const child = spawn(process.execPath, [...commandLine, ...args, "--access", "read"], {
    env,
    stdio: ["ignore", "ignore", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let heard = "";
  child.stderr.on("data", (chunk: Buffer) => (heard += chunk.toString()));
  await expect.poll(() => heard, { timeout: 30_000 }).toContain("give");
  const [at, people] = heard
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const url = String(at?.["url"]);
  expect(people).toMatchObject({
    give: "https://mcp.example.com/mcp",
    redirectUri: "https://mcp.example.com/callback/gitlab",
    scopes: ["read_api"],
    instance: env.GITLAB_URL,
  });
  const document = await new Browser().get(new URL("/.well-known/oauth-protected-resource/mcp", url));
  expect(await document.json()).toMatchObject({
    resource: "https://mcp.example.com/mcp",
    scopes_supported: ["gitlab:read"],
  });
  const ready = async (): Promise<number> => (await fetch(new URL("/readyz", url))).status;
  await expect.poll(ready, { timeout: 30_000 }).toBe(200);

  // The names of --public-url and --trusted-host are answered, and this machine's; no others.
  const names = ["mcp.example.com", "inside.example:8443", "other.example", `localhost:${port}`, "inside.example"];
  const statuses = await Promise.all(names.map((name) => statusAs(url, name)));
  expect(statuses).toEqual([405, 405, 405, 405, 403]);
  // A page that this machine itself has served may call; one from elsewhere may not.
  const origins = [`http://localhost:${port}`, "http://localhost:1", "https://evil.example"];
  const pages = await Promise.all(origins.map((Origin) => statusAs(url, `localhost:${port}`, { Origin })));
  expect(pages).toEqual([405, 403, 403]);

  const minted = await cli(["sessions", "mint", "--identifier", "user_ada", "--expires-in", "5m"], { env });
  expect(minted.code).toBe(0);
  const token = minted.stdout.trim();
  const who = "gitlab_current_user_get";
  expect(await (await callTool(url, token, who)).text()).toContain("ada");
  // The server's own tools are called as GitLab's are; what writes is not offered here.
  await (await callTool(url, token, "acme_widgets_list", { project_id: "acme/app" })).text();
  expect(sent).toContainEqual(
    expect.objectContaining({ username: "ada", path: "/api/v4/projects/acme%2Fapp/widgets" }),
  );
  expect(await (await callTool(url, token, "acme_widget_create")).text()).toContain("unknown_tool");
  expect((await cli(["sessions", "list", "--json"], { env })).stdout.trim()).toBe("[]");
  expect((await cli(["sessions", "revoke", "--identifier", "user_ada"], { env })).code).toBe(0);
  expect((await callTool(url, token, who)).status).toBe(401);

  const exposed = async (): Promise<string> => await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  const metrics = await exposed();
  expect(metrics).toMatch(/mcp_server_operation_duration_count\{[^}]*gen_ai_tool_name="gitlab_current_user_get"/);
  expect(metrics).toContain("http_client_request_duration_bucket");
  expect((await fetch(new URL("/metrics", url))).status).toBe(404);

  const stopped = once(child, "close");
  child.kill("SIGTERM");
  await stopped;
  const audited = JSON.parse((await cli(["accounts", "audit", "--json"], { env })).stdout) as unknown[];
  expect(audited).toContainEqual(
    expect.objectContaining({ identifier: "user_ada", toolName: who, access: "read", outcome: "ok" }),
  );
  const requests = heard
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as { request?: Record<string, unknown> }).request)
    .filter((line) => line?.["method"] === "POST");
  expect(requests).toEqual([
    {
      method: "POST",
      path: "/mcp",
      status: 200,
      durationMs: expect.any(Number) as number,
      session: { connectionName: "gitlab", identifier: "user_ada", sessionId: expect.any(String) as string },
      operations: [{ method: "tools/call", tool: who }],
    },
    // The emulator knows no widgets, and what is not offered has no name here.
    expect.objectContaining({
      operations: [{ method: "tools/call", tool: "acme_widgets_list", code: "gitlab_unavailable" }],
    }),
    expect.objectContaining({ operations: [{ method: "tools/call", code: "unknown_tool" }] }),
    expect.objectContaining({ status: 401, operations: [] }),
  ]);
  expect(heard + metrics).not.toContain(token);
}, 120_000);

test("mcp --http says at its start that the store does not answer, and waits for it", async () => {
  const { env } = await place();
  const port = await freePort();
  const store = `postgres://nobody:hidden@127.0.0.1:${await freePort()}/accounts`;
  const child = spawn(process.execPath, [...commandLine, "mcp", "--http", "--json", "--port", String(port)], {
    env: { ...env, GITLAB_AGENT_TOOLS_STORE: store },
    stdio: ["ignore", "ignore", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let heard = "";
  child.stderr.on("data", (chunk: Buffer) => (heard += chunk.toString()));
  await expect.poll(() => heard, { timeout: 30_000 }).toContain('"error"');
  expect(heard).toContain("The account store failed (ECONNREFUSED)");
  expect(heard).not.toContain("hidden");
  expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(503);
}, 120_000);
