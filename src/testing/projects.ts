import { findProject, requireRole, requireUser } from "./access.js";
import { signatureOf } from "./commit-entity.js";
import { created, forbidden, invalid, json, refuse, type Call, type Handlers } from "./handler.js";
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
import { role, type ProjectRecord } from "./records.js";

/** One project: made, read, changed, deleted. */
export const projectHandlers: Handlers = {
  getApiV4ProjectsId: (call) => {
    const project = findProject(call);
    const { params, world, user } = call;
    const entity = projectWithAccess(world, project, user);
    const statistics =
      params.flag("statistics") === true && world.projectRole(user, project) >= role.reporter
        ? { statistics: projectStatistics(project) }
        : {};
    const license = params.flag("license") === true ? licenseOf(call, project) : {};
    return json({ ...entity, ...statistics, ...license });
  },

  postApiV4Projects: (call) => {
    const me = requireUser(call);
    const { params, world } = call;
    const name = params.text("name") ?? params.text("path");
    if (name === undefined || name === "") {
      return refuse(400, { error: "name, path are missing, at least one parameter must be provided" });
    }
    const path = params.text("path") ?? pathFromName(name);
    const namespaceId = requireNamespace(call, me, params.text("namespace_id"));
    checkProjectPath(world, namespaceId, path);
    const visibility = params.text("visibility") ?? "private";
    if (!isVisibility(visibility)) return refuse(400, { error: "visibility does not have a valid value" });
    checkVisibility(world, namespaceId, visibility);
    const description = params.text("description") ?? null;
    const project = createProject(world, { name, path, namespaceId, creator: me, visibility, description });
    initialize(call, project);
    changeProjectSettings(project, call.values);
    return created(projectEntity(world, project, me));
  },

  putApiV4ProjectsId: (call) => {
    const project = findProject(call);
    const me = requireRole(call, project, role.maintainer);
    const { params, world } = call;
    const level = world.projectRole(me, project);
    const visibility = params.text("visibility");
    if (isVisibility(visibility) && visibility !== project.visibility) {
      if (level < role.owner) return forbidden();
      checkVisibility(world, project.namespaceId, visibility);
      project.visibility = visibility;
    }
    const path = params.text("path");
    if (path !== undefined && path !== project.path) {
      if (level < role.owner) return forbidden();
      checkProjectPath(world, project.namespaceId, path, project);
      rename(call, project, path);
    }
    const branch = params.text("default_branch");
    if (branch !== undefined && branch !== project.repository.defaultBranch) {
      if (!project.repository.branches.has(branch)) invalid({ base: ["Could not set the default branch"] });
      project.repository.defaultBranch = branch;
    }
    const name = params.text("name");
    if (name?.trim() === "") invalid({ name: ["can't be blank"] });
    project.name = name ?? project.name;
    if (params.given("description")) project.description = params.text("description") ?? null;
    changeProjectSettings(project, call.values);
    project.updatedAt = world.now();
    return json({ ...projectEntity(world, project, me), cicd_catalog_enabled: false });
  },

  deleteApiV4ProjectsId: (call) => {
    const project = findProject(call);
    requireRole(call, project, role.owner);
    const { params, world } = call;
    const fullPath = world.projectPath(project);
    if (params.flag("permanently_remove") === true) {
      if (project.markedForDeletionOn === null) return refuse(400, "Project must be marked for deletion first.");
      if (params.text("full_path") !== fullPath)
        return refuse(400, "`full_path` is incorrect. You must enter the complete path for the project.");
      removeProject(world, project);
      return json({ message: "202 Accepted" }, 202);
    }
    if (project.markedForDeletionOn !== null) return refuse(400, "Project has been already marked for deletion");
    // Deletion comes later; until then the project is there by its id, and its path is free.
    project.markedForDeletionOn = world.now().toISOString().slice(0, 10);
    project.path = `${project.path}-deletion_scheduled-${String(project.id)}`;
    project.name = `${project.name}-deletion_scheduled-${String(project.id)}`;
    project.updatedAt = world.now();
    return json({ message: "202 Accepted" }, 202);
  },
};

/** Renames a project; its former path leads to it from now on. */
function rename({ world }: Call, project: ProjectRecord, path: string): void {
  world.formerPaths.set(world.projectPath(project).toLowerCase(), project.id);
  project.path = path;
  world.formerPaths.delete(world.projectPath(project).toLowerCase());
}

function initialize(call: Call, project: ProjectRecord): void {
  const { params, world } = call;
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
    author: signatureOf(me, world.now()),
    changes: [{ path: "README.md", content: `# ${project.name}\n` }],
  });
}

function licenseOf({ world }: Call, project: ProjectRecord): Record<string, unknown> {
  const { repository } = project;
  const found = repository.isEmpty ? undefined : repository.tree(repository.defaultBranch).get("LICENSE");
  if (found === undefined) return { license_url: null, license: null };
  return {
    license_url: `${world.projectUrl(project)}/-/blob/${repository.defaultBranch}/LICENSE`,
    license: {
      key: "mit",
      name: "MIT License",
      nickname: null,
      html_url: "http://choosealicense.com/licenses/mit/",
      source_url: "https://opensource.org/licenses/MIT",
    },
  };
}
