import type { Selection } from "../tools/select.js";
import { offeredTools } from "../adapters/toolbox.js";
import { narrowest } from "../policy/access.js";
import type { Session } from "../sessions/sessions.js";
import type { ToolDefinition } from "../definition/definition.js";
import { openTools, type McpTools, type McpToolsOptions } from "./tools.js";

type OfferedTools = Omit<McpToolsOptions, "identifier" | "connectionName" | "policy">;

export interface SessionTools {
  /** What the server offers at the most. */
  readonly offered: readonly ToolDefinition[];
  open(session: Session): McpTools;
  /** The first of the tools that the server offers and the session may not use. */
  beyond(session: Session, called: readonly string[]): ToolDefinition | undefined;
}

/** How many selections are remembered: products mint sessions with a few. */
const mostSelections = 100;

/**
 * The tools of each session: what it was minted for, within what the server offers. Selecting means to match all names
 * against globs, so it is done once for a selection, not for every request.
 */
export function createSessionTools({ select: most, ...offer }: OfferedTools): SessionTools {
  const { discovery = false, gitlab } = offer;
  const offered = offeredTools({ ...(most && { select: most }), discovery, gitlab });
  const names = new Set(offered.map(({ name }) => name));
  const selections = new Map<string, readonly ToolDefinition[]>();

  function selected(own: Selection | undefined): readonly ToolDefinition[] {
    if (!own) return offered;
    const key = JSON.stringify(own);
    const known = selections.get(key);
    if (known) return known;
    const tools = offeredTools({ select: own, discovery, gitlab }).filter(({ name }) => names.has(name));
    const [oldest] = selections.keys();
    if (oldest !== undefined && selections.size >= mostSelections) selections.delete(oldest);
    selections.set(key, tools);
    return tools;
  }

  return {
    offered,
    open({ sessionId, conversation = sessionId, connectionName, identifier, select, policy }) {
      const access = narrowest(most?.access, select?.access, policy?.access);
      const bounds = (access ?? policy) && { policy: { ...policy, ...(access && { access }) } };
      return openTools({ ...offer, conversation, connectionName, identifier, ...bounds }, selected(select));
    },
    beyond({ select }, called) {
      const own = new Set(selected(select).map(({ name }) => name));
      return offered.find(({ name }) => called.includes(name) && !own.has(name));
    },
  };
}
