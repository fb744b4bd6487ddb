import { textOf } from "../repository/diffing.js";
import type { GitLabState } from "../state/gitlab-state.js";
import type { IssuableRecord } from "../state/issuable-records.js";
import type { MemberRecord } from "../state/records.js";
import type { EmulatorSeed, SeedIssuable, SeedIssue } from "./emulator-seed.js";
import { resourcesOf } from "./seed-resources.js";
import { describeCadences, describeNotes, describeWorkItem } from "./seed-work-items.js";

/** Attributes as they are said, without files and without secrets. */
const plain = (settings: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> | undefined => {
  const kept = Object.entries(settings).filter(
    ([name, value]) =>
      !/token|secret|password/i.test(name) &&
      (typeof value !== "object" || value === null || Array.isArray(value)) &&
      value !== undefined,
  );
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
};

/** The state as a seed: what a new emulator needs to begin alike. Ids, dates and histories are new there. */
export function takeSnapshot(gitlab: GitLabState): EmulatorSeed {
  const name = (id: number): string => gitlab.user(id).username;
  const members = (records: readonly MemberRecord[]): Readonly<Record<string, number>> =>
    Object.fromEntries(records.map(({ userId: id, accessLevel }) => [name(id), accessLevel]));
  const shared = (item: Omit<IssuableRecord, "projectId"> & { readonly state: string }): SeedIssuable => ({
    title: item.title,
    description: item.description ?? undefined,
    author: name(item.authorId),
    assignees: item.assigneeIds.map(name),
    labels: item.labels,
    milestone: gitlab.planning.milestone(item.milestoneId)?.title,
    state: item.state,
    iid: item.iid,
    notes: describeNotes(gitlab, item.notes),
    discussion_locked: item.discussionLocked ?? undefined,
    time_estimate: item.timeEstimate === 0 ? undefined : item.timeEstimate,
    time_spent: item.timeSpent === 0 ? undefined : item.timeSpent,
    resources: resourcesOf(gitlab, `${item.kind}s/${String(item.id)}`),
  });
  const epicsOf = (groupId: number): SeedIssue[] | undefined => {
    const own = gitlab.workItems.epics.filter((epic) => epic.groupId === groupId);
    return own.length === 0 ? undefined : own.map((epic) => ({ ...shared(epic), ...describeWorkItem(gitlab, epic) }));
  };
  return {
    users: [...gitlab.users.values()].map((user) => ({
      username: user.username,
      name: user.name,
      admin: user.admin,
      email: user.email,
      state: user.state,
      resources: resourcesOf(gitlab, `users/${String(user.id)}`),
    })),
    groups: [...gitlab.groups.values()].map((group) => ({
      path: gitlab.groupPath(group),
      name: group.name,
      description: group.description === "" ? undefined : group.description,
      visibility: group.visibility,
      members: members(group.members),
      cadences: describeCadences(gitlab, group),
      epics: epicsOf(group.id),
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
        creator: name(project.creatorId),
        starred_by: project.starredBy.size === 0 ? undefined : [...project.starredBy].map(name),
        archived: project.archived ? true : undefined,
        settings: plain(project.settings),
        labels: of(gitlab.planning.labels).map(({ name: label, color, description, priority, archived }) => ({
          name: label,
          color,
          description: description ?? undefined,
          priority: priority ?? undefined,
          archived: archived ? true : undefined,
        })),
        milestones: of(gitlab.planning.milestones).map(({ title, description, startDate, dueDate, state }) => ({
          title,
          description: description === "" ? undefined : description,
          start_date: startDate ?? undefined,
          due_date: dueDate ?? undefined,
          state,
        })),
        issues: of(gitlab.planning.issues).map((issue) => ({ ...shared(issue), ...describeWorkItem(gitlab, issue) })),
        merge_requests: of(gitlab.planning.mergeRequests)
          .filter(({ state, sourceBranch }) => state !== "merged" && repository.branches.has(sourceBranch))
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
    resources: resourcesOf(gitlab, "snippets"),
  };
}
