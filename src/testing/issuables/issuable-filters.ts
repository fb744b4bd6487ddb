import type { IssuableRecord, IssueRecord, MergeRequestRecord, MilestoneRecord } from "../state/issuable-records.js";
import { isDraftTitle } from "../state/issuable-records.js";
import type { Fields } from "../server/fields.js";
import type { GitLabState } from "../state/gitlab-state.js";

/** What filters need to know beyond the list's own parameters. */
export interface FilterContext {
  readonly gitlab: GitLabState;
  readonly userId: (username: string) => number | undefined;
  readonly milestones: readonly MilestoneRecord[];
  readonly me: number | undefined;
  readonly now: Date;
}

type Test<T> = (item: T) => boolean;

const day = 86_400_000;
const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** One test of many: lists of thousands are gone through for every page of theirs. */
export function passesAll<T>(tests: readonly Test<T>[]): Test<T> {
  return (item) => {
    for (const test of tests) if (!test(item)) return false;
    return true;
  };
}

/** The filters that lists of issues and of merge requests share; `not[…]` included. */
export function issuableTests(query: Fields, context: FilterContext): Test<IssuableRecord>[] {
  const tests: Test<IssuableRecord>[] = [];
  const add = (present: boolean, test: Test<IssuableRecord>): void => {
    if (present) tests.push(test);
  };
  const instant = (name: string): number => Date.parse(query.text(name) ?? "");
  const scope = query.text("scope")?.replaceAll("-", "_");
  add(scope === "created_by_me", (item) => item.authorId === context.me);
  add(scope === "assigned_to_me", (item) => context.me !== undefined && item.assigneeIds.includes(context.me));
  add(query.has("created_after"), (item) => item.createdAt.getTime() >= instant("created_after"));
  add(query.has("created_before"), (item) => item.createdAt.getTime() <= instant("created_before"));
  add(query.has("updated_after"), (item) => item.updatedAt.getTime() >= instant("updated_after"));
  add(query.has("updated_before"), (item) => item.updatedAt.getTime() <= instant("updated_before"));
  const search = query.text("search")?.toLowerCase().split(/\s+/).filter(Boolean) ?? [];
  const within = (query.text("in") ?? "title,description").split(",").map((part) => part.trim());
  add(search.length > 0, (item) => {
    const title = within.includes("title") ? item.title : "";
    const description = within.includes("description") ? (item.description ?? "") : "";
    const text = `${title}\n${description}`.toLowerCase();
    return search.every((word) => text.includes(word));
  });
  const emoji = query.text("my_reaction_emoji");
  if (emoji !== undefined) tests.push(reactionTest(emoji, context));

  tests.push(...positiveTests(query, context));
  const not = query.nested("not");
  // Each negated filter excludes by itself; an item has to pass them all. Of several labels, one is enough to exclude.
  const unwanted = not.list("labels");
  add(unwanted.length > 0, (item) => !item.labels.some((label) => unwanted.includes(label)));
  for (const test of positiveTests(not.without("labels"), context)) tests.push((item) => !test(item));
  return tests;
}

function positiveTests(query: Fields, context: FilterContext): Test<IssuableRecord>[] {
  const tests: Test<IssuableRecord>[] = [];
  const labels = query.list("labels");
  const [label = ""] = labels;
  if (labels.length === 1 && same(label, "none")) tests.push((item) => item.labels.length === 0);
  else if (labels.length === 1 && same(label, "any")) tests.push((item) => item.labels.length > 0);
  else if (labels.length > 0) tests.push((item) => labels.every((name) => item.labels.includes(name)));

  const milestone = query.text("milestone") ?? query.text("milestone_id");
  if (milestone !== undefined) tests.push(milestoneTest(milestone, context));

  const iids = query.list("iids").map(Number);
  if (iids.length > 0) tests.push((item) => iids.includes(item.iid));
  const author = query.text("author_id");
  if (author !== undefined) tests.push((item) => item.authorId === Number(author));
  const authorName = query.text("author_username");
  if (authorName !== undefined) tests.push((item) => item.authorId === context.userId(authorName));

  const assignee = query.text("assignee_id");
  if (assignee !== undefined) tests.push(peopleTest(assignee, (item) => item.assigneeIds));
  for (const name of query.list("assignee_username")) {
    tests.push((item) => item.assigneeIds.some((id) => id === context.userId(name)));
  }
  return tests;
}

function peopleTest<T extends IssuableRecord>(filter: string, people: (item: T) => readonly number[]): Test<T> {
  if (same(filter, "none") || filter === "0") return (item) => people(item).length === 0;
  if (same(filter, "any")) return (item) => people(item).length > 0;
  return (item) => people(item).includes(Number(filter));
}

/** What the asker has reacted to with an emoji; `None` and `Any` as everywhere. */
function reactionTest(filter: string, { gitlab, me }: FilterContext): Test<IssuableRecord> {
  const mine = gitlab.resources.of("award_emoji").filter(({ authorId }) => authorId === me);
  const places = new Set(
    mine
      .filter(({ values }) => same(filter, "none") || same(filter, "any") || values["name"] === filter)
      .map(({ place }) => place),
  );
  return (item) => places.has(`${item.kind}s/${String(item.id)}`) !== same(filter, "none");
}

function milestoneTest(filter: string, context: FilterContext): Test<IssuableRecord> {
  const word = filter.toLowerCase().replace(/^#/, "");
  const today = context.now.toISOString().slice(0, 10);
  const active = context.milestones.filter((milestone) => milestone.state === "active");
  const among = (milestones: readonly MilestoneRecord[]): Test<IssuableRecord> => {
    const ids = new Set(milestones.map((milestone) => milestone.id));
    return (item) => item.milestoneId !== null && ids.has(item.milestoneId);
  };
  if (word === "none") return (item) => item.milestoneId === null;
  if (word === "any") return (item) => item.milestoneId !== null;
  if (word === "started") return among(active.filter(({ startDate }) => startDate !== null && startDate <= today));
  if (word === "upcoming") {
    const due = active.filter(({ dueDate }) => dueDate !== null && dueDate > today);
    due.sort((a, b) => (a.dueDate ?? "").localeCompare(b.dueDate ?? ""));
    return among(due.slice(0, 1));
  }
  return among(context.milestones.filter(({ title }) => title === filter));
}

/** The filters that only issues have. */
export function issueTests(query: Fields, context: FilterContext): Test<IssueRecord>[] {
  const tests: Test<IssueRecord>[] = [];
  const state = query.text("state");
  if (state === "opened" || state === "closed") tests.push((issue) => issue.state === state);
  const closedBy = query.text("closed_by_id");
  if (closedBy !== undefined) tests.push((issue) => issue.closedById === Number(closedBy));
  const confidential = query.flag("confidential");
  if (confidential !== undefined) tests.push((issue) => issue.confidential === confidential);
  const type = query.text("issue_type");
  if (type !== undefined) tests.push((issue) => issue.issueType === type);
  const due = query.text("due_date");
  if (due !== undefined && due !== "") tests.push((issue) => dueWithin(due, issue, context.now));
  const optional = (name: string, value: (issue: IssueRecord) => string | number | null): void => {
    const filter = query.text(name);
    if (filter === undefined) return;
    if (same(filter, "none")) tests.push((issue) => value(issue) === null);
    else if (same(filter, "any")) tests.push((issue) => value(issue) !== null);
    else tests.push((issue) => String(value(issue)) === filter);
  };
  optional("weight", (issue) => issue.weight);
  optional("health_status", (issue) => issue.healthStatus);
  const { workItems } = context.gitlab;
  const epicIds = new Set(workItems.epics.map(({ id }) => id));
  optional("epic_id", ({ id }) => {
    const { parentId } = workItems.extras(id);
    return parentId !== null && epicIds.has(parentId) ? parentId : null;
  });
  optional("iteration_id", ({ id }) => workItems.extras(id).iterationId);
  optional("iteration_title", () => null);
  const unwantedWeight = query.nested("not").text("weight");
  if (unwantedWeight !== undefined) tests.push((issue) => String(issue.weight) !== unwantedWeight);
  return tests;
}

function dueWithin(filter: string, issue: IssueRecord, now: Date): boolean {
  if (filter === "0") return issue.dueDate === null;
  if (issue.dueDate === null) return false;
  const date = (offset: number): string => new Date(now.getTime() + offset * day).toISOString().slice(0, 10);
  const due = issue.dueDate;
  const weekday = (now.getUTCDay() + 6) % 7;
  const month = now.toISOString().slice(0, 7);
  const nextMonthEnd = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 2, 0)).toISOString().slice(0, 10);
  switch (filter) {
    case "any":
      return true;
    case "today":
      return due === date(0);
    case "tomorrow":
      return due === date(1);
    case "overdue":
      return due < date(0) && issue.state === "opened";
    case "week":
      return due >= date(-weekday) && due <= date(6 - weekday);
    case "month":
      return due.startsWith(month);
    default:
      return due >= date(-14) && due <= nextMonthEnd;
  }
}

/** The filters that only merge requests have. */
export function mergeRequestTests(query: Fields, context: FilterContext): Test<MergeRequestRecord>[] {
  const tests: Test<MergeRequestRecord>[] = [];
  const add = (present: boolean, test: Test<MergeRequestRecord>): void => {
    if (present) tests.push(test);
  };
  const not = query.nested("not");
  const state = query.text("state");
  add(state !== undefined && state !== "all", (item) => item.state === state);
  for (const [name, value] of [
    ["source_branch", (item: MergeRequestRecord) => item.sourceBranch],
    ["target_branch", (item: MergeRequestRecord) => item.targetBranch],
    ["source_project_id", (item: MergeRequestRecord) => String(item.sourceProjectId)],
    ["merge_user_id", (item: MergeRequestRecord) => String(item.mergeUserId)],
  ] as const) {
    const filter = query.text(name);
    add(filter !== undefined, (item) => value(item) === filter);
  }
  const merger = query.text("merge_user_username");
  add(merger !== undefined, (item) => item.mergeUserId !== null && item.mergeUserId === context.userId(merger ?? ""));
  const merged = (item: MergeRequestRecord): number => item.mergedAt?.getTime() ?? Number.NaN;
  add(query.has("merged_after"), (item) => merged(item) >= Date.parse(query.text("merged_after") ?? ""));
  add(query.has("merged_before"), (item) => merged(item) <= Date.parse(query.text("merged_before") ?? ""));
  const wip = query.text("wip");
  const draft = query.flag("draft") ?? (wip === undefined ? undefined : wip === "yes");
  add(draft !== undefined, (item) => isDraftTitle(item.title) === draft);
  add(
    query.text("scope") === "reviews_for_me",
    (item) => context.me !== undefined && item.reviewerIds.includes(context.me),
  );
  // Nothing is deployed here.
  add(
    ["deployed_after", "deployed_before", "environment"].some((name) => query.has(name)),
    () => false,
  );

  const reviewers = (fields: Fields): Test<MergeRequestRecord>[] => {
    const id = fields.text("reviewer_id");
    const name = fields.text("reviewer_username");
    return [
      ...(id === undefined ? [] : [peopleTest<MergeRequestRecord>(id, (item) => item.reviewerIds)]),
      ...(name === undefined
        ? []
        : [(item: MergeRequestRecord) => item.reviewerIds.some((reviewer) => reviewer === context.userId(name))]),
    ];
  };
  tests.push(...reviewers(query));
  for (const test of reviewers(not)) tests.push((item) => !test(item));
  tests.push(...approvalTests(query, context));
  return tests;
}

function approvalTests(query: Fields, context: FilterContext): Test<MergeRequestRecord>[] {
  const approvers = query.list("approved_by_ids");
  const usernames = query.list("approved_by_usernames");
  const [first = ""] = [...approvers, ...usernames];
  if (first === "") return [];
  if (same(first, "none")) return [(item) => item.approvals.length === 0];
  if (same(first, "any")) return [(item) => item.approvals.length > 0];
  const approverIds = [...approvers.map(Number), ...usernames.map((name) => context.userId(name))];
  return [(item) => approverIds.every((id) => item.approvals.some((approval) => approval.userId === id))];
}
