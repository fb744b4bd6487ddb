import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/**
 * Tests that change what a process has once: its environment, its listeners, its globals. Each file has a process of its
 * own; all others share theirs, where what they import is loaded once and not a hundred times.
 */
const alone = [
  "test/cli/**/*.test.ts",
  "test/codegen/generate.test.ts",
  "test/mcp/stdio.test.ts",
  "test/package/own-tools.test.ts",
  "test/stores/{lease,postgres,sqlite}.test.ts",
  "test/accounts/{many,lost-pair,flows}.test.ts",
  "test/attacks/{mcp-sign-in,hostile-answers}.test.ts",
  "test/http/{hooks,telemetry,network-settings,shared-signal}.test.ts",
  "test/scenarios/{safety,no-secret-leaves}.test.ts",
  "test/testing/docs.test.ts",
  "test/views/budget.test.ts",
  "test/webhooks/receiver.test.ts",
];

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
    projects: [
      {
        extends: true,
        test: { name: "shared", include: ["test/**/*.test.ts"], exclude: [...elsewhere, ...alone], isolate: false },
      },
      { extends: true, test: { name: "alone", include: alone, exclude: elsewhere } },
    ],
  },
});
