/**
 * What tools need from the answers of other tools: by parameter, the tools whose answers have it, and where. Written by
 * hand, since that a note's `id` is the next call's `note_id` is GitLab's sense and not to be read off the names.
 */
export const needs: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  project_id: {
    "id path_with_namespace": [
      "gitlab_projects_list",
      "gitlab_project_get",
      "gitlab_project_create",
      "gitlab_project_update",
      "gitlab_project_fork",
      "gitlab_project_forks_list",
      "gitlab_project_star",
      "gitlab_project_unstar",
      "gitlab_group_projects_list",
      "gitlab_user_projects_list",
    ],
    project_id: ["gitlab_global_search", "gitlab_project_search"],
  },
  target_project_id: {
    id: ["gitlab_projects_list", "gitlab_project_get"],
    "forked_from_project.id": ["gitlab_project_get", "gitlab_project_fork"],
    target_project_id: ["gitlab_merge_request_get"],
  },
  group_id: {
    "id full_path": ["gitlab_groups_list", "gitlab_group_get", "gitlab_group_create", "gitlab_group_update"],
  },
  parent_id: { id: ["gitlab_groups_list", "gitlab_group_get"], parent_id: ["gitlab_group_get"] },
  namespace_id: { id: ["gitlab_namespaces_list"], "namespace.id": ["gitlab_project_get"] },
  namespace_path: { full_path: ["gitlab_namespaces_list", "gitlab_groups_list"] },
  user_id: {
    id: [
      "gitlab_users_list",
      "gitlab_user_get",
      "gitlab_current_user_get",
      "gitlab_project_members_list",
      "gitlab_group_members_list",
      "gitlab_project_member_add",
      "gitlab_group_member_add",
    ],
  },
  assignee_id: { id: ["gitlab_users_list", "gitlab_project_members_list"] },
  assignee_ids: { id: ["gitlab_users_list", "gitlab_project_members_list", "gitlab_current_user_get"] },
  reviewer_ids: { id: ["gitlab_users_list", "gitlab_project_members_list", "gitlab_current_user_get"] },
  username: {
    username: ["gitlab_users_list", "gitlab_user_get", "gitlab_current_user_get", "gitlab_project_members_list"],
    "author.username": [
      "gitlab_issues_list",
      "gitlab_issue_get",
      "gitlab_merge_requests_list",
      "gitlab_merge_request_get",
    ],
  },
  assignee_username: { "assignees.username": ["gitlab_issues_list", "gitlab_issue_get", "gitlab_merge_requests_list"] },
  author_username: { "author.username": ["gitlab_issues_list", "gitlab_issue_notes_list"] },
  reviewer_username: { "reviewers.username": ["gitlab_merge_requests_list", "gitlab_merge_request_get"] },
  issue_iid: {
    iid: [
      "gitlab_issues_list",
      "gitlab_issue_get",
      "gitlab_issue_create",
      "gitlab_issue_update",
      "gitlab_global_search",
      "gitlab_project_search",
    ],
  },
  merge_request_iid: {
    iid: [
      "gitlab_merge_requests_list",
      "gitlab_merge_request_get",
      "gitlab_merge_request_create",
      "gitlab_merge_request_update",
      "gitlab_merge_request_merge",
      "gitlab_global_search",
      "gitlab_project_search",
    ],
  },
  note_id: { id: ["gitlab_issue_notes_list", "gitlab_issue_note_create", "gitlab_issue_note_update"] },
  milestone: { title: ["gitlab_milestones_list", "gitlab_milestone_get"], "milestone.title": ["gitlab_issues_list"] },
  milestone_id: {
    id: [
      "gitlab_milestones_list",
      "gitlab_milestone_get",
      "gitlab_milestone_create",
      "gitlab_milestone_update",
      "gitlab_global_search",
      "gitlab_project_search",
    ],
    "milestone.id": ["gitlab_issue_get", "gitlab_merge_request_get"],
  },
  labels: {
    name: ["gitlab_issue_labels_list", "gitlab_label_create"],
    labels: ["gitlab_issues_list", "gitlab_issue_get", "gitlab_merge_requests_list", "gitlab_merge_request_get"],
  },
  add_labels: { name: ["gitlab_issue_labels_list", "gitlab_label_create"] },
  remove_labels: { labels: ["gitlab_issues_list", "gitlab_issue_get", "gitlab_merge_request_get"] },
  pipeline_id: {
    id: [
      "gitlab_pipelines_list",
      "gitlab_pipeline_get",
      "gitlab_pipeline_create",
      "gitlab_pipeline_retry",
      "gitlab_pipeline_cancel",
    ],
    "pipeline.id": ["gitlab_jobs_list", "gitlab_job_get", "gitlab_job_retry", "gitlab_job_cancel"],
    "head_pipeline.id": ["gitlab_merge_request_get"],
    "last_pipeline.id": ["gitlab_commit_get"],
  },
  job_id: {
    id: ["gitlab_jobs_list", "gitlab_pipeline_jobs_list", "gitlab_job_get", "gitlab_job_retry", "gitlab_job_cancel"],
  },
  branch: {
    name: ["gitlab_branches_list", "gitlab_branch_get", "gitlab_branch_create"],
    default_branch: ["gitlab_projects_list", "gitlab_project_get"],
    source_branch: ["gitlab_merge_requests_list", "gitlab_merge_request_get"],
    branch: ["gitlab_file_create", "gitlab_file_update"],
  },
  source_branch: {
    name: ["gitlab_branches_list", "gitlab_branch_create"],
    source_branch: ["gitlab_merge_request_get"],
  },
  target_branch: { default_branch: ["gitlab_project_get"], target_branch: ["gitlab_merge_request_get"] },
  default_branch: { name: ["gitlab_branches_list"] },
  ref: {
    name: ["gitlab_branches_list", "gitlab_tags_list"],
    id: ["gitlab_commits_list", "gitlab_commit_get"],
    ref: ["gitlab_pipelines_list", "gitlab_pipeline_get", "gitlab_jobs_list", "gitlab_job_get", "gitlab_file_get"],
  },
  ref_name: { name: ["gitlab_branches_list", "gitlab_tags_list"] },
  from: { name: ["gitlab_branches_list", "gitlab_tags_list"], id: ["gitlab_commits_list"] },
  to: { name: ["gitlab_branches_list", "gitlab_tags_list"], id: ["gitlab_commits_list"] },
  sha: {
    id: ["gitlab_commits_list", "gitlab_commit_get", "gitlab_merge_request_commits_list"],
    // What merging and approving compare with.
    sha: ["gitlab_merge_request_get", "gitlab_merge_request_create", "gitlab_pipelines_list", "gitlab_pipeline_get"],
    merge_commit_sha: ["gitlab_merge_request_get", "gitlab_merge_request_merge"],
    squash_commit_sha: ["gitlab_merge_request_get", "gitlab_merge_request_merge"],
    "commit.id": [
      "gitlab_branch_get",
      "gitlab_branch_create",
      "gitlab_tag_get",
      "gitlab_tag_create",
      "gitlab_release_get",
      "gitlab_job_get",
    ],
    "commit.short_id": ["gitlab_branches_list", "gitlab_tags_list"],
    "commits.id": ["gitlab_compare_refs"],
    parent_ids: ["gitlab_commit_get"],
  },
  last_commit_id: { last_commit_id: ["gitlab_file_get"] },
  file_path: {
    path: ["gitlab_repository_tree_list", "gitlab_project_search", "gitlab_global_search"],
    file_path: ["gitlab_file_get", "gitlab_file_create", "gitlab_file_update"],
    "old_path new_path": ["gitlab_commit_diff_get", "gitlab_merge_request_diff_get"],
    "diffs.new_path": ["gitlab_compare_refs"],
  },
  path: { path: ["gitlab_repository_tree_list", "gitlab_commit_comments_list"] },
  line: { line: ["gitlab_commit_comments_list"] },
  line_type: { line_type: ["gitlab_commit_comments_list"] },
  tag_name: {
    name: ["gitlab_tags_list", "gitlab_tag_get", "gitlab_tag_create"],
    tag_name: ["gitlab_releases_list", "gitlab_release_get", "gitlab_release_create", "gitlab_release_update"],
  },
  snippet_id: {
    id: ["gitlab_project_snippets_list", "gitlab_project_snippet_get", "gitlab_project_snippet_create"],
  },
  hook_id: {
    id: [
      "gitlab_project_webhooks_list",
      "gitlab_project_webhook_get",
      "gitlab_project_webhook_create",
      "gitlab_project_webhook_update",
    ],
  },
  key_id: { id: ["gitlab_deploy_keys_list", "gitlab_deploy_key_create"] },
  key: {
    key: [
      "gitlab_project_variables_list",
      "gitlab_project_variable_get",
      "gitlab_project_variable_create",
      "gitlab_project_variable_update",
    ],
  },
  environment_scope: {
    environment_scope: [
      "gitlab_project_variables_list",
      "gitlab_project_variable_get",
      "gitlab_project_variable_create",
    ],
  },
  filter: { environment_scope: ["gitlab_project_variables_list", "gitlab_project_variable_get"] },
};

/** Parameters whose values come from a person or from the schema, not from an answer. */
export const given: ReadonlySet<string> = new Set(
  [
    "access_level active activity_filter archived auto_merge body can_push color commit_message confidential content",
    "author created_after created_before description draft due_date file_name grep include_ancestors include_subgroups",
    "initialize_with_readme issues_events masked max_bytes membership merge_requests_events message name note note_events",
    "assets enable_ssl_verification expires_at job_events merge_commit_message merge_method",
    "only_allow_merge_if_pipeline_succeeds releases_events squash tag_push_events variable_type",
    "order_by owned per_page pipeline_events protected push_events query recursive remove_source_branch save_to scope",
    "search section should_remove_source_branch since sort start_date start_line state state_event status tail_lines title token",
    "until updated_after updated_before url value variables visibility",
    // From the page that a list's answer names.
    "page",
  ].flatMap((line) => line.split(" ")),
);
