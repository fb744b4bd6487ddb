import { GitLabToolError } from "../errors/gitlab-tool-error.js";

export const defaultWaitMs = 60_000;
export const defaultHoldMs = 120_000;

export function lockNotFree(): GitLabToolError {
  return new GitLabToolError({
    code: "timeout",
    message: "Another process is at work on the same account and did not finish in time.",
    hint: "Call again in a moment.",
    retryable: true,
  });
}
