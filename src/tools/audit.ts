import type { ErrorCode } from "../errors/codes.js";
import type { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type { CallIdentity } from "../http/observer.js";
import type { WireRequest } from "../http/wire.js";
import type { ToolResult } from "./account.js";
import type { Access, ToolDefinition } from "../definition/definition.js";

/** One call: who made it, of what, where, and what came of it. Nothing of what was written or read. */
export interface AuditEntry {
  /** ISO 8601; when the call began. */
  readonly at: string;
  readonly callId: string;
  readonly connectionName: string;
  /** Whose account it was made with. */
  readonly identifier: string;
  readonly toolName: string;
  readonly access: Access;
  /** The project as the call named it: a number or a path. */
  readonly project?: string;
  /** The group as the call named it, where it was about no project. */
  readonly group?: string;
  /** `ok`, or the error's code. A change of a code that is `retryable` may have been carried out all the same. */
  readonly outcome: "ok" | ErrorCode;
  /** The HTTP status of GitLab's answer, where there was one. */
  readonly status?: number;
  /** GitLab's id of the request, for its administrators' logs. */
  readonly requestId?: string;
  /** In milliseconds. */
  readonly durationMs: number;
  /** The `callId` of the call that this one was a step of. */
  readonly partOf?: string;
}

/** What becomes known of a call while it is made. */
export interface AuditNote {
  /** What the call does at the most, as far as its input says. */
  access?: Access;
  project?: string;
  group?: string;
  /** Nothing is sent: nothing has happened. */
  dryRun?: boolean;
  status?: number;
  requestId?: string;
}

const longestName = 300;
const nameOf = (value: unknown): string | undefined =>
  typeof value === "string" || typeof value === "number" ? String(value).slice(0, longestName) : undefined;

/** Notes where a call leads: by the path of its request, or by its input. */
export function notePlace(
  note: AuditNote,
  values: Readonly<Record<string, unknown>>,
  wire?: Pick<WireRequest, "path" | "pathParameters">,
): void {
  const [, kind, name = ""] = /\/(projects|groups)\/\{(\w+)\}/.exec(wire?.path ?? "") ?? [];
  const project = kind === "projects" ? wire?.pathParameters[name] : nameOf(values["project_id"]);
  const group = kind === "groups" ? wire?.pathParameters[name] : nameOf(values["group_id"]);
  if (project !== undefined) note.project = project;
  else if (group !== undefined) note.group = group;
}

export function noteResult(
  note: AuditNote,
  { status, requestId }: Pick<ToolResult<unknown>, "status" | "requestId">,
): void {
  note.status = status;
  if (requestId !== undefined) note.requestId = requestId;
}

export function auditEntry(
  { callId, connectionName, identifier, toolName, partOf }: CallIdentity,
  definition: ToolDefinition,
  note: AuditNote,
  ended: { readonly at: number; readonly durationMs: number; readonly error?: GitLabToolError },
): AuditEntry {
  const { at, durationMs, error } = ended;
  const { project, group, access = definition.access } = note;
  const status = error?.status ?? note.status;
  const requestId = error?.requestId ?? note.requestId;
  return {
    at: new Date(at).toISOString(),
    callId,
    connectionName,
    identifier,
    toolName,
    access,
    ...(project !== undefined && { project }),
    ...(group !== undefined && { group }),
    outcome: error?.code ?? "ok",
    ...(status !== undefined && { status }),
    ...(requestId !== undefined && { requestId }),
    durationMs: Math.round(durationMs),
    ...(partOf && { partOf: partOf.callId }),
  };
}
