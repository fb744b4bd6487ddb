/** What stands in the way of a merge, and what to do about it. */
export interface MergeObstacle {
  readonly why: string;
  readonly hint: string;
  /** It passes by itself. */
  readonly passes?: true;
}

/** What a tool is for, where the refused one's definition names none. */
const purposes: Readonly<Record<string, string>> = {
  merge_request: "the tool that reads the merge request",
  jobs: "the tool that lists the pipeline's jobs",
  log: "the tool that reads a job's log",
  branch: "the tool that reads the branch",
  comments: "the tool that lists its comments",
  update: "the tool that changes the merge request",
  approvals: "the tool that shows its approvals",
  content: "the tool that reads the file",
};

/** A hint with the tools that the refused one's definition names: `{branch}` is the one that reads a branch. */
export function withTools(hint: string, see: Readonly<Record<string, string>> = {}): string {
  return hint.replace(/\{(\w+)\}/g, (_, about: string) => see[about] ?? purposes[about] ?? about);
}

const recheck = "Wait a few seconds and call again.";

/** By `detailed_merge_status`: https://docs.gitlab.com/api/merge_requests/#merge-status */
export const mergeObstacles: Readonly<Record<string, MergeObstacle>> = {
  approvals_syncing: { why: "its approvals are being brought up to date", hint: recheck, passes: true },
  checking: { why: "GitLab is still checking whether it can be merged", hint: recheck, passes: true },
  preparing: { why: "GitLab is still preparing its diff", hint: recheck, passes: true },
  unchecked: { why: "GitLab has not yet checked whether it can be merged", hint: recheck, passes: true },
  cannot_be_merged_rechecking: {
    why: "GitLab is checking again whether it can be merged",
    hint: recheck,
    passes: true,
  },
  ci_must_pass: {
    why: "its pipeline must succeed first",
    hint: "Call {merge_request} for head_pipeline, then {jobs} and {log} to see what failed.",
  },
  ci_still_running: {
    why: "its pipeline is still running",
    hint: "Wait for the pipeline, or call again with merge_when_pipeline_succeeds: true.",
  },
  commits_status: {
    why: "its source branch is missing or has no commits",
    hint: "Check source_branch with {branch}; push a commit to it.",
  },
  conflict: {
    why: "it has conflicts with the target branch",
    hint: "Somebody has to resolve the conflicts on the source branch; then call again.",
  },
  discussions_not_resolved: {
    why: "it has unresolved threads",
    hint: "Call {comments} to read them; a person resolves them, then call again.",
  },
  draft_status: {
    why: "it is a draft",
    hint: 'If it is ready, call {update} with its title without "Draft:", then call again.',
  },
  external_status_checks: { why: "external status checks must pass first", hint: "Wait for them, then call again." },
  status_checks_must_pass: { why: "external status checks must pass first", hint: "Wait for them, then call again." },
  jira_association_missing: {
    why: "its title or description must name a Jira issue",
    hint: "Add the Jira issue's key with {update}, then call again.",
  },
  locked_lfs_files: { why: "LFS files in it are locked by somebody else", hint: "Ask for the lock to be released." },
  locked_paths: { why: "paths in it are locked by somebody else", hint: "Ask for the lock to be released." },
  merge_request_blocked: { why: "another merge request has to be merged first", hint: "Merge the blocking one first." },
  merge_time: { why: "it may not be merged before a set time", hint: "Call again after that time." },
  need_rebase: {
    why: "its source branch is behind the target branch",
    hint: "Somebody has to rebase the source branch; then call again.",
  },
  not_approved: {
    why: "approvals are missing",
    hint: "Call {approvals} to see how many; ask a reviewer to approve.",
  },
  not_open: {
    why: "it is not open",
    hint: "Call {merge_request} and read state: merged or closed ones stay so.",
  },
  requested_changes: {
    why: "a reviewer has requested changes",
    hint: "Call {comments} to read them; the reviewer has to approve after they are made.",
  },
  security_policy_violations: {
    why: "it violates a security policy",
    hint: "A person has to settle the policy's findings in GitLab.",
  },
  security_policy_pipeline_check: {
    why: "the pipelines that a security policy asks for must succeed first",
    hint: "Wait for the pipelines, then call again.",
  },
  title_regex: {
    why: "its title does not match the project's pattern",
    hint: "Change the title with {update}, then call again.",
  },
};
