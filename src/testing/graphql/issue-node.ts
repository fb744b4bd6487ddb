import type { IssueRecord } from "../state/issuable-records.js";
import { gid } from "./ids.js";
import type { Node, View } from "./view.js";
import { referenceOf, workItemUrl } from "./work-item-access.js";
import { typeNode } from "./work-item-types.js";

/** An issue by the type that was there before work items. */
export function issueNode(view: View, issue: IssueRecord): Node {
  const url = workItemUrl(view, issue);
  return {
    __typename: "Issue",
    id: gid("Issue", issue.id),
    iid: String(issue.iid),
    name: issue.title,
    title: issue.title,
    state: issue.state,
    confidential: issue.confidential,
    type: issue.issueType.toUpperCase(),
    webUrl: url,
    webPath: new URL(url).pathname,
    reference: ({ full }: { readonly full?: boolean | null }) => referenceOf(view, issue, full ?? false),
    workItemType: () => typeNode(view, { project: view.gitlab.project(issue.projectId) }, issue.issueType),
  };
}
