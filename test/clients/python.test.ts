import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createGitLab } from "gitlab-agent-tools";
import { describe, expect, onTestFinished, test } from "vitest";
import { createApiKeys } from "../../src/serve/api-keys.js";
import { serveGateway, type ServeOptions } from "../../src/serve/serve.js";
import { emulator } from "../support/emulated.js";
import { freePort } from "../support/sign-in.js";

// Debian's packages are for the system's own Python.
const python = ["/usr/bin/python3", "python3"].find(
  (command) => spawnSync(command, ["-c", "import httpx"]).status === 0,
);
const without = "(skipped without it: apt-get install python3-httpx)";
const root = "clients/python";

/** A gateway that completes authorizations itself, and a key of a product. */
async function gateway(options: Partial<ServeOptions> = {}) {
  const server = await emulator();
  const port = await freePort();
  const redirectUri = `http://127.0.0.1:${port}/callback/gitlab`;
  const application = server.oauth.createApplication({ redirectUri, scopes: ["api"] });
  const gitlab = createGitLab({
    store: "memory:",
    connections: { gitlab: { baseUrl: server.baseUrl, redirectUri, scopes: ["api"], ...application } },
  });
  onTestFinished(() => gitlab.close());
  const serving = await serveGateway({ gitlab, port, callback: true, onError: () => undefined, ...options });
  onTestFinished(() => serving.close({ graceMs: 0 }));
  const { key } = await createApiKeys(gitlab).create({
    ...{ name: "python", namespace: "python", access: "write", connections: ["gitlab"], expiresIn: "1h" },
    scopes: ["accounts:read", "accounts:write", "tools:execute"],
  });
  return {
    server,
    gitlab,
    env: { GATEWAY_URL: serving.url, GATEWAY_API_KEY: key, PYTHONPATH: root, PYTHONDONTWRITEBYTECODE: "1" },
  };
}

interface Program {
  readonly out: string;
  readonly err: string;
}

/** Runs a program; who is asked something answers once `answers` has done its part. */
async function run(
  code: string,
  env: Readonly<Record<string, string>>,
  answers: (said: string) => Promise<void> = () => Promise.resolve(),
): Promise<Program> {
  const child = spawn(python ?? "", ["-u", "-c", code], { env: { PATH: process.env["PATH"], ...env } });
  let [out, err] = ["", ""];
  let asked = false;
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
  child.stdout.on("data", (chunk: Buffer) => {
    out += chunk.toString();
    if (asked || !out.includes("Press Enter")) return;
    asked = true;
    void answers(out).then(
      () => child.stdin.end("\n"),
      () => child.kill(),
    );
  });
  await once(child, "close");
  expect(err).toBe("");
  return { out, err };
}

const snippets = async (path: string): Promise<string> => {
  const text = await readFile(path, "utf8");
  return [...text.matchAll(/(<!-- not run -->\s+)?^```python\n([\s\S]*?)^```$/gm)]
    .flatMap(([, skipped, code = ""]) => (skipped ? [] : [code]))
    .join("\n");
};

describe.skipIf(python === undefined)(`the Python client ${without}`, () => {
  test("does what its README says, with a person who authorizes in a browser", async () => {
    const { server, env } = await gateway();
    const { out } = await run(await snippets(`${root}/README.md`), env, async (said) => {
      const link = /Authorize here: (\S+)/.exec(said)?.[1] ?? "";
      const page = await fetch(server.oauth.authorize(link, { username: "ada" }));
      expect(page.status).toBe(200);
    });
    const lines = out.split("\n");
    expect(lines[0]).toBe("Connected account: PENDING");
    expect(out).toMatch(/^#\d+ /m);
    expect(out).toContain("/acme/app/-/issues/");
    expect(lines).toEqual(expect.arrayContaining(["For the model: True False True", "not_found False", "I am ada"]));
    expect(out + JSON.stringify(server.requests)).not.toContain(env.GATEWAY_API_KEY);
  });

  test("has every operation, waits where it is asked to, repeats what it may, and shows no key", async () => {
    const { server, gitlab, env } = await gateway({ rateLimit: { messages: 30, perSeconds: 3 } });
    const token = server.tokens.create({ username: "ada", scopes: ["api"] });
    const code = await readFile("test/clients/python_flow.py", "utf8");
    const { out } = await run(code, { ...env, PERSON_TOKEN: token });
    expect(out).toContain("all done");
    const issues = server.requests.filter(({ method, path }) => method === "POST" && path.endsWith("/issues"));
    expect(issues).toHaveLength(1);
    const { connectedAccounts } = await gitlab.actions.listConnectedAccounts();
    expect(connectedAccounts).toEqual([]);
  });

  test("the example triages as the person", async () => {
    const { server, gitlab, env } = await gateway();
    const token = server.tokens.create({ username: "ada", scopes: ["api"] });
    await gitlab.connectWithToken({ identifier: "python:user_ada", token });
    const account = gitlab.as("python:user_ada");
    for (const title of ["The export crashes", "Typo in the readme", "Think about it"])
      await account.request({ method: "POST", path: "/projects/acme%2Fapp/issues", body: { title } });
    const code = await readFile("examples/python-triage/triage.py", "utf8");
    const { out } = await run(code, { ...env, PROJECT: "acme/app", PERSON: "user_ada" });
    expect([...out.matchAll(/ (.*) -> (\w+)$/gm)].map(([, title, label]) => [title, label]).toSorted()).toEqual([
      ["The export crashes", "bug"],
      ["Think about it", "triage"],
      ["Typo in the readme", "documentation"],
    ]);
    const changed = server.requests.filter(({ method, path }) => method === "PUT" && path.includes("/issues/"));
    expect(changed).toHaveLength(3);
    expect(changed.every(({ username, status }) => username === "ada" && status === 200)).toBe(true);
    // A second run finds nothing left to do.
    const again = await run(code, { ...env, PROJECT: "acme/app", PERSON: "user_ada" });
    expect(again.out).toContain("Nothing to triage");
  });
});
