import { findCode, findWritableCode, mayPush, touch } from "./code-access.js";
import { commitEntity, signatureOf } from "./commit-entity.js";
import { pushed, removeBranch } from "./pushes.js";
import { findProject, requireRole } from "../../server/access.js";
import { created, empty, json, list, notFound, refuse, type Call, type Handlers } from "../../server/handler.js";
import { role, type ProjectRecord, type UserRecord } from "../../state/records.js";
import { levelFor, protect } from "../../state/branch-protection.js";
import { isRefName, nameSearch } from "./ref-names.js";

/** Branches of a project's repository. */
export const branchHandlers: Handlers = {
  getApiV4ProjectsIdRepositoryBranches: (call) => {
    const project = findCode(call);
    const { repository } = project;
    const matches = branchFilter(call);
    const committed = (name: string): number => repository.commit(name)?.committer.date.getTime() ?? 0;
    const sort = call.params.text("sort");
    const names = [...repository.branches.keys()].filter(matches).sort((a, b) => {
      const byName = a < b ? -1 : 1;
      if (sort === "updated_asc") return committed(a) - committed(b) || byName;
      return sort === "updated_desc" ? committed(b) - committed(a) || byName : byName;
    });
    return list(names, (name) => branchEntity(call, project, name), {
      keyset: (name) => name,
      keysetParameter: "page_token",
    });
  },

  getApiV4ProjectsIdRepositoryBranchesBranch: (call) => {
    const project = findCode(call);
    const name = requireBranch(call, project);
    return call.method === "HEAD" ? empty(204) : json(branchEntity(call, project, name));
  },

  postApiV4ProjectsIdRepositoryBranches: (call) => {
    const { project, user } = findWritableCode(call);
    const { repository } = project;
    const name = call.params.text("branch") ?? "";
    if (repository.isEmpty) startRepository(call, project, user);
    if (repository.branches.has(name)) return refuse(400, "Branch already exists");
    if (!isRefName(name)) return refuse(400, "Branch name is invalid");
    if (!mayPush(call, project, name))
      return refuse(400, `You are not allowed to create protected branches on this project.`);
    const ref = call.params.text("ref") ?? "";
    const sha = repository.resolve(ref);
    if (sha === undefined) {
      return refuse(400, `Failed to create branch '${name}': invalid reference name '${ref}'`);
    }
    // A branch is a file for git, and cannot be a folder as well.
    const clash = [...repository.branches.keys()].some(
      (other) => other.startsWith(`${name}/`) || name.startsWith(`${other}/`),
    );
    if (clash) return refuse(400, `Failed to create branch '${name}': reference exists`);
    repository.branches.set(name, sha);
    pushed(call.gitlab, project, { branch: name, before: undefined, userId: user.id });
    touch(call, project);
    return created(branchEntity(call, project, name));
  },

  deleteApiV4ProjectsIdRepositoryBranchesBranch: (call) => {
    const { project } = findWritableCode(call);
    const { repository } = project;
    const name = requireBranch(call, project);
    if (name === repository.defaultBranch) {
      return refuse(400, "The default branch of a project cannot be deleted.");
    }
    // Maintainers may delete protected branches through the API and the page, though not with git.
    if (repository.isProtected(name) && call.gitlab.projectRole(call.user, project) < role.maintainer) {
      return refuse(403, "403 Forbidden");
    }
    removeBranch(call.gitlab, project, name);
    touch(call, project);
    return empty();
  },

  "PUT /projects/{id}/repository/branches/{branch}/protect": (call) => {
    const project = findProject(call);
    requireRole(call, project, role.maintainer);
    const name = requireBranch(call, project);
    protect(call.gitlab, project, name, {
      push_access_level: call.params.flag("developers_can_push") === true ? role.developer : role.maintainer,
      merge_access_level: call.params.flag("developers_can_merge") === true ? role.developer : role.maintainer,
    });
    return json(branchEntity(call, project, name));
  },

  "PUT /projects/{id}/repository/branches/{branch}/unprotect": (call) => {
    const project = findProject(call);
    requireRole(call, project, role.maintainer);
    const name = requireBranch(call, project);
    project.repository.protectedBranches.delete(name);
    return json(branchEntity(call, project, name));
  },
};

/** An empty project gets its default branch with a README.md before anything else. */
function startRepository(call: Call, project: ProjectRecord, user: UserRecord): void {
  project.repository.commitTo(project.repository.defaultBranch, {
    message: "Initial commit",
    author: signatureOf(user, call.gitlab.now()),
    changes: [{ path: "README.md", content: `# ${project.name}\n` }],
  });
}

function requireBranch(call: Call, project: ProjectRecord): string {
  const name = call.path["branch"] ?? "";
  return project.repository.branches.has(name) ? name : notFound("Branch");
}

function branchFilter(call: Call): (name: string) => boolean {
  const search = call.params.text("search");
  const regex = call.params.text("regex");
  if (regex !== undefined) {
    try {
      const pattern = new RegExp(regex);
      return (name) => pattern.test(name);
    } catch {
      return refuse(400, { error: "regex is invalid" });
    }
  }
  return nameSearch(search);
}

function branchEntity(call: Call, project: ProjectRecord, name: string): Record<string, unknown> {
  const { gitlab } = call;
  const { repository } = project;
  const commit = repository.commit(name) ?? notFound("Branch");
  const isDefault = name === repository.defaultBranch;
  const isProtected = repository.isProtected(name);
  const open = !isProtected && gitlab.projectRole(call.user, project) >= role.developer;
  return {
    name,
    commit: commitEntity(gitlab, project, commit),
    merged: !isDefault && repository.between(repository.defaultBranch, name).length === 0,
    protected: isProtected,
    developers_can_push: isProtected && levelFor(gitlab, project, name, "push") <= role.developer,
    developers_can_merge: isProtected && levelFor(gitlab, project, name, "merge") <= role.developer,
    can_push: open || mayPush(call, project, name),
    default: isDefault,
    web_url: `${gitlab.projectUrl(project)}/-/tree/${name.split("/").map(encodeURIComponent).join("/")}`,
  };
}
