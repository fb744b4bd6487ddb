import { execFile } from "node:child_process";
import { cp, mkdir, readFile, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { load } from "../support/loaded.js";
import { installPacked, type Packed } from "../support/packed.js";
import { toolNames } from "../../generated/tool-names.js";

const run = promisify(execFile);
const root = process.cwd();

let project: Packed;
beforeAll(async () => void (project = await installPacked()));
afterAll(() => project.remove());

interface Manifest {
  readonly version: string;
  readonly exports: Record<string, unknown>;
  readonly bin: Record<string, string>;
  readonly dependencies: Record<string, string>;
}

const manifest = async (): Promise<Manifest> =>
  JSON.parse(await readFile(join(root, "package.json"), "utf8")) as Manifest;

describe("the published package", () => {
  test("has what it needs and nothing else", () => {
    for (const file of ["README.md", "LICENSE", "NOTICE", "CHANGELOG.md", "generated/openapi.json"])
      expect(project.files).toContain(file);
    expect(project.files.filter((file) => /^(?:test|bench|src|codegen)\//.test(file) || file.endsWith(".map"))).toEqual(
      [],
    );
  });

  test("has no fault that publint knows", async () => {
    const { messages, pkg } = await publint({
      pkgDir: project.installed,
      pack: false,
    });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  test("resolves and loads every entry point; what only the emulator or the generator needs nowhere else, and no database before it is used", async () => {
    const entries = Object.keys((await manifest()).exports).filter((entry) => entry !== "./package.json");
    const count = (entry: string): string =>
      `console.log(Object.keys(await import(${JSON.stringify(entry.replace(".", "gitlab-agent-tools"))})).length > 0);`;
    const others = entries.filter((entry) => entry !== "./testing");
    const [testing, rest] = await Promise.all(
      [["./testing"], others].map((some) => load(project.folder, some.map(count).join("\n"))),
    );
    expect([testing?.stdout, testing?.warned]).toEqual(["true\n", ""]);
    expect([rest?.stdout, rest?.warned]).toEqual(["true\n".repeat(others.length), ""]);
    expect(rest?.loaded).toContain("zod");
    const elsewhere = ["diff", "fflate", "yaml", "graphql", "commander", "libsql", "pg"];
    expect(elsewhere.filter((name) => rest?.loaded.has(name))).toEqual([]);
    expect(rest?.own).not.toContain("chunks/database.js");
  });

  test("makes a client of its own files and openapi-fetch: what calls, connects or stores comes when it is used", async () => {
    const code = `
      import { createGitLab, defineTool, toolNames } from "gitlab-agent-tools";
      await createGitLab({ store: "memory:", policy: { access: "read" } }).close();`;
    expect([...(await load(project.folder, code)).loaded].sort()).toEqual(["gitlab-agent-tools", "openapi-fetch"]);
  });

  test("is few files, of which each entry point loads its own", async () => {
    const own = async (code: string): Promise<readonly string[]> => (await load(project.folder, code)).own;
    const client = await own('import "gitlab-agent-tools";');
    expect(client).toContain("src/index.js");
    expect(client).toContain("src/http/node-transport.js");
    expect(client.length, client.join(" ")).toBeLessThan(8);
    const emulator = await own('import "gitlab-agent-tools/testing";');
    expect(emulator.length, emulator.join(" ")).toBeLessThan(5);
    // The rows of each area are files of their own.
    const mcp = (await own('import "gitlab-agent-tools/mcp";')).filter((file) => !file.includes("/rows/"));
    expect(mcp.length, mcp.join(" ")).toBeLessThan(18);
    expect(mcp.filter((file) => /testing|codegen|Command/.test(file))).toEqual([]);
    const help = await own(
      'process.argv[2] = "--help"; await import("./node_modules/gitlab-agent-tools/dist/src/cli/main.js");',
    );
    expect(help.length, help.join(" ")).toBeLessThan(6);
    // An MCP client is greeted before there is a client of GitLab or a tool.
    const greeting = await own('await import("./node_modules/gitlab-agent-tools/dist/chunks/mcp-run.js");');
    expect(greeting).toContain("chunks/mcpServer.js");
    expect(greeting.filter((file) => /client|toolbox|select|tool\.js|transport/.test(file))).toEqual([]);
  });

  test("has each class once, whichever entry point it is reached by", async () => {
    const code = `
      import { GitLabToolError } from "gitlab-agent-tools";
      import { issuesList } from "gitlab-agent-tools/tools";
      import { createToolbox } from "gitlab-agent-tools/toolbox";
      import { createConnectHandler } from "gitlab-agent-tools/connect";
      import { serveMcp } from "gitlab-agent-tools/mcp";
      const failures = [() => issuesList(), () => createToolbox(), () => createConnectHandler(), () => serveMcp({})];
      const errors = await Promise.all(failures.map(async (fail) => { try { await fail(); } catch (error) { return error; } }));
      console.log(JSON.stringify(errors.map((error) => [error?.name, error instanceof GitLabToolError])));`;
    const { stdout } = await load(project.folder, code);
    expect(JSON.parse(stdout)).toEqual(Array.from({ length: 4 }, () => ["GitLabToolError", true]));
  });

  test("says what to install where a store's driver is missing", async () => {
    // Only Node 20 needs libsql.
    const stores = [
      "postgres://127.0.0.1:1/none",
      ...(process.versions.node.startsWith("20.") ? ["sqlite:./x.db"] : []),
    ];
    const { stdout } = await load(
      project.folder,
      `import { createGitLab } from "gitlab-agent-tools";
       const encryptionKey = ${JSON.stringify(`${"A".repeat(43)}=`)};
       const open = (store) => createGitLab({ store, encryptionKey }).actions.listConnectedAccounts();
       const tried = await Promise.allSettled(${JSON.stringify(stores)}.map(open));
       console.log(JSON.stringify(tried.map(({ reason }) => reason)));`,
      ["pg", "libsql"],
    );
    expect(JSON.parse(stdout)).toEqual(
      [
        {
          message: "A store in PostgreSQL needs the package pg, which is not installed.",
          hint: 'Run "npm install pg".',
        },
        { hint: 'Use Node 22.13 or newer, run "npm install libsql", or use another store.' },
      ]
        .slice(0, stores.length)
        .map((error) => expect.objectContaining({ code: "connection_misconfigured", ...error }) as unknown),
    );
  });

  test("has a command line", async () => {
    const bin = join(project.installed, (await manifest()).bin["gitlab-agent-tools"] ?? "");
    const { stdout } = await run(process.execPath, [bin, "tools", "list", "--json"], { cwd: project.folder });
    expect(JSON.parse(stdout)).not.toEqual([]);
    // The version stands in the sources as well, for the User-Agent: it has to be the package's own.
    const { version } = await manifest();
    expect((await run(process.execPath, [bin, "--version"], { cwd: project.folder })).stdout).toBe(`${version}\n`);
  });

  test("compares specifications with what is installed along with it", async () => {
    const bin = join(project.installed, (await manifest()).bin["gitlab-agent-tools"] ?? "");
    const missing = run(process.execPath, [bin, "spec", "diff", "--from", "missing.yaml"], { cwd: project.folder });
    // It has read its own manifest and specification by then.
    await expect(missing).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining("missing.yaml cannot be read: ENOENT") as string,
    });
    const { metafile } = await build({
      entryPoints: ["diff-spec.js", "diff/report.js"].map((file) => join(project.installed, "dist/codegen", file)),
      bundle: true,
      packages: "external",
      write: false,
      outdir: project.folder,
      format: "esm",
      platform: "node",
      metafile: true,
    });
    const needed = Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path));
    const { dependencies } = await manifest();
    const packages = needed.map((name) => /^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name);
    expect(packages.filter((name) => !name.startsWith("node:") && !(name in dependencies))).toEqual([]);
  });

  test("generate without its optional peers names the one that is missing", async () => {
    const alone = join(project.folder, "alone");
    await cp(join(project.installed, "dist"), join(alone, "dist"), { recursive: true });
    await cp(join(project.installed, "package.json"), join(alone, "package.json"));
    for (const name of Object.keys((await manifest()).dependencies)) {
      await mkdir(dirname(join(alone, "node_modules", name)), { recursive: true });
      await symlink(join(root, "node_modules", name), join(alone, "node_modules", name));
    }
    const args = [join(alone, "dist/src/cli/main.js"), "generate", "--spec", "any.yaml", "--out", "own"];
    await expect(run(process.execPath, args)).rejects.toMatchObject({
      code: 1,
      stdout: "",
      stderr:
        "error: Generating needs openapi-typescript, which is not installed: npm install --save-dev openapi-typescript typescript\n",
    });
  });

  test("bundles one imported tool without the others", async () => {
    const bundle = async (code: string): Promise<string> => {
      const result = await build({
        stdin: { contents: code, resolveDir: project.folder },
        bundle: true,
        minify: true,
        write: false,
        format: "esm",
        platform: "node",
        metafile: true,
      });
      return result.outputFiles[0]?.text ?? "";
    };
    const one = await bundle('import { issuesList } from "gitlab-agent-tools/tools"; console.log(issuesList);');
    const all = await bundle('import { tools } from "gitlab-agent-tools/tools"; console.log(tools);');
    const row = (name: string): string => `"name": "${name}"`;
    const others = toolNames.filter((name) => name !== "gitlab_issues_list" && one.includes(row(name)));
    console.log(
      `one tool: ${(one.length / 1024).toFixed(1)} KiB minified; all ${toolNames.length}: ${(all.length / 1024).toFixed(1)} KiB`,
    );
    expect(others).toEqual([]);
    // Descriptions name other tools; what must not be there is their rows.
    expect(one).toContain(row("gitlab_issues_list"));
    expect(one.length).toBeLessThan(all.length / 2);
  });
});
