import type { Layer } from "./layer-of.js";

const files = (folder: string, ...names: readonly string[]): string[] => names.map((name) => `${folder}/${name}.js`);

/**
 * What of the package is loaded together, in the order in which it is loaded: each is one file in `dist/chunks`. A module
 * that is imported when it is needed, and is named by none, is a file of its own.
 */
export const layers: Readonly<Record<string, Layer>> = {
  // Each of these is shared by what has nothing else in common.
  undici: { roots: files("src/http", "undici") },
  signature: { roots: files("src/webhooks", "signature") },
  graphqlEditions: { roots: files("src", "graphql-editions") },
  // What a bundle with a single tool has as well: nothing of Node's.
  common: { roots: files("src/tools", "callable") },
  // What a model reads of texts and refusals, also where there is no client yet.
  texts: { roots: files("src/views", "cut", "diff-text", "untrusted"), after: ["common"] },
  refusals: { roots: files("src/adapters", "question", "refusal", "unconnected"), after: ["texts"] },
  transport: { roots: files("src/http", "node-transport", "platform-transport"), after: ["undici", "common"] },
  client: { roots: files("src", "index"), after: ["transport"] },
  webhooks: { roots: files("src/webhooks", "index"), after: ["signature", "client"] },
  web: { roots: files("src/mcp/authorization", "signed-in"), after: ["client"] },
  connect: { roots: files("src/connect", "index"), after: ["web"] },
  accounts: {
    roots: files("src/accounts", "callback", "delete", "device", "link", "oauth", "rotate", "token"),
    after: ["client"],
  },
  // It listens on this machine, which not every runtime can.
  browser: { roots: files("src/accounts", "browser"), after: ["accounts"] },
  database: { roots: files("src/stores", "sqlite", "postgres", "sql-update-account"), after: ["client"] },
  // The first that needs zod.
  tool: { roots: files("src", "tools/tool", "tools/row", "define"), after: ["client"] },
  call: { roots: files("src", "gitlab-calls"), after: ["texts", "tool"] },
  failure: { roots: files("src", "errors/classify", "tools/investigate"), after: ["call"] },
  graphql: { roots: files("src/tools/graphql", "wire", "answer", "names-given"), after: ["call"] },
  workflows: { roots: files("src/workflows", "perform"), after: ["call"] },
  // The first that needs the rows of all tools.
  select: { roots: files("src/tools", "select"), after: ["call"] },
  toolbox: { roots: files("src", "adapters/toolbox", "definitions"), after: ["refusals", "select"] },
  adapters: {
    roots: files(
      "src/adapters",
      "ai-sdk",
      "anthropic",
      "google-genai",
      "langchain",
      "mastra",
      "openai",
      "openai-agents",
    ),
    after: ["toolbox"],
  },
  // What an MCP client is greeted with, before any tool is loaded.
  mcpServer: { roots: files("src/mcp", "server"), after: ["refusals"] },
  // What a server over stdio needs; the next, what one over HTTP needs.
  mcpTools: { roots: files("src/mcp", "tools"), after: ["toolbox", "mcpServer"] },
  mcp: { roots: files("src/mcp", "index", "claude-agent", "serve"), after: ["mcpTools", "web"] },
  // The command line, as far as `--help` needs it.
  program: { roots: files("src/cli", "program"), after: ["common"] },
  commands: {
    roots: files(
      "src/cli",
      ...["accounts-run", "advice", "client", "connect-run", "doctor-run", "environment", "own-tools", "sessions-run"],
    ),
    after: ["program", "client"],
  },
  keysCommand: { roots: files("src/cli", "keys-run"), after: ["commands", "web"] },
  toolsCommand: { roots: files("src/cli", "agree", "completion-run", "tools-run"), after: ["commands", "toolbox"] },
  mcpGreeting: { roots: files("src/cli", "mcp-run"), after: ["program", "mcpServer"] },
  mcpCommand: { roots: files("src/mcp", "personal"), after: ["mcpGreeting", "commands", "mcpTools"] },
  serveCommand: { roots: files("src/cli", "serve-run"), after: ["mcpCommand", "mcp", "keysCommand", "connect"] },
  codegen: {
    roots: files("codegen", "diff-spec", "diff/report", "explain", "generate", "generate-own", "update-spec"),
    after: ["graphqlEditions", "program", "toolbox", "graphql"],
  },
  testing: { roots: files("src/testing", "index"), after: ["signature", "common"] },
  emulatorCommand: { roots: files("src/cli", "demo-run", "emulator-run"), after: ["commands", "testing"] },
};

/** Beside the entry points: what tests and tools from outside import of the built package. */
export const alsoNamed: readonly string[] = [
  ...files("src", "views/compact", "stores/open-store"),
  ...files("codegen", "diff-spec", "diff/report"),
];
