import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { randomBytes } from "node:crypto";
import { createGitLab } from "gitlab-agent-tools";
import { createGitLabEmulator } from "gitlab-agent-tools/testing";
import { expect, onTestFinished, test } from "vitest";
import { startPostgres } from "../support/postgres.js";
import { errorOf, httpClient, textOf } from "./clients.js";
import { commandLine } from "../support/command-line.js";

/** A replica: the command line as a process of its own. */
async function replica(env: Readonly<Record<string, string>>): Promise<{ url: string; process: ChildProcess }> {
  const child = spawn(process.execPath, [...commandLine, "mcp", "--http", "--port", "0", "--access", "read"], {
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["ignore", "inherit", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let heard = "";
  for await (const chunk of child.stderr) {
    heard += String(chunk);
    const url = /MCP server at (\S+)/.exec(heard)?.[1];
    if (url) return { url, process: child };
  }
  throw new Error(heard);
}

test("two processes on one PostgreSQL serve the same people, and agree on who is out", async () => {
  const postgres = await startPostgres();
  onTestFinished(() => postgres.stop());
  const emulator = await createGitLabEmulator();
  onTestFinished(() => emulator.close());
  const store = await postgres.createDatabase();
  const encryptionKey = randomBytes(32).toString("base64");

  // The application that knows its people: it connects them and mints their sessions.
  const application = createGitLab({ store, encryptionKey, connections: { gitlab: { baseUrl: emulator.baseUrl } } });
  onTestFinished(() => application.close());
  const people = ["ada", "ben"] as const;
  for (const username of people) {
    const token = emulator.tokens.create({ username, scopes: ["api"] });
    await application.connectWithToken({ identifier: `user_${username}`, token });
  }

  const env = {
    GITLAB_URL: emulator.baseUrl,
    GITLAB_AGENT_TOOLS_STORE: store,
    GITLAB_AGENT_TOOLS_KEY: encryptionKey,
  };
  const [first, second] = await Promise.all([replica(env), replica(env)]);
  const session = async (identifier: string) => (await application.createSession({ identifier })).token;
  const [ada, ben] = await Promise.all(people.map((username) => session(`user_${username}`)));
  const who = { name: "gitlab_current_user_get", arguments: {} };
  const answers = await Promise.all(
    [first, second].flatMap(({ url }) =>
      [ada, ben].map(async (token) => textOf(await (await httpClient(url, token ?? "")).callTool(who))),
    ),
  );
  expect(answers.map((answer) => /"username":"(\w+)"/.exec(answer)?.[1])).toEqual(["ada", "ben", "ada", "ben"]);

  const client = await httpClient(first.url, ada ?? "");
  expect(errorOf(await client.callTool({ name: "gitlab_issue_create", arguments: {} }))).toMatchObject({
    code: "unknown_tool",
  });

  await application.revokeSessions({ identifier: "user_ada" });
  for (const { url } of [first, second]) {
    await expect(httpClient(url, ada ?? "")).rejects.toThrow(/revoked/);
    expect(textOf(await (await httpClient(url, ben ?? "")).callTool(who))).toContain('"ben"');
  }

  expect((await fetch(new URL("/healthz", second.url))).status).toBe(200);
  first.process.kill("SIGTERM");
  await once(first.process, "exit");
  expect(first.process.exitCode).toBe(0);
  expect(textOf(await (await httpClient(second.url, ben ?? "")).callTool(who))).toContain('"ben"');
}, 60_000);
