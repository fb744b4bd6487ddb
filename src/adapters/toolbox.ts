import type { Shape } from "../tools/options.js";
import { discoveryToolbox } from "./discovery.js";
import { createToolbox, type AgentOptions, type Toolbox } from "./run-tool.js";

/** Options that every adapter takes. */
export interface AgentToolsOptions extends AgentOptions {
  /** Offers three tools that find, describe and call the selected ones, for a fraction of their tokens. Default: false. */
  readonly discovery?: boolean;
}

/**
 * The tools of one agent: those selected, or the three that reach them.
 *
 * @param own options of one adapter beside those of all
 * @throws {GitLabToolError} `unknown_tool`, `invalid_input` for a selection that names what does not exist
 */
export function createAgentToolbox(options: AgentToolsOptions, own?: Shape): Toolbox {
  const toolbox = createToolbox(options, own);
  return options.discovery ? discoveryToolbox(toolbox, options) : toolbox;
}
