import type { AuthorizationLinkOptions } from "../accounts/authorization.js";
import type { AccountKey } from "../accounts/types.js";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type { AccountRef, GitLab } from "../gitlab.js";
import type { CallOptions } from "../tools/account.js";
import type { ToolDefinition } from "../tools/definition.js";
import type { Policy } from "../tools/policy.js";
import { nearest } from "../tools/nearest.js";
import type { Shape } from "../tools/options.js";
import { takeFields } from "../views/fields.js";
import { toModelAnswer, type ModelTextOptions } from "../views/model-text.js";
import { checkAgentOptions } from "./agent-options.js";
import { refusal } from "./refusal.js";
import { selectTools, type Selection } from "./select.js";

/** Whose agent it is, what it may use, and how it is answered. */
export interface AgentOptions extends AccountRef, Pick<ModelTextOptions, "maxResultTokens"> {
  readonly gitlab: GitLab;
  /** Which tools the agent gets. Default: all. A tool outside of the selection is not run either. */
  readonly select?: Selection;
  /** Default: `compact`. */
  readonly view?: CallOptions["view"];
  /** Every call's whole budget in milliseconds. Default: the client's. */
  readonly timeoutMs?: number;
  /** Narrows what the agent's calls may do: projects, groups, access. The client's own policy holds as well. */
  readonly policy?: Policy;
  /**
   * What the link asks for that an agent gets to pass on while the account is not connected; `false` makes none.
   * Default: the connection's scopes.
   */
  readonly authorization?: false | Omit<AuthorizationLinkOptions, keyof AccountKey>;
}

/** A tool's answer for a model. */
export interface ToolAnswer {
  /** What the model reads, within the budget: the data, or the error as JSON. */
  readonly text: string;
  /** The same as an object: data, `{ items, page }` of a list, `{ text }` of a text, or the error. */
  readonly structured: Readonly<Record<string, unknown>>;
  readonly isError: boolean;
}

/** The tools of one agent. */
export interface Toolbox {
  readonly definitions: readonly ToolDefinition[];
  /** Runs a tool for a model. Never throws: whatever goes wrong is an answer. */
  readonly run: (name: string, input: unknown, options?: { readonly signal?: AbortSignal }) => Promise<ToolAnswer>;
}

/**
 * What every adapter is made of. Options are checked at once; nothing is sent before a tool is run.
 *
 * @param own options of one adapter beside those of all
 * @throws {GitLabToolError} `unknown_tool`, `invalid_input`
 */
export function createToolbox(options: AgentOptions, own?: Shape): Toolbox {
  checkAgentOptions(options, own);
  const { gitlab, connectionName, identifier, select, view = "compact", timeoutMs, policy, maxResultTokens } = options;
  const definitions = selectTools(select);
  const byName = new Map(definitions.map((definition) => [definition.name, definition]));
  const account = { identifier, ...(connectionName && { connectionName }) };

  async function run(toolName: string, given: unknown, signal?: AbortSignal): Promise<ToolAnswer> {
    const definition = byName.get(toolName);
    if (!definition) throw notOffered(toolName, byName.keys());
    const { input, fields } = takeFields(definition, parseArguments(toolName, given));
    const result = await gitlab.executeTool({
      ...account,
      toolName,
      toolInput: input,
      view,
      ...(fields && { fields, view: "compact" }),
      ...(signal && { signal }),
      ...(timeoutMs && { timeoutMs }),
      // A model writes files only where it was given a folder for them.
      policy: { ...policy, downloads: policy?.downloads ?? false },
    });
    const answer = toModelAnswer(definition, result, { input, ...(maxResultTokens && { maxResultTokens }) });
    return { ...answer, isError: false };
  }

  return {
    definitions,
    async run(toolName, input, { signal } = {}) {
      try {
        return await run(toolName, input, signal);
      } catch (error) {
        return refusal(await explainToAgent(options, error), maxResultTokens);
      }
    },
  };
}

function notOffered(toolName: string, names: Iterable<string>): GitLabToolError {
  const near = nearest(toolName, names);
  return new GitLabToolError({
    code: "unknown_tool",
    message: `There is no tool ${JSON.stringify(toolName.slice(0, 100))} among those offered.`,
    hint: near ? `Did you mean ${near}?` : "Use one of the tools that were offered.",
    ...(near && { details: { nearest: near } }),
  });
}

/** Models' arguments come as an object or as JSON, depending on the API. */
export function parseArguments(toolName: string, input: unknown): unknown {
  if (typeof input !== "string") return input;
  try {
    return input.trim() === "" ? {} : (JSON.parse(input) as unknown);
  } catch (error) {
    throw new GitLabToolError({
      code: "invalid_input",
      message: `The arguments of ${toolName} are not JSON: ${error instanceof Error ? error.message : ""}.`,
      hint: `Nothing was sent. Call ${toolName} again with the arguments as one JSON object.`,
      toolName,
    });
  }
}

/** Whatever was thrown, as an error of ours; what is not one says nothing of itself. */
export function toToolError(thrown: unknown): GitLabToolError {
  if (thrown instanceof GitLabToolError) return thrown;
  return new GitLabToolError({ code: "internal", message: "The tool failed inside this library.", cause: thrown });
}

/** Codes of errors that an authorization mends. */
export const unconnected: readonly unknown[] = ["account_not_found", "account_not_connected", "account_revoked"];

/** What the model is told; for an account that is not connected, with the link that the person has to open. */
async function explainToAgent(options: AgentOptions, thrown: unknown): Promise<GitLabToolError> {
  const error = toToolError(thrown);
  if (!unconnected.includes(error.code)) return error;
  const { gitlab, connectionName, identifier, authorization } = options;
  const account = { identifier, ...(connectionName && { connectionName }) };
  const link =
    authorization === false
      ? undefined
      : await gitlab.actions.getAuthorizationLink({ ...authorization, ...account }).catch(() => undefined);
  return new GitLabToolError({
    code: error.code,
    message: error.message,
    hint: link
      ? "Give the person authorization_link and ask them to allow access there, then call the tool again."
      : "Tell the person that their GitLab account has to be connected first.",
    ...(error.toolName && { toolName: error.toolName }),
    details: {
      ...error.details,
      ...(link && { authorization_link: link.link, authorization_link_expires_at: link.expiresAt }),
    },
  });
}
