import { role } from "../state/records.js";
import type { WorkItemRecord } from "../state/work-items.js";
import { homeNode } from "./home.js";
import { gid } from "./ids.js";
import { homeOf, mayChange, referenceOf, workItemUrl } from "./work-item-access.js";
import { typeNode } from "./work-item-types.js";
import { widgetNodes } from "./work-item-widgets.js";
import { iso, roleIn, userNode, type Node, type View } from "./view.js";

/** A work item. Its fields are worked out when they are asked for: it is linked to others, and they to it. */
export function workItemNode(view: View, item: WorkItemRecord): Node {
  const home = homeOf(view, item);
  const level = roleIn(view, home);
  const change = mayChange(view, item);
  const signedIn = view.user !== undefined;
  return {
    __typename: "WorkItem",
    id: gid("WorkItem", item.id),
    iid: String(item.iid),
    title: item.title,
    name: item.title,
    description: item.description,
    state: item.state === "opened" ? "OPEN" : "CLOSED",
    confidential: item.confidential,
    archived: "project" in home && home.project.archived,
    createdAt: iso(item.createdAt),
    updatedAt: iso(item.updatedAt),
    closedAt: iso(item.closedAt),
    lockVersion: view.gitlab.workItems.extras(item.id).lockVersion,
    webUrl: workItemUrl(view, item),
    webPath: new URL(workItemUrl(view, item)).pathname,
    reference: ({ full }: { readonly full?: boolean | null }) => referenceOf(view, item, full ?? false),
    author: () => userNode(view, item.authorId),
    namespace: () => homeNode(view, home),
    project: () => ("project" in home ? homeNode(view, home) : null),
    workItemType: () => typeNode(view, home, item.issueType),
    userDiscussionsCount: () =>
      new Set(item.notes.filter(({ system }) => !system).map(({ discussionId }) => discussionId)).size,
    userPermissions: {
      readWorkItem: true,
      updateWorkItem: change,
      adminWorkItem: change,
      setWorkItemMetadata: level >= role.planner,
      adminParentLink: level >= role.guest,
      adminWorkItemLink: level >= role.guest,
      createNote: signedIn,
      deleteWorkItem: level >= role.owner || level === role.planner,
      moveWorkItem: level >= role.planner,
      cloneWorkItem: signedIn,
      markNoteAsInternal: level >= role.planner,
    },
    widgets: (types: {
      readonly onlyTypes?: readonly string[] | null;
      readonly exceptTypes?: readonly string[] | null;
    }) =>
      widgetNodes(view, item).filter(({ type }) => {
        if (types.onlyTypes != null && !types.onlyTypes.includes(String(type))) return false;
        return types.exceptTypes?.includes(String(type)) !== true;
      }),
  };
}
