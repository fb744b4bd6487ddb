import { createAccounts, type Accounts, type AccountsOptions } from "./accounts/accounts.js";
import type { AccountKey } from "./accounts/types.js";
import { GitLabToolError } from "./errors/gitlab-tool-error.js";
import type { CallOptions, DryRunRequest, GitLabAccount, ToolResult } from "./tools/account.js";
import type { ToolDefinition } from "./tools/definition.js";
import { execute, type Runtime } from "./tools/execute.js";
import { leastScopes } from "./tools/scopes.js";
import { lookUp } from "./tools/lookup.js";
import { pages } from "./tools/pages.js";
import type { ToolData, ToolInput, ToolName } from "./tools/registry-types.js";

export const defaultConnection = "gitlab";

/** Options of {@link createGitLab}. */
export interface GitLabOptions extends Omit<AccountsOptions, "store" | "leastScopes"> {
  /** `sqlite:PATH` (default `sqlite:./accounts.db`), `postgres://…`, `memory:`, or an `AccountStore` of your own. */
  readonly store?: AccountsOptions["store"];
  /** A call's whole budget in milliseconds, waiting and retries included. Default 60,000; downloads 600,000. */
  readonly timeoutMs?: number;
  /** The most that is held of one answer, in bytes. Default 25 MiB. */
  readonly maxResponseBytes?: number;
}

/** Which account a call is for; `connectionName` defaults to `gitlab`. */
export interface AccountRef {
  readonly connectionName?: string;
  readonly identifier: string;
}

/** A call by the tool's name. */
export interface ToolCall<Name extends string = string, Input = unknown> extends AccountRef, CallOptions {
  readonly toolName: Name;
  readonly toolInput?: Input;
}

/** A result that also carries its data's own fields; those of {@link ToolResult} win where names meet. */
export type SpreadResult<Data> = ToolResult<Data> &
  (Data extends readonly unknown[] ? unknown : Data extends object ? Omit<Data, keyof ToolResult<Data>> : unknown);

interface ExecuteTool {
  (call: ToolCall & { dryRun: true }): Promise<ToolResult<DryRunRequest>>;
  <Name extends ToolName>(call: ToolCall<Name, ToolInput<Name>>): Promise<ToolResult<ToolData<Name>>>;
  (call: ToolCall): Promise<ToolResult<unknown>>;
}

interface ExecuteToolSpread {
  (call: ToolCall & { dryRun: true }): Promise<SpreadResult<DryRunRequest>>;
  <Name extends ToolName>(call: ToolCall<Name, ToolInput<Name>>): Promise<SpreadResult<ToolData<Name>>>;
  (call: ToolCall): Promise<SpreadResult<unknown>>;
}

function keyOf({ connectionName = defaultConnection, identifier }: AccountRef): AccountKey {
  if (typeof identifier !== "string" || identifier.trim() === "") {
    throw new GitLabToolError({
      code: "invalid_input",
      message: "An account needs an identifier: your own id of the person, as a string that is not empty.",
      hint: "Pass identifier, the id under which the person's account was connected.",
    });
  }
  return { connectionName, identifier };
}
