import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { installPacked, type Packed } from "../support/packed.js";

const run = promisify(execFile);

const script = (store: string): string => `
  const { createServer } = await import("node:http");
  const { createGitLab } = await import("gitlab-agent-tools");
  const { issuesList } = await import("gitlab-agent-tools/tools");
  const server = createServer((request, response) => {
    const body = request.url.includes("/issues") ? [{ id: 1, iid: 1, title: "x" }] : { id: 1, username: "ada", scopes: ["api"], active: true };
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const baseUrl = "http://127.0.0.1:" + server.address().port;
  const gitlab = createGitLab({
    store: ${JSON.stringify(store)},
    encryptionKey: ${JSON.stringify(`${"A".repeat(43)}=`)},
    connections: { gitlab: { baseUrl, allowHttp: true } },
  });
  await gitlab.connectWithToken({ identifier: "ada", token: "glpat-xxxxxxxxxxxxxxxxxxxx" });
  const { data } = await issuesList(gitlab.as("ada"), { project_id: "a/b" });
  await gitlab.close();
  console.log("issues: " + data.length);
  process.exit(0);`;

/** The connect page on the runtime's own server: signed out, signed in, a forged form, and the person's own. */
const connectPage = `
  const { createGitLab } = await import("gitlab-agent-tools");
  const { createConnectHandler } = await import("gitlab-agent-tools/connect");
  let handler;
  const at = { port: 0, hostname: "127.0.0.1" };
  const answer = (request) => handler(request);
  const server = "Deno" in globalThis
    ? Deno.serve({ ...at, onListen() {} }, answer)
    : Bun.serve({ ...at, fetch: answer });
  const publicUrl = "http://127.0.0.1:" + (server.port ?? server.addr.port);
  const redirectUri = publicUrl + "/connect/callback/gitlab";
  const gitlab = createGitLab({
    publicUrl,
    store: "memory:",
    connections: { gitlab: { baseUrl: "https://gitlab.example.com", clientId: "a", clientSecret: "b", redirectUri, scopes: ["api"] } },
  });
  handler = createConnectHandler({ gitlab, path: "/connect", identify: (request) => request.headers.get("x-user") ?? undefined });
  const ask = (headers, body) =>
    fetch(publicUrl + "/connect", { redirect: "manual", headers, ...(body && { method: "POST", body: new URLSearchParams(body) }) });
  const stranger = await ask({});
  const page = await ask({ "x-user": "ada" });
  const csrf = /name="csrf" value="([^"]+)"/.exec(await page.text())?.[1] ?? "";
  const headers = { "x-user": "ada", origin: publicUrl, cookie: page.headers.get("set-cookie")?.split(";")[0] ?? "" };
  const form = { action: "connect", connection: "gitlab" };
  const forged = await ask(headers, { ...form, csrf: "x" });
  const sent = await ask(headers, { ...form, csrf });
  console.log("statuses:", stranger.status, page.status, forged.status, sent.status);
  console.log("to:", new URL(sent.headers.get("location")).origin);
  process.exit(0);`;

let project: Packed;
beforeAll(async () => void (project = await installPacked()));
afterAll(() => project.remove());

/** What `docs/runtimes.md` says, tried. Fetching a runtime takes npm a while. */
describe.each([
  ["Bun", ["-y", "-p", "bun", "bun", "-e"]],
  ["Deno", ["-y", "-p", "deno", "deno", "eval"]],
])("%s", (_, command) => {
  test.each(["memory:", "sqlite:./accounts.db"])("calls GitLab for an account in %s", async (store) => {
    const { stdout } = await run("npx", [...command, script(store)], { cwd: project.folder });
    expect(stdout).toContain("issues: 1");
  });

  test("serves the connect page", async () => {
    const { stdout } = await run("npx", [...command, connectPage], { cwd: project.folder });
    expect(stdout).toContain("statuses: 401 200 403 303");
    expect(stdout).toContain("to: https://gitlab.example.com");
  });
});
