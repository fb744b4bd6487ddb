import { GitLabToolError } from "./gitlab-tool-error.js";
import { failedBeforeConnecting, systemCode } from "./network.js";

/** What is known of a call that ended without a result. */
export interface FailedCall {
  readonly toolName: string;
  readonly idempotent: boolean;
  readonly host: string;
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number;
  /** The account's token was at hand. */
  readonly ready?: boolean;
  /** A request has gone out. */
  readonly sent: boolean;
  /** GitLab may have carried the call out without having said so. */
  readonly uncertain: boolean;
  /** Why it could not be told, where it was looked into. */
  readonly lost?: string;
  /** What was found of it, where that ends in no result. */
  readonly found?: FoundAgain;
  /** The tool that shows whether it was carried out. */
  readonly check?: string;
  /** The status of GitLab's answer, where one had begun. */
  readonly status?: number;
  readonly requestId?: string;
}

/** How a write ended whose answer got lost, and what to do next. */
export interface FoundAgain {
  readonly words: string;
  readonly hint: string;
}

/** Whether, and for how sure, a write has happened, in words. */
function outcome(call: FailedCall): { words: string; hint?: string } {
  const { idempotent, uncertain, lost, found, check, status } = call;
  if (idempotent) return { words: "" };
  if (found) return found;
  const look = check === undefined ? "Read the present state" : `Look with ${check}`;
  if (status !== undefined && status >= 200 && status < 300) {
    return {
      words: ` GitLab has carried the request out (status ${status}), but its answer got lost.`,
      hint: check === undefined ? "Do not repeat it: read the present state." : `Do not repeat it: look with ${check}.`,
    };
  }
  if (!uncertain) return { words: "" };
  return {
    words: ` The request may have been carried out${lost === undefined ? "" : ` (it was looked for: ${lost})`}; check before repeating it.`,
    hint: `${look} before calling again.`,
  };
}

/** A call that got no answer, or not all of it, as one error. The cause carries no request, and so no token. */
export function toToolError(error: unknown, call: FailedCall): GitLabToolError {
  const { words, hint } = outcome(call);
  const retryable = hint === undefined;
  if (error instanceof GitLabToolError) return named(error, call, words, hint);
  const { toolName, host, requestId, status } = call;
  const facts = { toolName, ...(requestId !== undefined && { requestId }), ...(status !== undefined && { status }) };
  if (call.signal?.aborted) {
    return new GitLabToolError({
      ...facts,
      code: "aborted",
      message: `The call was cancelled.${words}`,
      hint: hint ?? "Call again if it is still wanted.",
    });
  }
  const name = error instanceof Error ? error.name : "";
  if (name === "TimeoutError" || name === "AbortError") {
    if (!call.sent && !call.ready) {
      return new GitLabToolError({
        ...facts,
        code: "timeout",
        message: `The account was not ready within ${call.timeoutMs} ms; nothing was sent.`,
        hint: "Check that the account store's database and the instance answer, then call again.",
        retryable: true,
        details: { timeoutMs: call.timeoutMs },
      });
    }
    return new GitLabToolError({
      ...facts,
      code: "timeout",
      message: call.sent
        ? `${host} did not answer in ${call.timeoutMs} ms.${words}`
        : `The call waited ${call.timeoutMs} ms for its turn and was not sent.`,
      hint:
        hint ??
        (call.sent
          ? "Call again, with a larger timeoutMs if the answer is large."
          : "Call again later: too many calls are under way at once."),
      retryable,
      details: { timeoutMs: call.timeoutMs },
    });
  }
  const code = systemCode(error);
  if (code === undefined && !(error instanceof TypeError)) {
    return new GitLabToolError({
      ...facts,
      code: "internal",
      message: `The call failed inside this library.${words}`,
      hint: hint ?? "Show the message to a person.",
      cause: error,
    });
  }
  return new GitLabToolError({
    ...facts,
    code: "network_error",
    message: `${reason(code, host, status)}${words}`,
    hint: hint ?? "Check the connection's base URL and the network, then call again.",
    retryable,
    details: { ...(code && { systemCode: code }) },
    // Without a system's code it is no failure of the network, and its words may quote a header.
    cause: code !== undefined && (failedBeforeConnecting(error) || status === undefined) ? error : undefined,
  });
}

function reason(code: string | undefined, host: string, status: number | undefined): string {
  if (code?.startsWith("Z_")) return `${host}'s answer is damaged: it cannot be unpacked (${code}).`;
  const what = status === undefined ? `The connection to ${host} failed` : `${host}'s answer broke off`;
  return `${what}${code ? ` (${code})` : ""}.`;
}

/** An error of ours that was thrown without knowing the call. */
function named(error: GitLabToolError, call: FailedCall, words: string, hint: string | undefined): GitLabToolError {
  if (error.toolName !== undefined) return error;
  const { code, message, retryable, details, cause } = error;
  const status = error.status ?? call.status;
  return new GitLabToolError({
    code,
    message: `${message}${words}`,
    hint: hint ?? error.hint,
    retryable: retryable && hint === undefined,
    toolName: call.toolName,
    ...(status !== undefined && { status }),
    requestId: error.requestId ?? call.requestId,
    details,
    cause,
  });
}

/** An error of ours with GitLab's id of the request that led to it, for its administrators' logs. */
export function withRequestId(error: unknown, requestId: string | undefined): unknown {
  if (!(error instanceof GitLabToolError) || error.requestId !== undefined || requestId === undefined) return error;
  const { code, message, hint, retryable, status, toolName, details, cause } = error;
  return new GitLabToolError({
    code,
    message,
    retryable,
    requestId,
    cause,
    ...(hint !== undefined && { hint }),
    ...(status !== undefined && { status }),
    ...(toolName !== undefined && { toolName }),
    ...(details && { details }),
  });
}
