import type { Access, ToolDefinition } from "../definition/definition.js";
import * as s from "../tools/schema.js";
import {
  toAnthropic,
  toGemini,
  toMcp,
  toOpenAi,
  type AnthropicToolDefinition,
  type GeminiFunctionDeclaration,
  type McpToolDefinition,
  type OpenAiToolDefinition,
} from "./definitions.js";
import { longestRequest } from "./discovery-search.js";

export const discoveryNames = {
  find: "gitlab_tools_find",
  describe: "gitlab_tool_describe",
  call: "gitlab_tool_call",
} as const;

/** The three tools that reach all others. */
export const discoveryToolNames: readonly string[] = Object.values(discoveryNames);

/** What the three have in common with generated tools, so that every projection takes them; none of it is sent. */
const local = { area: "discovery", method: "GET", path: "", scopes: [], view: [], answer: "json" } as const;

/**
 * Definitions of the three tools through which a model finds, reads about and calls all others, for a thirteenth of
 * what their definitions take.
 *
 * @param access the most that the tools behind them may do, for the hints that clients show
 */
export function discoveryDefinitions(access: Access = "destructive"): readonly ToolDefinition[] {
  return [
    {
      ...local,
      name: discoveryNames.find,
      title: "Find GitLab tools",
      description:
        "Finds tools for GitLab by what is to be done, best first, and how to call the first: projects, issues, merge requests, pipelines, files, releases, people …",
      access: "read",
      idempotent: true,
      parameters: { query: { in: "local" }, limit: { in: "local" } },
      curated: ["query", "limit"],
      input: () =>
        s.input({
          query: s.text({ minLength: 1, maxLength: longestRequest }),
          limit: s.optional(s.integer({ minimum: 1 })),
        }),
    },
    {
      ...local,
      name: discoveryNames.describe,
      title: "Describe GitLab tool",
      description: "The input schema of another tool that was found. Read it before the first call.",
      access: "read",
      idempotent: true,
      parameters: { name: { in: "local" } },
      curated: ["name"],
      input: () => s.input({ name: s.text({ minLength: 1 }) }),
    },
    {
      ...local,
      name: discoveryNames.call,
      title: "Call GitLab tool",
      description: "Calls a tool with input as described.",
      access,
      idempotent: false,
      parameters: { name: { in: "local" }, input: { in: "local" }, fields: { in: "local" } },
      curated: ["name", "input", "fields"],
      input: () =>
        s.input({
          name: s.text({ minLength: 1 }),
          input: s.optional(s.record(s.json())),
          fields: s.optional(s.list(s.text(), { description: "What the answer shows; +field beside the usual" })),
        }),
    },
  ];
}

/** A definition in each provider's form. */
interface Projected {
  readonly mcp: McpToolDefinition;
  readonly openai: OpenAiToolDefinition;
  readonly anthropic: AnthropicToolDefinition;
  readonly gemini: GeminiFunctionDeclaration;
}

const projections: { readonly [Format in keyof Projected]: (definition: ToolDefinition) => Projected[Format] } = {
  mcp: toMcp,
  openai: toOpenAi,
  anthropic: toAnthropic,
  gemini: toGemini,
};

/** The three tools in a provider's form. */
export function discoveryTools<Format extends keyof Projected>(format: Format, access?: Access): Projected[Format][] {
  const project = projections[format];
  return discoveryDefinitions(access).map((definition) => project(definition));
}

/** The three tools with hints of what those that they reach may do. */
export function discoveryFor(definitions: readonly ToolDefinition[]): readonly ToolDefinition[] {
  const most = (["destructive", "write"] as const).find((access) => definitions.some((tool) => tool.access === access));
  return discoveryDefinitions(most ?? "read");
}
