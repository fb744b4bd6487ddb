import { signatureOf } from "../resources/code/commit-entity.js";
import { createGroup } from "../resources/groups/groups.js";
import { addMember } from "../resources/members/member-entity.js";
import { createProject } from "../resources/projects/project-creation.js";
import { plainVariable } from "../resources/projects/variables.js";
import { createUser } from "../resources/users/user-accounts.js";
import { addNote, applyChange } from "../issuables/issuable-changes.js";
import { newMergeRequest } from "../reviews/merge-requests.js";
import { newIssue } from "../issuables/issues.js";
import { startAutomatically } from "../ci/pipeline-creation.js";
import { runPipelineJobs } from "../ci/pipeline-runs.js";
import { contextFor } from "../state/context-of.js";
import type { GitLabState } from "../state/gitlab-state.js";
import type { IssuableRecord, IssueRecord } from "../state/issuable-records.js";
import { role, type GroupRecord, type MemberRecord, type ProjectRecord, type Visibility } from "../state/records.js";
import type { EmulatorSeed, SeedIssuable, SeedIssue, SeedMergeRequest, SeedProject } from "./emulator-seed.js";
import { checkSeed } from "./check-seed.js";
import { plantResources, userId } from "./seed-resources.js";
import { fillWorkItem, plantCadences, plantEpic, relateWorkItem } from "./seed-work-items.js";

/** Puts a seed into an empty instance. */
export function plantSeed(gitlab: GitLabState, seed: EmulatorSeed): void {
  checkSeed(seed);
  const { users, groups, projects, resources } = seed;
  const related: (() => void)[] = [];
  for (const { email, state, resources: own, ...options } of users ?? []) {
    const user = createUser(gitlab, options);
    user.email = email ?? user.email;
    user.state = state ?? user.state;
    related.push(() => {
      plantResources(gitlab, `users/${String(user.id)}`, own);
    });
  }
  if (gitlab.users.size === 0) createUser(gitlab, { username: "root", admin: true });
  for (const { path, name, description, visibility, members = {}, cadences, epics = [], resources: own } of groups ??
    []) {
    const group = ensureGroup(gitlab, path, visibility ?? "private");
    group.name = name ?? group.name;
    group.description = description ?? group.description;
    setMembers(gitlab, group.members, members);
    plantCadences(gitlab, group, cadences);
    for (const epic of epics) {
      const item = plantEpic(gitlab, group, epic);
      related.push(() => {
        relateWorkItem(gitlab, item, epic);
      });
    }
    related.push(() => {
      plantResources(gitlab, `groups/${String(group.id)}`, own);
    });
  }
  for (const project of projects ?? []) plantProject(gitlab, project, related);
  plantResources(gitlab, "snippets", resources);
  for (const relate of related) relate();
}

function plantReleases(gitlab: GitLabState, project: ProjectRecord, { tags = {}, releases = [] }: SeedProject): void {
  const { repository } = project;
  for (const [tag, ref] of Object.entries(tags)) repository.createTag(tag, ref, null, gitlab.now());
  for (const { tag_name: tag, name = tag, description = null, author, milestones = [] } of releases) {
    if (!repository.tags.has(tag)) repository.createTag(tag, repository.defaultBranch, null, gitlab.now());
    const known = gitlab.planning.milestonesOf(project.id).filter(({ title }) => milestones.includes(title));
    gitlab.releases.push({
      projectId: project.id,
      tagName: tag,
      name,
      description,
      authorId: author === undefined ? project.creatorId : userId(gitlab, author),
      milestoneIds: known.map(({ id }) => id),
      links: [],
      createdAt: gitlab.now(),
      releasedAt: gitlab.now(),
    });
  }
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

/** An owner among them makes whoever made the place no owner by that. */
function setMembers(gitlab: GitLabState, members: MemberRecord[], levels: Readonly<Record<string, number>>): void {
  if (Object.values(levels).includes(role.owner)) members.splice(0);
  for (const [username, level] of Object.entries(levels)) {
    const id = userId(gitlab, username);
    const known = members.find((member) => member.userId === id);
    if (known === undefined) addMember(gitlab, members, id, level);
    else known.accessLevel = level;
  }
}

function plantProject(gitlab: GitLabState, seed: SeedProject, related: (() => void)[]): void {
  const parts = seed.path.split("/");
  const path = parts.at(-1) ?? seed.path;
  const place = parts.slice(0, -1).join("/");
  const visibility = seed.visibility ?? "private";
  const namespaceId = gitlab.userByName(place)?.namespaceId ?? ensureGroup(gitlab, place, visibility).id;
  const [first] = gitlab.users.values();
  if (first === undefined) throw new Error("A seed needs a user");
  const creator = gitlab.userByName(seed.creator ?? "") ?? gitlab.namespaceOwner(namespaceId) ?? first;
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
      priority: label.priority ?? null,
      archived: label.archived ?? false,
    });
  }
  for (const milestone of seed.milestones ?? []) {
    gitlab.planning.milestones.push({
      id: gitlab.planning.nextId("milestone"),
      iid: gitlab.planning.nextIid("milestone", project.id),
      projectId: project.id,
      title: milestone.title,
      description: milestone.description ?? "",
      state: milestone.state ?? "active",
      dueDate: milestone.due_date ?? null,
      startDate: milestone.start_date ?? null,
      createdAt: gitlab.now(),
      updatedAt: gitlab.now(),
    });
  }
  plantReleases(gitlab, project, seed);
  related.push(() => {
    plantResources(gitlab, `projects/${String(project.id)}`, seed.resources);
  });
  for (const issue of seed.issues ?? []) {
    const item = plantIssue(gitlab, project, issue);
    related.push(() => {
      relateWorkItem(gitlab, item, issue);
    });
  }
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
    const made = { by: creator.id, at: gitlab.now() };
    gitlab.resources.add("variables", `projects/${String(project.id)}`, { ...plainVariable, key, value }, made);
  }
  Object.assign(project.settings, seed.settings);
  project.archived = seed.archived ?? false;
  for (const name of seed.starred_by ?? []) project.starredBy.add(userId(gitlab, name));
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
  item.discussionLocked = seed.discussion_locked ?? null;
  item.timeEstimate = seed.time_estimate ?? 0;
  item.timeSpent = seed.time_spent ?? 0;
  item.notes.length = 0;
  for (const { author, body, internal, thread, resolved_by: resolver } of seed.notes ?? []) {
    const by = contextFor(gitlab, project, userId(gitlab, author));
    const discussionId = thread === undefined ? undefined : item.notes[thread]?.discussionId;
    const threaded = thread !== undefined;
    const type = threaded ? ("DiscussionNote" as const) : null;
    const note = addNote(by, item, body, { system: false, internal, discussionId, type, resolvable: threaded });
    if (resolver === undefined) continue;
    note.resolvedById = userId(gitlab, resolver);
    note.resolvedAt = gitlab.now();
  }
  plantResources(gitlab, `${item.kind}s/${String(item.id)}`, seed.resources);
  if (seed.state === "closed") applyChange(context, item, { state: "close" });
}

const authorOf = (gitlab: GitLabState, project: ProjectRecord, { author }: SeedIssuable): number =>
  author === undefined ? project.creatorId : userId(gitlab, author);

function plantIssue(gitlab: GitLabState, project: ProjectRecord, seed: SeedIssue): IssueRecord {
  const context = contextFor(gitlab, project, authorOf(gitlab, project, seed));
  const issue = newIssue(context, context.me, context.now, seed.iid);
  issue.title = seed.title;
  fillWorkItem(issue, seed);
  gitlab.planning.issues.push(issue);
  finish(gitlab, project, issue, seed);
  return issue;
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
  item.iid = seed.iid ?? gitlab.planning.nextIid("merge_request", project.id);
  gitlab.planning.reserveIid("merge_request", project.id, item.iid);
  gitlab.planning.mergeRequests.push(item);
  finish(gitlab, project, item, seed);
  applyChange(context, item, { reviewerIds: (seed.reviewers ?? []).map((name) => userId(gitlab, name)) });
  item.notes.splice(0, item.notes.length, ...item.notes.filter(({ system }) => !system));
}
