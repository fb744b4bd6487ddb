/** What stands in the way of a merge, and what to do about it. */
export interface MergeObstacle {
  readonly why: string;
  readonly hint: string;
  /** It passes by itself. */
  readonly passes?: true;
}

const recheck = "Wait a few seconds and call again.";

/** By `detailed_merge_status` (GitLab documentation, "Merge requests API: merge status"). */
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
    hint: "Call gitlab_merge_request_get for head_pipeline, then gitlab_pipeline_jobs_list and gitlab_job_log_get to see what failed.",
  },
  ci_still_running: {
    why: "its pipeline is still running",
    hint: "Wait for the pipeline, or call gitlab_merge_request_merge with merge_when_pipeline_succeeds: true.",
  },
  commits_status: {
    why: "its source branch is missing or has no commits",
    hint: "Check source_branch with gitlab_branch_get; push a commit to it.",
  },
  conflict: {
    why: "it has conflicts with the target branch",
    hint: "Somebody has to resolve the conflicts on the source branch; then call again.",
  },
  discussions_not_resolved: {
    why: "it has unresolved threads",
    hint: "Call gitlab_merge_request_notes_list to read them; a person resolves them, then call again.",
  },
  draft_status: {
    why: "it is a draft",
    hint: 'If it is ready, call gitlab_merge_request_update with its title without "Draft:", then call again.',
  },
  external_status_checks: { why: "external status checks must pass first", hint: "Wait for them, then call again." },
  status_checks_must_pass: { why: "external status checks must pass first", hint: "Wait for them, then call again." },
  jira_association_missing: {
    why: "its title or description must name a Jira issue",
    hint: "Add the Jira issue's key with gitlab_merge_request_update, then call again.",
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
    hint: "Call gitlab_merge_request_approvals_get to see how many; ask a reviewer to approve.",
  },
  not_open: {
    why: "it is not open",
    hint: "Call gitlab_merge_request_get and read state: merged or closed ones stay so.",
  },
  requested_changes: {
    why: "a reviewer has requested changes",
    hint: "Call gitlab_merge_request_notes_list to read them; the reviewer has to approve after they are made.",
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
    hint: "Change the title with gitlab_merge_request_update, then call again.",
  },
};
