import { because, isBare, says, type RefusedCall, type Rule } from "../refused-call.js";
import { forbidden, needsRole } from "./role.js";

/** Commits and files can go to a branch that they make: https://docs.gitlab.com/api/commits/#create-a-commit */
const takesStart = ({ path, branch }: RefusedCall): boolean =>
  branch !== undefined && /\/repository\/(?:commits|files\/\{file_path\})$/.test(path);

/** A name that is not taken, and that protection by a pattern such as `release/*` does not cover. */
const newBranch = ({ requestId = "" }: RefusedCall): string =>
  `patch-${
    requestId
      .replace(/[^a-z\d]/gi, "")
      .slice(-6)
      .toLowerCase() || "1"
  }`;

function otherBranch(refusal: RefusedCall): string {
  if (!takesStart(refusal)) return "The branch is protected: use another branch and open a merge request";
  const { branch, see } = refusal;
  const open = `open a merge request${see?.["merge_request"] ? ` with ${see["merge_request"]}` : ""}`;
  return `Commit to another branch: call again with branch: ${JSON.stringify(newBranch(refusal))} and start_branch: ${JSON.stringify(branch)}, then ${open}`;
}

/** Is it the state of the thing, which GitLab says with the status of a missing right? */
export const stateRules: readonly Rule[] = [
  {
    // `403 Forbidden - Job is not retryable`, `400 Bad request - Unplayable Job`: https://docs.gitlab.com/api/jobs/
    status: [400, 403],
    when: (body, { path }) =>
      /\/jobs\/\{\w+\}\/(?:retry|play|cancel|erase)$/.test(path) &&
      (/^\d{3} \w+(?: \w+)? - ./.test(body.text) || /not (?:retryable|erasable)|unplayable/i.test(body.text)),
    finding: (body, { see }) => ({
      code: "conflict",
      message: `The job's state does not allow this${because(body)}`,
      hint: `${see?.["job"] ? `Call ${see["job"]} and read its status` : "Read the job's status"}: one that is running, archived or was retried before stays as it is; the latest job of that name may be retried.`,
      details: { reason: "job_state" },
    }),
  },
  {
    // GitLab answers 403 when the ref has no pipeline: https://docs.gitlab.com/api/pipelines/#retrieve-the-latest-pipeline
    status: [403],
    when: (body, { path }) => /\/pipelines\/latest$/.test(path) && isBare(body),
    finding: (_, { finders }) => ({
      code: "not_found",
      message: "There is no pipeline for this ref; GitLab says so with 403.",
      hint: finders["pipeline_id"]
        ? `Call ${finders["pipeline_id"]} to see those that exist, or run one.`
        : "List the project's pipelines to see those that exist, or run one.",
    }),
  },
  {
    // https://docs.gitlab.com/user/project/protected_tags/
    status: [400, 403, 422],
    when: says(/\btag\b.*\bprotected\b|\bprotected tag/i),
    finding: (body, refusal) => ({
      ...forbidden(
        `The tag is protected${because(body)}${needsRole(refusal)}`,
        "Only those whom the project's settings name may do this: use a tag name that is not protected, or ask a maintainer.",
        refusal,
      ),
      details: { reason: "protected_tag" },
    }),
  },
  {
    // The Files API says it with 400, the Commits API with 403: https://docs.gitlab.com/user/project/repository/branches/protected/
    status: [400, 403, 405, 422],
    when: says(/not allowed to push into this branch|\bbranch\b.*\bprotected\b|\bprotected branch/i),
    finding: (body, refusal) => ({
      ...forbidden(
        `The branch is protected${because(body)}${needsRole(refusal)}`,
        `${otherBranch(refusal)}, or ask a maintainer.`,
        refusal,
      ),
      details: { reason: "protected_branch", ...(takesStart(refusal) && { branch: newBranch(refusal) }) },
    }),
  },
];
