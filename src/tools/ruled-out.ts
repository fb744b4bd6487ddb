import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { tiers, type Abilities } from "./abilities.js";
import type { ToolDefinition } from "../definition/definition.js";

/** Why nobody with these abilities can use a tool; nothing where they can. */
export function ruledOut(tool: ToolDefinition, { scopes, tier, version }: Abilities): GitLabToolError | undefined {
  const { name, since } = tool;
  if (scopes && !tool.scopes.some((scope) => scopes.includes(scope)))
    return new GitLabToolError({
      code: "insufficient_scope",
      message: `${name} needs the scope ${tool.scopes.join(" or ")}; the account has ${scopes.join(", ") || "none"}.`,
      hint: "Do without this tool; tell the user that the account has to be connected with that scope.",
      toolName: name,
      details: { required: tool.scopes, granted: scopes },
    });
  if (tier && tiers.indexOf(tool.tier ?? "free") > tiers.indexOf(tier))
    return new GitLabToolError({
      code: "premium_required",
      message: `${name} needs GitLab ${tool.tier === "ultimate" ? "Ultimate" : "Premium"}; the plan here is ${tier}.`,
      hint: "Do without this tool here; tell the user that the plan lacks the feature.",
      toolName: name,
      details: { tier: tool.tier },
    });
  if (version !== undefined && since !== undefined && !hasReached(version, since))
    return new GitLabToolError({
      code: "not_available",
      message: `${name} needs GitLab ${since}; the instance has ${version}.`,
      hint: "Do without this tool here: the instance's version does not have it.",
      toolName: name,
      details: { version, since },
    });
  return undefined;
}

/** The tool for people on this version: parameters that came later are not shown to models. */
export function asOf(tool: ToolDefinition, version: string): ToolDefinition {
  const isLater = (name: string): boolean => {
    const since = tool.parameters[name]?.since;
    return since !== undefined && !hasReached(version, since);
  };
  return tool.curated.some(isLater) ? { ...tool, curated: tool.curated.filter((name) => !isLater(name)) } : tool;
}

/** Major and minor of `18.3.1-ee`; nothing where it is no version. */
export function majorMinor(version: string): readonly [number, number] | undefined {
  const [, major, minor] = /^v?(\d{1,4})\.(\d{1,4})(?![\d])/.exec(version) ?? [];
  return major === undefined ? undefined : [Number(major), Number(minor)];
}

function hasReached(version: string, since: string): boolean {
  const [has, needs] = [majorMinor(version), majorMinor(since)];
  return !has || !needs || has[0] > needs[0] || (has[0] === needs[0] && has[1] >= needs[1]);
}
