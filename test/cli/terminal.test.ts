import { execFile, spawnSync } from "node:child_process";
import { createServer } from "node:http";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify, stripVTControlCharacters } from "node:util";
import { createGitLab, type AuditEntry } from "gitlab-agent-tools";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { startBusy } from "../../src/cli/busy.js";
import { print } from "../../src/cli/output.js";
import { cli } from "../support/cli.js";
import { listen } from "../support/connect.js";
import { newStore, startEmulated, type Emulated } from "../support/emulated.js";

let place: Emulated & { readonly close: () => Promise<void> };
let env: Record<string, string>;
beforeAll(async () => {
  place = await startEmulated();
  const token = place.emulator.tokens.create({ username: "ada", scopes: ["api"] });
  env = { GITLAB_URL: place.emulator.baseUrl, GITLAB_TOKEN: token };
});
afterAll(() => place.close());

/** A store with ada's account in it. */
async function storeOfAda(audit = false) {
  const { store, encryptionKey } = await newStore();
  const { baseUrl, tokens } = place.emulator;
  const connections = { gitlab: { baseUrl } };
  const gitlab = createGitLab({ store, encryptionKey, connections, ...(audit && { audit: {} }) });
  const token = tokens.create({ username: "ada", scopes: ["read_api"] });
  await gitlab.connectWithToken({ identifier: "user_ada", token });
  const settings = {
    GITLAB_URL: baseUrl,
    GITLAB_AGENT_TOOLS_STORE: store,
    GITLAB_AGENT_TOOLS_KEY: encryptionKey,
  };
  return { gitlab, token, settings };
}

describe("call TOOL key=value", () => {
  test("makes input of words: text, numbers, flags, lists, JSON; over what --input says", async () => {
    const args = ["call", "gitlab_issues_list", "project_id=acme/app", "labels=bug", "labels=p1", "per_page=2"];
    const dry = await cli([...args, "--dry-run", "--input", '{"state": "opened", "per_page": 50}'], { env });
    const { url } = JSON.parse(dry.stdout) as { url: string };
    expect(url).toContain("/projects/acme%2Fapp/issues?");
    expect(Object.fromEntries(new URL(url).searchParams)).toEqual({ labels: "bug,p1", per_page: "2", state: "opened" });
    const created = await cli(
      [
        "call",
        "gitlab_issue_create",
        "project_id=acme/app",
        "title=a=b",
        "confidential=false",
        "assignee_ids:=[1]",
        "--dry-run",
      ],
      { env },
    );
    expect(JSON.parse(created.stdout)).toMatchObject({
      body: { title: "a=b", confidential: false, assignee_ids: [1] },
    });
  });

  test.each<[string[], RegExp]>([
    [["project_id"], /no key=value/],
    [["=x"], /no key=value/],
    [["--", "-x=1"], /no key=value/],
    [["labels:=[bug"], /takes JSON/],
    [["state=opened", "--input", "[]"], /a JSON object/],
  ])("%j is wrong usage", async (words, message) => {
    const ran = await cli(["call", "gitlab_issues_list", ...words], { env });
    expect(ran).toMatchObject({ code: 2, stdout: "" });
    expect(ran.stderr).toMatch(message);
  });
});

describe("lists", () => {
  const list = ["call", "gitlab_issues_list", "project_id=acme/app", "per_page=3"];

  test("are tables on a terminal, as wide as it is, and JSON elsewhere", async () => {
    const shown = await cli(list, { env, columns: 100 });
    const lines = stripVTControlCharacters(shown.stdout).trimEnd().split("\n");
    expect(lines[0]).toMatch(/^iid +title +state/);
    expect(lines).toHaveLength(4);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(100);
    expect(lines.join("\n")).toContain("…");
    expect(JSON.parse((await cli(list, { env })).stdout)).toHaveLength(3);
    expect(JSON.parse((await cli([...list, "--json"], { env, columns: 100 })).stdout)).toMatchObject({ status: 200 });
    const one = await cli(["call", "gitlab_current_user_get"], { env, columns: 100 });
    expect(JSON.parse(one.stdout)).toMatchObject({ username: "ada" });
  });

  test("have titles on a terminal alone, and show nothing that moves the cursor", async () => {
    const { settings, gitlab } = await storeOfAda();
    await gitlab.close();
    const accounts = await cli(["accounts", "list"], { env: { ...settings, NO_COLOR: "1" }, columns: 120 });
    expect(accounts.stdout).toMatch(/^connection +identifier +status +user +instance\n/);
    expect((await cli(["accounts", "list"], { env: settings })).stdout).toMatch(/^gitlab {2}user_ada/);
    const title = "evil \u001b[2J\u0007\u202e title";
    const toolInput = { project_id: "acme/app", title };
    await place.gitlab.executeTool({ identifier: "user_ada", toolName: "gitlab_issue_create", toolInput });
    const { stdout } = await cli([...list, "search=evil"], { env: { ...env, NO_COLOR: "1" }, columns: 120 });
    expect(stdout).toContain("evil");
    expect(stdout).not.toMatch(/[\u001b\u0007\u202e]/);
  });

  test.each([
    [{}, 80, true],
    [{}, undefined, false],
    [{ FORCE_COLOR: "1" }, undefined, true],
    [{ FORCE_COLOR: "1", NO_COLOR: "1" }, undefined, true],
    [{ FORCE_COLOR: "0" }, 80, false],
    [{ NO_COLOR: "1" }, 80, false],
    [{ TERM: "dumb" }, 80, false],
  ])("colours: %j on a terminal of %s columns: %s", async (colours, columns, expected) => {
    const ran = await cli(["tools", "list", "--area", "issues"], {
      env: { TERM: "xterm", ...colours },
      ...(columns !== undefined && { columns }),
    });
    expect(ran.stdout.includes("\u001b[")).toBe(expected);
  });
});

describe("before what is destructive", () => {
  test("a person at a terminal is asked; a script, and --yes, are not held up", async () => {
    const { settings, gitlab } = await storeOfAda();
    onTestFinished(() => gitlab.close());
    const disconnect = ["accounts", "disconnect", "user_ada"];
    for (const input of ["n\n", "\n", ""]) {
      const refused = await cli(disconnect, { env: settings, terminal: true, input });
      expect(refused).toMatchObject({ code: 1, stdout: "" });
      expect(refused.stderr).toContain("Disconnect user_ada from gitlab? Its token is revoked at GitLab.\n[y/N] ");
      expect(refused.stderr).toContain("Nothing was changed.");
    }
    const revoke = ["sessions", "revoke", "--identifier", "user_ada"];
    expect((await cli(revoke, { env: settings, terminal: true, input: "no\n" })).code).toBe(1);
    expect((await cli([...revoke, "--yes"], { env: settings, terminal: true })).code).toBe(0);
    expect((await cli(disconnect, { env: settings, terminal: true, input: "y\n" })).stdout).toContain("disconnected");
  });

  test("call --yes asks nothing", async () => {
    const args = ["call", "gitlab_label_delete", "project_id=acme/app", "label_id=999999", "--yes"];
    const ran = await cli(args, { env, terminal: true });
    expect(ran.stderr).not.toContain("[y/N]");
    expect(ran.stderr).toMatch(/not.found/);
  });
});

test("what takes longer says so on a terminal, and gets out of the way of what is printed", () => {
  const tty = Object.getOwnPropertyDescriptor(process.stderr, "isTTY");
  Object.defineProperty(process.stderr, "isTTY", { configurable: true, value: true });
  const written: string[] = [];
  const take = (text: string | Uint8Array): boolean => Boolean(written.push(String(text)));
  const spies = [process.stderr, process.stdout].map((stream) => vi.spyOn(stream, "write").mockImplementation(take));
  let tick: () => void = () => undefined;
  try {
    const stop = startBusy("working", (every) => {
      tick = every;
      return () => undefined;
    });
    tick();
    tick();
    print("an answer");
    tick();
    stop();
    tick();
  } finally {
    for (const spy of spies) spy.mockRestore();
    if (tty) Object.defineProperty(process.stderr, "isTTY", tty);
    else Reflect.deleteProperty(process.stderr, "isTTY");
  }
  const line = (seconds: number): string => `\u001b[2mworking … ${seconds} s\u001b[22m`;
  const clear = "\r\u001b[K";
  expect(written).toEqual([line(1), clear, line(2), clear, "an answer\n", line(3), clear]);
});

describe("errors of the system", () => {
  test("a port that is taken", async () => {
    const port = new URL(await listen(createServer())).port;
    const { settings, gitlab } = await storeOfAda();
    await gitlab.close();
    for (const args of [
      ["emulator", "--port", port],
      ["mcp", "--http", "--port", port],
    ]) {
      const ran = await cli(args, { env: settings });
      expect(ran).toMatchObject({ code: 1, stdout: "" });
      expect(ran.stderr).toContain(`Something else listens at 127.0.0.1:${port} already.`);
      expect(ran.stderr).toContain("choose another --port");
      expect(ran.stderr).not.toContain("EADDRINUSE");
    }
    const json = await cli(["emulator", "--port", port, "--json"]);
    expect(JSON.parse(json.stderr)).toMatchObject({
      error: { code: "error", hint: expect.stringContaining("--port") as string },
    });
  });

  test("a folder that is not there, and a folder in place of a file", async () => {
    const folder = await mkdtemp(join(tmpdir(), "terminal-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const out = join(folder, "missing", "tools.json");
    const ran = await cli(["tools", "export", "--format", "openai", "--out", out]);
    expect(ran.stderr).toBe(`error: There is no ${out}.\nhint: Check the path; folders have to exist.\n`);
    expect((await cli(["tools", "export", "--format", "openai", "--out", folder])).stderr).toContain("is a folder");
  });
});

describe("accounts audit", () => {
  test("lists who called what, as a table and as JSON, by account, tool and time", async () => {
    const { settings, gitlab } = await storeOfAda(true);
    const call = { identifier: "user_ada", toolName: "gitlab_issue_get" } as const;
    await gitlab.executeTool({ identifier: "user_ada", toolName: "gitlab_todos_list", toolInput: {} });
    const missing = { ...call, toolInput: { project_id: "acme/app", issue_iid: 9999 } };
    await expect(gitlab.executeTool(missing)).rejects.toThrow();
    await gitlab.close();
    const audit = async (...args: string[]): Promise<AuditEntry[]> =>
      JSON.parse((await cli(["accounts", "audit", "--json", ...args], { env: settings })).stdout) as AuditEntry[];
    expect((await audit()).map(({ toolName, outcome }) => [toolName, outcome])).toEqual([
      ["gitlab_issue_get", "not_found"],
      ["gitlab_todos_list", "ok"],
    ]);
    expect(await audit("--tool", "gitlab_todos_list", "--identifier", "user_ada", "--since", "1h")).toHaveLength(1);
    expect(await audit("--identifier", "user_ben")).toEqual([]);
    expect(await audit("--since", "2126-01-01T00:00:00Z")).toEqual([]);
    const { stdout } = await cli(["accounts", "audit"], { env: settings });
    expect(stdout).toMatch(/user_ada \(gitlab\) {2}gitlab_issue_get +acme\/app +not_found/);
    expect(stdout).toContain("2 calls");
    expect((await cli(["accounts", "audit", "--since", "yesterday"], { env: settings })).code).toBe(2);
  });
});

describe("doctor", () => {
  interface Found {
    readonly check: string;
    readonly status: string;
    readonly message: string;
  }
  const look = async (settings: Record<string, string>): Promise<{ code: number; found: Found[]; all: string }> => {
    const { code, stdout, stderr } = await cli(["doctor", "--json"], { env: settings });
    return { code, found: JSON.parse(stdout) as Found[], all: stdout + stderr };
  };

  test("finds everything in order: token, instance, version, clock", async () => {
    const { code, found, all } = await look({ ...env, HTTPS_PROXY: "http://user:hunter2@proxy.example:3128" });
    expect(found.filter(({ status }) => status !== "ok")).toEqual([]);
    expect(code).toBe(0);
    const messages = found.map(({ check, message }) => `${check}: ${message}`);
    expect(messages).toContainEqual(expect.stringMatching(/^token of me on gitlab: @ada, scopes api/));
    expect(messages).toContainEqual(expect.stringMatching(/^version: GitLab \d+\.\d+/));
    expect(messages).toContainEqual("clock: as that of GITLAB_URL");
    expect(messages).toContainEqual("proxy: HTTPS_PROXY=http://proxy.example:3128");
    expect(all).not.toMatch(new RegExp(`hunter2|${env["GITLAB_TOKEN"] ?? "?"}`));
    const text = await cli(["doctor"], { env });
    expect(text.stdout).toMatch(/^✓ node: Node \d+/);
  });

  test("looks at a store, its key and its accounts, and warns of what is missing", async () => {
    const { settings, gitlab, token } = await storeOfAda();
    await gitlab.close();
    const { code, found, all } = await look(settings);
    expect(code).toBe(0);
    expect(found).toContainEqual({
      check: "store",
      status: "ok",
      message: expect.stringContaining("1 ACTIVE") as string,
    });
    const warned = found.filter(({ status }) => status === "warning").map(({ message }) => message);
    expect(warned).toEqual([
      expect.stringContaining("no OAuth application"),
      expect.stringContaining("scopes read_api"),
    ]);
    expect(all).not.toContain(token);
    const { encryptionKey } = await newStore();
    const wrong = await look({ ...settings, GITLAB_AGENT_TOOLS_KEY: encryptionKey });
    expect(wrong.code).toBe(1);
    expect(wrong.found.at(-1)).toMatchObject({ check: "store", status: "failed" });
  });

  test("says what is wrong: nothing set, nobody there, no GitLab, a token that is none, a clock that is off", async () => {
    expect((await look({})).found.at(-1)).toMatchObject({ check: "environment", status: "failed" });
    const elsewhere = await listen(createServer((_, response) => void response.writeHead(200).end("hello")));
    const late = await listen(
      createServer(
        (_, response) =>
          void response.writeHead(401, { date: new Date(Date.now() - 3_600_000).toUTCString() }).end("{}"),
      ),
    );
    for (const [settings, check, message] of [
      [{ GITLAB_URL: "http://127.0.0.1:1", GITLAB_TOKEN: "x" }, "GITLAB_URL", /cannot be reached \(ECONNREFUSED\)/],
      [{ GITLAB_URL: elsewhere, GITLAB_TOKEN: "x" }, "GITLAB_URL", /as GitLab does not/],
      [{ ...env, GITLAB_TOKEN: "glpat-nobodys" }, "GITLAB_TOKEN", /./],
      [{ GITLAB_URL: late, GITLAB_TOKEN: "x" }, "clock", /differ by 36\d\d s|differ by 3600 s/],
      [{ ...env, HTTPS_PROXY: "proxy" }, "proxy", /not the URL/],
    ] as const) {
      const { code, found } = await look(settings);
      expect(code).toBe(1);
      const finding = found.find((one) => one.check === check && one.status !== "ok");
      expect(finding?.message, check).toMatch(message);
    }
  });
});

describe("completion", () => {
  const accountsCommands = ["list", "show", "disconnect", "export", "delete", "audit", "rotate"];
  const run = promisify(execFile);

  test("bash completes commands, options, their values, and tools", async () => {
    const script = join(await mkdtemp(join(tmpdir(), "completion-")), "completion.bash");
    await writeFile(script, (await cli(["completion", "bash"])).stdout);
    const complete = async (...words: string[]): Promise<string[]> => {
      const all = ["gitlab-agent-tools", ...words].map((word) => `'${word}'`).join(" ");
      const code = `source ${script}; COMP_WORDS=(${all}); COMP_CWORD=${words.length}; _gitlab_agent_tools; printf '%s\\n' "\${COMPREPLY[@]}"`;
      return (await run("bash", ["-c", code])).stdout.trim().split("\n");
    };
    expect(await complete("acc")).toEqual(["accounts"]);
    expect(await complete("accounts", "")).toEqual(accountsCommands);
    expect(await complete("accounts", "audit", "--s")).toEqual(["--since"]);
    expect(await complete("call", "gitlab_issue_c")).toContain("gitlab_issue_create");
    expect(await complete("tools", "export", "--format", "g")).toEqual(["gemini"]);
    expect(await complete("completion", "")).toEqual(["bash", "zsh", "fish"]);
  });

  const installed = (shell: string): boolean => spawnSync(shell, ["-c", "exit"]).error === undefined;

  // `compadd` is zsh's own within its line editor only: here it says what it was given, as `compadd` would offer it.
  test.skipIf(!installed("zsh"))("zsh completes the same (skipped where zsh is not installed)", async () => {
    const folder = await mkdtemp(join(tmpdir(), "completion-"));
    await writeFile(join(folder, "_tools"), (await cli(["completion", "zsh"])).stdout);
    const complete = async (...words: string[]): Promise<string[]> => {
      const all = ["gitlab-agent-tools", ...words].map((word) => `'${word}'`).join(" ");
      const stubs =
        'compdef() { }; compadd() { shift; for one in "$@"; do [[ $one == ${words[CURRENT]}* ]] && print -r -- $one; done }';
      const code = `${stubs}; source ${join(folder, "_tools")}; words=(${all}); CURRENT=${words.length + 1}; _gitlab_agent_tools; true`;
      return (await run("zsh", ["-f", "-c", code])).stdout.trim().split("\n");
    };
    expect(await complete("acc")).toEqual(["accounts"]);
    expect(await complete("accounts", "")).toEqual(accountsCommands);
    expect(await complete("accounts", "audit", "--s")).toEqual(["--since"]);
    expect(await complete("call", "gitlab_issue_c")).toContain("gitlab_issue_create");
    expect(await complete("tools", "export", "--format", "g")).toEqual(["gemini"]);
  });

  test.skipIf(!installed("fish"))("fish completes the same (skipped where fish is not installed)", async () => {
    const folder = await mkdtemp(join(tmpdir(), "completion-"));
    const script = join(folder, "tools.fish");
    await writeFile(script, (await cli(["completion", "fish"])).stdout);
    const complete = async (line: string): Promise<string[]> => {
      const code = `source ${script}; complete -C 'gitlab-agent-tools ${line}'`;
      const env = { PATH: process.env["PATH"], HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder };
      const { stdout } = await run("fish", ["--no-config", "-c", code], { env });
      return stdout
        .trim()
        .split("\n")
        .map((one) => one.split("\t")[0] ?? "");
    };
    expect(await complete("acc")).toEqual(["accounts"]);
    expect((await complete("accounts ")).toSorted()).toEqual(accountsCommands.toSorted());
    expect(await complete("accounts audit --s")).toEqual(["--since"]);
    expect(await complete("call gitlab_issue_c")).toContain("gitlab_issue_create");
    expect(await complete("tools export --format g")).toEqual(["gemini"]);
  });

  test("another shell is wrong usage", async () => {
    expect(await cli(["completion", "tcsh"])).toMatchObject({ code: 2, stdout: "" });
  });
});
