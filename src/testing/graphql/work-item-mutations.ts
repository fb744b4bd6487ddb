import { GraphQLError } from "graphql";
import { newIssue } from "../issuables/issues.js";
import { mention } from "../issuables/issuable-find.js";
import { contextFor } from "../state/context-of.js";
import { role } from "../state/records.js";
import { newEpic, type EpicRecord, type WorkItemRecord } from "../state/work-items.js";
import { idOf, unavailable } from "./ids.js";
import { byId, changeable, contextOfItem, found, homeOf, isEpic, mayChange } from "./work-item-access.js";
import { checkWidgets, hierarchyProblems, writeWorkItem, type WorkItemInput } from "./work-item-changes.js";
import { homeNode } from "./home.js";
import { typeById, workItemTypes } from "./work-item-types.js";
import { linksOf } from "./work-item-widgets.js";
import { hasPlan, homeAt, roleIn, type Home, type Node, type View } from "./view.js";

type Input<Fields = object> = { readonly input: Fields & { readonly id: string } };
interface CreateInput extends WorkItemInput {
  readonly namespacePath?: string | null;
  readonly workItemTypeId: string;
  readonly title: string;
  readonly createdAt?: string | null;
}

const refused = (errors: readonly string[], more: Node = {}): Node => ({ errors, workItem: null, ...more });
const done = (view: View, item: WorkItemRecord, more: Node = {}): Node => ({
  errors: [],
  workItem: view.show.workItem(item),
  ...more,
});

/** The mutations of work items, for somebody who may write. */
export const workItemMutations = (view: View): Node => ({
  workItemCreate: ({ input }: { readonly input: CreateInput }) => create(view, input),
  workItemUpdate: ({ input }: Input<WorkItemInput>) => {
    const item = changeable(view, input.id);
    checkWidgets(view, item, input);
    const errors = writeWorkItem(view, item, input);
    return errors.length > 0 ? { errors, workItem: view.show.workItem(item) } : done(view, item);
  },
  workItemDelete: ({ input }: Input) => {
    const item = changeable(view, input.id);
    const home = homeOf(view, item);
    const level = roleIn(view, home);
    if (level !== role.planner && level < role.owner) unavailable();
    const { planning, workItems } = view.gitlab;
    if (isEpic(item)) workItems.epics.splice(workItems.epics.indexOf(item), 1);
    else planning.issues.splice(planning.issues.indexOf(item), 1);
    workItems.forget(item.id);
    return { errors: [], namespace: homeNode(view, home) };
  },
  workItemConvert: ({ input }: Input<{ readonly workItemTypeId: string }>) => {
    const item = changeable(view, input.id);
    const type = typeById(idOf(input.workItemTypeId, "WorkItems::Type"));
    if (isEpic(item) || type === undefined || !isProjectType(type)) {
      return refused(["Work item type cannot be changed to this type"]);
    }
    item.issueType = type;
    item.updatedAt = view.gitlab.now();
    return done(view, item);
  },
  workItemHierarchyAddChildrenItems: ({ input }: Input<{ readonly childrenIds: readonly string[] }>) => {
    const item = changeable(view, input.id);
    const added: WorkItemRecord[] = [];
    const errors = input.childrenIds.flatMap((id) => {
      const problems = hierarchyProblems(view, item, { childrenIds: [id] });
      const child = found(view, id);
      if (problems.length > 0 || child === undefined) return problems;
      view.gitlab.workItems.extras(child.id).parentId = item.id;
      added.push(child);
      return [];
    });
    return { errors, addedChildren: added.map((child) => view.show.workItem(child)) };
  },
  workItemsHierarchyReorder: ({ input }: Input<Reorder>) => reorder(view, input),
  workItemAddLinkedItems: ({ input }: Input<LinkInput>) => {
    const item = linkable(view, input.id);
    const problem = addLinks(view, item, input);
    if (problem !== undefined) return refused([problem], { message: null });
    const ids = input.workItemsIds.map((id) => String(idOf(id, "WorkItem", "Issue"))).join(", ");
    return done(view, item, { message: `Successfully linked ID(s): ${ids}.` });
  },
  workItemRemoveLinkedItems: ({ input }: Input<LinkInput>) => {
    const item = linkable(view, input.id);
    const ids = input.workItemsIds.map((id) => idOf(id, "WorkItem", "Issue"));
    const links = linksOf(view, item).filter(({ other }) => ids.includes(other.id));
    if (links.length === 0) return refused(["No links found to remove"], { message: null });
    for (const { record } of links) view.gitlab.resources.remove("issue_links", record);
    const removed = links.map(({ other }) => String(other.id)).join(", ");
    return done(view, item, { message: `Successfully unlinked IDs: ${removed}.` });
  },
});

const isProjectType = (type: string): type is "issue" | "incident" | "test_case" | "requirement" | "task" | "ticket" =>
  workItemTypes[type]?.home === "project";

function create(view: View, input: CreateInput): Node {
  const home = homeAt(view, input.namespacePath ?? "");
  const type = typeById(idOf(input.workItemTypeId, "WorkItems::Type"));
  if (home === undefined || type === undefined) return unavailable();
  const isPublic = "project" in home && home.project.visibility !== "private" && view.user !== undefined;
  if (roleIn(view, home) < role.guest && !isPublic) unavailable();
  if (!hasPlan(view, home, workItemTypes[type]?.plan ?? "free")) unavailable();
  if ("project" in home !== isProjectType(type)) return refused([`Work item type cannot be created in this namespace`]);
  const item = "project" in home && isProjectType(type) ? blankIssue(view, home, type) : blankEpic(view, home);
  const { hierarchyWidget, linkedItemsWidget, ...rest } = input;
  checkWidgets(view, item, input);
  const problems = [
    ...hierarchyProblems(view, item, hierarchyWidget),
    ...(input.title.trim() === "" ? ["Title can't be blank"] : []),
  ];
  if (problems.length > 0) return refused(problems);
  const { planning, workItems } = view.gitlab;
  if (isEpic(item)) workItems.epics.push(item);
  else planning.issues.push(item);
  item.title = input.title;
  item.description = input.descriptionWidget?.description ?? null;
  item.confidential = input.confidential ?? false;
  const { title: _, descriptionWidget: __, confidential: ___, ...widgets } = rest;
  const errors = writeWorkItem(view, item, { ...widgets, hierarchyWidget }, true);
  item.updatedAt = item.createdAt;
  workItems.extras(item.id).lockVersion = 0;
  const context = contextOfItem(view, item);
  if (context !== undefined && !isEpic(item)) mention(context, item, item.description);
  if (linkedItemsWidget != null) addLinks(view, item, linkedItemsWidget);
  return { ...done(view, item), errors };
}

function blankIssue(
  view: View,
  home: Extract<Home, { project: unknown }>,
  type: "issue" | "incident" | "test_case" | "requirement" | "task" | "ticket",
): WorkItemRecord {
  const context = contextFor(view.gitlab, home.project, view.user?.id ?? 0);
  return { ...newIssue(context, context.me, context.now), issueType: type };
}

function blankEpic(view: View, home: Home): EpicRecord {
  if (!("group" in home)) return unavailable();
  const { gitlab, user } = view;
  return newEpic({
    id: gitlab.planning.nextId("issue"),
    iid: gitlab.workItems.nextEpicIid(home.group.id),
    groupId: home.group.id,
    authorId: user?.id ?? 0,
    createdAt: gitlab.now(),
  });
}

interface LinkInput {
  readonly linkType?: string | null;
  readonly workItemsIds: readonly string[];
}

function linkable(view: View, id: unknown): WorkItemRecord {
  const item = found(view, id);
  return item !== undefined && roleIn(view, homeOf(view, item)) >= role.guest ? item : unavailable();
}

const linkWords: Readonly<Record<string, string>> = { BLOCKS: "blocks", BLOCKED_BY: "is_blocked_by" };

function addLinks(view: View, item: WorkItemRecord, { linkType, workItemsIds }: LinkInput): string | undefined {
  if (workItemsIds.length > 10) throw new GraphQLError("No more than 10 work items can be linked at the same time.");
  const others = workItemsIds.map((id) => found(view, id) ?? unavailable());
  const word = linkWords[linkType ?? ""] ?? "relates_to";
  if (word !== "relates_to" && !hasPlan(view, homeOf(view, item), "premium")) {
    return "Blocked work items are not available for the current subscription tier";
  }
  const known = linksOf(view, item).map(({ other }) => other);
  if (others.every((other) => known.includes(other) || other === item)) return "Work items are already linked";
  for (const other of others) {
    if (known.includes(other) || other === item) continue;
    const values = { source: item.id, target: other.id, link_type: word };
    view.gitlab.resources.add("issue_links", `issues/${String(item.id)}`, values, {
      by: view.user?.id ?? 0,
      at: view.gitlab.now(),
    });
  }
  return undefined;
}

interface Reorder {
  readonly parentId?: string | null;
  readonly adjacentWorkItemId?: string | null;
  readonly relativePosition?: string | null;
}

function reorder(view: View, input: Reorder & { readonly id: string }): Node {
  const item = changeable(view, input.id);
  const { workItems } = view.gitlab;
  const problems = hierarchyProblems(view, item, input.parentId == null ? {} : { parentId: input.parentId });
  if (problems.length > 0) return refused(problems, { adjacentWorkItem: null, parentWorkItem: null });
  const extras = workItems.extras(item.id);
  if (input.parentId != null) extras.parentId = idOf(input.parentId, "WorkItem", "Issue");
  const parent = extras.parentId === null ? undefined : byId(view, extras.parentId);
  const adjacent = input.adjacentWorkItemId == null ? undefined : found(view, input.adjacentWorkItemId);
  if (parent !== undefined && adjacent !== undefined) {
    const ids = workItems.childrenOf(parent.id).filter((id) => id !== item.id);
    const at = ids.indexOf(adjacent.id) + (input.relativePosition === "AFTER" ? 1 : 0);
    ids.splice(Math.max(at, 0), 0, item.id);
    ids.forEach((id, position) => (workItems.extras(id).position = position));
  }
  return done(view, item, {
    adjacentWorkItem: adjacent === undefined ? null : view.show.workItem(adjacent),
    parentWorkItem: parent === undefined || !mayChange(view, parent) ? null : view.show.workItem(parent),
  });
}
