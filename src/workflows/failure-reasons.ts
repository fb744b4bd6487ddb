/** Why GitLab says that a job failed, in words. */
export interface FailureReason {
  readonly why: string;
  /** Whose fault it is: the job's own commands', or what runs them; the latter is worth a retry. */
  readonly retry?: true;
}

/** By `failure_reason`: https://docs.gitlab.com/ci/jobs/#view-pipeline-failures-and-reasons */
const reasons: Readonly<Record<string, FailureReason>> = {
  script_failure: { why: "a command of its script failed" },
  api_failure: { why: "GitLab's API failed the runner", retry: true },
  stuck_or_timeout_failure: { why: "no runner took it, or it was silent for too long", retry: true },
  stuck_pending_with_matching_runners: { why: "it waited too long for a runner that was free", retry: true },
  stuck_pending_no_matching_runners: { why: "no runner fits its tags" },
  no_matching_runner: { why: "no runner fits its tags" },
  runner_system_failure: { why: "the runner broke down", retry: true },
  runner_configuration_error: { why: "the runner is set up wrongly" },
  runner_interrupted: { why: "the runner was interrupted", retry: true },
  runner_provisioning_timeout: { why: "the runner's machine did not come up in time", retry: true },
  runner_unsupported: { why: "the runner is too old for it" },
  missing_dependency_failure: { why: "artifacts that it needs of an earlier job are missing or have expired" },
  stale_schedule: { why: "it was scheduled and never ran", retry: true },
  job_execution_timeout: { why: "it took longer than its timeout" },
  job_execution_server_timeout: { why: "it took longer than its timeout" },
  archived_failure: { why: "it is archived, and cannot be run any more" },
  unmet_prerequisites: { why: "what it needs (a cluster or namespace) could not be made ready" },
  scheduler_failure: { why: "GitLab could not hand it to a runner", retry: true },
  data_integrity_failure: { why: "GitLab's record of it is damaged" },
  forward_deployment_failure: { why: "a newer deployment has already run" },
  failed_outdated_deployment_job: { why: "a newer deployment has already run" },
  protected_environment_failure: { why: "whoever ran it may not deploy to the environment" },
  deployment_rejected: { why: "its deployment was rejected" },
  environment_creation_failure: { why: "its environment could not be created" },
  insufficient_bridge_permissions: { why: "whoever ran it may not start the downstream pipeline" },
  upstream_bridge_project_not_found: { why: "the upstream project is missing, or may not be read" },
  downstream_bridge_project_not_found: { why: "the downstream project is missing, or may not be read" },
  downstream_pipeline_creation_failed: { why: "the downstream pipeline could not be created" },
  invalid_bridge_trigger: { why: "its trigger is wrong" },
  bridge_pipeline_is_child_pipeline: { why: "a child pipeline may not start one of this kind" },
  reached_max_descendant_pipelines_depth: { why: "pipelines start pipelines too deeply" },
  reached_max_pipeline_hierarchy_size: { why: "too many downstream pipelines" },
  pipeline_loop_detected: { why: "pipelines start each other in a circle" },
  secrets_provider_not_found: { why: "the provider of its secrets is not set up" },
  user_blocked: { why: "whoever ran it is blocked" },
  project_deleted: { why: "its project was deleted" },
  builds_disabled: { why: "CI/CD is switched off in the project" },
  ci_quota_exceeded: { why: "the namespace has no compute minutes left" },
  trace_size_exceeded: { why: "its log grew too large" },
  ip_restriction_failure: { why: "the group's IP restriction keeps the runner out" },
  duo_workflow_not_allowed: { why: "the project does not allow it" },
  job_token_expired: { why: "its job token had expired" },
};

/** A reason that GitLab gave, in words; one that is not known stays as it is. */
export function reasonInWords(reason: string | null | undefined): FailureReason {
  const name = reason ?? "";
  if (name === "" || name === "unknown_failure") return { why: "GitLab does not say why" };
  return reasons[name] ?? { why: name.replaceAll("_", " ") };
}
