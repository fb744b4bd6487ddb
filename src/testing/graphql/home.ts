import { gid } from "./ids.js";
import { accessLevel, pathOf, roleIn, urlOf, type Home, type Node, type View } from "./view.js";

/** What every home shows of itself. */
export function homeNode(view: View, home: Home): Node {
  const { gitlab } = view;
  const record = "project" in home ? home.project : home.group;
  const group = "group" in home ? home.group : undefined;
  return {
    __typename: "project" in home ? "Project" : "Group",
    id: gid("project" in home ? "Project" : "Group", record.id),
    name: record.name,
    path: record.path,
    fullPath: pathOf(view, home),
    fullName:
      group === undefined
        ? `${gitlab.namespaceName("project" in home ? home.project.namespaceId : 0)} / ${record.name}`
        : gitlab.groupName(group),
    description: record.description,
    visibility: record.visibility,
    webUrl: urlOf(view, home),
    webPath: new URL(urlOf(view, home)).pathname,
    maxAccessLevel: accessLevel(roleIn(view, home)),
  };
}
