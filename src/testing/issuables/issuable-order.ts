import type {
  IssuableRecord,
  IssueRecord,
  LabelRecord,
  MergeRequestRecord,
  MilestoneRecord,
} from "../state/issuable-records.js";

type Key = string | number | null;

/**
 * Orders issues or merge requests by an `order_by` of GitLab's. What has no value (no due date, no priority) comes last
 * in both directions; ties go to the newer one first.
 */
export function ordered<T extends IssuableRecord>(
  items: readonly T[],
  by: string,
  sort: string,
  labels: readonly LabelRecord[],
  milestones: readonly MilestoneRecord[],
): T[] {
  const direction = sort === "asc" ? 1 : -1;
  const labelPriority = once((item: IssuableRecord) => {
    const priorities = labels.flatMap((label) =>
      label.priority !== null && item.labels.includes(label.name) ? [label.priority] : [],
    );
    return priorities.length === 0 ? null : Math.min(...priorities);
  });
  const milestoneDue = once(
    (item: IssuableRecord) => milestones.find((milestone) => milestone.id === item.milestoneId)?.dueDate ?? null,
  );
  const keys: Readonly<Record<string, readonly ((item: T) => Key)[]>> = {
    created_at: [createdAt],
    updated_at: [(item) => item.updatedAt.getTime()],
    title: [(item) => item.title.toLowerCase()],
    popularity: [(item) => item.upvotes],
    relative_position: [(item) => item.iid],
    milestone_due: [milestoneDue],
    label_priority: [labelPriority],
    priority: [milestoneDue, labelPriority],
    due_date: [(item) => (isIssue(item) ? item.dueDate : null)],
    weight: [(item) => (isIssue(item) ? item.weight : null)],
    merged_at: [(item) => (isMergeRequest(item) ? (item.mergedAt?.getTime() ?? null) : null)],
  };
  const order = keys[by] ?? [createdAt];
  const compareItems = (a: T, b: T): number => {
    for (const key of order) {
      const difference = compare(key(a), key(b), direction);
      if (difference !== 0) return difference;
    }
    return direction * (a.id - b.id);
  };
  // Records lie in the order in which they were made, which most lists ask for or for its reverse.
  if (isOrdered(items, compareItems)) return [...items];
  return isOrdered(items, (a, b) => compareItems(b, a)) ? items.toReversed() : items.toSorted(compareItems);
}

function isOrdered<T>(items: readonly T[], order: (a: T, b: T) => number): boolean {
  for (let index = 1; index < items.length; index += 1) {
    const [before, after] = [items[index - 1], items[index]];
    if (before !== undefined && after !== undefined && order(before, after) > 0) return false;
  }
  return true;
}

/** A key that takes a search is found once per item. */
function once<T>(key: (item: T) => Key): (item: T) => Key {
  const found = new Map<T, Key>();
  return (item) => {
    const known = found.get(item);
    if (known !== undefined) return known;
    const made = key(item);
    found.set(item, made);
    return made;
  };
}

const createdAt = (item: IssuableRecord): number => item.createdAt.getTime();

function compare(a: Key, b: Key, direction: number): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  if (a === b) return 0;
  return (a < b ? -1 : 1) * direction;
}

const isIssue = (item: IssuableRecord): item is IssueRecord => item.kind === "issue";
const isMergeRequest = (item: IssuableRecord): item is MergeRequestRecord => item.kind === "merge_request";
