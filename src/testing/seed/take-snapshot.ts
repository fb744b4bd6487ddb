import { textOf } from "../repository/diffing.js";
import type { GitLabState } from "../state/gitlab-state.js";
import type { IssuableRecord } from "../state/issuable-records.js";
import type { MemberRecord } from "../state/records.js";
import type { EmulatorSeed, SeedIssuable, SeedResources } from "./emulator-seed.js";

/** Records whose whole point is a secret. */
const secretResources = new Set(["triggers", "access_tokens", "job_tokens"]);

function resourcesOf(gitlab: GitLabState, place: string): SeedResources | undefined {
  const found = gitlab.resources.entries().flatMap(([resource, records]) => {
    const here = records.filter((record) => record.place === place && record.values["hidden"] !== true);
    if (here.length === 0 || secretResources.has(resource)) return [];
    const seeds = here.map(({ authorId, values }) => ({
      author: gitlab.users.get(authorId)?.username,
      values: Object.fromEntries(Object.entries(values).filter(([field]) => !/token|secret|password/i.test(field))),
    }));
    return [[resource, seeds] as const];
  });
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

/** The state as a seed: what a new emulator needs to begin alike. Ids, dates and histories are new there. */
export function takeSnapshot(gitlab: GitLabState): EmulatorSeed {
  const name = (id: number): string => gitlab.user(id).username;
  const members = (records: readonly MemberRecord[]): Readonly<Record<string, number>> =>
    Object.fromEntries(records.map(({ userId: id, accessLevel }) => [name(id), accessLevel]));
  const shared = (item: IssuableRecord & { readonly state: string }): SeedIssuable => ({
    title: item.title,
    description: item.description ?? undefined,
    author: name(item.authorId),
    assignees: item.assigneeIds.map(name),
    labels: item.labels,
    milestone: gitlab.planning.milestone(item.milestoneId)?.title,
    state: item.state,
    notes: item.notes.filter(({ system }) => !system).map(({ authorId, body }) => ({ author: name(authorId), body })),
  });
  return {
    users: [...gitlab.users.values()].map((user) => ({ username: user.username, name: user.name, admin: user.admin })),
    groups: [...gitlab.groups.values()].map((group) => ({
      path: gitlab.groupPath(group),
      name: group.name,
      visibility: group.visibility,
      members: members(group.members),
      resources: resourcesOf(gitlab, `groups/${String(group.id)}`),
    })),
    projects: [...gitlab.projects.values()].map((project) => {
      const { repository, id } = project;
      const of = <T extends { readonly projectId: number }>(records: readonly T[]): T[] =>
        records.filter(({ projectId }) => projectId === id);
      const names = [...repository.branches.keys()].sort((a, b) =>
        a === repository.defaultBranch ? -1 : b === repository.defaultBranch ? 1 : a < b ? -1 : 1,
      );
      return {
        path: gitlab.projectPath(project),
        name: project.name,
        description: project.description ?? undefined,
        visibility: project.visibility,
        members: members(project.members),
        default_branch: repository.defaultBranch,
        branches: Object.fromEntries(
          names.map((branch) => [
            branch,
            Object.fromEntries(
              [...repository.tree(branch)]
                .filter(([, { content }]) => !content.includes(0))
                .map(([file, blob]) => [file, textOf(blob)]),
            ),
          ]),
        ),
        labels: of(gitlab.planning.labels).map(({ name: label, color, description }) => ({
          name: label,
          color,
          description: description ?? undefined,
        })),
        milestones: of(gitlab.planning.milestones).map(({ title, dueDate, state }) => ({
          title,
          due_date: dueDate ?? undefined,
          state,
        })),
        issues: of(gitlab.planning.issues).map((issue) => ({ ...shared(issue), confidential: issue.confidential })),
        merge_requests: of(gitlab.planning.mergeRequests)
          .filter(({ state, sourceBranch }) => state === "opened" && repository.branches.has(sourceBranch))
          .map((item) => ({
            ...shared(item),
            source_branch: item.sourceBranch,
            target_branch: item.targetBranch,
            reviewers: item.reviewerIds.map(name),
          })),
        pipelines: of(gitlab.planning.pipelines)
          .filter(({ ref }) => repository.branches.has(ref))
          .map(({ ref, jobs }) => ({
            ref,
            failed: jobs.filter(({ status, retried }) => status === "failed" && !retried).map((job) => job.name),
          })),
        tags: Object.fromEntries(
          [...repository.tags.values()].map(({ name: tag, sha }) => [
            tag,
            names.find((branch) => repository.branches.get(branch) === sha) ?? repository.defaultBranch,
          ]),
        ),
        releases: of(gitlab.releases).map((release) => ({
          tag_name: release.tagName,
          name: release.name,
          description: release.description ?? undefined,
          author: name(release.authorId),
          milestones: release.milestoneIds.flatMap((one) => gitlab.planning.milestone(one)?.title ?? []),
        })),
        resources: resourcesOf(gitlab, `projects/${String(id)}`),
      };
    }),
  };
}
