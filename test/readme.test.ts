import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { createGitLabEmulator } from "gitlab-agent-tools/testing";
import { afterAll, beforeAll, expect, test } from "vitest";

const run = promisify(execFile);

/** What a snippet takes for granted, by the heading it stands under. */
const preludes: Record<string, string> = {
  "On behalf of each engineer":
    'import { createGitLab } from "gitlab-agent-tools";\ndeclare const clientId: string, clientSecret: string, redirectUri: string, callbackUrl: string;\n',
  "What an agent may do":
    'import { createGitLab } from "gitlab-agent-tools";\ndeclare function askPerson(identifier: string, what: string): Promise<boolean>;\n',
  "Test against the emulator": 'import { createGitLab } from "gitlab-agent-tools";\n',
};

/** Snippets that go on from the first call. */
const continued = new Set([
  "Typed functions",
  "When something goes wrong",
  "In an agent framework",
  "What an agent pays",
  "MCP server",
]);

const snippets: { heading: string; code: string }[] = [];
let readme = "";
/** A user's project, with the built package and its peers installed. */
let folder = "";

beforeAll(async () => {
  readme = await readFile("README.md", "utf8");
  let heading = "";
  for (const match of readme.matchAll(/^## (.*)$|^```ts\n([\s\S]*?)^```$/gm)) {
    if (match[1]) heading = match[1];
    else snippets.push({ heading, code: match[2] ?? "" });
  }
  folder = await mkdtemp(join(tmpdir(), "readme-"));
  const installed = join(folder, "node_modules");
  await mkdir(installed);
  for (const name of await readdir("node_modules")) await symlink(resolve("node_modules", name), join(installed, name));
  await symlink(resolve("."), join(installed, "gitlab-agent-tools"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** What `docs/agents.md` shows of the frameworks that are installed here; each snippet goes on from the first. */
async function agentSnippets(): Promise<{ name: string; code: string }[]> {
  const guide = await readFile("docs/agents.md", "utf8");
  const [first, ...others] = [...guide.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => code ?? "");
  expect(others.length).toBeGreaterThanOrEqual(5);
  return others.map((code, number) => ({ name: `agents-${number}.mts`, code: `${first}\n${code}\nexport {};\n` }));
}

test("every snippet of the README compiles, and those that need nothing from outside run", async () => {
  const first = snippets.find(({ heading }) => heading === "First call")?.code ?? "";
  const files = snippets.map(({ heading, code }, number) => {
    const before = continued.has(heading) ? first : (preludes[heading] ?? "");
    return { heading, name: `snippet-${number}.mts`, code: `${before}\n${code}\nexport {};\n` };
  });
  expect(files.length).toBeGreaterThanOrEqual(5);
  for (const { name, code } of [...files, ...(await agentSnippets())]) await writeFile(join(folder, name), code);
  const compilerOptions = {
    target: "ES2023",
    module: "NodeNext",
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: ["node"],
  };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.mts"] }));
  const compiled = await run(process.execPath, [join("node_modules", "typescript", "bin", "tsc"), "-p", folder]).catch(
    (error: { stdout: string }) => error,
  );
  expect(compiled.stdout).toBe("");

  const emulator = await createGitLabEmulator();
  const env = {
    ...process.env,
    GITLAB_URL: emulator.baseUrl,
    GITLAB_TOKEN: emulator.tokens.create({ username: "ada", scopes: ["api"] }),
  };
  try {
    const output: Record<string, string> = {};
    for (const { heading, name } of files) {
      if (heading === "On behalf of each engineer") continue;
      const ran = await run(process.execPath, ["--import", "tsx", name], { cwd: folder, env, timeout: 30_000 });
      output[heading] = ran.stdout + ran.stderr;
    }
    expect(output["First call"]).toBe("ada\n");
    expect(output["Typed functions"]).toContain("POST");
    expect(output["What an agent pays"]).toContain("items of");
    expect(output["When something goes wrong"]).toMatch(/project_not_found|not_found|wrong_iid/);
  } finally {
    await emulator.close();
  }
}, 120_000);

test("the commands that the README names exist", async () => {
  const manifest = JSON.parse(await readFile("package.json", "utf8")) as { scripts: Record<string, string> };
  for (const [, script] of readme.matchAll(/npm run ([\w:]+)/g))
    expect(Object.keys(manifest.scripts)).toContain(script);
  for (const [, file] of readme.matchAll(/\]\((?!http|#)([^)]+)\)/g))
    await expect(readFile(file ?? "")).resolves.toBeDefined();
});
