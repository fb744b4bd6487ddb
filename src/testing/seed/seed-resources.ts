import type { GitLabState } from "../state/gitlab-state.js";
import type { ResourceRecord } from "../state/resource-records.js";
import type { SeedRecord, SeedResources } from "./emulator-seed.js";

/** Records whose whole point is a secret, and those that a seed says in another way. */
const leftOut = new Set(["triggers", "access_tokens", "job_tokens", "issue_links", "todos"]);

/** Ids of other records are new in another emulator: full paths stand for them. */
const paths: Readonly<Record<string, "projects" | "groups">> = {
  target_project_id: "projects",
  target_group_id: "groups",
};

/** What the engine keeps in a place, without secrets; undefined for nothing. */
export function resourcesOf(gitlab: GitLabState, place: string): SeedResources | undefined {
  const found = gitlab.resources.entries().flatMap(([resource, records]) => {
    const here = records.filter((record) => record.place === place);
    if (here.length === 0 || leftOut.has(resource)) return [];
    return [[resource, here.map((record) => seedOf(gitlab, resource, record))] as const];
  });
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

const seedOf = (gitlab: GitLabState, resource: string, { id, authorId, values }: ResourceRecord): SeedRecord => ({
  author: gitlab.users.get(authorId)?.username,
  values: Object.fromEntries(
    Object.entries(withoutSecrets(values)).map(([field, value]) => [field, pathFor(gitlab, field, value)]),
  ),
  resources: resourcesOf(gitlab, `${resource}/${String(id)}`),
});

const secret = "[secret]";

/** Masked variables, and what webhooks send along, keep their names and lose their values. */
function withoutSecrets(values: ResourceRecord["values"]): ResourceRecord["values"] {
  const kept = Object.fromEntries(Object.entries(values).filter(([field]) => !/token|secret|password/i.test(field)));
  if (kept["masked"] === true || kept["hidden"] === true) kept["value"] = secret;
  for (const field of ["url_variables", "custom_headers"]) {
    const pairs = kept[field];
    if (Array.isArray(pairs)) kept[field] = pairs.map((pair: object) => ({ ...pair, value: secret }));
  }
  return kept;
}

function pathFor(gitlab: GitLabState, field: string, value: unknown): unknown {
  const project = paths[field] === "projects" ? gitlab.projects.get(Number(value)) : undefined;
  const group = paths[field] === "groups" ? gitlab.groups.get(Number(value)) : undefined;
  if (project !== undefined) return gitlab.projectPath(project);
  return group === undefined ? value : gitlab.groupPath(group);
}

function idFor(gitlab: GitLabState, field: string, value: unknown): unknown {
  if (paths[field] === undefined || typeof value !== "string") return value;
  return (paths[field] === "projects" ? gitlab.projectByPath(value) : gitlab.groupByPath(value))?.id ?? value;
}

/** Puts records into a place. */
export function plantResources(gitlab: GitLabState, place: string, resources: SeedResources = {}): void {
  for (const [resource, records] of Object.entries(resources)) {
    for (const { author, values, resources: inner } of records) {
      const by = author === undefined ? 0 : userId(gitlab, author);
      const planted = Object.fromEntries(
        Object.entries(values).map(([field, value]) => [field, idFor(gitlab, field, value)]),
      );
      const record = gitlab.resources.add(resource, place, planted, { by, at: gitlab.now() });
      if (resource === "protected_branches") protect(gitlab, place, String(values["name"]));
      plantResources(gitlab, `${resource}/${String(record.id)}`, inner);
    }
  }
}

/** The repository knows its protected branches by their names. */
function protect(gitlab: GitLabState, place: string, name: string): void {
  gitlab.projects.get(Number(place.split("/")[1]))?.repository.protectedBranches.add(name);
}

/** The id of somebody whom a seed names. */
export function userId(gitlab: GitLabState, username: string): number {
  const user = gitlab.userByName(username);
  if (user === undefined) throw new Error(`The seed names "${username}", who is not among its users`);
  return user.id;
}
