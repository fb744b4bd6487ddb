import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { createGitLab } from "gitlab-agent-tools";
import { expect, onTestFinished, test } from "vitest";
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
    PATH: process.env["PATH"],
    GITLAB_URL: server.baseUrl,
    GITLAB_CLIENT_ID: "an-application",
    GITLAB_AGENT_TOOLS_STORE: store,
    GITLAB_AGENT_TOOLS_KEY: encryptionKey,
  };
  return { env };
}

async function run(env: NodeJS.ProcessEnv, args: readonly string[]): Promise<{ code: number | null; out: string }> {
  const child = spawn(process.execPath, [...commandLine, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  const [out] = await Promise.all([text(child.stdout), once(child, "close")]);
  return { code: child.exitCode, out };
}

test("mcp --http says what to register and what to give to people; a minted session calls, and is ended", async () => {
  const { env } = await place();
  const port = await freePort();
  const args = ["mcp", "--http", "--json", "--port", String(port), "--public-url", "https://mcp.example.com"];
  const child = spawn(process.execPath, [...commandLine, ...args, "--access", "read"], {
    env,
    stdio: ["ignore", "ignore", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let heard = "";
  for await (const chunk of child.stderr) if ((heard += String(chunk)).includes("give")) break;
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
  expect((await fetch(new URL("/readyz", url))).status).toBe(200);

  const minted = await run(env, ["sessions", "mint", "--identifier", "user_ada", "--expires-in", "5m"]);
  expect(minted.code).toBe(0);
  const token = minted.out.trim();
  const who = "gitlab_current_user_get";
  expect(await (await callTool(url, token, who)).text()).toContain("ada");
  expect((await run(env, ["sessions", "list", "--json"])).out.trim()).toBe("[]");
  expect((await run(env, ["sessions", "revoke", "--identifier", "user_ada"])).code).toBe(0);
  expect((await callTool(url, token, who)).status).toBe(401);
}, 60_000);
