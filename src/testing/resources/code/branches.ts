import { findCode, findWritableCode, mayPush, touch } from "./code-access.js";
import { commitEntity } from "./commit-entity.js";
import { created, empty, json, list, notFound, refuse, type Call, type Handlers } from "../../server/handler.js";
import { role, type ProjectRecord } from "../../state/records.js";
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
    return json(branchEntity(call, project, requireBranch(call, project)));
  },

  postApiV4ProjectsIdRepositoryBranches: (call) => {
    const { project } = findWritableCode(call);
    const { repository } = project;
    const name = call.params.text("branch") ?? "";
    if (repository.branches.has(name)) return refuse(400, "Branch already exists");
    if (!isRefName(name)) return refuse(400, "Branch name is invalid");
    if (!mayPush(call, project, name))
      return refuse(400, `You are not allowed to create protected branches on this project.`);
    const ref = call.params.text("ref") ?? "";
    const sha = repository.resolve(ref);
    if (sha === undefined) return refuse(400, `Invalid reference name: ${ref}`);
    repository.branches.set(name, sha);
    touch(call, project);
    return created(branchEntity(call, project, name));
  },

  deleteApiV4ProjectsIdRepositoryBranchesBranch: (call) => {
    const { project } = findWritableCode(call);
    const { repository } = project;
    const name = requireBranch(call, project);
    if (name === repository.defaultBranch) return refuse(400, "Cannot remove HEAD branch");
    if (repository.isProtected(name)) return refuse(400, "Protected branch cannot be removed");
    repository.branches.delete(name);
    touch(call, project);
    return empty();
  },
};

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
    developers_can_push: false,
    developers_can_merge: false,
    can_push: open || mayPush(call, project, name),
    default: isDefault,
    web_url: `${gitlab.projectUrl(project)}/-/tree/${name.split("/").map(encodeURIComponent).join("/")}`,
  };
}
