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
  const labelPriority = (item: IssuableRecord): number | null => {
    const priorities = labels.flatMap((label) =>
      label.priority !== null && item.labels.includes(label.name) ? [label.priority] : [],
    );
    return priorities.length === 0 ? null : Math.min(...priorities);
  };
  const milestoneDue = (item: IssuableRecord): string | null =>
    milestones.find((milestone) => milestone.id === item.milestoneId)?.dueDate ?? null;
  const keys: Readonly<Record<string, (item: T) => readonly Key[]>> = {
    created_at: (item) => [item.createdAt.getTime()],
    updated_at: (item) => [item.updatedAt.getTime()],
    title: (item) => [item.title.toLowerCase()],
    popularity: (item) => [item.upvotes],
    relative_position: (item) => [item.iid],
    milestone_due: (item) => [milestoneDue(item)],
    label_priority: (item) => [labelPriority(item)],
    priority: (item) => [milestoneDue(item), labelPriority(item)],
    due_date: (item) => [isIssue(item) ? item.dueDate : null],
    weight: (item) => [isIssue(item) ? item.weight : null],
    merged_at: (item) => [isMergeRequest(item) ? (item.mergedAt?.getTime() ?? null) : null],
  };
  const key = keys[by] ?? ((item: T) => [item.createdAt.getTime()]);
  return items
    .map((item) => ({ item, keys: key(item) }))
    .sort((a, b) => {
      for (const [index, value] of a.keys.entries()) {
        const order = compare(value, b.keys[index] ?? null, direction);
        if (order !== 0) return order;
      }
      return direction * (a.item.id - b.item.id);
    })
    .map(({ item }) => item);
}

function compare(a: Key, b: Key, direction: number): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  if (a === b) return 0;
  return (a < b ? -1 : 1) * direction;
}

const isIssue = (item: IssuableRecord): item is IssueRecord => item.kind === "issue";
const isMergeRequest = (item: IssuableRecord): item is MergeRequestRecord => item.kind === "merge_request";
