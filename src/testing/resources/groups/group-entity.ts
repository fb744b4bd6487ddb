import { placeAvatarUrl } from "../projects/uploads.js";
import { projectEntity } from "../projects/project-entity.js";
import { role, type GroupRecord, type UserRecord } from "../../state/records.js";
import type { GitLabState } from "../../state/gitlab-state.js";

type Entity = Record<string, unknown>;

/** Every setting of a group that the API shows and takes, with what a new group has. */
export const groupSettings = {
  share_with_group_lock: false,
  require_two_factor_authentication: false,
  two_factor_grace_period: 48,
  project_creation_level: "developer",
  auto_devops_enabled: null,
  subgroup_creation_level: "maintainer",
  emails_disabled: false,
  emails_enabled: true,
  show_diff_preview_in_email: true,
  mentions_disabled: null,
  lfs_enabled: true,
  math_rendering_limits_enabled: true,
  lock_math_rendering_limits_enabled: false,
  crm_enabled: true,
  resource_access_token_notify_inherited: false,
  lock_resource_access_token_notify_inherited: false,
  default_branch: null,
  default_branch_protection: 2,
  default_branch_protection_defaults: {
    allowed_to_push: [{ access_level: 40 }],
    allowed_to_merge: [{ access_level: 40 }],
    allow_force_push: false,
    developer_can_initial_push: false,
    code_owner_approval_required: false,
  },
  request_access_enabled: true,
  shared_runners_setting: "enabled",
  max_artifacts_size: null,
  wiki_access_level: "enabled",
  duo_core_features_enabled: false,
  duo_features_enabled: true,
  lock_duo_features_enabled: false,
  auto_duo_code_review_enabled: false,
  web_based_commit_signing_enabled: false,
  allow_personal_snippets: true,
  built_in_project_templates_enabled: true,
  lock_built_in_project_templates_enabled: false,
} as const;

/** What only the page of one group shows. */
export const groupDetailSettings = {
  require_sha_for_merge: false,
  lock_require_sha_for_merge: false,
  enabled_git_access_protocol: "all",
  prevent_sharing_groups_outside_hierarchy: false,
  step_up_auth_required_oauth_provider: null,
  shared_runners_minutes_limit: null,
  extra_shared_runners_minutes_limit: null,
  prevent_forking_outside_group: null,
  service_access_tokens_expiration_enforced: true,
  experiment_features_enabled: false,
  membership_lock: false,
  ip_restriction_ranges: null,
  allowed_email_domains_list: null,
  only_allow_merge_if_pipeline_succeeds: false,
  allow_merge_on_skipped_pipeline: false,
  only_allow_merge_if_all_discussions_are_resolved: false,
  unique_project_download_limit: 0,
  unique_project_download_limit_interval_in_seconds: 0,
  unique_project_download_limit_allowlist: [],
  unique_project_download_limit_alertlist: [],
  auto_ban_user_on_excessive_projects_download: false,
} as const;

const settingsOf = (group: GroupRecord, defaults: Readonly<Record<string, unknown>>): Entity =>
  Object.fromEntries(Object.entries(defaults).map(([name, standard]) => [name, group.settings[name] ?? standard]));

/** A group as lists show it. */
export const groupEntity = (gitlab: GitLabState, group: GroupRecord): Entity => ({
  id: group.id,
  web_url: `${gitlab.baseUrl}/groups/${gitlab.groupPath(group)}`,
  name: group.name,
  path: group.path,
  description: group.description,
  visibility: group.visibility,
  archived: false,
  avatar_url: placeAvatarUrl(gitlab.baseUrl, group.settings),
  full_name: gitlab.groupName(group),
  full_path: gitlab.groupPath(group),
  created_at: group.createdAt.toISOString(),
  parent_id: group.parentId,
  organization_id: 1,
  marked_for_deletion_on: group.markedForDeletionOn,
  ldap_cn: null,
  ldap_access: null,
  ldap_group_links: [],
  saml_group_links: [],
  file_template_project_id: null,
  repository_storage: "default",
  duo_namespace_access_rules: [],
  ...settingsOf(group, groupSettings),
});

/** One group, with its projects unless the caller does without them. */
export function groupDetail(
  gitlab: GitLabState,
  group: GroupRecord,
  user: UserRecord | undefined,
  withProjects: boolean,
): Entity {
  const projects = [...gitlab.projects.values()].filter(
    (project) => project.namespaceId === group.id && gitlab.canSeeProject(user, project),
  );
  const owner = gitlab.groupRole(user, group.id) >= role.owner;
  return {
    ...groupEntity(gitlab, group),
    ...settingsOf(group, groupDetailSettings),
    shared_with_groups: [],
    ...(owner ? { runners_token: "GR1348941emulatedtoken" } : {}),
    ai_settings: null,
    ...(withProjects
      ? {
          projects: projects.slice(0, 100).map((project) => projectEntity(gitlab, project, user)),
          shared_projects: [],
        }
      : {}),
  };
}

export const groupStatistics: Entity = {
  storage_size: 0,
  repository_size: 0,
  wiki_size: 0,
  lfs_objects_size: 0,
  job_artifacts_size: 0,
  pipeline_artifacts_size: 0,
  packages_size: 0,
  snippets_size: 0,
  uploads_size: 0,
};
