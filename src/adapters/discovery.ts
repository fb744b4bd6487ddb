import type { ToolDefinition } from "../definition/definition.js";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { byEveryName } from "../tools/called.js";
import { nearestTool, suggested } from "../tools/nearest-tool.js";
import { reasonAgainst, type Selection } from "../tools/select.js";
import { validate } from "../tools/validate.js";
import { parseArguments } from "./arguments.js";
import { described, found, type DiscoveryAnswer } from "./discovery-answers.js";
import { toolSearch, type ToolSearch } from "./discovery-search.js";
import { discoveryDefinitions, discoveryFor, discoveryNames, discoveryToolNames } from "./discovery-tools.js";
import { refusal, toToolError } from "./refusal.js";
import { show } from "./show.js";
import type { Toolbox, ToolboxOptions } from "./toolbox-types.js";

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
  if (toolName === discoveryNames.find) return found(searchOf(definitions), values, showing);
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
  if (toolName === discoveryNames.describe) return described(definition, showing);
  const { input, fields } = values;
  return executeTool(name, { ...(typeof input === "object" && input), ...(fields !== undefined && { fields }) });
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
      if (name !== discoveryNames.call) return false;
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
    const input: unknown = parseArguments(discoveryNames.call, raw);
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

function unknownTool(name: string, known: readonly string[]): GitLabToolError {
  const near = nearestTool(name, known);
  return new GitLabToolError({
    code: "unknown_tool",
    message: `There is no tool ${JSON.stringify(name.slice(0, 100))}.`,
    hint: `${near ? `Did you mean ${suggested(near)}? ` : ""}${discoveryNames.find} finds tools by what is to be done.`,
    ...(near && { details: { nearest: near.name } }),
  });
}
