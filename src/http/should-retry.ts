import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { failedBeforeConnecting, systemCode } from "../errors/network.js";

/** Why an attempt failed: GitLab's status, or what became of the connection. */
export interface Failure {
  readonly status?: number;
  readonly reason?:
    | "never connected"
    // By a certificate, or by a proxy.
    | "refused before sending"
    | "connection lost"
    | "response damaged"
    // Cancelled, out of time, or over a limit of our own.
    | "ended by us";
}

/** What decides about a second attempt, of the request. */
export interface Repeatable {
  /** Sending it twice leaves GitLab as sending it once. */
  readonly idempotent: boolean;
  /** Nothing of its response has been passed on before it was read to the end. */
  readonly canRetryRead: boolean;
}

/** Whether a failed attempt may be sent again. */
export function shouldRetry({ idempotent, canRetryRead }: Repeatable, { status, reason }: Failure): boolean {
  // GitLab answers 429 before it acts, whatever the method: https://docs.gitlab.com/security/rate_limits/
  if (status === 429) return true;
  // GitLab has seen nothing.
  if (reason === "never connected") return true;
  // A certificate or a proxy's password will not be another one.
  if (reason === "refused before sending") return false;
  // Cancelled, out of time, or refused by a limit of our own: it would be again.
  if (reason === "ended by us") return false;
  // From here on GitLab may have acted.
  if (!idempotent) return false;
  // The response broke off or does not parse: a read is asked again.
  if (reason === "response damaged") return canRetryRead;
  if (reason === "connection lost") return true;
  // A gateway in between, or a restart: https://docs.gitlab.com/api/rest/troubleshooting/#status-codes
  return status === 502 || status === 503 || status === 504;
}

/** What an error of sending, or of reading a response, says about its attempt. */
export function failureOf(error: unknown, reading: boolean): Failure {
  const name = error instanceof Error ? error.name : "";
  if (name === "AbortError" || name === "TimeoutError") return { reason: "ended by us" };
  if (error instanceof GitLabToolError && !reading) return { reason: "refused before sending" };
  if (error instanceof GitLabToolError) return { reason: error.retryable ? "response damaged" : "ended by us" };
  // Whatever else goes wrong with a response that has come goes wrong again.
  if (reading) return { reason: systemCode(error) === undefined ? "ended by us" : "response damaged" };
  return { reason: failedBeforeConnecting(error) ? "never connected" : "connection lost" };
}
