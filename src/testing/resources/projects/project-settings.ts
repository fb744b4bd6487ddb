import type { ProjectRecord } from "../../state/records.js";
import { takeSettings, type Settings } from "../../state/settings.js";

/** Every setting of a project that the API shows and takes, with what a new project has. */
export const projectSettings = {
  tag_list: [],
  topics: [],
  packages_enabled: true,
  resolve_outdated_diff_discussions: false,
  issues_enabled: true,
  merge_requests_enabled: true,
  wiki_enabled: true,
  jobs_enabled: true,
  snippets_enabled: true,
  container_registry_enabled: true,
  service_desk_enabled: false,
  issues_access_level: "enabled",
  repository_access_level: "enabled",
  merge_requests_access_level: "enabled",
  forking_access_level: "enabled",
  wiki_access_level: "enabled",
  builds_access_level: "enabled",
  snippets_access_level: "enabled",
  pages_access_level: "private",
  analytics_access_level: "enabled",
  container_registry_access_level: "enabled",
  security_and_compliance_access_level: "private",
  releases_access_level: "enabled",
  environments_access_level: "enabled",
  feature_flags_access_level: "enabled",
  infrastructure_access_level: "enabled",
  monitor_access_level: "enabled",
  model_experiments_access_level: "enabled",
  model_registry_access_level: "enabled",
  package_registry_access_level: "enabled",
  emails_disabled: false,
  emails_enabled: true,
  show_diff_preview_in_email: true,
  shared_runners_enabled: true,
  lfs_enabled: true,
  mr_default_target_self: false,
  ci_default_git_depth: 20,
  ci_delete_pipelines_in_seconds: null,
  ci_forward_deployment_enabled: true,
  ci_forward_deployment_rollback_allowed: true,
  ci_job_token_scope_enabled: false,
  ci_separated_caches: true,
  ci_allow_fork_pipelines_to_run_in_parent_project: true,
  ci_id_token_sub_claim_components: ["project_path", "ref_type", "ref"],
  build_git_strategy: "fetch",
  keep_latest_artifact: true,
  restrict_user_defined_variables: false,
  ci_pipeline_variables_minimum_override_role: "developer",
  runner_token_expiration_interval: null,
  group_runners_enabled: true,
  resource_group_default_process_mode: "unordered",
  auto_cancel_pending_pipelines: "enabled",
  build_timeout: 3600,
  auto_devops_enabled: false,
  auto_devops_deploy_strategy: "continuous",
  ci_push_repository_for_job_token_allowed: false,
  protect_merge_request_pipelines: true,
  ci_display_pipeline_variables: false,
  ci_skip_branch_pipelines_for_mrs: false,
  ci_config_path: "",
  public_jobs: true,
  only_allow_merge_if_pipeline_succeeds: false,
  allow_merge_on_skipped_pipeline: null,
  request_access_enabled: true,
  only_allow_merge_if_all_discussions_are_resolved: false,
  remove_source_branch_after_merge: true,
  printing_merge_request_link_enabled: true,
  merge_method: "merge",
  squash_option: "default_off",
  automatic_rebase_enabled: false,
  enforce_auth_checks_on_uploads: true,
  suggestion_commit_message: null,
  merge_commit_template: null,
  squash_commit_template: null,
  mr_default_title_template: null,
  issue_branch_template: null,
  warn_about_potentially_unwanted_characters: true,
  autoclose_referenced_issues: true,
  max_artifacts_size: null,
  external_authorization_classification_label: "",
  web_based_commit_signing_enabled: false,
  spp_repository_pipeline_access: true,
  security_policy_pipeline_must_succeed: false,
  merge_request_title_regex: null,
  merge_request_title_regex_description: null,
} as const;

/** Settings of paid plans. */
export const paidProjectSettings = {
  approvals_before_merge: 0,
  mirror: false,
  requirements_enabled: true,
  requirements_access_level: "enabled",
  security_and_compliance_enabled: true,
  secret_push_protection_enabled: false,
  pre_receive_secret_detection_enabled: false,
  compliance_frameworks: [],
  issues_template: null,
  merge_requests_template: null,
  ci_restrict_pipeline_cancellation_role: "developer",
  merge_pipelines_enabled: false,
  merge_trains_enabled: false,
  merge_trains_skip_train_allowed: false,
  merge_train_enforcement: "disabled",
  max_pipelines_per_merge_train: 20,
  only_allow_merge_if_all_status_checks_passed: false,
  allow_pipeline_trigger_approve_deployment: false,
  prevent_merge_without_jira_issue: false,
  auto_duo_code_review_enabled: false,
  reviewer_assignment_strategy: "disabled",
  duo_remote_flows_enabled: true,
  duo_foundational_flows_enabled: true,
  duo_sast_fp_detection_enabled: false,
  duo_secret_detection_fp_enabled: false,
  duo_dependency_bump_breaking_changes_enabled: false,
  duo_sast_vr_workflow_enabled: false,
} as const;

/** Features that have both a switch of old and a level of access. */
const features: Readonly<Record<string, string>> = {
  issues: "issues_access_level",
  merge_requests: "merge_requests_access_level",
  wiki: "wiki_access_level",
  jobs: "builds_access_level",
  snippets: "snippets_access_level",
  container_registry: "container_registry_access_level",
};

/** Takes over the settings of a request, switches and levels in step. */
export function changeProjectSettings(project: ProjectRecord, values: Settings): void {
  const { settings } = project;
  takeSettings(settings, values, { ...projectSettings, ...paidProjectSettings });
  if (values["topics"] === undefined && values["tag_list"] !== undefined) settings["topics"] = settings["tag_list"];
  if (values["topics"] !== undefined) settings["tag_list"] = settings["topics"];
  if (values["public_builds"] !== undefined)
    takeSettings(settings, { public_jobs: values["public_builds"] }, projectSettings);
  if (values["emails_enabled"] !== undefined) settings["emails_disabled"] = settings["emails_enabled"] === false;
  for (const [feature, level] of Object.entries(features)) {
    const flag = `${feature}_enabled`;
    if (values[level] !== undefined) settings[flag] = settings[level] !== "disabled";
    else if (values[flag] !== undefined) settings[level] = settings[flag] === true ? "enabled" : "disabled";
  }
}
