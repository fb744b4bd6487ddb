import * as o from "../options/words.js";
import type { Policy } from "../policy/policy.js";
import { policySchema, policyWith } from "../policy/policy-schema.js";
import { definitionsIn } from "../tools/own-tools.js";
import { isObject } from "../is-object.js";
import type { ToolboxOptions } from "./toolbox-types.js";

const authorization = o.strict<Exclude<NonNullable<ToolboxOptions["authorization"]>, false>>({
  scopes: o.unlessUndefined(o.texts),
  tools: o.maybe(o.texts),
  returnTo: o.maybe(o.text),
  rootNamespaceId: o.anything,
  redirectUri: o.unlessUndefined(o.text),
  data: o.maybe(o.text),
});

/** What every adapter takes, option by option. What the selection names is checked where it is made. */
export const toolboxOptions = {
  gitlab: o.having("executeTool", "the client, from createGitLab"),
  connectionName: o.unlessUndefined(o.text),
  identifier: o.text,
  conversation: o.unlessUndefined(o.text),
  select: o.unlessUndefined(o.record),
  policy: o.unlessUndefined(policySchema),
  view: o.maybe(o.choice(["full", "compact"])),
  timeoutMs: o.maybe(o.duration),
  maxResultTokens: o.maybe(o.from(1)),
  authorization: o.maybe(o.falseOr(authorization, "an object")),
  discovery: o.maybe(o.flag),
  confirm: o.maybe(o.choice(["destructive", "writes", "never"])),
  outputSchema: o.maybe(o.flag),
  maxImageBytes: o.maybe(o.from(0)),
  before: o.unlessUndefined(o.func),
  after: o.unlessUndefined(o.func),
  schema: o.maybe(o.func),
} satisfies o.ShapeOf<ToolboxOptions>;

/** A policy among options that name a client, whose own tools it may take away. */
export function policyBeside(options: unknown): o.Check<Policy> {
  const gitlab = isObject(options) && isObject(options["gitlab"]) ? options["gitlab"] : {};
  return o.unlessUndefined(policyWith(definitionsIn(gitlab["tools"])));
}

/**
 * @param own what one adapter takes beside that
 * @throws {GitLabToolError} `invalid_input`
 */
export function checkToolboxOptions(options: unknown, own: o.Shape = {}): void {
  o.checkOptions(o.strict({ ...toolboxOptions, policy: policyBeside(options), ...own }), options, {
    of: "The options of the agent's tools",
  });
}
