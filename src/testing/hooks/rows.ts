import type { GitLabState } from "../state/gitlab-state.js";
import { isDraftTitle, type IssuableRecord, type NoteRecord } from "../state/issuable-records.js";
import type { GroupRecord, ProjectRecord } from "../state/records.js";
import type { ResourceRecord } from "../state/resource-records.js";

/** What webhooks tell of, each with the fields whose change is told. */
export interface Row {
  readonly kind: string;
  readonly fields: Readonly<Record<string, unknown>>;
  /** What the payload is made from. */
  readonly record: unknown;
  /** What a note, a job or a reaction belongs to. */
  readonly parent?: unknown;
}

/** Everything of a project that webhooks tell of, by a key that stays. */
export function projectRows(gitlab: GitLabState, project: ProjectRecord): Map<string, Row> {
  const rows = new Map<string, Row>();
  const add = (key: string | number, row: Row): void => void rows.set(`${row.kind} ${String(key)}`, row);
  const { planning, resources } = gitlab;
  const own = <Item extends { readonly projectId: number }>(items: readonly Item[]): Item[] =>
    items.filter(({ projectId }) => projectId === project.id);
  const issuable = (item: IssuableRecord & { readonly state: string }): Row["fields"] => ({
    title: item.title,
    description: item.description,
    state: item.state,
    labels: [...item.labels],
    assignees: [...item.assigneeIds],
    milestone_id: item.milestoneId,
    discussion_locked: item.discussionLocked,
    time_estimate: item.timeEstimate,
  });
  const notes = (item: IssuableRecord): void => {
    for (const note of item.notes) {
      if (!note.system) add(note.id, { kind: "note", fields: { note: note.body }, record: note, parent: item });
    }
  };
  for (const item of own(planning.issues)) {
    const { confidential, dueDate, weight, issueType } = item;
    const fields = { ...issuable(item), confidential, due_date: dueDate, weight, type: issueType };
    add(item.id, { kind: "issue", fields, record: item });
    notes(item);
    for (const award of resources.in("award_emoji", `issues/${String(item.id)}`)) {
      add(award.id, { kind: "emoji", fields: {}, record: award, parent: item });
    }
  }
  for (const item of own(planning.mergeRequests)) {
    const fields = {
      ...issuable(item),
      reviewers: [...item.reviewerIds],
      target_branch: item.targetBranch,
      draft: isDraftTitle(item.title),
      head: gitlab.projects.get(item.sourceProjectId)?.repository.branches.get(item.sourceBranch),
      approvals: item.approvals.map(({ userId }) => userId),
    };
    add(item.id, { kind: "merge_request", fields, record: item });
    notes(item);
    for (const award of resources.in("award_emoji", `merge_requests/${String(item.id)}`)) {
      add(award.id, { kind: "emoji", fields: {}, record: award, parent: item });
    }
  }
  for (const pipeline of own(planning.pipelines)) {
    add(pipeline.id, { kind: "pipeline", fields: { status: pipeline.status }, record: pipeline });
    for (const job of pipeline.jobs) {
      add(job.id, { kind: "build", fields: { status: job.status }, record: job, parent: pipeline });
    }
  }
  for (const [name, sha] of project.repository.branches) add(name, { kind: "push", fields: { sha }, record: name });
  for (const [name, { sha }] of project.repository.tags) add(name, { kind: "tag_push", fields: { sha }, record: name });
  for (const release of own(gitlab.releases)) {
    const { name, description, tagName } = release;
    add(tagName, { kind: "release", fields: { name, description }, record: release });
  }
  for (const milestone of own(planning.milestones)) {
    add(milestone.id, { kind: "milestone", fields: { state: milestone.state }, record: milestone });
  }
  own(gitlab.commitComments).forEach((comment, index) => {
    add(`${comment.sha} ${String(index)}`, { kind: "note", fields: { note: comment.note }, record: comment });
  });
  const place = `projects/${String(project.id)}`;
  const kept = (name: string, kind: string, fields: (values: ResourceRecord["values"]) => Row["fields"]): void => {
    for (const record of resources.in(name, place)) add(record.id, { kind, fields: fields(record.values), record });
  };
  kept("wikis", "wiki_page", ({ title, content, slug }) => ({ title, content, slug }));
  kept("feature_flags", "feature_flag", ({ active }) => ({ active }));
  kept("deployments", "deployment", ({ status }) => ({ status }));
  return rows;
}

/** What a group's webhooks tell of the group itself: its members, its projects, its subgroups. */
export function groupRows(gitlab: GitLabState, group: GroupRecord): Map<string, Row> {
  const rows = new Map<string, Row>();
  for (const member of group.members) {
    const fields = { access_level: member.accessLevel, expires_at: member.expiresAt };
    rows.set(`member ${String(member.userId)}`, { kind: "member", fields, record: { ...member } });
  }
  for (const project of gitlab.projects.values()) {
    if (!gitlab.ancestry(project.namespaceId).includes(group)) continue;
    const path = gitlab.projectPath(project);
    rows.set(`project ${String(project.id)}`, { kind: "project", fields: {}, record: { project, path } });
  }
  for (const subgroup of gitlab.groups.values()) {
    if (subgroup === group || !gitlab.ancestry(subgroup.parentId).includes(group)) continue;
    const path = gitlab.groupPath(subgroup);
    rows.set(`subgroup ${String(subgroup.id)}`, { kind: "subgroup", fields: {}, record: { group: subgroup, path } });
  }
  return rows;
}

/** A row that came, went or changed. */
export interface Happening {
  readonly row: Row;
  readonly what: "created" | "updated" | "removed";
  readonly changes: Readonly<Record<string, { readonly previous: unknown; readonly current: unknown }>>;
}

/** What happened between two looks. */
export function happenings(before: ReadonlyMap<string, Row>, after: ReadonlyMap<string, Row>): Happening[] {
  const found: Happening[] = [];
  for (const [key, row] of after) {
    const known = before.get(key);
    const changes: Record<string, { previous: unknown; current: unknown }> = {};
    for (const [name, current] of Object.entries(row.fields)) {
      const previous = known?.fields[name];
      if (JSON.stringify(previous) !== JSON.stringify(current)) changes[name] = { previous, current };
    }
    if (known === undefined) found.push({ row, what: "created", changes });
    else if (Object.keys(changes).length > 0) found.push({ row, what: "updated", changes });
  }
  for (const [key, row] of before) if (!after.has(key)) found.push({ row, what: "removed", changes: {} });
  return found;
}

export const isIssuable = (value: unknown): value is IssuableRecord =>
  typeof value === "object" && value !== null && "notes" in value;

export const isNote = (value: unknown): value is NoteRecord =>
  typeof value === "object" && value !== null && "discussionId" in value;
