export { createGitLab } from "./gitlab.js";
export type {
  AccountRef,
  Actions,
  ExecuteTool,
  ExecuteToolSpread,
  GitLab,
  GitLabOptions,
  SpreadResult,
  ToolCall,
} from "./gitlab.js";
export { GitLabToolError, type GitLabToolErrorOptions } from "./errors/gitlab-tool-error.js";
export { errorCodes, type ErrorCode } from "./errors/codes.js";
export { toolNames } from "../generated/tool-names.js";
export type { ToolData, ToolInput, ToolName } from "./tools/registry-types.js";
export type { CallOptions, DryRunRequest, GitLabAccount, PageInfo, ToolResult } from "./tools/account.js";
export type { Access, ListTool, ParameterPlace, Tool, ToolDefinition } from "./tools/definition.js";
export type { MintedSession, Session } from "./sessions/sessions.js";
export type { AccountStatus, ConnectedAccount, ConnectionConfig } from "./accounts/types.js";
