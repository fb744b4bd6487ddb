import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { cli } from "../support/cli.js";
import { emulator, newStore } from "../support/emulated.js";
import { json, serve, token } from "../support/server.js";

const issues = [{ iid: 1, title: "One" }];

async function instance() {
  const server = await serve((_, response) => json(response, issues, 200, { "x-page": "1", "x-next-page": "2" }));
  return { ...server, env: { GITLAB_URL: server.baseUrl, GITLAB_TOKEN: token } };
}

describe("call", () => {
  test("with a token and nothing else; the input as JSON, from a file, from standard input", async () => {
    const { env, arrived } = await instance();
    const input = JSON.stringify({ project_id: "g/p", state: "opened" });
    const file = join(await mkdtemp(join(tmpdir(), "call-")), "input.json");
    await writeFile(file, input);
    const ways = [{ args: ["--input", input] }, { args: ["--input", `@${file}`] }, { args: ["--input", "-"], input }];
    for (const { args, ...rest } of ways) {
      const ran = await cli(["call", "gitlab_issues_list", ...args], { env, ...rest });
      expect(ran).toMatchObject({ code: 0 });
      expect(JSON.parse(ran.stdout)).toEqual(issues);
      expect(ran.stderr).toContain('more pages follow; the next is "page": 2');
    }
    expect(new Set(arrived.map(({ url }) => url))).toEqual(new Set(["/api/v4/projects/g%2Fp/issues?state=opened"]));
    expect(arrived.every(({ headers }) => headers.authorization === `Bearer ${token}`)).toBe(true);
  });

  test("a file is uploaded from the folder that one is in, and from nowhere else", async () => {
    const server = await emulator();
    const env = {
      GITLAB_URL: server.baseUrl,
      GITLAB_TOKEN: server.tokens.create({ username: "ada", scopes: ["api"] }),
    };
    const upload = ["call", "gitlab_project_upload_create", "--json", "project_id=acme/app"];
    const sent = await cli([...upload, "file=LICENSE"], { env });
    expect(sent).toMatchObject({ code: 0 });
    expect(sent.stdout).toContain("LICENSE");
    const [request] = server.requests.filter(({ method }) => method === "POST");
    expect(request).toMatchObject({ path: "/api/v4/projects/acme%2Fapp/uploads", status: 201 });
    const elsewhere = await cli([...upload, `file=${join(tmpdir(), "elsewhere.txt")}`], { env });
    expect(elsewhere).toMatchObject({ code: 1 });
    expect(elsewhere.stderr).toContain("leads out of the folder for uploads");
    expect(server.requests.filter(({ method }) => method === "POST")).toHaveLength(1);
  });

  test("a tool of one's own, from a module", async () => {
    const { env, arrived } = await instance();
    const own = ["--tools", join("test", "fixtures", "own-tools.js")];
    const args = ["call", "acme_widget_create", ...own, "--input", '{"project_id": "g/p", "title": "x"}'];
    expect(await cli([...args, "--confirm", "writes"], { env })).toMatchObject({ code: 1, stdout: "" });
    expect(arrived).toEqual([]);
    expect(await cli(args, { env })).toMatchObject({ code: 0 });
    expect(arrived.at(-1)).toMatchObject({ method: "POST", url: "/api/v4/projects/g%2Fp/widgets" });
  });

  test("--json prints the whole result, --dry-run sends nothing and shows no token", async () => {
    const { env, arrived, baseUrl } = await instance();
    const args = ["call", "gitlab_issues_list", "--input", '{"project_id": 1}', "--json"];
    const whole = await cli(args, { env });
    expect(JSON.parse(whole.stdout)).toMatchObject({
      data: issues,
      page: { nextPage: 2 },
      status: 200,
      requestId: "req-1",
    });
    const dry = await cli([...args, "--dry-run"], { env });
    expect(JSON.parse(dry.stdout)).toMatchObject({
      data: { method: "GET", url: `${baseUrl}/api/v4/projects/1/issues` },
    });
    expect(dry.stdout + dry.stderr + whole.stdout + whole.stderr).not.toContain(token);
    expect(arrived).toHaveLength(1);
  });
});

describe("before what cannot be undone, or ships something", () => {
  const input = '{"project_id": "g/p", "issue_iid": 1}';
  const remove = ["call", "gitlab_issue_delete", "--input", input];
  const note = [
    "call",
    "gitlab_issue_note_create",
    "--input",
    '{"project_id": 1, "issue_iid": 1, "body": "\\u001b[2K"}',
  ];

  test("somebody at a terminal is asked, and only their yes sends it", async () => {
    const { env, arrived } = await instance();
    const no = await cli(remove, { env, terminal: true, input: "n\n" });
    expect(no).toMatchObject({ code: 1, stdout: "" });
    expect(no.stderr).toMatch(/\(gitlab_issue_delete\)\nproject_id: "g\/p"\nissue_iid: 1\n\[y\/N\] /);
    expect((await cli(remove, { env, terminal: true })).code).toBe(1);
    expect(arrived).toHaveLength(0);
    expect((await cli(remove, { env, terminal: true, input: "yes\n" })).code).toBe(0);
    expect(arrived).toHaveLength(1);
    expect((await cli([...remove, "--dry-run"], { env, terminal: true })).code).toBe(0);
    expect((await cli([...remove, "--confirm", "never"], { env, terminal: true })).code).toBe(0);
    expect(arrived).toHaveLength(2);
  });

  test("--confirm writes asks about every change, in words that no argument can paint over", async () => {
    const { env, arrived } = await instance();
    const usual = await cli(note, { env, terminal: true });
    expect([usual.code, arrived.length]).toEqual([0, 1]);
    const asked = await cli([...note, "--confirm", "writes"], { env, terminal: true, input: "\n" });
    expect([asked.code, arrived.length]).toEqual([1, 1]);
    expect(asked.stderr).not.toContain("\u001b[2K");
  });

  test("a script is held up only where it says so", async () => {
    const { env, arrived } = await instance();
    expect((await cli(remove, { env })).code).toBe(0);
    const held = await cli([...remove, "--confirm", "destructive", "--json"], { env });
    expect(held.code).toBe(1);
    expect(JSON.parse(held.stderr)).toMatchObject({ error: { code: "forbidden", details: { policy: "confirm" } } });
    const read = ["call", "gitlab_issues_list", "--confirm", "writes", "--input", '{"project_id": 1}'];
    expect((await cli(read, { env })).code).toBe(0);
    expect(arrived).toHaveLength(2);
  });
});

describe("what goes wrong is said on stderr", () => {
  test("a token that GitLab does not know, in words for a terminal", async () => {
    const { baseUrl } = await emulator();
    const env = { GITLAB_URL: baseUrl, GITLAB_TOKEN: "glpat-nobodys" };
    const ran = await cli(["call", "gitlab_current_user_get"], { env });
    expect(ran).toMatchObject({ code: 1, stdout: "" });
    expect(ran.stderr).toContain("account_not_connected");
    expect(ran.stderr).toContain("hint: Replace GITLAB_TOKEN");
    expect(ran.stderr).not.toMatch(/getAuthorizationLink|connectWithToken|glpat/);
  });

  test("an account that nobody has connected: what to run", async () => {
    const { store, encryptionKey } = await newStore();
    const env = { GITLAB_AGENT_TOOLS_STORE: store, GITLAB_AGENT_TOOLS_KEY: encryptionKey };
    const ran = await cli(["call", "gitlab_current_user_get", "--identifier", "user_ada", "--json"], { env });
    expect(ran).toMatchObject({ code: 1, stdout: "" });
    expect(JSON.parse(ran.stderr)).toMatchObject({
      error: {
        code: "account_not_found",
        hint: expect.stringContaining("gitlab-agent-tools connect --identifier user_ada`") as string,
      },
    });
  });

  test("exit code 1 for an error, as text and as JSON", async () => {
    const { env, arrived } = await instance();
    const args = ["call", "gitlab_issues_list", "--input", '{"project_id": 1, "stat": "opened"}'];
    const plain = await cli(args, { env });
    expect(plain).toMatchObject({ code: 1, stdout: "" });
    expect(plain.stderr).toContain("did you mean state?");
    expect(plain.stderr).toContain("hint:");
    const machine = await cli([...args, "--json"], { env });
    expect(JSON.parse(machine.stderr)).toMatchObject({ error: { code: "invalid_input" } });
    expect(arrived).toHaveLength(0);
  });

  test.each<[string, string[], Record<string, string>?]>([
    ["an unknown command", ["cal"]],
    ["an unknown option", ["tools", "list", "--nope"]],
    ["a missing argument", ["call"]],
    ["a format that does not exist", ["tools", "export", "--format", "xml"]],
    ["no token", ["call", "gitlab_current_user_get"]],
    ["an input that is not JSON", ["call", "gitlab_current_user_get", "--input", "{"], { GITLAB_TOKEN: token }],
    [
      "an input file that is not there",
      ["call", "gitlab_current_user_get", "--input", "@missing.json"],
      { GITLAB_TOKEN: token },
    ],
    ["a timeout that is no number", ["call", "gitlab_current_user_get", "--timeout", "soon"]],
  ])("exit code 2 for wrong usage: %s", async (_, args, env = {}) => {
    const ran = await cli(args, { env });
    expect(ran).toMatchObject({ code: 2, stdout: "" });
    expect(ran.stderr).not.toBe("");
    expect(ran.stderr).not.toMatch(/\n\s+at /);
  });
});
