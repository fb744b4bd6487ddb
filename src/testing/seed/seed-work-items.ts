import { wordOf } from "../resources/engine/fill.js";
import type { GitLabState } from "../state/gitlab-state.js";
import type { IssueRecord, NoteRecord } from "../state/issuable-records.js";
import type { GroupRecord } from "../state/records.js";
import { newEpic, type WorkItemRecord } from "../state/work-items.js";
import type { SeedCadence, SeedIssue, SeedNote } from "./emulator-seed.js";
import { userId } from "./seed-resources.js";

/** How a seed names a work item: `shop/web#3`, `shop&1`. */
function referenceTo(gitlab: GitLabState, item: WorkItemRecord): string {
  if (item.issueType !== "epic") return `${gitlab.projectPath(gitlab.project(item.projectId))}#${String(item.iid)}`;
  const group = gitlab.groups.get(item.groupId);
  return `${group === undefined ? "" : gitlab.groupPath(group)}&${String(item.iid)}`;
}

function byReference(gitlab: GitLabState, reference: string): WorkItemRecord {
  const [, path = "", mark, iid] = /^(.+)([#&])(\d+)$/.exec(reference) ?? [];
  const found =
    mark === "#"
      ? gitlab.planning.issue(gitlab.projectByPath(path)?.id ?? 0, Number(iid))
      : gitlab.workItems.epics.find(
          (epic) => epic.groupId === gitlab.groupByPath(path)?.id && epic.iid === Number(iid),
        );
  if (found === undefined) throw new Error(`The seed names "${reference}", which it does not have`);
  return found;
}

const byId = (gitlab: GitLabState, id: unknown): WorkItemRecord | undefined =>
  gitlab.planning.issues.find((issue) => issue.id === id) ?? gitlab.workItems.epics.find((epic) => epic.id === id);

const fieldName = (gitlab: GitLabState, id: number): string =>
  wordOf(gitlab.resources.of("custom_fields").find((field) => field.id === id)?.values["name"]) ?? String(id);

/** The id of a field that the top-level group of a work item has. */
function fieldNamed(gitlab: GitLabState, item: WorkItemRecord, name: string): number {
  const groupId = item.issueType === "epic" ? item.groupId : gitlab.project(item.projectId).namespaceId;
  const top = gitlab.ancestry(groupId).at(-1);
  const fields = gitlab.resources.in("custom_fields", `groups/${String(top?.id)}`);
  const field = fields.find(({ values }) => values["name"] === name);
  if (field === undefined) throw new Error(`The seed names the custom field "${name}", which its group does not have`);
  return field.id;
}

const unless = <T>(value: T, usual: T | null): T | undefined => (value === usual || value === null ? undefined : value);

/** What an issue or an epic has beyond what it shares with merge requests; what is usual is left out. */
export function describeWorkItem(gitlab: GitLabState, item: WorkItemRecord): Partial<SeedIssue> {
  const { parentId, status, iterationId, color, progress, customFields } = gitlab.workItems.extras(item.id);
  const parent = byId(gitlab, parentId);
  const iteration = gitlab.workItems.iterations.find(({ id }) => id === iterationId);
  const cadence = gitlab.workItems.cadences.find(({ id }) => id === iteration?.cadenceId);
  const links = gitlab.resources.of("issue_links").flatMap(({ values }) => {
    const target = values["source"] === item.id ? byId(gitlab, values["target"]) : undefined;
    return target === undefined ? [] : [{ to: referenceTo(gitlab, target), type: String(values["link_type"]) }];
  });
  return {
    confidential: unless(item.confidential, false),
    due_date: item.dueDate ?? undefined,
    start_date: item.startDate ?? undefined,
    type: unless<string>(item.issueType, "issue"),
    severity: unless<string>(item.severity, "UNKNOWN"),
    weight: item.weight ?? undefined,
    health_status: item.healthStatus ?? undefined,
    parent: parent === undefined ? undefined : referenceTo(gitlab, parent),
    status,
    iteration: cadence === undefined ? undefined : `${cadence.title} ${String(iteration?.sequence)}`,
    color: unless(color, "#1068bf"),
    progress: progress ?? undefined,
    custom_fields:
      customFields.size === 0
        ? undefined
        : Object.fromEntries([...customFields].map(([id, value]) => [fieldName(gitlab, id), value])),
    links: links.length === 0 ? undefined : links,
  };
}

/** Its own fields; what it says of others waits for {@link relateWorkItem}. */
export function fillWorkItem(item: WorkItemRecord, seed: SeedIssue): void {
  Object.assign(item, {
    confidential: seed.confidential ?? false,
    dueDate: seed.due_date ?? null,
    startDate: seed.start_date ?? null,
    issueType: seed.type ?? item.issueType,
    severity: seed.severity ?? "UNKNOWN",
    weight: seed.weight ?? null,
    healthStatus: seed.health_status ?? null,
  } satisfies Partial<Record<keyof IssueRecord, unknown>>);
}

/** Parents, iterations and links: when everything that they name is there. */
export function relateWorkItem(gitlab: GitLabState, item: WorkItemRecord, seed: SeedIssue): void {
  const { workItems } = gitlab;
  const [, title, sequence] = /^(.+) (\d+)$/.exec(seed.iteration ?? "") ?? [];
  const cadence = workItems.cadences.find((one) => one.title === title);
  const iteration = workItems.iterations.find(
    (one) => one.cadenceId === cadence?.id && one.sequence === Number(sequence),
  );
  Object.assign(workItems.extras(item.id), {
    parentId: seed.parent === undefined ? null : byReference(gitlab, seed.parent).id,
    status: seed.status,
    iterationId: iteration?.id ?? null,
    ...(seed.color !== undefined && { color: seed.color }),
    progress: seed.progress ?? null,
  });
  for (const [name, value] of Object.entries(seed.custom_fields ?? {})) {
    workItems.extras(item.id).customFields.set(fieldNamed(gitlab, item, name), value);
  }
  for (const { to, type } of seed.links ?? []) {
    const values = { source: item.id, target: byReference(gitlab, to).id, link_type: type };
    const made = { by: item.authorId, at: gitlab.now() };
    gitlab.resources.add("issue_links", `issues/${String(item.id)}`, values, made);
  }
}

/** The notes of people, each with the thread that it belongs to. */
export function describeNotes(gitlab: GitLabState, notes: readonly NoteRecord[]): SeedNote[] {
  const own = notes.filter(({ system }) => !system);
  return own.map(({ authorId, body, internal, discussionId, resolvedById, type }, index) => {
    const first = own.findIndex((note) => note.discussionId === discussionId);
    const thread = type !== null && own.filter((note) => note.discussionId === discussionId).length > 0;
    return {
      author: gitlab.user(authorId).username,
      body,
      internal: unless(internal, false),
      thread: thread || first !== index ? first : undefined,
      resolved_by: resolvedById === null ? undefined : gitlab.user(resolvedById).username,
    };
  });
}

export function describeCadences(gitlab: GitLabState, { id }: GroupRecord): SeedCadence[] | undefined {
  const { cadences, iterations } = gitlab.workItems;
  const own = cadences.filter(({ groupId }) => groupId === id);
  if (own.length === 0) return undefined;
  return own.map((cadence) => ({
    title: cadence.title,
    description: unless(cadence.description, ""),
    duration_in_weeks: cadence.durationInWeeks,
    start_date: cadence.startDate,
    iterations: iterations.filter(({ cadenceId }) => cadenceId === cadence.id).length,
  }));
}

export function plantCadences(gitlab: GitLabState, { id }: GroupRecord, cadences: readonly SeedCadence[] = []): void {
  for (const { title, description = "", duration_in_weeks: weeks, start_date: startDate, iterations } of cadences) {
    gitlab.workItems.addCadence({ groupId: id, title, description, durationInWeeks: weeks, startDate }, iterations);
  }
}

/** Puts an epic into a group. */
export function plantEpic(gitlab: GitLabState, group: GroupRecord, seed: SeedIssue): WorkItemRecord {
  const { planning, workItems } = gitlab;
  const person = (name: string): number => userId(gitlab, name);
  const epic = newEpic({
    id: planning.nextId("issue"),
    iid: seed.iid ?? workItems.nextEpicIid(group.id),
    groupId: group.id,
    authorId: seed.author === undefined ? (group.members[0]?.userId ?? 0) : person(seed.author),
    createdAt: gitlab.now(),
  });
  fillWorkItem(epic, seed);
  epic.title = seed.title;
  epic.description = seed.description ?? null;
  epic.labels = [...(seed.labels ?? [])];
  epic.assigneeIds = (seed.assignees ?? []).map(person);
  epic.state = seed.state === "closed" ? "closed" : "opened";
  workItems.epics.push(epic);
  return epic;
}
