/** `gitlab-agent-tools/toolbox`: one agent's tools, for frameworks without an adapter and for loops of your own. */
import { randomUUID } from "node:crypto";
import type { ToolDefinition } from "../definition/definition.js";
import type { OwnTool } from "../tools/own-tools.js";
import { discoveryToolbox } from "./discovery.js";
import { directToolbox } from "./run-tool.js";
import { selectTools } from "../tools/select.js";
import { checkToolboxOptions } from "./toolbox-options.js";
import type { Toolbox, ToolboxOptions } from "./toolbox-types.js";

export type {
  Confirm,
  Refuse,
  Toolbox,
  ToolAnswer,
  ToolboxCall,
  ToolboxClient,
  ToolboxDefinition,
  ToolboxOptions,
  ToolboxResult,
  ToolImage,
  ToolRunOptions,
} from "./toolbox-types.js";

/**
 * The tools of one person's agent: what they are, and how to run them. Options are checked at once; nothing is sent
 * before a tool is run. Every adapter and the MCP server stand on it.
 *
 * @throws {GitLabToolError} `invalid_input`, and `unknown_tool` for a selection that names what does not exist
 * @example
 * ```ts
 * const toolbox = createToolbox({
 *   gitlab,
 *   identifier: "user_ada",
 *   select: { areas: ["issues"] },
 *   before: ({ access }) => (access === "destructive" ? { refuse: "Nothing is deleted from this chat." } : undefined),
 * });
 * const { text, isError } = await toolbox.run("gitlab_issues_list", { project_id: "acme/app", state: "opened" });
 * ```
 */
export function createToolbox(options: ToolboxOptions): Toolbox {
  checkToolboxOptions(options);
  return openToolbox(options);
}

/** The tools that are offered: of GitLab's, and of those that the client was made with. */
export function offeredTools(
  { select, discovery, gitlab }: Pick<ToolboxOptions, "select" | "discovery"> & Partial<Pick<ToolboxOptions, "gitlab">>,
  own: readonly OwnTool[] = gitlab?.tools ?? [],
): readonly ToolDefinition[] {
  // The three tools take the same room however many they reach: all of GitLab, unless something else is said.
  return selectTools(
    discovery ? { level: "all", ...select } : select,
    own.map(({ definition }) => definition),
  );
}

/**
 * The toolbox of options that have been checked.
 *
 * @param tools what the options select: a server that opens many selects once
 */
export function openToolbox(unchecked: ToolboxOptions, tools = offeredTools(unchecked)): Toolbox {
  const options = { conversation: randomUUID(), ...unchecked };
  const toolbox = directToolbox(tools, options);
  return options.discovery ? discoveryToolbox(tools, toolbox, options) : toolbox;
}
