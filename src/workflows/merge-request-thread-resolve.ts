import type { MergeRequestThreadResolveInput } from "../../generated/tools/merge-requests.js";
import type { Workflow } from "./workflow.js";

/** Threads and the state that they are in now. */
export interface ThreadsResolved {
  readonly discussion_ids: readonly string[];
  readonly resolved: boolean;
}

/** Resolves threads, or reopens them, one after the other. */
export const run: Workflow<MergeRequestThreadResolveInput, ThreadsResolved> = async (steps, input) => {
  const { project_id, merge_request_iid, discussion_ids, resolved = true } = input;
  for (const discussion_id of discussion_ids)
    await steps.write("gitlab_merge_request_discussion_resolve", {
      ...{ project_id, merge_request_iid, discussion_id, resolved },
    });
  return { discussion_ids, resolved };
};
