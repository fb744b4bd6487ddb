import type { ErrorCode } from "./codes.js";
import { GitLabToolError } from "./gitlab-tool-error.js";

/** How an error is answered to a person: by a status of HTTP, and a sentence without a developer's words. */
export interface PersonalError {
  /** The HTTP status of the product's own answer. */
  readonly status: number;
  /** A sentence or two: what has happened, and what the person can do. */
  readonly message: string;
}

const again = "Try again in a minute.";
const connect = "Connect your GitLab account, then try again.";

/**
 * What a product's web pages and API answer to its people, by the error's code. A GitLab account that is missing is no
 * 401: that would sign people out of the product.
 *
 * @example
 * ```ts
 * console.log(httpErrors.rate_limited.status); // 429
 * ```
 */
export const httpErrors: Readonly<Record<ErrorCode, PersonalError>> = {
  invalid_input: { status: 400, message: "Something in this request was not understood. Start again." },
  unknown_tool: { status: 404, message: "There is no such action for GitLab." },
  not_available: { status: 501, message: "Your GitLab does not have this. Its administrator may be able to add it." },
  account_not_found: { status: 409, message: `GitLab is not connected yet. ${connect}` },
  account_not_connected: { status: 409, message: `GitLab is not connected. ${connect}` },
  account_revoked: { status: 409, message: `GitLab no longer accepts your authorization. ${connect}` },
  connection_not_found: { status: 404, message: "This GitLab is not known here. Ask your administrator to add it." },
  connection_misconfigured: {
    status: 500,
    message: "GitLab refused this application. Ask your administrator to check how it is registered there.",
  },
  insufficient_scope: {
    status: 403,
    message: "You have not allowed this application to do that. Connect GitLab again, and allow it.",
  },
  premium_required: { status: 403, message: "Your GitLab's plan does not have this. Ask its owner for a larger one." },
  identity_verification_required: {
    status: 403,
    message: "GitLab wants you to verify your identity first. Sign in to GitLab and follow its instructions.",
  },
  wrong_iid: { status: 404, message: "GitLab has nothing under this number. Look it up, and try again." },
  project_not_found: { status: 404, message: "This project does not exist, or you have no access to it." },
  not_found: { status: 404, message: "GitLab does not have this, or you have no access to it." },
  forbidden: { status: 403, message: "You may not do this in GitLab. Ask a maintainer of the project for access." },
  account_blocked: { status: 403, message: "Your GitLab account is blocked. Ask your GitLab administrator." },
  conflict: { status: 409, message: "Somebody has changed this meanwhile. Look at it again, then decide." },
  not_mergeable: { status: 409, message: "This merge request cannot be merged yet. GitLab shows what is missing." },
  validation_failed: { status: 422, message: "GitLab did not accept what was entered. Correct it, and try again." },
  rate_limited: { status: 429, message: `GitLab asks for a pause. ${again}` },
  gitlab_unavailable: { status: 502, message: `GitLab does not answer as it should. ${again}` },
  network_error: { status: 502, message: `GitLab could not be reached. ${again}` },
  timeout: { status: 504, message: `GitLab took too long. ${again}` },
  aborted: { status: 503, message: "This was stopped before it was done. Try again if you still want it." },
  response_too_large: { status: 502, message: "GitLab's answer is too large. Ask for less at once." },
  internal: { status: 500, message: "Something went wrong here. Try again, and tell us if it stays." },
};

/** What {@link toHttpError} makes of an error. Holds nothing that only a developer should read. */
export interface HttpError extends PersonalError {
  readonly code: ErrorCode;
  /** For a `Retry-After` header, where GitLab has said how long to wait. */
  readonly retryAfterSeconds?: number;
  /** GitLab's id of the request, for its administrators. */
  readonly requestId?: string;
}

/**
 * Any error as an answer to a person. What is not a {@link GitLabToolError} is `internal`.
 *
 * @example
 * ```ts
 * const { status, message } = toHttpError(new GitLabToolError({ code: "not_found", message: "404" }));
 * const answer = Response.json({ message }, { status });
 * ```
 */
export function toHttpError(error: unknown): HttpError {
  const known = error instanceof GitLabToolError ? error : undefined;
  const code = known?.code ?? "internal";
  const seconds = known?.details?.["retryAfterSeconds"];
  return {
    code,
    ...httpErrors[code],
    ...(typeof seconds === "number" && { retryAfterSeconds: seconds }),
    ...(known?.requestId !== undefined && { requestId: known.requestId }),
  };
}
