import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { project, sound } from "../codegen/project.js";
import { cli } from "../support/cli.js";
import { newStore } from "../support/emulated.js";
import { commandLine } from "../support/command-line.js";

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), "cli-json-"));
  onTestFinished(() => rm(made, { recursive: true, force: true }));
  return made;
}

const anything = expect.any(String) as unknown;

test.each<[string, string[], RegExp]>([
  ["an unknown option", ["tools", "list", "--bogus"], /^unknown option '--bogus'$/],
  ["a choice that there is not", ["tools", "export", "--format", "nope"], /'nope' is invalid.*openai/],
  ["a mandatory option", ["tools", "export"], /--format/],
  ["a missing argument", ["call"], /^missing required argument 'tool'$/],
  ["one argument too many", ["accounts", "list", "all"], /too many arguments/],
  ["an unknown command", ["tools", "lst"], /^unknown command 'lst'/],
  ["a command of none", ["accounts"], /--json/],
  ["an option's value", ["call", "gitlab_current_user_get", "--timeout", "soon"], /whole number of milliseconds/],
  ["a port", ["mcp", "--port", "x"], /port number/],
  ["no account for the server", ["mcp"], /GITLAB_TOKEN/],
  ["no key", ["mcp", "--http"], /GITLAB_AGENT_TOOLS_KEY/],
  ["no key for connecting", ["connect"], /GITLAB_AGENT_TOOLS_KEY/],
])("wrong usage is one line of JSON: %s", async (_, args, message) => {
  const ran = await cli([...args, "--json"]);
  expect(ran).toMatchObject({ code: 2, stdout: "" });
  expect(ran.stderr.trimEnd()).not.toContain("\n");
  expect(JSON.parse(ran.stderr)).toEqual({
    error: { code: "usage", message: expect.stringMatching(message) as string },
  });
});

test("without --json wrong usage is text, told once; what follows -- is no option", async () => {
  for (const args of [
    ["tools", "list", "--bogus"],
    ["tools", "list", "--bogus", "--", "--json"],
  ]) {
    const ran = await cli(args);
    expect(ran).toMatchObject({ code: 2, stdout: "" });
    expect(ran.stderr.match(/unknown option '--bogus'/g)).toHaveLength(1);
    expect(ran.stderr).toMatch(/^error: /);
  }
});

test("export: Markdown is wrapped, and a file is told of", async () => {
  const args = ["tools", "export", "--format", "markdown", "--area", "issues"];
  const { stdout: markdown } = await cli(args);
  expect(JSON.parse((await cli([...args, "--json"])).stdout)).toEqual({ markdown });
  const out = join(await folder(), "tools.md");
  const written = await cli([...args, "--out", out, "--json"]);
  expect(JSON.parse(written.stdout)).toEqual({ out, format: "markdown", tools: expect.any(Number) as unknown });
  expect(await readFile(out, "utf8")).toBe(markdown);
  const nowhere = await cli([...args, "--out", join(out, "in", "a", "file"), "--json"]);
  expect(nowhere).toMatchObject({ code: 1, stdout: "" });
  expect(JSON.parse(nowhere.stderr)).toMatchObject({ error: { code: "error", message: anything } });
});

test("tools: an unknown name or preset", async () => {
  for (const args of [
    ["tools", "show", "gitlab_isue_get"],
    ["tools", "list", "--preset", "nope"],
  ]) {
    const ran = await cli([...args, "--json"]);
    expect(ran).toMatchObject({ code: 1, stdout: "" });
    expect(JSON.parse(ran.stderr)).toMatchObject({ error: { code: anything, message: anything } });
  }
  const shown = await cli(["tools", "show", "gitlab_issue_get", "--json"]);
  expect(JSON.parse(shown.stdout)).toMatchObject({ name: "gitlab_issue_get", inputSchema: { type: "object" } });
});

test("generate: up to date, stale, and a specification that is wrong", async () => {
  const root = await project(sound());
  const generate = async (...more: string[]) => await cli(["generate", "--root", root, "--json", ...more]);
  expect(JSON.parse((await generate()).stdout)).toMatchObject({
    changed: expect.arrayContaining([anything]) as unknown,
  });
  expect(await generate("--check")).toMatchObject({ code: 0, stderr: "" });

  await writeFile(join(root, "generated/registry.ts"), "// old\n");
  const stale = await generate("--check");
  expect(stale.code).toBe(1);
  expect(JSON.parse(stale.stdout)).toMatchObject({ changed: ["generated/registry.ts"] });
  expect(JSON.parse(stale.stderr)).toMatchObject({ error: { code: "stale" } });
  const told = await cli(["generate", "--root", root, "--check"]);
  expect(told).toMatchObject({ code: 1, stdout: "" });
  expect(told.stderr).toBe("stale: npm run generate would change\n  generated/registry.ts\n");

  await writeFile(join(root, "spec/tools/widgets.yaml"), "area: widgets\n");
  const wrong = await generate();
  expect(wrong).toMatchObject({ code: 1, stdout: "" });
  expect(JSON.parse(wrong.stderr)).toMatchObject({
    error: { code: "error", problems: [{ file: "spec/tools/widgets.yaml", line: 1 }, { message: anything }] },
  });
});

test("spec: what differs, and a document that cannot be read", async () => {
  const root = await project(sound());
  const from = join(root, "spec/gitlab.openapi.yaml");
  const same = await cli(["spec", "diff", "--root", root, "--from", from, "--json"]);
  expect(same).toMatchObject({ code: 0, stderr: "" });
  expect(JSON.parse(same.stdout)).toMatchObject({ findings: [] });
  for (const command of ["diff", "update"]) {
    const ran = await cli(["spec", command, "--root", root, "--from", join(root, "missing.yaml"), "--json"]);
    expect(ran).toMatchObject({ code: 1, stdout: "" });
    expect(JSON.parse(ran.stderr)).toMatchObject({ error: { code: "error", message: anything } });
  }
});

test("accounts of a store that has none", async () => {
  const { store, encryptionKey } = await newStore();
  const env = { GITLAB_AGENT_TOOLS_STORE: store, GITLAB_AGENT_TOOLS_KEY: encryptionKey };
  expect(JSON.parse((await cli(["accounts", "list", "--json"], { env })).stdout)).toEqual([]);
  for (const command of ["show", "disconnect"]) {
    const ran = await cli(["accounts", command, "nobody", "--json"], { env });
    expect(ran).toMatchObject({ code: 1, stdout: "" });
    expect(JSON.parse(ran.stderr)).toMatchObject({ error: { code: "account_not_found", hint: anything } });
  }
});

test("mcp --http: where it listens is a line of JSON", async () => {
  const { store, encryptionKey } = await newStore();
  const env = { PATH: process.env["PATH"], GITLAB_AGENT_TOOLS_STORE: store, GITLAB_AGENT_TOOLS_KEY: encryptionKey };
  const args = [...commandLine, "mcp", "--http", "--port", "0", "--json"];
  const server = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(server, "close");
  const [line] = (await once(server.stderr, "data")) as [Buffer];
  expect(JSON.parse(line.toString())).toEqual({ url: expect.stringMatching(/^http:.*\/mcp$/) as string });
  server.kill();
  expect(await ended).toEqual([0, null]);
});
