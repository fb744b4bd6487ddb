import { accesses, mostAccess, narrowest } from "../../policy/access.js";
import type { Access, ToolDefinition } from "../../definition/definition.js";
import type { McpOffer } from "../tools.js";

/** The most that anybody may get who signs in. */
export interface Offer {
  readonly access: Access;
  /** Which tools these are, for people. */
  readonly tools: string;
}

/** @param tools what the options select */
export function offerOf(
  { select = {}, discovery = false }: Pick<McpOffer, "select" | "discovery">,
  tools: readonly ToolDefinition[],
): Offer {
  // Nobody is asked to allow what no tool does.
  const done = tools.map(mostAccess);
  const most = accesses.findLast((access) => done.includes(access));
  const { preset = [], areas = [], level = discovery ? "all" : "core" } = select;
  const presets = [preset].flat();
  const which = [
    `level ${level}`,
    ...(presets.length > 0 ? [`preset ${presets.join(", ")}`] : []),
    ...(areas.length > 0 ? [`about ${areas.join(", ")}`] : []),
  ];
  return {
    access: narrowest(select.access, most) ?? "read",
    tools: `with ${tools.length} tools: ${which.join("; ")}`,
  };
}
