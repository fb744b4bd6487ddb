import { refused } from "./refused.js";
import type { Steps } from "./workflow.js";

/** A branch that somebody wants to commit to. */
interface TargetBranch {
  readonly project_id: string | number;
  readonly branch: string;
}

/**
 * Refuses a branch that takes no push of this account, with the branch to open instead. `can_push` weighs protection and
 * role: https://docs.gitlab.com/api/branches/#get-single-repository-branch
 *
 * The step `gitlab_branch_get` has to stand in the manifest.
 */
export async function checkPush(steps: Pick<Steps, "read">, { project_id, branch }: TargetBranch): Promise<void> {
  const found = await steps.read("gitlab_branch_get", { project_id, branch });
  if (found.can_push !== false) return;
  const other = `${found.protected ? "change" : "copy"}-${branch.replace(/[^\w.-]+/g, "-")}`;
  throw refused(
    `${branch} is ${found.protected ? "protected" : "closed"}: this account may not push to it.`,
    `Commit to a branch of its own and open a merge request: "branch": "${other}", "start_branch": "${branch}".`,
    { branch, start_branch: branch, instead: other },
    "forbidden",
  );
}
