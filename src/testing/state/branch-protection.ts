import type { GitLabState } from "./gitlab-state.js";
import { role, type ProjectRecord } from "./records.js";
import type { ResourceRecord } from "./resource-records.js";

/** What a protected branch says unless told otherwise. */
export const protection = { push_access_level: 40, merge_access_level: 40, allow_force_push: false } as const;

/** The protected branches of a repository as records: what seeds and forks protect has none of its own yet. */
export function protectedBranchesOf(gitlab: GitLabState, project: ProjectRecord): ResourceRecord[] {
  const key = `projects/${String(project.id)}`;
  const records = gitlab.resources.in("protected_branches", key);
  for (const name of project.repository.protectedBranches) {
    if (records.some(({ values }) => values["name"] === name)) continue;
    const made = { by: project.creatorId, at: project.createdAt };
    records.push(gitlab.resources.add("protected_branches", key, { ...protection, name }, made));
  }
  const { protectedBranches } = project.repository;
  return records.filter(({ values }) => protectedBranches.has(String(values["name"])));
}

/** Protects a branch, or changes how it is protected. */
export function protect(
  gitlab: GitLabState,
  project: ProjectRecord,
  name: string,
  rules: Readonly<Record<string, unknown>>,
): void {
  project.repository.protectedBranches.add(name);
  const record = protectedBranchesOf(gitlab, project).find(({ values }) => values["name"] === name);
  if (record !== undefined) record.values = { ...record.values, ...rules };
}

/** The role that pushing to a branch, or merging into it, takes; 100 where nobody may. */
export function levelFor(
  gitlab: GitLabState,
  project: ProjectRecord,
  branch: string,
  action: "push" | "merge",
): number {
  if (!project.repository.isProtected(branch)) return role.developer;
  const rules = protectedBranchesOf(gitlab, project).filter(({ values }) => matches(String(values["name"]), branch));
  const levels = rules.map(({ values }) => Number(values[`${action}_access_level`] ?? 40));
  const level = Math.min(...levels);
  return level === 0 || levels.length === 0 ? (levels.length === 0 ? role.maintainer : 100) : level;
}

function matches(pattern: string, branch: string): boolean {
  const [start = "", ...rest] = pattern.split("*");
  return rest.length === 0 ? pattern === branch : branch.startsWith(start) && branch.endsWith(rest.at(-1) ?? "");
}
