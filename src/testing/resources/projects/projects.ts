import { findProject, requireRole, requireUser } from "../../server/access.js";
import { signatureOf } from "../code/commit-entity.js";
import { created, forbidden, invalid, json, refuse, type Call, type Handlers } from "../../server/handler.js";
import {
  checkProjectPath,
  checkVisibility,
  createProject,
  isVisibility,
  pathFromName,
  removeProject,
  requireNamespace,
} from "./project-creation.js";
import { projectEntity, projectStatistics, projectWithAccess } from "./project-entity.js";
import { changeProjectSettings } from "./project-settings.js";
import { role, type ProjectRecord } from "../../state/records.js";
import { takeAvatar } from "./uploads.js";

/** One project: made, read, changed, deleted. */
export const projectHandlers: Handlers = {
  getApiV4ProjectsId: (call) => {
    const project = findProject(call);
    const { params, gitlab, user } = call;
    const entity = projectWithAccess(gitlab, project, user);
    const statistics =
      params.flag("statistics") === true && gitlab.projectRole(user, project) >= role.reporter
        ? { statistics: projectStatistics(project) }
        : {};
    const license = params.flag("license") === true ? licenseOf(call, project) : {};
    return json({ ...entity, ...statistics, ...license });
  },

  postApiV4Projects: (call) => {
    const me = requireUser(call);
    const { params, gitlab } = call;
    const name = params.text("name") ?? params.text("path");
    if (name === undefined || name === "") {
      return refuse(400, { error: "name, path are missing, at least one parameter must be provided" });
    }
    checkProjectName(name);
    const path = params.text("path") ?? pathFromName(name);
    const namespaceId = requireNamespace(call, me, params.text("namespace_id"));
    checkProjectPath(gitlab, namespaceId, path);
    const visibility = params.text("visibility") ?? "private";
    if (!isVisibility(visibility)) return refuse(400, { error: "visibility does not have a valid value" });
    checkVisibility(gitlab, namespaceId, visibility);
    const description = params.text("description") ?? null;
    const project = createProject(gitlab, { name, path, namespaceId, creator: me, visibility, description });
    initialize(call, project);
    changeProjectSettings(project, call.values);
    takeAvatar(call, "project", project);
    return created(projectEntity(gitlab, project, me));
  },

  putApiV4ProjectsId: (call) => {
    const project = findProject(call);
    const me = requireRole(call, project, role.maintainer);
    const { params, gitlab } = call;
    if (Object.keys(call.values).length === 0) {
      return refuse(400, {
        error: "name, description, visibility are missing, at least one parameter must be provided",
      });
    }
    const level = gitlab.projectRole(me, project);
    const visibility = params.text("visibility");
    if (isVisibility(visibility) && visibility !== project.visibility) {
      if (level < role.owner) return forbidden();
      checkVisibility(gitlab, project.namespaceId, visibility);
      project.visibility = visibility;
    }
    const path = params.text("path");
    if (path !== undefined && path !== project.path) {
      if (level < role.owner) return forbidden();
      checkProjectPath(gitlab, project.namespaceId, path, project);
      rename(call, project, path);
    }
    const branch = params.text("default_branch");
    if (branch !== undefined && branch !== project.repository.defaultBranch) {
      if (!project.repository.branches.has(branch)) invalid({ base: ["Could not set the default branch"] });
      project.repository.defaultBranch = branch;
    }
    const name = params.text("name");
    if (name?.trim() === "") invalid({ name: ["can't be blank"] });
    if (name !== undefined) checkProjectName(name);
    project.name = name ?? project.name;
    if (params.sent("description")) project.description = params.text("description") ?? null;
    takeAvatar(call, "project", project);
    changeProjectSettings(project, call.values);
    project.updatedAt = gitlab.now();
    return json({ ...projectEntity(gitlab, project, me), cicd_catalog_enabled: false });
  },

  deleteApiV4ProjectsId: (call) => {
    const project = findProject(call);
    requireRole(call, project, role.owner);
    const { params, gitlab } = call;
    const fullPath = gitlab.projectPath(project);
    if (params.flag("permanently_remove") === true) {
      if (project.markedForDeletionOn === null) return refuse(400, "Project must be marked for deletion first.");
      if (params.text("full_path") !== fullPath)
        return refuse(400, "`full_path` is incorrect. You must enter the complete path for the project.");
      removeProject(gitlab, project);
      return json({ message: "202 Accepted" }, 202);
    }
    if (project.markedForDeletionOn !== null) return refuse(400, "Project has been already marked for deletion");
    // Deletion comes later; until then the project is there by its id, and its path is free.
    project.markedForDeletionOn = gitlab.now().toISOString().slice(0, 10);
    project.path = `${project.path}-deletion_scheduled-${String(project.id)}`;
    project.name = `${project.name}-deletion_scheduled-${String(project.id)}`;
    project.updatedAt = gitlab.now();
    return json({ message: "202 Accepted" }, 202);
  },
};

function checkProjectName(name: string): void {
  if (/^[\p{L}\p{N}\p{Emoji}_][\p{L}\p{N}\p{Emoji}_.+()\s-]*$/u.test(name)) return;
  const words =
    "can contain only letters, digits, emoji, '_', '.', '+', dashes, or spaces. It must start with a letter, digit, emoji, or '_'.";
  invalid({ name: [words], "project_namespace.name": [words] });
}

/** Renames a project; its former path leads to it from now on. */
function rename({ gitlab }: Call, project: ProjectRecord, path: string): void {
  gitlab.formerPaths.set(gitlab.projectPath(project).toLowerCase(), project.id);
  project.path = path;
  gitlab.formerPaths.delete(gitlab.projectPath(project).toLowerCase());
}

function initialize(call: Call, project: ProjectRecord): void {
  const { params, gitlab } = call;
  const { repository } = project;
  const branch = params.text("default_branch");
  if (branch !== undefined) {
    repository.protectedBranches.clear();
    repository.defaultBranch = branch;
    repository.protectedBranches.add(branch);
  }
  if (params.flag("initialize_with_readme") !== true) return;
  const me = requireUser(call);
  repository.commitTo(repository.defaultBranch, {
    message: "Initial commit",
    author: signatureOf(me, gitlab.now()),
    changes: [{ path: "README.md", content: `# ${project.name}\n` }],
  });
}

function licenseOf({ gitlab }: Call, project: ProjectRecord): Record<string, unknown> {
  const { repository } = project;
  const found = repository.isEmpty ? undefined : repository.tree(repository.defaultBranch).get("LICENSE");
  if (found === undefined) return { license_url: null, license: null };
  return {
    license_url: `${gitlab.projectUrl(project)}/-/blob/${repository.defaultBranch}/LICENSE`,
    license: {
      key: "mit",
      name: "MIT License",
      nickname: null,
      html_url: "http://choosealicense.com/licenses/mit/",
      source_url: "https://opensource.org/licenses/MIT",
    },
  };
}
