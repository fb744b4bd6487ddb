import { GitLabToolError } from "./gitlab-tool-error.js";

/** A response that is nested without end. */
export function answerTooDeep(status: number): GitLabToolError {
  return new GitLabToolError({
    code: "gitlab_unavailable",
    message: "GitLab's answer is nested more deeply than any of GitLab's answers.",
    hint: "Something else answers in GitLab's place: check the connection's base URL and what stands in front of it.",
    status,
  });
}

/** A tool's input that is nested without end. */
export function inputTooDeep(toolName: string, field: string): GitLabToolError {
  const message = "is nested too deeply";
  return new GitLabToolError({
    code: "invalid_input",
    message: `The input of ${toolName} does not fit: ${field}: ${message}.`,
    hint: `Nothing was sent. Correct ${field} and call ${toolName} again.`,
    toolName,
    details: { fields: [{ field, message }] },
  });
}
