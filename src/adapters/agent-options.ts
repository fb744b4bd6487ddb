import * as o from "../tools/options.js";
import { policySchema } from "../tools/policy-schema.js";
import type { AgentOptions } from "./run-tool.js";
import type { AgentToolsOptions } from "./toolbox.js";

const authorization = o.strict<Exclude<NonNullable<AgentOptions["authorization"]>, false>>({
  scopes: o.maybe(o.texts),
  tools: o.maybe(o.texts),
  returnTo: o.maybe(o.text),
  rootNamespaceId: o.anything,
  redirectUri: o.maybe(o.text),
});

/** What every adapter takes, option by option. The selection is checked where it is made. */
export const agentOptions: o.ShapeOf<AgentToolsOptions> = {
  gitlab: o.having("executeTool", "the client, from createGitLab"),
  connectionName: o.maybe(o.text),
  identifier: o.text,
  select: o.anything,
  view: o.maybe(o.choice(["full", "compact"])),
  timeoutMs: o.maybe(o.duration),
  policy: o.maybe(policySchema),
  authorization: o.maybe(o.falseOr(authorization, "an object")),
  maxResultTokens: o.maybe(o.from(1)),
  discovery: o.maybe(o.flag),
};

/**
 * @param own what one adapter takes beside that
 * @throws {GitLabToolError} `invalid_input`
 */
export function checkAgentOptions(options: unknown, own: o.Shape = {}): void {
  o.checkOptions(o.strict({ ...agentOptions, ...own }), options, { of: "The options of the agent's tools" });
}
