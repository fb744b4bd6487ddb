import { mkdir, mkdtemp, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect } from "vitest";

export interface Snippet {
  readonly name: string;
  readonly code: string;
  /** Why it is not run: what it needs that a test does not have. */
  readonly needs?: string;
}

const client = 'import { createGitLab } from "gitlab-agent-tools";\n';
const bound =
  'import { createGitLab, type GitLab, type GitLabAccount } from "gitlab-agent-tools";\ndeclare const gitlab: GitLab, account: GitLabAccount;\n';

const emulated =
  'import { createGitLabEmulator, type GitLabEmulator } from "gitlab-agent-tools/testing";\ndeclare const emulator: GitLabEmulator, pipeline: { id: number }, receiver: string, signingToken: string;\n';

/** What a snippet of the README takes for granted, by the heading it stands under. */
const beforeInReadme: Readonly<Record<string, string>> = {
  "For many people": `${client}import { Hono } from "hono";\nconst app = new Hono();\ndeclare const clientId: string, clientSecret: string;\ndeclare function userOf(request: Request): string | undefined;\n`,
};

/** Headings whose snippets go on from the first call. */
const continued = new Set(["In an agent"]);

/** What an example beside the code takes for granted, by file; by default a client and an account. */
const beforeExample: Readonly<Record<string, string | { readonly elsewhere: string }>> = {
  "stores/account-store-checks.ts":
    'import { test } from "vitest";\nimport type { AccountStore } from "gitlab-agent-tools";\nimport { accountStoreChecks } from "gitlab-agent-tools/testing";\ndeclare const MyStore: new () => AccountStore;\n',
  "gitlab-types.ts": `${bound}declare const request: Request;\n`,
  "errors/gitlab-tool-error.ts": `${bound}import { GitLabToolError } from "gitlab-agent-tools";\nimport { issueGet } from "gitlab-agent-tools/tools";\ndeclare function retryLater(): Promise<void>;\n`,
  "testing/emulator.ts": emulated,
  "testing/emulator-types.ts": emulated,
  "adapters/toolbox.ts": `${bound}import { createToolbox } from "gitlab-agent-tools/toolbox";\n`,
  "adapters/openai.ts": `${bound}import type OpenAI from "openai";\nimport { getTools } from "gitlab-agent-tools/openai";\ndeclare const client: OpenAI, model: string, prompt: string;\n`,
  "adapters/ai-sdk.ts": `${bound}import { generateText, stepCountIs, type LanguageModel } from "ai";\nimport { getTools } from "gitlab-agent-tools/ai-sdk";\ndeclare const model: LanguageModel, prompt: string;\n`,
  "adapters/anthropic.ts": `${bound}import type Anthropic from "@anthropic-ai/sdk";\nimport { getTools } from "gitlab-agent-tools/anthropic";\ndeclare const client: Anthropic, model: string, max_tokens: number, messages: Anthropic.MessageParam[];\n`,
  "adapters/langchain.ts": `${bound}import { createAgent } from "langchain";\nimport { getTools } from "gitlab-agent-tools/langchain";\ndeclare const model: string;\n`,
  "connect/handler.ts": `${bound}import { Hono } from "hono";\nimport { createConnectHandler } from "gitlab-agent-tools/connect";\nconst app = new Hono();\ndeclare function userOf(request: Request): string | undefined;\n`,
  "connect/node.ts": `${bound}import { createConnectHandler, toNodeHandler } from "gitlab-agent-tools/connect";\nconst app = { use: (path: string, handler: ReturnType<typeof toNodeHandler>): unknown => [path, handler] };\nconst connect = createConnectHandler({ gitlab, identify: () => undefined });\n`,
  "errors/http-errors.ts": 'import { GitLabToolError, httpErrors, toHttpError } from "gitlab-agent-tools";\n',
  "webhooks/account-webhook.ts": `${client}import { createAccountWebhook, createSigningToken } from "gitlab-agent-tools/webhooks";\n`,
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
  "tools/file-input.ts": { elsewhere: "a picture: test/tools/input/uploads sends one" },
  "tools/registry-types.ts": { elsewhere: "a declaration: test/tools/call-types compiles one" },
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

export async function readmeSnippets(): Promise<Snippet[]> {
  const snippets = await markdownSnippets("README.md");
  const first = snippets.find(({ heading }) => heading === "First call")?.code ?? "";
  return snippets.map(({ heading, code }, number) => ({
    name: `README ${number} ${heading}`,
    code: `${continued.has(heading) ? first : (beforeInReadme[heading] ?? "")}\n${code}`,
    ...(heading === "For many people" && { needs: "a person who allows it" }),
  }));
}

/** Snippets of the guides that are not run, by file and heading. */
const guidesNeed: Readonly<Record<string, string>> = {
  "accounts.md start": "a database",
  "agents.md AI SDK 5 to 7": "a model",
  "agents.md LangChain and LangGraph": "a model",
  "agents.md OpenAI: Responses and Chat Completions": "a model",
  "agents.md Anthropic: Messages, and the tool runner": "a model",
  "emulator.md start": "Vitest",
  "webhooks.md Tests": "somebody who comments",
};

/** Each snippet of the guides goes on from the first of its file, unless it is a program of its own. */
export async function guideSnippets(): Promise<Snippet[]> {
  const files = (await readdir("docs")).filter((file) => file.endsWith(".md"));
  const guides = await Promise.all(
    files.map(async (file) => {
      const [first, ...others] = await markdownSnippets(join("docs", file));
      const start = first ? [{ name: `${file} start`, code: first.code }] : [];
      const more = others.map(({ heading, code }) => {
        const goesOn = !code.includes("createGitLab(");
        return { name: `${file} ${heading}`, code: goesOn ? `${first?.code}\n${code}` : code };
      });
      return [...start, ...more].map((one) => needing(one, guidesNeed[one.name]));
    }),
  );
  return guides.flat();
}

const needing = (snippet: Snippet, needs: string | undefined): Snippet => (needs ? { ...snippet, needs } : snippet);

/** Examples that are not run, by what stands in them. */
const examplesNeed: Readonly<Record<string, string>> = {
  "generateText(": "a model",
  "client.": "a model",
  "createAgent(": "a model",
  "getSignInLink(": "a person who signs in",
  "connections: { gitlab: {} }": "gitlab.com",
  "serveStdio(": "a client on the process's own streams",
  "accountStoreChecks)": "Vitest",
  "hooks.waitFor(": "somebody who comments",
};

/** `@example`s of what the package exports. */
export async function examples(): Promise<Snippet[]> {
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
      const needs = Object.entries(examplesNeed).find(([text]) => code?.includes(text))?.[1];
      found.push(needing({ name: `${file} ${found.length}`, code: `${before}{\n${code}\n}` }, needs));
    }
  }
  return found;
}

/** A user's project, with the built package and its peers installed. */
export async function userProject(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "snippets-"));
  const installed = join(folder, "node_modules");
  await mkdir(installed);
  for (const name of await readdir("node_modules")) await symlink(resolve("node_modules", name), join(installed, name));
  await symlink(resolve("."), join(installed, "gitlab-agent-tools"));
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  return folder;
}
