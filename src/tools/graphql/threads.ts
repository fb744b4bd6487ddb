import { graphqlLookups } from "../../../generated/graphql-lookups.js";
import { isObject } from "../../is-object.js";
import type { Ask } from "./ask.js";

/** A work item with more threads is not read to its end. */
const mostPages = 50;

/**
 * The id of a thread as its work item lists it; undefined where the work item has no such thread. GitLab's API tells of no
 * thread by itself where it lies.
 */
export async function threadOf(ask: Ask, workItemId: string, thread: string): Promise<string | undefined> {
  const hash = thread.split("/").at(-1);
  let after: unknown;
  for (let page = 0; page < mostPages; page += 1) {
    const { workItem } = await ask(graphqlLookups["lookup-work-item-threads"], {
      id: workItemId,
      ...(typeof after === "string" && { after }),
    });
    const widgets: unknown = isObject(workItem) ? workItem["widgets"] : undefined;
    const notes = (Array.isArray(widgets) ? widgets : []).filter(isObject).find((one) => isObject(one["discussions"]));
    const { nodes, pageInfo } = isObject(notes?.["discussions"]) ? notes["discussions"] : {};
    for (const one of Array.isArray(nodes) ? nodes : []) {
      const id: unknown = isObject(one) ? one["id"] : undefined;
      if (typeof id === "string" && id.split("/").at(-1) === hash) return id;
    }
    if (!isObject(pageInfo) || pageInfo["hasNextPage"] !== true) return undefined;
    after = pageInfo["endCursor"];
  }
  return undefined;
}
