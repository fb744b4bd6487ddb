import { safeCause } from "./cause.js";
import type { ErrorCode } from "./codes.js";

export interface GitLabToolErrorOptions {
  readonly code: ErrorCode;
  /** What happened, for a person. One or two sentences. */
  readonly message: string;
  /** What the agent or the person should do next, as an instruction. */
  readonly hint?: string;
  /** Whether the same call may succeed when it is made again unchanged. Default: false. */
  readonly retryable?: boolean;
  /** The HTTP status of GitLab's answer, where there was one. */
  readonly status?: number;
  readonly toolName?: string;
  /** GitLab's `X-Request-Id`, for its administrators' logs. */
  readonly requestId?: string;
  /** Facts a program can use: field errors, ids, scopes, seconds to wait … Never a secret. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/**
 * The one error that this library throws.
 *
 * @example
 * ```ts
 * try {
 *   await issueGet(account, { project_id: "group/project", issue_iid: 42 });
 * } catch (error) {
 *   if (error instanceof GitLabToolError && error.retryable) await retryLater();
 * }
 * ```
 */
export class GitLabToolError extends Error {
  override readonly name = "GitLabToolError";
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly retryable: boolean;
  readonly status: number | undefined;
  readonly toolName: string | undefined;
  readonly requestId: string | undefined;
  readonly details: Readonly<Record<string, unknown>> | undefined;

  constructor(options: GitLabToolErrorOptions) {
    const cause = options.cause instanceof GitLabToolError ? options.cause : safeCause(options.cause);
    super(options.message, cause === undefined ? undefined : { cause });
    this.code = options.code;
    this.hint = options.hint;
    this.retryable = options.retryable ?? false;
    this.status = options.status;
    this.toolName = options.toolName;
    this.requestId = options.requestId;
    this.details = options.details;
  }

  /** The error as plain data, without stack and cause: what a model or a log may see. */
  toJSON(): Record<string, unknown> {
    const { name, code, message, hint, retryable, status, toolName, requestId, details } = this;
    return { name, code, message, hint, retryable, status, toolName, requestId, details };
  }
}
