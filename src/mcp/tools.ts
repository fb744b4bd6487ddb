import { randomUUID } from "node:crypto";
import type { InputRequiredResult, ServerContext } from "@modelcontextprotocol/server";
import { toMcp, type McpToolDefinition } from "../adapters/definitions.js";
import {
  offeredTools,
  openToolbox,
  type Confirm,
  type ToolAnswer,
  type Toolbox,
  type ToolboxClient,
  type ToolboxOptions,
} from "../adapters/toolbox.js";
import { ruledOut } from "../tools/ruled-out.js";
import { partsOf } from "../gitlab-parts.js";
import type { Abilities } from "../tools/abilities.js";
import type { ToolDefinition } from "../definition/definition.js";
import { createAsking, type Asking, type Person } from "./ask.js";

/** How an MCP server offers its tools, and how they answer. */
export interface McpOffer extends Omit<
  ToolboxOptions,
  "gitlab" | "identifier" | "connectionName" | "outputSchema" | "confirm"
> {
  /** Declares output schemas and answers with structured content beside the text. Default: false. */
  readonly structuredContent?: boolean | undefined;
  /**
   * Which calls the person is asked about, through their client: `destructive` (what cannot be undone, and what ships
   * something), `writes`, or `never`. Where it is given, a client that cannot ask is refused those calls. Default:
   * `destructive` where the client can ask, and nothing where it cannot.
   */
  readonly confirm?: Confirm;
}

/** What an MCP server needs of the client from `createGitLab`. */
export interface McpClient extends ToolboxClient {
  readonly actions: ToolboxClient["actions"] & {
    getAbilities?(account: { readonly connectionName?: string; readonly identifier: string }): Promise<Abilities>;
  };
}

/** Whose tools an MCP server offers, and how. */
export interface McpToolsOptions extends McpOffer, Pick<ToolboxOptions, "connectionName" | "identifier"> {
  /** The client, from `createGitLab`. */
  readonly gitlab: McpClient;
}

/** What an MCP server needs to know of its tools. */
export interface McpTools extends Pick<Toolbox, "run" | "needsConfirmation"> {
  /** Sorted by name; without those that the account's scopes or its instance rule out, where these are known. */
  list(): Promise<readonly McpToolDefinition[]>;
  /** Whether the tool of that name is among those offered, in the list or behind discovery. */
  readonly offers: (name: string) => boolean;
  /** Runs an offered tool, whether or not it stands in the list. */
  readonly runOffered: Toolbox["run"];
  /** For people. */
  titleOf(name: string): string;
  readonly structuredContent: boolean;
  readonly confirm?: Confirm;
  readonly asking: Asking;
  /** Connects an account that is missing, with the person's help. */
  readonly signIn?: SignIn;
}

/** Whether the person is signed in now, or what to answer instead of the call; nothing where there is no way in here. */
export type SignIn = (
  person: Person,
  question: { readonly ctx: ServerContext; readonly call: string; readonly signal: AbortSignal },
) => Promise<"connected" | { readonly ask: InputRequiredResult } | { readonly refuse: ToolAnswer } | undefined>;

/** An agent's tools as an MCP server offers them. */
export function openTools(
  { structuredContent = false, confirm, ...given }: McpToolsOptions,
  tools: readonly ToolDefinition[] = offeredTools(given),
): McpTools {
  // Both ways to a tool belong to one conversation.
  const options = { conversation: randomUUID(), ...given };
  const { gitlab, connectionName, identifier } = options;
  const { discovery = false, ...rest } = options;
  const toolbox = openToolbox({ ...options, ...(confirm && { confirm }), outputSchema: structuredContent }, tools);
  const direct = discovery ? openToolbox({ ...rest, outputSchema: structuredContent }, tools) : toolbox;
  return {
    list: async () => fitting(toolbox, tools, await abilitiesOf(options)),
    run: toolbox.run,
    needsConfirmation: toolbox.needsConfirmation,
    offers: (name) => tools.some((tool) => tool.name === name),
    runOffered: direct.run,
    titleOf: (name) => tools.find((tool) => tool.name === name)?.title ?? name,
    structuredContent,
    ...(confirm && { confirm }),
    asking: createAsking(JSON.stringify([connectionName ?? "", identifier]), partsOf(gitlab)),
  };
}

/** Definitions for `tools/list`: what account and instance cannot do would only be refused. */
export function fitting(
  { definitions }: Pick<Toolbox, "definitions">,
  tools: readonly ToolDefinition[],
  abilities: Abilities,
): McpToolDefinition[] {
  const out = new Set(tools.filter((tool) => ruledOut(tool, abilities)).map(({ name }) => name));
  return definitions.filter(({ name }) => !out.has(name)).map((definition) => toMcp(definition));
}

/** What account and instance can do, as far as it is known. */
async function abilitiesOf({ gitlab, connectionName, identifier }: McpToolsOptions): Promise<Abilities> {
  const account = { identifier, ...(connectionName && { connectionName }) };
  // An account that is missing is told of when a tool is called.
  return (await gitlab.actions.getAbilities?.(account).catch(() => undefined)) ?? {};
}
