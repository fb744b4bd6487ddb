import type { ErrorCode } from "../errors/codes.js";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";

/** What a workflow refuses by itself, before it has written anything. The tool's name is put in by whoever runs it. */
export function refused(
  message: string,
  hint: string,
  details?: Readonly<Record<string, unknown>>,
  code: ErrorCode = "invalid_input",
): GitLabToolError {
  return new GitLabToolError({ code, message, hint: `Nothing was changed. ${hint}`, ...(details && { details }) });
}
