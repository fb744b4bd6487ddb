import { findGroup, findProject } from "../../server/access.js";
import { list, notFound, type Answer, type Call, type Handlers } from "../../server/handler.js";
import { projectBasic, projectEntity, projectStatistics, projectWithAccess } from "./project-entity.js";
import { role, type ProjectRecord } from "../../state/records.js";

/** Lists of projects: all that the caller sees, those of a group or a user, forks. */
export const projectListHandlers: Handlers = {
  getApiV4Projects: (call) => listProjects(call, [...call.gitlab.projects.values()], "access"),

  getApiV4UsersUserIdProjects: (call) => {
    const idOrName = call.path["user_id"] ?? "";
    const { gitlab } = call;
    const user = gitlab.userAt(idOrName);
    if (user === undefined) return notFound("User");
    const own = [...gitlab.projects.values()].filter(({ namespaceId }) => namespaceId === user.namespaceId);
    return listProjects(call, own, "access");
  },

  getApiV4GroupsIdProjects: (call) => {
    const group = findGroup(call);
    const { params, gitlab } = call;
    const inside = params.flag("include_subgroups") === true;
    const above = params.flag("include_ancestor_groups") === true ? gitlab.ancestry(group.id).map(({ id }) => id) : [];
    const projects = [...gitlab.projects.values()].filter(({ namespaceId }) => {
      if (namespaceId === group.id || above.includes(namespaceId)) return true;
      return inside && gitlab.ancestry(namespaceId).includes(group);
    });
    return listProjects(call, projects, "plain");
  },

  getApiV4ProjectsIdForks: (call) => {
    const source = findProject(call);
    const forks = [...call.gitlab.projects.values()].filter(({ forkedFromId }) => forkedFromId === source.id);
    return listProjects(call, forks, "plain");
  },
};

function listProjects(call: Call, projects: readonly ProjectRecord[], kind: "access" | "plain"): Answer {
  const { params, gitlab, user } = call;
  const tests = projectTests(call);
  const found = projects
    .filter((project) => gitlab.canSeeProject(user, project) && tests.every((test) => test(project)))
    .sort(order(call));
  const simple = params.flag("simple") === true || user === undefined;
  const statistics = params.flag("statistics") === true;
  const present = (project: ProjectRecord): unknown => {
    if (simple) return projectBasic(gitlab, project);
    const entity = kind === "access" ? projectWithAccess(gitlab, project, user) : projectEntity(gitlab, project, user);
    return statistics ? { ...entity, statistics: projectStatistics(project) } : entity;
  };
  // By id the place in the list is a filter: whoever follows the links keeps it when projects come and go.
  const byId = params.text("order_by") === "id" || (params.text("pagination") === "keyset" && !params.has("order_by"));
  return list(found, present, {
    keyset: byId ? (project) => project.id : undefined,
    keysetParameter: params.text("sort") === "asc" ? "id_after" : "id_before",
  });
}

type Test = (project: ProjectRecord) => boolean;

function projectTests(call: Call): Test[] {
  const { params, gitlab, user } = call;
  const tests: Test[] = [];
  const add = (name: string, test: Test): void => {
    if (params.has(name)) tests.push(test);
  };
  const number = (name: string): number => params.integer(name) ?? 0;
  const moment = (name: string): number => Date.parse(params.text(name) ?? "");
  const on = (name: string): boolean => params.flag(name) === true;
  const level = (project: ProjectRecord): number => gitlab.projectRole(user, project);
  add("archived", (project) => project.archived === on("archived"));
  add("active", (project) => (project.markedForDeletionOn === null && !project.archived) === on("active"));
  add("visibility", (project) => project.visibility === params.text("visibility"));
  const search = params.text("search")?.toLowerCase() ?? "";
  add("search", (project) => {
    const text = `${project.name} ${project.path} ${project.description ?? ""}`;
    const place = on("search_namespaces") ? ` ${gitlab.projectPath(project)}` : "";
    return (text + place).toLowerCase().includes(search);
  });
  if (on("owned")) tests.push((project) => user !== undefined && isOwner(call, project));
  if (on("membership")) tests.push((project) => user !== undefined && isMember(call, project));
  if (on("starred")) tests.push((project) => user !== undefined && project.starredBy.has(user.id));
  if (on("imported")) tests.push(() => false);
  if (on("with_issues_enabled")) tests.push(({ settings }) => settings["issues_enabled"] !== false);
  if (on("with_merge_requests_enabled")) tests.push(({ settings }) => settings["merge_requests_enabled"] !== false);
  add("min_access_level", (project) => level(project) >= number("min_access_level"));
  add("id_after", ({ id }) => id > number("id_after"));
  add("id_before", ({ id }) => id < number("id_before"));
  add("last_activity_after", ({ lastActivityAt }) => lastActivityAt.getTime() > moment("last_activity_after"));
  add("last_activity_before", ({ lastActivityAt }) => lastActivityAt.getTime() < moment("last_activity_before"));
  add("updated_after", ({ updatedAt }) => updatedAt.getTime() > moment("updated_after"));
  add("updated_before", ({ updatedAt }) => updatedAt.getTime() < moment("updated_before"));
  const topics = params.list("topic");
  add("topic", ({ settings }) => {
    const own = settings["topics"];
    return Array.isArray(own) && topics.every((topic) => own.includes(topic));
  });
  add("with_programming_language", (project) => languageOf(project) === params.text("with_programming_language"));
  add("marked_for_deletion_on", (project) => project.markedForDeletionOn === params.text("marked_for_deletion_on"));
  return tests;
}

const isOwner = ({ gitlab, user }: Call, project: ProjectRecord): boolean =>
  user !== undefined && gitlab.projectRole({ ...user, admin: false }, project) >= role.owner;

const isMember = ({ gitlab, user }: Call, project: ProjectRecord): boolean =>
  user !== undefined && gitlab.projectRole({ ...user, admin: false }, project) > 0;

/** Good enough to filter by: the language of most files that have one. */
function languageOf({ repository }: ProjectRecord): string | undefined {
  const names = repository.isEmpty ? [] : [...repository.tree(repository.defaultBranch).keys()];
  return names.some((name) => name.endsWith(".ts")) ? "TypeScript" : undefined;
}

function order(call: Call): (a: ProjectRecord, b: ProjectRecord) => number {
  const { params } = call;
  const by = params.text("order_by") ?? (params.text("pagination") === "keyset" ? "id" : "created_at");
  const direction = params.text("sort") === "asc" ? 1 : -1;
  const keys: Readonly<Record<string, (project: ProjectRecord) => string | number>> = {
    id: ({ id }) => id,
    name: ({ name }) => name.toLowerCase(),
    path: ({ path }) => path,
    created_at: ({ createdAt }) => createdAt.getTime(),
    updated_at: ({ updatedAt }) => updatedAt.getTime(),
    last_activity_at: ({ lastActivityAt }) => lastActivityAt.getTime(),
    star_count: ({ starredBy }) => starredBy.size,
    similarity: ({ name }) => -name.length,
  };
  const key = keys[by] ?? (({ repository }: ProjectRecord) => repository.commitCount);
  return (a, b) => {
    const [left, right] = [key(a), key(b)];
    return direction * (left < right ? -1 : left > right ? 1 : a.id - b.id);
  };
}
