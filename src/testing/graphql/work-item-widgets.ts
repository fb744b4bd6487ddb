import { isSubscribed, closesIssue, taskCompletion } from "../resources/planning/planning-entities.js";
import { humanDuration } from "../issuables/quick-action-text.js";
import { contextFor } from "../state/context-of.js";
import type { ResourceRecord } from "../state/resource-records.js";
import { mayReadMergeRequest } from "../state/visibility.js";
import type { WorkItemRecord } from "../state/work-items.js";
import { connection, type PageArguments } from "./connection.js";
import { customFieldNodes, customFieldsOf } from "./custom-fields.js";
import { gid } from "./ids.js";
import { discussionsOf } from "./notes.js";
import { iterationNode, labelNodes, milestoneNode } from "./planning.js";
import { byId, contextOfItem, homeOf, isEpic, mayRead, statusOf, workItemUrl } from "./work-item-access.js";
import { statusNode, typeNode, widgetsOf } from "./work-item-types.js";
import { hasPlan, iso, roleIn, userNode, type Node, type View } from "./view.js";

type Widget = (view: View, item: WorkItemRecord) => Node;
type Typed = Node & { readonly type: string };

/** The widgets of a work item: those that its type and its home's plan have. */
export function widgetNodes(view: View, item: WorkItemRecord): Typed[] {
  return widgetsOf(view, homeOf(view, item), item.issueType).flatMap((type) => {
    const widget = widgets[type];
    return widget === undefined ? [] : [{ ...widget(view, item), __typename: nameOf(type), type }];
  });
}

/** `START_AND_DUE_DATE` → `WorkItemWidgetStartAndDueDate`. */
const nameOf = (type: string): string =>
  `WorkItemWidget${type.toLowerCase().replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase())}`;

/** The links of a work item, each with the other end and how it is seen from here. */
export function linksOf(
  view: View,
  item: WorkItemRecord,
): { readonly record: ResourceRecord; readonly other: WorkItemRecord; readonly type: string }[] {
  return view.gitlab.resources.of("issue_links").flatMap((record) => {
    const { source, target, link_type: type } = record.values;
    if (source !== item.id && target !== item.id) return [];
    const other = byId(view, Number(source === item.id ? target : source));
    if (other === undefined || !mayRead(view, other)) return [];
    const turned = type === "blocks" ? "is_blocked_by" : type === "is_blocked_by" ? "blocks" : type;
    return [{ record, other, type: String(source === item.id ? type : turned) }];
  });
}

/** What hangs under a work item, in order, as far as the asker may see it. */
const childrenOf = (view: View, item: WorkItemRecord): WorkItemRecord[] =>
  view.gitlab.workItems.childrenOf(item.id).flatMap((id) => {
    const child = byId(view, id);
    return child !== undefined && mayRead(view, child) ? [child] : [];
  });

export function parentOf(view: View, item: WorkItemRecord): WorkItemRecord | undefined {
  const { parentId } = view.gitlab.workItems.extras(item.id);
  const parent = parentId === null ? undefined : byId(view, parentId);
  return parent !== undefined && mayRead(view, parent) ? parent : undefined;
}

/** From the root down to the parent. */
export function ancestorsOf(view: View, item: WorkItemRecord): WorkItemRecord[] {
  const parent = parentOf(view, item);
  return parent === undefined ? [] : [...ancestorsOf(view, parent), parent];
}

const descendantsOf = (view: View, item: WorkItemRecord): WorkItemRecord[] =>
  childrenOf(view, item).flatMap((child) => [child, ...descendantsOf(view, child)]);

const words: Readonly<Record<string, string>> = {
  RELATED: "relates_to",
  BLOCKS: "blocks",
  BLOCKED_BY: "is_blocked_by",
};

const health = { on_track: "onTrack", needs_attention: "needsAttention", at_risk: "atRisk" } as const;

/** How GitLab's names for health stand in the row. */
export const healthWord = (value: string): "on_track" | "needs_attention" | "at_risk" =>
  value === "onTrack" ? "on_track" : value === "atRisk" ? "at_risk" : "needs_attention";

const widgets: Readonly<Record<string, Widget>> = {
  ASSIGNEES: (view, { assigneeIds }) => ({
    assignees: (args: PageArguments) => connection(assigneeIds, args, (id) => userNode(view, id)),
  }),
  AWARD_EMOJI: (view, item) => {
    const given = (name: string): number =>
      view.gitlab.resources
        .in("award_emoji", `issues/${String(item.id)}`)
        .filter(({ values }) => values["name"] === name).length;
    return { upvotes: item.upvotes + given("thumbsup"), downvotes: item.downvotes + given("thumbsdown") };
  },
  COLOR: ({ gitlab }, { id }) => ({ color: gitlab.workItems.extras(id).color }),
  CRM_CONTACTS: () => ({ contacts: (args: PageArguments) => connection([], args, () => null) }),
  CUSTOM_FIELDS: (view, item) => ({
    customFieldValues: customFieldNodes(
      customFieldsOf(view, homeOf(view, item), item.issueType),
      view.gitlab.workItems.extras(item.id).customFields,
    ),
  }),
  DESCRIPTION: (_view, item) => {
    const tasks = taskCompletion(item.description);
    return {
      description: item.description,
      lastEditedAt: item.notes.some(({ body }) => body === "changed the description") ? iso(item.updatedAt) : null,
      taskCompletionStatus: { count: tasks.count, completedCount: tasks.completed_count },
    };
  },
  DEVELOPMENT: (view, item) => {
    const closing = isEpic(item)
      ? []
      : view.gitlab.planning.mergeRequests.filter(
          (one) =>
            one.projectId === item.projectId &&
            closesIssue(one.description, item.iid) &&
            mayReadMergeRequest(view.gitlab, view.user, one),
        );
    return {
      willAutoCloseByMergeRequest: closing.some(({ state }) => state === "opened"),
      closingMergeRequests: (args: PageArguments) =>
        connection(closing, args, (one) => ({ fromMrDescription: true, mergeRequest: view.show.mergeRequest(one) })),
    };
  },
  HEALTH_STATUS: (view, item) => {
    const below = descendantsOf(view, item).flatMap(({ healthStatus }) =>
      healthStatus === null ? [] : [healthStatus],
    );
    return {
      healthStatus: item.healthStatus === null ? null : health[item.healthStatus],
      rolledUpHealthStatus: (["on_track", "needs_attention", "at_risk"] as const).map((word) => ({
        healthStatus: health[word],
        count: below.filter((one) => one === word).length,
      })),
    };
  },
  HIERARCHY: (view, item) => {
    const node = (one: WorkItemRecord): Node => view.show.workItem(one);
    return {
      hasChildren: childrenOf(view, item).length > 0,
      hasParent: parentOf(view, item) !== undefined,
      parent: () => {
        const parent = parentOf(view, item);
        return parent === undefined ? null : node(parent);
      },
      ancestors: (args: PageArguments) => connection(ancestorsOf(view, item), args, node),
      children: (args: PageArguments) => connection(childrenOf(view, item), args, node),
      rolledUpCountsByType: () => {
        const below = descendantsOf(view, item);
        return [...new Set(below.map(({ issueType }) => issueType))].map((type) => {
          const some = below.filter(({ issueType }) => issueType === type);
          const closed = some.filter(({ state }) => state === "closed").length;
          return {
            workItemType: typeNode(view, homeOf(view, item), type),
            countsByState: { all: some.length, closed, opened: some.length - closed },
          };
        });
      },
    };
  },
  ITERATION: (view, { id }) => {
    const { iterationId } = view.gitlab.workItems.extras(id);
    const iteration = view.gitlab.workItems.iterations.find((one) => one.id === iterationId);
    return { iteration: iteration === undefined ? null : iterationNode(view, iteration) };
  },
  LABELS: (view, item) => ({
    labels: (args: PageArguments) => labelNodes(view, homeOf(view, item), item.labels, args),
  }),
  LINKED_ITEMS: (view, item) => {
    const links = linksOf(view, item);
    const count = (type: string): number => links.filter((link) => link.type === type).length;
    return {
      blocked: links.some(({ type, other }) => type === "is_blocked_by" && other.state === "opened"),
      blockedByCount: count("is_blocked_by"),
      blockingCount: count("blocks"),
      linkedItems: (args: PageArguments & { readonly filter?: string | null }) =>
        connection(
          links.filter(({ type }) => args.filter == null || type === words[args.filter]),
          args,
          ({ record, other, type }) => ({
            linkId: gid("WorkItems::RelatedWorkItemLink", record.id),
            linkType: type,
            linkCreatedAt: iso(record.createdAt),
            workItemState: other.state === "opened" ? "OPEN" : "CLOSED",
            workItem: () => view.show.workItem(other),
          }),
        ),
    };
  },
  MILESTONE: (view, item) => {
    const home = homeOf(view, item);
    const milestone = view.gitlab.planning.milestone(item.milestoneId);
    return {
      milestone: milestone === undefined || !("project" in home) ? null : milestoneNode(view, home.project, milestone),
    };
  },
  NOTES: (view, item) => ({
    discussionLocked: item.discussionLocked ?? false,
    discussions: (args: PageArguments & { readonly filter?: string | null }) =>
      discussionsOf(view, { item, webUrl: workItemUrl(view, item), level: roleIn(view, homeOf(view, item)) }, args),
  }),
  NOTIFICATIONS: (view, item) => {
    const context = contextOfItem(view, item);
    const subscribed =
      context === undefined || isEpic(item)
        ? item.subscriberIds.includes(view.user?.id ?? 0)
        : isSubscribed(contextFor(view.gitlab, context.project, context.me), item);
    return { subscribed };
  },
  PARTICIPANTS: (view, item) => {
    const authors = item.notes.filter(({ system }) => !system).map(({ authorId }) => authorId);
    const ids = [...new Set([item.authorId, ...item.assigneeIds, ...authors])];
    return { participants: (args: PageArguments) => connection(ids, args, (id) => userNode(view, id)) };
  },
  START_AND_DUE_DATE: (_view, item) => ({
    startDate: item.startDate,
    dueDate: item.dueDate,
    rollUp: isEpic(item),
    isFixed: true,
  }),
  STATUS: (view, item) => ({ status: statusNode(statusOf(view, item)) }),
  TIME_TRACKING: (_view, item) => ({
    timeEstimate: item.timeEstimate,
    totalTimeSpent: item.timeSpent,
    humanReadableAttributes: {
      timeEstimate: humanDuration(item.timeEstimate),
      totalTimeSpent: humanDuration(item.timeSpent),
    },
  }),
  WEIGHT: (view, item) => {
    const sum = (items: readonly WorkItemRecord[]): number | null =>
      items.reduce((total, { weight }) => total + (weight ?? 0), 0) || null;
    const below = hasPlan(view, homeOf(view, item), "premium") ? descendantsOf(view, item) : [];
    return {
      weight: item.weight,
      rolledUpWeight: sum(below),
      rolledUpCompletedWeight: sum(below.filter(({ state }) => state === "closed")),
    };
  },
};
