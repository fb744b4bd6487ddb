import { toAnthropic, toGemini, toMcp, toOpenAi } from "../src/adapters/definitions.js";
import { discoveryTools } from "../src/adapters/discovery-tools.js";
import { exampleInput } from "../src/adapters/first-found.js";
import { searchTool } from "../src/adapters/own-search.js";
import { exportDefinitions } from "../src/adapters/export.js";
import { toolSearchTools } from "../src/adapters/openai-tools.js";
import { show } from "../src/adapters/show.js";
import { presetNames, selectTools } from "../src/tools/select.js";
import type { ToolDefinition } from "../src/definition/definition.js";
import { measureAnswers, median, tokens } from "./answers.js";
import { shownTokens } from "./shown.js";
import { printTable, times, type Cell } from "./table.js";
import { measureWorkflows } from "./workflows.js";
import { createSeededGitLab } from "./seeded-gitlab.js";

const json = (value: unknown): number => tokens(JSON.stringify(value));

/** Tokens of definitions and of answers, beside what others take (all counted with gpt-tokenizer, o200k). */
export async function benchTokens(): Promise<void> {
  definitions();
  providers();
  await answers();
  await workflows();
}

function definitions(): void {
  const all = selectTools();
  const row = (name: string, tools: number, count: number): Cell[] => [name, tools, count, Math.round(count / tools)];
  printTable(
    "Definitions as MCP's tools/list has them, in tokens",
    ["what", "tools", "tokens", "per tool"],
    [
      row("a popular open GitLab MCP server", 118, 33_989),
      row("the same with all of its tools", 262, 70_533),
      row("a hosted connector", 110, 11_750),
      row("core tools as a model sees them (at most 9,600)", all.length, shownTokens(all)),
      row("the same with titles", all.length, tokens(exportDefinitions(all, "mcp"))),
      row(
        "all tools, every hint",
        all.length,
        json({ tools: all.map((tool) => toMcp(tool, { annotations: "full" })) }),
      ),
      row(
        "all tools, with output schemas",
        all.length,
        tokens(exportDefinitions(all, "mcp", { outputSchema: "compact" })),
      ),
      ...presetNames.map((preset) => {
        const tools = selectTools({ preset });
        return row(`preset ${preset}`, tools.length, tokens(exportDefinitions(tools, "mcp")));
      }),
      row("discovery (at most 700), reaches all", 3, json({ tools: discoveryTools("mcp") })),
    ],
  );
}

/** Of the providers' own tool search, only what goes out is measured: no provider can be reached from here. */
function providers(): void {
  const all = selectTools();
  const toolSearch = { type: "tool_search_tool_bm25_20251119", name: "tool_search_tool_bm25" };
  const responses = all.map((tool) => {
    const { parameters, ...rest } = toOpenAi(tool);
    return { ...rest, parameters: { ...parameters } };
  });
  const namespaces = toolSearchTools(
    all.map((tool) => show(tool)),
    responses,
  ).map((tool) => (tool.type === "namespace" ? { ...tool, tools: [] } : tool));
  printTable(
    "All definitions by provider, as JSON, in tokens (what a provider counts is its own affair)",
    ["provider", "tokens"],
    [
      ["openai", json(all.map((tool) => toOpenAi(tool)))],
      ["openai, strict", json(all.map((tool) => toOpenAi(tool, { strict: true })))],
      ["anthropic", json(all.map((tool) => toAnthropic(tool)))],
      ["anthropic, with an example each (inputExamples)", json(all.map(withExample))],
      ["gemini", json(all.map((tool) => toGemini(tool)))],
      ["anthropic, deferred behind its own tool search: up front", json([toolSearch])],
      ["openai, deferred in namespaces: their names and descriptions, up front", json(namespaces)],
      ["anthropic and openai, our own index behind their search: up front", json([searchTool])],
      ["our own discovery, any provider: up front", json(discoveryTools("openai"))],
    ],
  );
}

const withExample = (tool: ToolDefinition): object => {
  const definition = toAnthropic(tool);
  return { ...definition, input_examples: [exampleInput(definition.input_schema)] };
};

async function workflows(): Promise<void> {
  printTable(
    "The working day's tools and those of GraphQL, in tokens: GitLab's answers that they are made of, and what a model reads",
    ["tool", "calls", "full", "text", "ratio"],
    (await measureWorkflows()).map(({ tool, calls, full, text }): Cell[] => [
      tool,
      calls,
      full,
      text,
      times(full / text),
    ]),
  );
}

async function answers(): Promise<void> {
  const seeded = await createSeededGitLab();
  try {
    const costs = (await measureAnswers(seeded)).toSorted((a, b) => a.full / a.text - b.full / b.text);
    printTable(
      "First pages of the emulator's lists, in tokens: GitLab's JSON, the compact view's, and what a model reads of it",
      ["tool", "items", "full", "compact", "ratio", "text", "ratio"],
      [
        ...costs.map(({ tool, items, full, compact, text }): Cell[] => [
          tool,
          items,
          full,
          compact,
          times(full / compact),
          text,
          times(full / text),
        ]),
        [
          "median (at least 8×)",
          "",
          "",
          "",
          times(median(costs.map(({ full, compact }) => full / compact))),
          "",
          times(median(costs.map(({ full, text }) => full / text))),
        ],
      ],
    );
  } finally {
    await seeded.close();
  }
}
