import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

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
    include: ["test/**/*.test.ts"],
    // Both have scripts of their own: npm run test:frameworks and test:long.
    exclude: ["test/frameworks/**", "test/**/*.long.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
