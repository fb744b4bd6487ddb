import type { WorkItemRecord } from "../state/work-items.js";
import { connection, type PageArguments } from "./connection.js";
import { hasCustomField, type CustomFieldFilter } from "./custom-fields.js";
import { idOf } from "./ids.js";
import { homeOf, isEpic, mayRead, statusOf } from "./work-item-access.js";
import { statuses, typeById } from "./work-item-types.js";
import { parentOf, ancestorsOf, healthWord } from "./work-item-widgets.js";
import { hasPlan, type Home, type Node, type View } from "./view.js";

type Texts = readonly string[] | null;

/** What lists of work items are narrowed by. */
export interface WorkItemFilters extends PageArguments {
  readonly [name: string]: unknown;
  readonly search?: string | null;
  readonly in?: Texts;
  readonly iids?: Texts;
  readonly state?: string | null;
  readonly types?: Texts;
  readonly workItemTypeIds?: Texts;
  readonly authorUsername?: string | null;
  readonly assigneeUsernames?: Texts;
  readonly assigneeWildcardId?: string | null;
  readonly labelName?: Texts;
  readonly milestoneTitle?: Texts;
  readonly milestoneWildcardId?: string | null;
  readonly confidential?: boolean | null;
  readonly parentIds?: Texts;
  readonly parentWildcardId?: string | null;
  readonly includeDescendantWorkItems?: boolean | null;
  readonly not?: WorkItemFilters | null;
  readonly or?: {
    readonly assigneeUsernames?: Texts;
    readonly authorUsernames?: Texts;
    readonly labelNames?: Texts;
  } | null;
  readonly includeDescendants?: boolean | null;
  readonly includeAncestors?: boolean | null;
  readonly excludeProjects?: boolean | null;
  readonly weight?: string | null;
  readonly healthStatusFilter?: string | null;
  readonly status?: { readonly id?: string | null; readonly name?: string | null } | null;
  readonly iterationId?: Texts;
  readonly iterationWildcardId?: string | null;
  readonly iterationCadenceId?: Texts;
  readonly customField?: readonly CustomFieldFilter[] | null;
  readonly timeframe?: { readonly start: string; readonly end: string } | null;
  readonly sort?: string | null;
}

type Test = (item: WorkItemRecord) => boolean;

/** The work items of a home, or of everything that the asker sees. */
export function workItemsOf(view: View, home: Home | undefined, filters: WorkItemFilters): Node {
  const tests = testsFor(view, filters);
  const items = candidates(view, home, filters).filter(
    (item) => mayRead(view, item) && tests.every((test) => test(item)),
  );
  return connection(items.sort(orderOf(view, filters.sort ?? "CREATED_DESC")), filters, (item) =>
    view.show.workItem(item),
  );
}

function candidates({ gitlab }: View, home: Home | undefined, filters: WorkItemFilters): WorkItemRecord[] {
  const { planning, workItems } = gitlab;
  if (home === undefined) return [...planning.issues, ...workItems.epics];
  if ("project" in home) return planning.issues.filter(({ projectId }) => projectId === home.project.id);
  const below = (groupId: number): boolean =>
    groupId === home.group.id ||
    (filters.includeDescendants === true && gitlab.ancestry(groupId).includes(home.group)) ||
    (filters.includeAncestors === true && gitlab.ancestry(home.group.id).some(({ id }) => id === groupId));
  const issues =
    filters.includeDescendants === true && filters.excludeProjects !== true
      ? planning.issues.filter(({ projectId }) => below(gitlab.project(projectId).namespaceId))
      : [];
  return [...issues, ...workItems.epics.filter(({ groupId }) => below(groupId))];
}

/** A test for each filter that is given. Those of a higher plan are ignored where the plan lacks them. */
function testsFor(view: View, filters: WorkItemFilters): Test[] {
  const { gitlab } = view;
  const tests: Test[] = [];
  const add = <Value>(value: Value, test: (item: WorkItemRecord, value: NonNullable<Value>) => boolean): void => {
    if (value !== undefined && value !== null) tests.push((item) => test(item, value));
  };
  const username = (id: number): string => gitlab.users.get(id)?.username ?? "";
  const assignees = (item: WorkItemRecord): string[] => item.assigneeIds.map(username);
  const milestone = (item: WorkItemRecord): string | undefined => gitlab.planning.milestone(item.milestoneId)?.title;
  const iteration = (item: WorkItemRecord): number | null => gitlab.workItems.extras(item.id).iterationId;
  const premium = (item: WorkItemRecord): boolean => hasPlan(view, homeOf(view, item), "premium");

  add(filters.search, (item, search) => {
    const fields = filters.in ?? ["TITLE", "DESCRIPTION"];
    const text = `${fields.includes("TITLE") ? item.title : ""} ${fields.includes("DESCRIPTION") ? (item.description ?? "") : ""}`;
    return search
      .toLowerCase()
      .split(/\s+/)
      .every((word) => text.toLowerCase().includes(word));
  });
  add(filters.iids, (item, iids) => iids.includes(String(item.iid)));
  add(filters.state, (item, state) => state === "all" || item.state === state);
  add(filters.types, (item, types) => types.includes(item.issueType.toUpperCase()));
  add(filters.workItemTypeIds, (item, ids) =>
    ids.some((id) => typeById(idOf(id, "WorkItems::Type")) === item.issueType),
  );
  add(filters.authorUsername, (item, name) => username(item.authorId) === name);
  add(filters.assigneeUsernames, (item, names) => names.every((name) => assignees(item).includes(name)));
  add(filters.assigneeWildcardId, (item, wildcard) => (wildcard === "ANY") === item.assigneeIds.length > 0);
  add(filters.labelName, (item, names) => names.every((name) => item.labels.includes(name)));
  add(filters.milestoneTitle, (item, titles) => titles.includes(milestone(item) ?? ""));
  add(filters.milestoneWildcardId, (item, wildcard) =>
    wildcard === "NONE" ? item.milestoneId === null : item.milestoneId !== null,
  );
  add(filters.confidential, (item, confidential) => item.confidential === confidential);
  for (const [name, field] of Object.entries(dates)) {
    const [after, before] = [filters[`${name}After`], filters[`${name}Before`]].map((value) =>
      typeof value === "string" ? Date.parse(value) : undefined,
    );
    add(after, (item, time) => (timeOf(item, field) ?? -Infinity) >= time);
    add(before, (item, time) => (timeOf(item, field) ?? Infinity) <= time);
  }
  const parents = filters.parentIds?.map((id) => idOf(id, "WorkItem", "Issue"));
  add(parents, (item, ids) =>
    filters.includeDescendantWorkItems === true
      ? ancestorsOf(view, item).some(({ id }) => ids.includes(id))
      : ids.includes(parentOf(view, item)?.id ?? -1),
  );
  add(filters.parentWildcardId, (item, wildcard) => (wildcard === "ANY") === (parentOf(view, item) !== undefined));
  add(filters.weight, (item, weight) => !premium(item) || String(item.weight) === weight);
  add(filters.healthStatusFilter, (item, value) => {
    if (!hasPlan(view, homeOf(view, item), "ultimate")) return true;
    if (value === "NONE" || value === "ANY") return (value === "ANY") === (item.healthStatus !== null);
    return item.healthStatus === healthWord(value);
  });
  add(filters.status, (item, { id, name }) => {
    const statusName =
      id == null
        ? name?.toLowerCase()
        : statuses.find((one) => one.id === idOf(id, "WorkItems::Statuses::SystemDefined::Status"))?.name.toLowerCase();
    return !premium(item) || (!isEpic(item) && statusOf(view, item).toLowerCase() === statusName);
  });
  add(filters.iterationId, (item, ids) =>
    ids.some((id) => iteration(item) === (/^\d+$/.test(id) ? Number(id) : idOf(id, "Iteration"))),
  );
  add(filters.iterationWildcardId, (item, wildcard) => {
    const today = gitlab.now().toISOString().slice(0, 10);
    const found = gitlab.workItems.iterations.find(({ id }) => id === iteration(item));
    if (wildcard === "CURRENT") return found !== undefined && found.startDate <= today && today <= found.dueDate;
    return (wildcard === "ANY") === (found !== undefined);
  });
  add(filters.iterationCadenceId, (item, ids) => {
    const found = gitlab.workItems.iterations.find(({ id }) => id === iteration(item));
    return ids.some((id) => idOf(id, "Iterations::Cadence") === found?.cadenceId);
  });
  add(
    filters.customField,
    (item, all) => !premium(item) || all.every((one) => hasCustomField(view, homeOf(view, item), item, one)),
  );
  add(filters.timeframe, (item, { start, end }) => (item.startDate ?? "") <= end && (item.dueDate ?? "9999") >= start);
  add(filters.not, (item, not) => {
    const parts = Object.entries(not).filter(([, value]) => value !== null);
    return parts.every(([name, value]) => {
      // "Not any of these": each value is a filter of its own.
      const values: unknown[] = Array.isArray(value) ? value.map((one: unknown) => [one]) : [value];
      return values.every((one) => {
        const key = name === "authorUsername" && Array.isArray(one) ? String(one[0]) : one;
        return !testsFor(view, { [name]: key }).every((test) => test(item));
      });
    });
  });
  add(filters.or, (item, or) => {
    if (or.assigneeUsernames != null && !or.assigneeUsernames.some((name) => assignees(item).includes(name)))
      return false;
    if (or.authorUsernames != null && !or.authorUsernames.includes(username(item.authorId))) return false;
    return or.labelNames == null || or.labelNames.some((name) => item.labels.includes(name));
  });
  return tests;
}

const dates = { created: "createdAt", updated: "updatedAt", closed: "closedAt", due: "dueDate" } as const;

function timeOf(item: WorkItemRecord, field: "createdAt" | "updatedAt" | "closedAt" | "dueDate"): number | undefined {
  const value = item[field];
  return value === null ? undefined : new Date(value).getTime();
}

function orderOf({ gitlab }: View, sort: string): (one: WorkItemRecord, other: WorkItemRecord) => number {
  const [, field = "CREATED", direction = "DESC"] = /^(\w+?)(?:_AT)?_(ASC|DESC)$/.exec(sort) ?? [];
  const value = (item: WorkItemRecord): number | string | null => {
    switch (field) {
      case "UPDATED":
        return item.updatedAt.getTime();
      case "CLOSED":
        return item.closedAt?.getTime() ?? null;
      case "TITLE":
        return item.title.toLowerCase();
      case "DUE_DATE":
        return item.dueDate;
      case "START_DATE":
        return item.startDate;
      case "WEIGHT":
        return item.weight;
      case "MILESTONE_DUE":
        return gitlab.planning.milestone(item.milestoneId)?.dueDate ?? null;
      default:
        return item.createdAt.getTime();
    }
  };
  const turn = direction === "ASC" ? 1 : -1;
  return (one, other) => {
    const [left, right] = [value(one), value(other)];
    // What has no value comes last, whichever way.
    if (left === null || right === null) return Number(left === null) - Number(right === null) || other.id - one.id;
    return left === right ? turn * (one.id - other.id) : left < right ? -turn : turn;
  };
}
