import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Both have scripts of their own: npm run test:frameworks and test:long. */
const elsewhere = ["test/frameworks/**", "test/**/*.long.test.ts"];

export default defineConfig({
  resolve: {
    alias: [
      { find: /^#transport$/, replacement: source("./src/http/node-transport.ts") },
      { find: /^gitlab-agent-tools$/, replacement: source("./src/index.ts") },
      { find: /^gitlab-agent-tools\/(tools|define|definitions)$/, replacement: source("./src/$1.ts") },
      { find: /^gitlab-agent-tools\/(connect|mcp|testing|webhooks)$/, replacement: source("./src/$1/index.ts") },
      { find: "gitlab-agent-tools/claude-agent", replacement: source("./src/mcp/claude-agent.ts") },
      {
        find: /^gitlab-agent-tools\/(toolbox|langchain|ai-sdk|openai|openai-agents|anthropic|google-genai|mastra)$/,
        replacement: source("./src/adapters/$1.ts"),
      },
    ],
  },
  test: {
    globalSetup: ["test/support/reachable-postgres.ts", "test/support/shared-postgres.ts"],
    // What one project or run has compiled, others read: https://vitest.dev/config/experimental#experimental-fsmodulecache
    experimental: { fsModuleCache: true },
    // For what hangs, not for what is slow: on a machine that does other things as well everything takes its time.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // vitest leaves a core to itself, which on a machine with two is half of it: most tests wait for a server or a process.
    maxWorkers: availableParallelism(),
    include: ["test/**/*.test.ts"],
    exclude: elsewhere,
    // What the files import is loaded once in each process, and not two hundred times. So a test that changes what a
    // process has once (its environment, listeners, globals, timers) gives it back when it ends, also when it fails.
    isolate: false,
    // Tests make much that is soon forgotten. With more room for what is new, an eighth less time goes into collecting it.
    execArgv: ["--max-semi-space-size=64"],
  },
});
