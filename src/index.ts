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
  Unkeyed,
} from "./gitlab-types.js";
export { GitLabToolError, type GitLabToolErrorOptions } from "./errors/gitlab-tool-error.js";
export { errorCodes, type ErrorCode } from "./errors/codes.js";
export { httpErrors, toHttpError, type HttpError, type PersonalError } from "./errors/http-errors.js";
export { defineTool, type DefineToolOptions } from "./tools/define-tool.js";
export type { Abilities } from "./tools/abilities.js";
export type { OwnTool } from "./tools/own-tools.js";
export { toolNames } from "../generated/tool-names.js";
export type * from "./tools/registry-types.js";
export type {
  CallOptions,
  Compact,
  CompactOptions,
  DryRunRequest,
  GitLabAccount,
  PageInfo,
  ToolResult,
} from "./tools/account.js";
export type { ListTool, Tool } from "./tools/callable.js";
export type { Access, ParameterPlace, ToolDefinition } from "./definition/definition.js";
export type { RawRequest } from "./tools/raw-request.js";
export type { MintedSession, Session, SessionOptions } from "./sessions/sessions.js";
export type { AccountStatusChange, ConnectedAccount, Connection, ConnectionConfig } from "./accounts/types.js";
export type { ClientCertificate, NetworkSettings } from "./http/transport.js";
export type { CompletedAuthorization } from "./accounts/accounts.js";
export type { BrowserAuthorizationOptions } from "./accounts/browser.js";
export type { CallbackOptions } from "./accounts/callback.js";
export type { GitLabUser } from "./accounts/connect-grant.js";
export type { DeviceAuthorization, DeviceAuthorizationOptions } from "./accounts/device.js";
export type { AuditEntry } from "./tools/audit.js";
export type { AuditFilter, AuditOptions } from "./tools/audit-trail.js";
export type { AccountEvent, AccountEventType } from "./accounts/events.js";
export type { AuthorizationLink, AuthorizationLinkOptions, SignInLinkOptions } from "./accounts/link.js";
export type { AccountsFilter } from "./accounts/list.js";
export type { KeyRotation, KeyRotationProgress, RotateOptions } from "./accounts/rotate.js";
export type { Refresher, RefresherOptions } from "./accounts/refresher.js";
export type { DeletedPersonalData, PersonalData, PersonRef } from "./gitlab-person.js";
export type { DeletedAccount, Revocation } from "./accounts/delete.js";
export type {
  AccountChanges,
  AccountFilter,
  AccountKey,
  AccountRecord,
  AccountStatus,
  AccountStore,
  AuthorizationRecord,
  ConnectionRecord,
  DueAccounts,
  Lock,
  LockOptions,
} from "./stores/account-store.js";
export type { Hooks, ErrorEvent } from "./http/hooks.js";
export type { CallIdentity, RequestEvent, ResponseEvent, RetryEvent } from "./http/observer.js";
export type { CallSettings, Limits, Lookups } from "./tools/settings.js";
export type { PendingWrite, Policy, UntrustedBelow, WriteApproval } from "./policy/policy.js";
export type { RoleWord } from "./policy/role-words.js";
export type { Audience, Revealing } from "./policy/visibility.js";
