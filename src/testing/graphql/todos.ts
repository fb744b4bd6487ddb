import type { ResourceRecord } from "../state/resource-records.js";
import { gid } from "./ids.js";
import { homeNode } from "./home.js";
import { iso, userNode, type Node, type View } from "./view.js";

/** Something on somebody's list; null when what it was about is gone. */
export function todoNode(view: View, todo: ResourceRecord): Node | null {
  const { planning } = view.gitlab;
  const target = todo.values["target"];
  const issue = planning.issues.find(({ id }) => id === target);
  const item = planning.mergeRequests.find(({ id }) => id === target);
  const about = issue ?? item;
  if (about === undefined) return null;
  const entity =
    issue !== undefined ? view.show.workItem(issue) : item !== undefined ? view.show.mergeRequest(item) : {};
  return {
    id: gid("Todo", todo.id),
    action: todo.values["action"],
    state: todo.values["state"],
    targetType: issue === undefined ? "MERGEREQUEST" : "ISSUE",
    targetUrl: entity["webUrl"],
    createdAt: iso(todo.createdAt),
    author: () => userNode(view, todo.authorId),
    project: () => homeNode(view, { project: view.gitlab.project(about.projectId) }),
    group: null,
    targetEntity: () => entity,
  };
}
