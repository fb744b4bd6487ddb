import { GitLabToolError } from "../errors/gitlab-tool-error.js";

export function misconfigured(
  name: string,
  because: string,
  hint = "Correct the connection's configuration.",
): GitLabToolError {
  return new GitLabToolError({
    code: "connection_misconfigured",
    message: `Connection "${name}" ${because}.`,
    hint,
    details: { connectionName: name },
  });
}
