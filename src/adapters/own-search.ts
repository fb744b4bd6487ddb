import type { ToolDefinition } from "../definition/definition.js";
import { toolSearch, type ToolSearch } from "./discovery-search.js";

/** What a search answers at most: providers load the definitions of all of it. */
const most = 5;

/** Our own index in the place of a provider's: the names of the tools for a request, best first. */
export function ownSearch(tools: readonly ToolDefinition[]): (query: unknown) => readonly string[] {
  let search: ToolSearch | undefined;
  return (query) => {
    const request = typeof query === "string" ? query : "";
    return (search ??= toolSearch(tools))(request, most).map(({ name }) => name);
  };
}

/** How models are shown the search. */
export const searchTool = {
  name: "gitlab_tools_find",
  description:
    "Finds tools for GitLab by what is to be done, and loads them: projects, issues, merge requests, pipelines, files, releases, people …",
  schema: {
    type: "object",
    properties: { query: { type: "string", description: "What is to be done, in a few words" } },
    required: ["query"],
  },
} as const;

export const nothingFound = "No tool is about that. Ask with other words: what it is about and what is to be done.";
