import type { ProjectContext } from "../../state/project-context.js";
import type {
  IssuableRecord,
  IssueRecord,
  LabelRecord,
  MilestoneRecord,
  NoteRecord,
  SuggestionRecord,
} from "../../state/issuable-records.js";
import { isMergeRequest } from "../../issuables/issuable-changes.js";
import { humanDuration } from "../../issuables/quick-action-text.js";

type Entity = Readonly<Record<string, unknown>>;

const html = (text: string): string => {
  const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return escaped === "" ? "" : `<p data-sourcepos="1:1-1:${String(text.length)}" dir="auto">${escaped}</p>`;
};

/** Markdown as GitLab renders it, as far as answers show it: escaped, in a paragraph. */
export const renderHtml = html;

/** Black or white, whichever reads better on a colour. */
function textColor(color: string): string {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) => Number.parseInt(color.slice(start, start + 2), 16));
  return 0.299 * red + 0.587 * green + 0.114 * blue > 150 ? "#1F1E24" : "#FFFFFF";
}

/** A label as `with_labels_details` shows it inside an issue. */
export function labelDetails(context: ProjectContext, name: string): Entity {
  const label = context.planning.labelsOf(context.projectId).find((candidate) => candidate.name === name);
  return {
    id: label?.id ?? 0,
    name,
    description: label?.description ?? null,
    description_html: html(label?.description ?? ""),
    text_color: textColor(label?.color ?? "#6699cc"),
    color: label?.color ?? "#6699cc",
    archived: label?.archived ?? false,
  };
}

/** A label of a project. */
export function labelEntity(context: ProjectContext, label: LabelRecord, withCounts: boolean): Entity {
  const { planning, projectId } = context;
  const labelled = (item: IssuableRecord): boolean => item.projectId === projectId && item.labels.includes(label.name);
  const issues = planning.issues.filter(labelled);
  return {
    ...labelDetails(context, label.name),
    ...(withCounts && {
      open_issues_count: issues.filter(({ state }) => state === "opened").length,
      closed_issues_count: issues.filter(({ state }) => state === "closed").length,
      open_merge_requests_count: planning.mergeRequests.filter((item) => labelled(item) && item.state === "opened")
        .length,
    }),
    subscribed: false,
    priority: label.priority,
    is_project_label: true,
  };
}

/** A milestone of a project. */
export function milestoneEntity(context: ProjectContext, milestone: MilestoneRecord): Entity {
  const today = context.now.toISOString().slice(0, 10);
  return {
    id: milestone.id,
    iid: milestone.iid,
    project_id: milestone.projectId,
    title: milestone.title,
    description: milestone.description,
    state: milestone.state,
    created_at: milestone.createdAt.toISOString(),
    updated_at: milestone.updatedAt.toISOString(),
    due_date: milestone.dueDate,
    start_date: milestone.startDate,
    expired: milestone.dueDate !== null && milestone.dueDate < today,
    web_url: `${context.webUrl}/-/milestones/${String(milestone.iid)}`,
  };
}

/** Checked and unchecked boxes of a description. */
export function taskCompletion(description: string | null): { count: number; completed_count: number } {
  const boxes = [...(description ?? "").matchAll(/^\s*(?:[-*+]|\d+\.) \[([ xX])\] /gm)];
  return { count: boxes.length, completed_count: boxes.filter(([, mark]) => mark !== " ").length };
}

/** The fields that issues and merge requests have alike. */
export function timeStats(item: IssuableRecord): Entity {
  return {
    time_estimate: item.timeEstimate,
    total_time_spent: item.timeSpent,
    human_time_estimate: humanDuration(item.timeEstimate),
    human_total_time_spent: humanDuration(item.timeSpent),
  };
}

/** Comments by people that the caller may see. */
export const userNotes = (item: IssuableRecord): number => item.notes.filter((note) => !note.system).length;

/** How an issue or a merge request is referred to: from its own project, and from anywhere. */
export function referencesOf(context: ProjectContext, item: IssuableRecord): Entity {
  const short = `${item.kind === "issue" ? "#" : "!"}${String(item.iid)}`;
  return { short, relative: short, full: `${context.fullPath}${short}` };
}

/** Whether a merge request says that merging it closes the issue. */
export function closesIssue(description: string | null, iid: number): boolean {
  // Most descriptions name no such issue: the phrases are looked for only in those that do.
  return description?.includes(`#${String(iid)}`) === true && closedIids(description).includes(iid);
}

/** The issues of the same project that a description closes: `Closes #1, #2 and #3`, `Fixes: #4`. */
export function closedIids(description: string | null): number[] {
  const phrase =
    /\b(?:clos(?:e[sd]?|ing)|fix(?:e[sd]|ing)?|resolv(?:e[sd]?|ing)|implement(?:s|ed|ing)?):?\s+((?:#\d+(?:\s*(?:,|and)\s*)*)+)/gi;
  const found = [...(description ?? "").matchAll(phrase)].flatMap(([, list]) => [...(list ?? "").matchAll(/#(\d+)/g)]);
  return [...new Set(found.map(([, iid]) => Number(iid)))];
}

/** An issue; `single` adds what only the answer for one issue has. */
export function issueEntity(
  context: ProjectContext,
  issue: IssueRecord,
  options: { readonly single: boolean; readonly labelDetails?: boolean },
): Entity {
  const milestone = context.planning.milestone(issue.milestoneId);
  const tasks = taskCompletion(issue.description);
  const self = `${context.apiUrl}/issues/${String(issue.iid)}`;
  const assignees = issue.assigneeIds.map((id) => context.person(id));
  let requests = 0;
  for (const item of context.planning.mergeRequests) {
    if (item.projectId === issue.projectId && closesIssue(item.description, issue.iid)) requests += 1;
  }
  return {
    id: issue.id,
    iid: issue.iid,
    project_id: issue.projectId,
    title: issue.title,
    description: issue.description,
    state: issue.state,
    created_at: issue.createdAt.toISOString(),
    updated_at: issue.updatedAt.toISOString(),
    closed_at: issue.closedAt?.toISOString() ?? null,
    closed_by: issue.closedById === null ? null : context.person(issue.closedById),
    labels: labelList(context, issue, options.labelDetails ?? false),
    milestone: milestone === undefined ? null : milestoneEntity(context, milestone),
    assignees,
    author: context.person(issue.authorId),
    type: issue.issueType.toUpperCase(),
    assignee: assignees[0] ?? null,
    user_notes_count: userNotes(issue),
    merge_requests_count: requests,
    upvotes: issue.upvotes,
    downvotes: issue.downvotes,
    start_date: issue.startDate,
    due_date: issue.dueDate,
    confidential: issue.confidential,
    discussion_locked: issue.discussionLocked,
    issue_type: issue.issueType,
    web_url: `${context.webUrl}/-/issues/${String(issue.iid)}`,
    time_stats: timeStats(issue),
    task_completion_status: tasks,
    ...(context.premium && { weight: issue.weight, blocking_issues_count: 0 }),
    has_tasks: tasks.count > 0,
    task_status: `${String(tasks.completed_count)} of ${String(tasks.count)} checklist items completed`,
    _links: {
      self,
      notes: `${self}/notes`,
      award_emoji: `${self}/award_emoji`,
      project: context.apiUrl,
      closed_as_duplicate_of: null,
    },
    references: referencesOf(context, issue),
    severity: issue.severity,
    ...(options.single && { subscribed: isSubscribed(context, issue) }),
    moved_to_id: null,
    imported: false,
    imported_from: "none",
    service_desk_reply_to: null,
    ...(context.premium && { epic_iid: null, epic: null, iteration: null, health_status: issue.healthStatus }),
  };
}

/** Labels by name in alphabetical order, or with their details. */
export function labelList(context: ProjectContext, item: IssuableRecord, details: boolean): readonly unknown[] {
  const names = [...item.labels].sort((a, b) => a.localeCompare(b));
  return details ? names.map((name) => labelDetails(context, name)) : names;
}

/** Authors, assignees and reviewers hear about changes, and whoever subscribed. */
export function isSubscribed(context: ProjectContext, item: IssuableRecord): boolean {
  const reviewers = isMergeRequest(item) ? item.reviewerIds : [];
  return [item.authorId, ...item.assigneeIds, ...reviewers, ...item.subscriberIds].includes(context.me);
}

/** A change that a comment suggests. */
export const suggestionEntity = (suggestion: SuggestionRecord): Entity => ({
  id: suggestion.id,
  from_line: suggestion.fromLine,
  to_line: suggestion.toLine,
  appliable: !suggestion.applied,
  applied: suggestion.applied,
  from_content: suggestion.fromContent,
  to_content: suggestion.toContent,
});

/** A note of an issue or a merge request. */
export function noteEntity(
  context: ProjectContext,
  item: IssuableRecord,
  note: NoteRecord,
  changes: Entity = {},
): Entity {
  return {
    id: note.id,
    type: note.type,
    body: note.body,
    author: context.person(note.authorId),
    created_at: note.createdAt.toISOString(),
    updated_at: note.updatedAt.toISOString(),
    system: note.system,
    noteable_id: item.id,
    noteable_type: item.kind === "issue" ? "Issue" : "MergeRequest",
    project_id: item.projectId,
    commit_id: null,
    ...(note.position !== null && { position: note.position, line_code: note.lineCode }),
    ...(item.kind === "merge_request" && { suggestions: note.suggestions.map(suggestionEntity) }),
    resolvable: note.resolvable,
    ...(note.resolvable && {
      resolved: note.resolvedById !== null,
      resolved_by: note.resolvedById === null ? null : context.person(note.resolvedById),
      resolved_at: note.resolvedAt?.toISOString() ?? null,
    }),
    confidential: note.internal,
    internal: note.internal,
    imported: false,
    imported_from: "none",
    noteable_iid: item.iid,
    commands_changes: changes,
  };
}
