import { namespaceBasic } from "../groups/namespaces.js";
import { paidProjectSettings, projectSettings } from "./project-settings.js";
import { role, type ProjectRecord, type UserRecord } from "../../state/records.js";
import { userById } from "../users/user-entity.js";
import { placeAvatarUrl } from "./uploads.js";
import type { GitLabState } from "../../state/gitlab-state.js";

type Entity = Record<string, unknown>;

/** The few fields that say which project it is. */
const projectIdentity = (gitlab: GitLabState, project: ProjectRecord): Entity => ({
  id: project.id,
  description: project.description,
  name: project.name,
  name_with_namespace: `${gitlab.namespaceName(project.namespaceId)} / ${project.name}`,
  path: project.path,
  path_with_namespace: gitlab.projectPath(project),
  created_at: project.createdAt.toISOString(),
});

/** What lists with `simple` show, and who does not see more of a project. */
export function projectBasic(gitlab: GitLabState, project: ProjectRecord): Entity {
  const url = gitlab.projectUrl(project);
  const { repository } = project;
  const { host } = new URL(gitlab.baseUrl);
  const topics = project.settings["topics"] ?? [];
  const readme = repository.isEmpty ? undefined : repository.tree(repository.defaultBranch).get("README.md");
  const visibleForks = [...gitlab.projects.values()].filter(({ forkedFromId }) => forkedFromId === project.id);
  return {
    ...projectIdentity(gitlab, project),
    default_branch: repository.isEmpty ? null : repository.defaultBranch,
    tag_list: topics,
    topics,
    ssh_url_to_repo: `git@${host}:${gitlab.projectPath(project)}.git`,
    http_url_to_repo: `${url}.git`,
    web_url: url,
    readme_url: readme === undefined ? null : `${url}/-/blob/${repository.defaultBranch}/README.md`,
    forks_count: visibleForks.length,
    avatar_url: placeAvatarUrl(gitlab.baseUrl, project.settings),
    star_count: project.starredBy.size,
    last_activity_at: project.lastActivityAt.toISOString(),
    visibility: project.visibility,
    namespace: namespaceBasic(gitlab, project.namespaceId),
    repository_storage: "default",
  };
}

/** Everything that a project has, as far as the caller may see it. */
export function projectEntity(gitlab: GitLabState, project: ProjectRecord, user: UserRecord | undefined): Entity {
  const { settings } = project;
  const level = gitlab.projectRole(user, project);
  const api = gitlab.apiUrl(`/projects/${String(project.id)}`);
  const owner = gitlab.namespaceOwner(project.namespaceId);
  const source = project.forkedFromId === null ? undefined : gitlab.projects.get(project.forkedFromId);
  const { host } = new URL(gitlab.baseUrl);
  const open = gitlab.planning.issues.filter((one) => one.projectId === project.id && one.state === "opened");
  const known = gitlab.planOf(project) === "free" ? projectSettings : { ...projectSettings, ...paidProjectSettings };
  const visible = Object.fromEntries(
    Object.entries(known).map(([name, standard]) => [name, settings[name] ?? standard]),
  );
  return {
    ...projectBasic(gitlab, project),
    ...(source !== undefined && gitlab.canSeeProject(user, source)
      ? { forked_from_project: projectBasic(gitlab, source) }
      : {}),
    container_registry_image_prefix: `registry.${host}/${gitlab.projectPath(project)}`,
    _links: {
      self: api,
      issues: `${api}/issues`,
      merge_requests: `${api}/merge_requests`,
      repo_branches: `${api}/repository/branches`,
      labels: `${api}/labels`,
      events: `${api}/events`,
      members: `${api}/members`,
      cluster_agents: `${api}/cluster_agents`,
    },
    marked_for_deletion_at: project.markedForDeletionOn,
    marked_for_deletion_on: project.markedForDeletionOn,
    empty_repo: project.repository.isEmpty,
    archived: project.archived,
    ...(owner === undefined ? {} : { owner: userById(gitlab, owner.id) }),
    container_expiration_policy: {
      cadence: "1d",
      enabled: false,
      keep_n: 10,
      older_than: "90d",
      name_regex: ".*",
      name_regex_keep: null,
      next_run_at: new Date(project.createdAt.getTime() + 86_400_000).toISOString(),
    },
    repository_object_format: "sha1",
    service_desk_address: null,
    can_create_merge_request_in: level >= role.developer || (user !== undefined && project.visibility === "public"),
    creator_id: project.creatorId,
    import_url: null,
    import_type: null,
    import_status: source === undefined ? "none" : "finished",
    import_error: null,
    open_issues_count: open.length,
    description_html: project.description === null ? "" : `<p dir="auto">${escape(project.description)}</p>`,
    updated_at: project.updatedAt.toISOString(),
    shared_with_groups: [],
    ...(level >= role.maintainer ? { runners_token: null } : {}),
    ...visible,
    tag_list: settings["topics"] ?? [],
  };
}

/** A project as its members see it: with their own access. */
export const projectWithAccess = (
  gitlab: GitLabState,
  project: ProjectRecord,
  user: UserRecord | undefined,
): Entity => ({
  ...projectEntity(gitlab, project, user),
  permissions: permissionsOf(gitlab, project, user),
  cicd_catalog_enabled: false,
});

function permissionsOf(gitlab: GitLabState, project: ProjectRecord, user: UserRecord | undefined): Entity {
  const own = project.members.find(({ userId }) => userId === user?.id)?.accessLevel;
  const groups = gitlab.ancestry(project.namespaceId).flatMap(({ members }) => members);
  const levels = groups.filter(({ userId }) => userId === user?.id).map(({ accessLevel }) => accessLevel);
  const mine = user !== undefined && project.namespaceId === user.namespaceId ? role.owner : own;
  const access = (level: number | undefined): Entity | null =>
    level === undefined ? null : { access_level: level, notification_level: 3 };
  return { project_access: access(mine), group_access: access(levels.length === 0 ? undefined : Math.max(...levels)) };
}

/** Counts and sizes, for who asks for them and may read the code. */
export function projectStatistics(project: ProjectRecord): Entity {
  const { repository } = project;
  const blobs = repository.isEmpty ? [] : [...repository.tree(repository.defaultBranch).values()];
  const size = blobs.reduce((sum, { content }) => sum + content.length, 0) * Math.max(1, repository.commitCount);
  return {
    commit_count: repository.commitCount,
    storage_size: size,
    repository_size: size,
    wiki_size: 0,
    lfs_objects_size: 0,
    job_artifacts_size: 0,
    pipeline_artifacts_size: 0,
    packages_size: 0,
    snippets_size: 0,
    uploads_size: 0,
    container_registry_size: 0,
  };
}

const escape = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
