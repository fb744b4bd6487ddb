import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { transform } from "esbuild";
import { createGitLabEmulator } from "gitlab-agent-tools/testing";
import { afterAll, beforeAll, expect, test } from "vitest";

const run = promisify(execFile);

interface Snippet {
  readonly name: string;
  readonly code: string;
  /** Whether it needs nothing from outside. */
  readonly runs: boolean;
}

const client = 'import { createGitLab } from "gitlab-agent-tools";\n';
const bound =
  'import { createGitLab, type GitLab, type GitLabAccount } from "gitlab-agent-tools";\ndeclare const gitlab: GitLab, account: GitLabAccount;\n';

/** What a snippet of the README takes for granted, by the heading it stands under. */
const beforeInReadme: Readonly<Record<string, string>> = {
  "On behalf of each engineer": `${client}declare const clientId: string, clientSecret: string, callbackUrl: string;\n`,
  "What an agent may do": `${client}declare function askPerson(identifier: string, what: string): Promise<boolean>;\n`,
  "Test against the emulator": client,
};

/** Headings whose snippets go on from the first call. */
const continued = new Set([
  "Typed functions",
  "When something goes wrong",
  "In an agent framework",
  "What an agent pays",
  "MCP server",
]);

/** What an example beside the code takes for granted, by file; by default a client and an account. */
const beforeExample: Readonly<Record<string, string | { readonly elsewhere: string }>> = {
  "stores/account-store-checks.ts":
    'import { test } from "vitest";\nimport type { AccountStore } from "gitlab-agent-tools";\nimport { accountStoreChecks } from "gitlab-agent-tools/testing";\ndeclare const MyStore: new () => AccountStore;\n',
  "gitlab.ts": `${bound}declare const request: Request;\n`,
  "errors/gitlab-tool-error.ts": `${bound}import { GitLabToolError } from "gitlab-agent-tools";\nimport { issueGet } from "gitlab-agent-tools/tools";\ndeclare function retryLater(): Promise<void>;\n`,
  "testing/emulator.ts":
    'import { createGitLabEmulator, type GitLabEmulator } from "gitlab-agent-tools/testing";\ndeclare const emulator: GitLabEmulator, pipeline: { id: number }, receiver: string, signingToken: string;\n',
  "adapters/toolbox.ts": `${bound}import { createToolbox } from "gitlab-agent-tools/toolbox";\n`,
  "adapters/openai.ts": `${bound}import type OpenAI from "openai";\nimport { getTools } from "gitlab-agent-tools/openai";\ndeclare const client: OpenAI, model: string, prompt: string;\n`,
  "adapters/ai-sdk.ts": `${bound}import { generateText, stepCountIs, type LanguageModel } from "ai";\nimport { getTools } from "gitlab-agent-tools/ai-sdk";\ndeclare const model: LanguageModel, prompt: string;\n`,
  "adapters/anthropic.ts": `${bound}import type Anthropic from "@anthropic-ai/sdk";\nimport { getTools } from "gitlab-agent-tools/anthropic";\ndeclare const client: Anthropic, model: string, max_tokens: number, messages: Anthropic.MessageParam[];\n`,
  "adapters/langchain.ts": `${bound}import { createAgent } from "langchain";\nimport { getTools } from "gitlab-agent-tools/langchain";\ndeclare const model: string;\n`,
  "webhooks/node.ts":
    'import { toNodeHandler, type WebhookReceiver } from "gitlab-agent-tools/webhooks";\ndeclare const app: { post(path: string, handler: ReturnType<typeof toNodeHandler>): void }, receiver: WebhookReceiver;\n',
  "webhooks/receiver.ts": `${bound}import { createWebhookReceiver } from "gitlab-agent-tools/webhooks";\ndeclare function review(account: GitLabAccount, about: unknown): Promise<void>;\n`,
  "webhooks/signature.ts":
    'import { signWebhook, type WebhookReceiver } from "gitlab-agent-tools/webhooks";\ndeclare const receiver: WebhookReceiver;\n',
  "mcp/index.ts": `${bound}import { createMcpServer } from "gitlab-agent-tools/mcp";\nimport { serveStdio } from "@modelcontextprotocol/server/stdio";\n`,
  "tools/define-tool.ts": 'import { defineTool } from "gitlab-agent-tools";\nimport { z } from "zod";\n',
  "mcp/handler.ts": `${bound}import { Hono } from "hono";\nimport { createMcpHandler } from "gitlab-agent-tools/mcp";\nconst app = new Hono();\n`,
  "adapters/openai-agents.ts": { elsewhere: "test/frameworks has its package" },
  "adapters/google-genai.ts": { elsewhere: "test/frameworks has its package" },
  "adapters/mastra.ts": { elsewhere: "test/frameworks has its package" },
  "mcp/claude-agent.ts": { elsewhere: "test/frameworks has its package" },
};

/** Fenced TypeScript of a Markdown file, with the heading above it. */
async function markdownSnippets(file: string): Promise<{ heading: string; code: string }[]> {
  const found: { heading: string; code: string }[] = [];
  let heading = "";
  for (const match of (await readFile(file, "utf8")).matchAll(/^##+ (.*)$|^```ts\n([\s\S]*?)^```$/gm)) {
    if (match[1] !== undefined) heading = match[1];
    else found.push({ heading, code: match[2] ?? "" });
  }
  return found;
}

async function readmeSnippets(): Promise<Snippet[]> {
  const snippets = await markdownSnippets("README.md");
  const first = snippets.find(({ heading }) => heading === "First call")?.code ?? "";
  return snippets.map(({ heading, code }, number) => ({
    name: `README ${number} ${heading}`,
    code: `${continued.has(heading) ? first : (beforeInReadme[heading] ?? "")}\n${code}`,
    runs: heading !== "On behalf of each engineer",
  }));
}

/** Each snippet of the guides goes on from the first of its file, unless it is a program of its own. */
async function guideSnippets(): Promise<Snippet[]> {
  const files = (await readdir("docs")).filter((file) => file.endsWith(".md"));
  const guides = await Promise.all(
    files.map(async (file) => {
      const [first, ...others] = await markdownSnippets(join("docs", file));
      const start: Snippet[] = first ? [{ name: `${file} start`, code: first.code, runs: false }] : [];
      const more = others.map(({ heading, code }) => {
        const goesOn = !code.includes("createGitLab(");
        return { name: `${file} ${heading}`, code: goesOn ? `${first?.code}\n${code}` : code, runs: false };
      });
      return [...start, ...more];
    }),
  );
  return guides.flat();
}

/** `@example`s of what the package exports. */
async function examples(): Promise<Snippet[]> {
  const files = await readdir("src", { recursive: true });
  const found: Snippet[] = [];
  for (const file of files.filter((name) => name.endsWith(".ts")).sort()) {
    const source = await readFile(join("src", file), "utf8");
    for (const [, block] of source.matchAll(/\n\s*\* @example\b([\s\S]*?)(?:\n\s*\* @|\*\/)/g)) {
      const text = (block ?? "").replace(/^\s*\* ?/gm, "");
      const code = /```ts\n([\s\S]*?)```/.exec(text)?.[1];
      expect(code, `the example in src/${file} is in a \`\`\`ts fence`).toBeDefined();
      const before = beforeExample[file] ?? bound;
      if (typeof before !== "string") continue;
      // In a block, it may have a client of its own.
      found.push({ name: `${file} ${found.length}`, code: `${before}{\n${code}\n}`, runs: false });
    }
  }
  return found;
}

/** A user's project, with the built package and its peers installed. */
let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "snippets-"));
  const installed = join(folder, "node_modules");
  await mkdir(installed);
  for (const name of await readdir("node_modules")) await symlink(resolve("node_modules", name), join(installed, name));
  await symlink(resolve("."), join(installed, "gitlab-agent-tools"));
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs programs one after the other in one process, each with what it prints. */
const runner = `
const outputs = {};
for (const file of process.argv.slice(2)) {
  const lines = [];
  console.log = console.error = console.warn = (...said) => lines.push(said.map(String).join(" "));
  try { await import("./" + file); } catch (error) { lines.push(String(error)); }
  outputs[file] = lines.join("\\n");
}
process.stdout.write(JSON.stringify(outputs));
process.exit(0);
`;

test("every snippet compiles under the strictest options, and those that need nothing from outside run", async () => {
  const snippets = [...(await readmeSnippets()), ...(await guideSnippets()), ...(await examples())];
  expect(snippets.length).toBeGreaterThan(25);
  const files = snippets.map(({ name, ...rest }) => ({ ...rest, name, file: name.replace(/\W+/g, "-") }));
  for (const { file, code } of files) await writeFile(join(folder, `${file}.ts`), `${code}\nexport {};\n`);
  const compilerOptions = {
    ...{ target: "ES2023", module: "NodeNext", types: ["node"], noEmit: true, skipLibCheck: true },
    ...{ strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true },
  };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }));
  const tsc = join("node_modules", "typescript", "bin", "tsc");
  const compiled = await run(process.execPath, [tsc, "-p", folder]).catch((error: { stdout: string }) => error);
  expect(compiled.stdout).toBe("");

  const programs = files.filter(({ runs }) => runs);
  for (const { file, code } of programs) {
    await writeFile(join(folder, `${file}.js`), (await transform(code, { loader: "ts", format: "esm" })).code);
  }
  await writeFile(join(folder, "runner.js"), runner);
  const emulator = await createGitLabEmulator();
  const env = {
    ...process.env,
    GITLAB_URL: emulator.baseUrl,
    GITLAB_TOKEN: emulator.tokens.create({ username: "ada", scopes: ["api"] }),
  };
  try {
    const args = ["runner.js", ...programs.map(({ file }) => `${file}.js`)];
    const { stdout } = await run(process.execPath, args, { cwd: folder, env, timeout: 60_000 });
    const outputs = JSON.parse(stdout) as Record<string, string>;
    const of = (heading: string): string =>
      programs
        .filter(({ name }) => name.endsWith(heading))
        .map(({ file }) => outputs[`${file}.js`])
        .join("\n");
    for (const [file, output] of Object.entries(outputs)) expect(output, file).not.toMatch(/Error:/);
    expect(of("First call")).toBe("ada");
    expect(of("Typed functions")).toContain("POST");
    expect(of("What an agent pays")).toContain("items of");
    expect(of("When something goes wrong")).toMatch(/project_not_found|not_found|wrong_iid/);
  } finally {
    await emulator.close();
  }
}, 120_000);

test("the guides' snippets in JavaScript, whose packages only test/frameworks has, parse", async () => {
  let parsed = 0;
  for (const name of (await readdir("docs")).filter((file) => file.endsWith(".md"))) {
    const text = await readFile(join("docs", name), "utf8");
    for (const [, code = ""] of text.matchAll(/^```js\n([\s\S]*?)^```$/gm)) {
      await expect(transform(code, { loader: "js", format: "esm" }), `${name}: ${code}`).resolves.toBeDefined();
      parsed++;
    }
  }
  expect(parsed).toBeGreaterThan(3);
});

test("the scripts that the documents name exist", async () => {
  const manifest = JSON.parse(await readFile("package.json", "utf8")) as { scripts: Record<string, string> };
  for (const file of ["README.md", "CONTRIBUTING.md", ...(await readdir("docs")).map((name) => join("docs", name))]) {
    for (const [, script] of (await readFile(file, "utf8")).matchAll(/npm run ([\w:]+)/g))
      expect(Object.keys(manifest.scripts), file).toContain(script);
  }
});

test("every link of the README leads somewhere from the package's page, too: to a file that is packed", async () => {
  const { files } = JSON.parse(await readFile("package.json", "utf8")) as { files: string[] };
  // npm packs these whatever the manifest says: https://docs.npmjs.com/cli/configuring-npm/package-json#files
  const packed = [...files, "README.md", "LICENSE", "package.json"];
  for (const [, link = ""] of (await readFile("README.md", "utf8")).matchAll(/\]\((?!http|#)([^)#]+)[^)]*\)/g)) {
    await expect(readFile(link), link).resolves.toBeDefined();
    expect(
      packed.some((name) => link === name || link.startsWith(`${name}/`)),
      link,
    ).toBe(true);
  }
});
