import { signatureOf } from "../resources/code/commit-entity.js";
import { createGroup } from "../resources/groups/groups.js";
import { addMember } from "../resources/members/member-entity.js";
import { createProject } from "../resources/projects/project-creation.js";
import { createUser } from "../resources/users/user-accounts.js";
import { addNote, applyChange } from "../issuables/issuable-changes.js";
import { newMergeRequest } from "../reviews/merge-requests.js";
import { newIssue } from "../issuables/issues.js";
import { startAutomatically } from "../ci/pipeline-creation.js";
import { runPipelineJobs } from "../ci/pipeline-runs.js";
import { textOf } from "../repository/diffing.js";
import { contextFor } from "../state/context-of.js";
import type { GitLabState } from "../state/gitlab-state.js";
import type { IssuableRecord } from "../state/issuable-records.js";
import type { GroupRecord, MemberRecord, ProjectRecord, Visibility } from "../state/records.js";

/** A comment: who wrote what. */
export interface SeedNote {
  readonly author: string;
  readonly body: string;
}

/** What issues and merge requests have alike. People are named by their usernames. */
interface SeedIssuable {
  readonly title: string;
  readonly description?: string;
  readonly author?: string;
  readonly assignees?: readonly string[];
  readonly labels?: readonly string[];
  readonly milestone?: string;
  readonly state?: string;
  readonly notes?: readonly SeedNote[];
}

/** An issue of a seed. */
export interface SeedIssue extends SeedIssuable {
  readonly confidential?: boolean;
}

/** A merge request of a seed; its branches have to be in the project's `branches`. */
export interface SeedMergeRequest extends SeedIssuable {
  readonly source_branch: string;
  readonly target_branch?: string;
  readonly reviewers?: readonly string[];
}

/** A project of a seed. */
export interface SeedProject {
  /** Full path; its groups are made where they are missing. */
  readonly path: string;
  readonly name?: string;
  readonly description?: string;
  readonly visibility?: Visibility;
  /** Access levels by username. */
  readonly members?: Readonly<Record<string, number>>;
  readonly default_branch?: string;
  /** The files of each branch, by path; the default branch first. Binary files are left out of snapshots. */
  readonly branches?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly labels?: readonly { readonly name: string; readonly color?: string; readonly description?: string }[];
  readonly milestones?: readonly {
    readonly title: string;
    readonly due_date?: string;
    readonly state?: "active" | "closed";
  }[];
  readonly issues?: readonly SeedIssue[];
  readonly merge_requests?: readonly SeedMergeRequest[];
  /** Pipelines by the project's `.gitlab-ci.yml`, run to their end; named jobs fail. */
  readonly pipelines?: readonly { readonly ref: string; readonly failed?: readonly string[] }[];
  readonly variables?: Readonly<Record<string, string>>;
}

/** What an emulator begins with, as data: to be kept as YAML or JSON. */
export interface EmulatorSeed {
  readonly users?: readonly { readonly username: string; readonly name?: string; readonly admin?: boolean }[];
  readonly groups?: readonly {
    readonly path: string;
    readonly name?: string;
    readonly visibility?: Visibility;
    readonly members?: Readonly<Record<string, number>>;
  }[];
  readonly projects?: readonly SeedProject[];
}

const userId = (gitlab: GitLabState, username: string): number => {
  const user = gitlab.userByName(username);
  if (user === undefined) throw new Error(`The seed names "${username}", who is not among its users`);
  return user.id;
};

/** Puts a seed into an empty instance. */
export function plantSeed(gitlab: GitLabState, seed: EmulatorSeed): void {
  const { users = [], groups = [], projects = [] } = seed;
  for (const user of users) createUser(gitlab, user);
  if (gitlab.users.size === 0) createUser(gitlab, { username: "root", admin: true });
  for (const { path, name, visibility, members = {} } of groups) {
    const group = ensureGroup(gitlab, path, visibility ?? "private");
    group.name = name ?? group.name;
    setMembers(gitlab, group.members, members);
  }
  for (const project of projects) plantProject(gitlab, project);
}

function ensureGroup(gitlab: GitLabState, path: string, visibility: Visibility): GroupRecord {
  const known = gitlab.groupByPath(path);
  if (known !== undefined) return known;
  const parts = path.split("/");
  const name = parts.at(-1) ?? path;
  const parent = parts.length > 1 ? ensureGroup(gitlab, parts.slice(0, -1).join("/"), visibility) : undefined;
  const [owner] = gitlab.users.values();
  if (owner === undefined) throw new Error("A seed needs a user");
  return createGroup(gitlab, { name, path: name, parentId: parent?.id ?? null, description: "", visibility, owner });
}

function setMembers(gitlab: GitLabState, members: MemberRecord[], wanted: Readonly<Record<string, number>>): void {
  for (const [username, level] of Object.entries(wanted)) {
    const id = userId(gitlab, username);
    const known = members.find((member) => member.userId === id);
    if (known === undefined) addMember(gitlab, members, id, level);
    else known.accessLevel = level;
  }
}

function plantProject(gitlab: GitLabState, seed: SeedProject): void {
  const parts = seed.path.split("/");
  const path = parts.at(-1) ?? seed.path;
  const place = parts.slice(0, -1).join("/");
  const visibility = seed.visibility ?? "private";
  const namespaceId = gitlab.userByName(place)?.namespaceId ?? ensureGroup(gitlab, place, visibility).id;
  const [first] = gitlab.users.values();
  if (first === undefined) throw new Error("A seed needs a user");
  const creator = gitlab.namespaceOwner(namespaceId) ?? first;
  const { description = null, name = path } = seed;
  const project = createProject(gitlab, { name, path, namespaceId, creator, visibility, description });
  setMembers(gitlab, project.members, seed.members ?? {});
  const { repository } = project;
  repository.defaultBranch = seed.default_branch ?? repository.defaultBranch;
  repository.protectedBranches.add(repository.defaultBranch);
  for (const [branch, files] of Object.entries(seed.branches ?? {})) {
    const start = repository.isEmpty ? undefined : repository.defaultBranch;
    const before = start === undefined ? new Map<string, unknown>() : repository.tree(start);
    const changes = Object.entries(files).map(([file, content]) => ({ path: file, content }));
    const gone = [...before.keys()]
      .filter((file) => files[file] === undefined)
      .map((file) => ({ path: file, content: undefined }));
    const author = signatureOf(creator, gitlab.now());
    repository.commitTo(branch, { message: `Seed ${branch}`, author, changes: [...changes, ...gone] }, start);
  }
  for (const label of seed.labels ?? []) {
    gitlab.planning.labels.push({
      id: gitlab.planning.nextId("label"),
      projectId: project.id,
      name: label.name,
      color: label.color ?? "#6699cc",
      description: label.description ?? null,
      priority: null,
      archived: false,
    });
  }
  for (const milestone of seed.milestones ?? []) {
    gitlab.planning.milestones.push({
      id: gitlab.planning.nextId("milestone"),
      iid: gitlab.planning.nextIid("milestone", project.id),
      projectId: project.id,
      title: milestone.title,
      description: "",
      state: milestone.state ?? "active",
      dueDate: milestone.due_date ?? null,
      startDate: null,
      createdAt: gitlab.now(),
      updatedAt: gitlab.now(),
    });
  }
  for (const issue of seed.issues ?? []) plantIssue(gitlab, project, issue);
  for (const item of seed.merge_requests ?? []) plantMergeRequest(gitlab, project, item);
  for (const { ref, failed = [] } of seed.pipelines ?? []) {
    const sha = repository.resolve(ref);
    const pipeline =
      sha === undefined
        ? undefined
        : startAutomatically(gitlab, project, { ref, sha, source: "push", userId: creator.id });
    const outcomes = Object.fromEntries(failed.map((job) => [job, "failed" as const]));
    if (pipeline !== undefined) runPipelineJobs(gitlab, pipeline.id, { outcomes });
  }
  for (const [key, value] of Object.entries(seed.variables ?? {})) {
    gitlab.variables.push({
      projectId: project.id,
      key,
      value,
      variableType: "env_var",
      protected: false,
      masked: false,
      hidden: false,
      raw: false,
      environmentScope: "*",
      description: null,
    });
  }
}

function finish(gitlab: GitLabState, project: ProjectRecord, item: IssuableRecord, seed: SeedIssuable): void {
  const context = contextFor(gitlab, project, item.authorId);
  const milestone = gitlab.planning.milestonesOf(project.id).find(({ title }) => title === seed.milestone);
  item.description = seed.description ?? null;
  applyChange(context, item, {
    labels: seed.labels ?? [],
    assigneeIds: (seed.assignees ?? []).map((name) => userId(gitlab, name)),
    milestoneId: milestone?.id ?? null,
  });
  item.notes.length = 0;
  for (const { author, body } of seed.notes ?? []) {
    addNote(contextFor(gitlab, project, userId(gitlab, author)), item, body, { system: false });
  }
  if (seed.state === "closed") applyChange(context, item, { state: "close" });
}

const authorOf = (gitlab: GitLabState, project: ProjectRecord, { author }: SeedIssuable): number =>
  author === undefined ? project.creatorId : userId(gitlab, author);

function plantIssue(gitlab: GitLabState, project: ProjectRecord, seed: SeedIssue): void {
  const context = contextFor(gitlab, project, authorOf(gitlab, project, seed));
  const issue = newIssue(context, context.me, context.now);
  issue.title = seed.title;
  issue.confidential = seed.confidential ?? false;
  gitlab.planning.issues.push(issue);
  finish(gitlab, project, issue, seed);
}

function plantMergeRequest(gitlab: GitLabState, project: ProjectRecord, seed: SeedMergeRequest): void {
  const context = contextFor(gitlab, project, authorOf(gitlab, project, seed));
  const item = newMergeRequest(context, {
    sourceProjectId: project.id,
    sourceBranch: seed.source_branch,
    targetBranch: seed.target_branch ?? project.repository.defaultBranch,
    title: seed.title,
    createdAt: context.now,
  });
  item.iid = gitlab.planning.nextIid("merge_request", project.id);
  gitlab.planning.mergeRequests.push(item);
  finish(gitlab, project, item, seed);
  applyChange(context, item, { reviewerIds: (seed.reviewers ?? []).map((name) => userId(gitlab, name)) });
  item.notes.splice(0, item.notes.length, ...item.notes.filter(({ system }) => !system));
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
        variables: Object.fromEntries(
          of(gitlab.variables)
            .filter(({ hidden }) => !hidden)
            .map(({ key, value }) => [key, value]),
        ),
      };
    }),
  };
}
