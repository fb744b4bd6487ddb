import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { byEveryName } from "../tools/called.js";
import type { Access, ToolDefinition } from "../definition/definition.js";
import { curatedSchema } from "../tools/json-schema.js";
import { nearestTool, suggested } from "../tools/nearest-tool.js";
import * as s from "../tools/schema.js";
import { validate } from "../tools/validate.js";
import { parseArguments } from "./arguments.js";
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
import { longestRequest, toolSearch, type ToolSearch } from "./discovery-search.js";
import { firstFound, firstSentence, shownGroups } from "./first-found.js";
import { refusal, toToolError } from "./refusal.js";
import { reasonAgainst, type Selection } from "../tools/select.js";
import { show } from "./show.js";
import type { Showing, ToolAnswer, Toolbox, ToolboxOptions } from "./toolbox-types.js";

const names = { find: "gitlab_tools_find", describe: "gitlab_tool_describe", call: "gitlab_tool_call" } as const;

/** The three tools that reach all others. */
export const discoveryToolNames: readonly string[] = Object.values(names);

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
      name: names.find,
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
      name: names.describe,
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
      name: names.call,
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

/** What {@link runDiscovery} works on. */
export interface DiscoveryOptions {
  /** The tools that may be found and called. */
  readonly definitions: readonly ToolDefinition[];
  /** Calls one of them. */
  readonly executeTool: (toolName: string, toolInput: unknown) => Promise<DiscoveryAnswer>;
  /** Changes how a tool is described. */
  readonly schema?: ToolboxOptions["schema"];
  /** Its `downloads` decides whether tools are described with `save_to`. */
  readonly policy?: ToolboxOptions["policy"];
  /** What they were selected by: why a tool is not among them is said when it is asked for. */
  readonly select?: Selection;
}

/** What a call brought back, for the model. */
export type DiscoveryAnswer = Omit<ToolAnswer, "images"> & Partial<Pick<ToolAnswer, "images">>;

/**
 * Runs one of the three tools.
 *
 * @throws {GitLabToolError} `invalid_input`, `unknown_tool`, and what `executeTool` throws
 */
export async function runDiscovery(
  toolName: string,
  args: unknown,
  options: DiscoveryOptions,
): Promise<DiscoveryAnswer> {
  const { definitions, executeTool, schema, policy } = options;
  const showing = { ...(schema && { schema }), ...(policy && { policy }) };
  const own = discoveryDefinitions().find(({ name }) => name === toolName);
  if (!own) throw unknownTool(toolName, discoveryToolNames);
  const values = validate(own, args);
  if (toolName === names.find) return found(searchOf(definitions), values, showing);
  const name = String(values["name"]);
  const definition = byEveryName(definitions).get(name);
  if (!definition)
    throw (
      reasonAgainst(name, options.select) ??
      unknownTool(
        name,
        definitions.map((candidate) => candidate.name),
      )
    );
  if (toolName === names.describe) return described(definition, showing);
  const { input, fields } = values;
  return executeTool(name, { ...(typeof input === "object" && input), ...(fields !== undefined && { fields }) });
}

/** The three tools with hints of what those that they reach may do. */
export function discoveryFor(definitions: readonly ToolDefinition[]): readonly ToolDefinition[] {
  const most = (["destructive", "write"] as const).find((access) => definitions.some((tool) => tool.access === access));
  return discoveryDefinitions(most ?? "read");
}

/** A toolbox of the three tools that reach those of another. Errors become answers where the other's do. */
export function discoveryToolbox(
  tools: readonly ToolDefinition[],
  toolbox: Pick<Toolbox, "run" | "needsConfirmation">,
  {
    maxResultTokens,
    schema,
    policy,
    confirm,
    select,
  }: Pick<ToolboxOptions, "maxResultTokens" | "schema" | "policy" | "confirm" | "select"> = {},
): Toolbox {
  return {
    definitions: discoveryFor(tools).map((tool) => show(tool, confirm ? { confirm } : {})),
    needsConfirmation(name, input) {
      if (name !== names.call) return false;
      const call = calledTool(input);
      return call !== undefined && toolbox.needsConfirmation(call.name, call.input);
    },
    async run(name, input, options) {
      try {
        const answer = await runDiscovery(name, parseArguments(name, input), {
          definitions: tools,
          executeTool: (toolName, toolInput) => toolbox.run(toolName, toolInput, options),
          ...(schema && { schema }),
          ...(policy && { policy }),
          // The three tools reach all of GitLab, unless something else is said.
          select: { level: "all", ...select },
        });
        return { images: [], ...answer };
      } catch (error) {
        return refusal(toToolError(error), maxResultTokens);
      }
    },
  };
}

/** The tool that a call of the third tool is for; nothing where the input cannot be read, and nothing will be called. */
function calledTool(raw: unknown): { readonly name: string; readonly input: unknown } | undefined {
  try {
    const input: unknown = parseArguments(names.call, raw);
    if (typeof input !== "object" || input === null) return undefined;
    const name: unknown = Reflect.get(input, "name");
    return typeof name === "string" ? { name, input: Reflect.get(input, "input") } : undefined;
  } catch {
    return undefined;
  }
}

const searches = new Map<string, { readonly of: readonly ToolDefinition[]; readonly search: ToolSearch }>();
const mostSearches = 100;

/** Indexed once for a selection: servers make a toolbox for every request, of tools that are the same. */
function searchOf(definitions: readonly ToolDefinition[]): ToolSearch {
  const key = definitions.map(({ name }) => name).join(" ");
  const known = searches.get(key);
  if (known?.of.every((definition, index) => definition === definitions[index])) return known.search;
  const search = toolSearch(definitions);
  const [oldest] = searches.keys();
  if (oldest !== undefined && searches.size >= mostSearches) searches.delete(oldest);
  searches.set(key, { of: definitions, search });
  return search;
}

const usual = 5;

/** Tools for a request: the first with its input and an example, so that it can be called at once. */
function found(
  search: ToolSearch,
  { query, limit }: Readonly<Record<string, unknown>>,
  showing: Showing,
): DiscoveryAnswer {
  const tools = search(String(query), typeof limit === "number" ? Math.min(limit, 20) : usual);
  const [first, ...others] = tools;
  if (!first) {
    const text =
      "No tool is about that. Ask with other words: what it is about (issues, pipelines …) and what is to be done.";
    return { text, structured: { tools: [] }, isError: false };
  }
  const best = firstFound(show(first, showing, curatedSchema(first)), shownGroups(first, first.required_one, 1));
  const rest = others.map(({ name, description, access }) => ({
    name,
    access,
    description: firstSentence(description),
  }));
  const text = [
    `${best.name} (${best.access}): ${best.description}`,
    ...Object.entries(best.input).map(([name, type]) => `  ${name}: ${type}`),
    `  example: ${JSON.stringify({ name: best.name, input: best.example })}`,
    ...(rest.length > 0 ? [`Others, to be read about with ${names.describe} first:`] : []),
    ...rest.map(({ name, access, description }) => `${name} (${access}): ${description}`),
  ].join("\n");
  return { text, structured: { tools: [best, ...rest] }, isError: false };
}

function described(definition: ToolDefinition, showing: Showing): DiscoveryAnswer {
  const { tier, exclusive, required_one } = definition;
  const { name, description, access, inputSchema } = show(definition, showing, curatedSchema(definition));
  const structured = {
    name,
    description,
    access,
    ...(tier && { needs: `GitLab ${tier}` }),
    inputSchema,
    ...(exclusive && { at_most_one_of: shownGroups(definition, exclusive, 2) }),
    ...(required_one && { at_least_one_of: shownGroups(definition, required_one, 1) }),
  };
  return { text: JSON.stringify(structured), structured, isError: false };
}

function unknownTool(name: string, known: readonly string[]): GitLabToolError {
  const near = nearestTool(name, known);
  return new GitLabToolError({
    code: "unknown_tool",
    message: `There is no tool ${JSON.stringify(name.slice(0, 100))}.`,
    hint: `${near ? `Did you mean ${suggested(near)}? ` : ""}${names.find} finds tools by what is to be done.`,
    ...(near && { details: { nearest: near.name } }),
  });
}
