import { isObject } from "../is-object.js";
import type { ToolDefinition } from "../definition/definition.js";
import { ownSearch, searchTool } from "./own-search.js";
import type { ToolboxDefinition } from "./toolbox.js";

/** A function tool of the Responses API. */
export interface ResponsesTool {
  type: "function";
  name: string;
  description: string;
  parameters: Record<string, unknown>;
  strict: boolean;
}

/** Functions that the model's tool search loads together. */
export interface OpenAiNamespace {
  type: "namespace";
  name: string;
  description: string;
  tools: (ResponsesTool & { defer_loading: true })[];
}

/** Namespaces, and the tool that searches them. */
export type OpenAiToolSearch = (OpenAiNamespace | { type: "tool_search" })[];

/** Our own search as OpenAI's models call it. */
export interface OpenAiOwnSearch {
  type: "tool_search";
  execution: "client";
  description: string;
  parameters: Record<string, unknown>;
}

/** A `tool_search_call` item of a response, for the client to answer. */
export interface ToolSearchCall {
  readonly type: "tool_search_call";
  readonly call_id: string | null;
  readonly arguments: unknown;
}

/** The input item that answers it, with what it has found. */
export interface ToolSearchOutput {
  type: "tool_search_output";
  call_id: string | null;
  execution: "client";
  status: "completed";
  tools: (ResponsesTool & { defer_loading: true })[];
}

/** Our own index behind OpenAI's tool search. */
export interface OwnToolSearch {
  /** `tools` of the Responses API: the search alone. */
  readonly tools: OpenAiOwnSearch[];
  /** Answers a search of the model; what it finds is called as ever, with `runToolCall`. */
  readonly runSearch: (call: ToolSearchCall) => ToolSearchOutput;
}

/** OpenAI advises fewer than ten: https://developers.openai.com/api/docs/guides/tools-tool-search */
const mostInNamespace = 9;

/** The tools by area, and by what they do where an area has too many. */
export function toolSearchTools(
  definitions: readonly ToolboxDefinition[],
  tools: readonly ResponsesTool[],
): OpenAiToolSearch {
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  const areas = new Set(definitions.map(({ area }) => area));
  const namespaces = [...areas].flatMap((area) =>
    groups(
      area,
      definitions.filter((definition) => definition.area === area),
    ).map(([name, members]): OpenAiNamespace => ({
      type: "namespace",
      name: `gitlab_${name.replaceAll("-", "_")}`,
      description: `GitLab: ${members.map(({ title }) => title.toLowerCase()).join(", ")}`,
      tools: members.flatMap(({ name: tool }) => {
        const found = byName.get(tool);
        return found ? [{ ...found, defer_loading: true as const }] : [];
      }),
    })),
  );
  return [...namespaces, { type: "tool_search" }];
}

type Group = readonly [name: string, members: readonly ToolboxDefinition[]];

function groups(area: string, all: readonly ToolboxDefinition[]): Group[] {
  if (all.length <= mostInNamespace) return [[area, all]];
  const [reads, writes] = [true, false].map((reads) => all.filter(({ access }) => (access === "read") === reads));
  return [...chunks(`${area}_read`, reads ?? []), ...chunks(`${area}_write`, writes ?? [])];
}

/** Of about the same size each. */
function chunks(name: string, members: readonly ToolboxDefinition[]): Group[] {
  const count = Math.ceil(members.length / mostInNamespace);
  const size = Math.ceil(members.length / count);
  return Array.from({ length: count }, (_, index): Group => [
    count === 1 ? name : `${name}_${index + 1}`,
    members.slice(index * size, (index + 1) * size),
  ]);
}

/** Our own index in the place of namespaces: https://developers.openai.com/api/docs/guides/tools-tool-search */
export function ownToolSearch(rows: readonly ToolDefinition[], tools: readonly ResponsesTool[]): OwnToolSearch {
  const find = ownSearch(rows);
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  const { description, schema } = searchTool;
  return {
    tools: [{ type: "tool_search", execution: "client", description, parameters: { ...schema } }],
    runSearch({ call_id, arguments: input }) {
      const query = isObject(input) ? input["query"] : input;
      const found = find(query).flatMap((name) => byName.get(name) ?? []);
      return {
        ...{ type: "tool_search_output", call_id, execution: "client", status: "completed" },
        tools: found.map((tool) => ({ ...tool, defer_loading: true })),
      };
    },
  };
}
