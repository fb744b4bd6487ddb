import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type { Steps } from "./workflow.js";

/** What only adds to an answer: where it is refused, a warning says so. The end of the whole call stays its end. */
export async function orWarn<Result>(
  steps: Pick<Steps, "warn">,
  what: string,
  read: () => Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await read();
  } catch (error) {
    const refused = error instanceof GitLabToolError && error.code !== "aborted" && error.code !== "timeout";
    if (!refused) throw error;
    steps.warn(`${what} could not be read: ${error.message}`);
    return undefined;
  }
}
