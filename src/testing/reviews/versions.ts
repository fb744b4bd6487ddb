import { json, list, notFound, type Call, type Handlers } from "../server/handler.js";
import { contextOf } from "../state/context-of.js";
import type { MergeRequestRecord } from "../state/issuable-records.js";
import type { ProjectContext } from "../state/project-context.js";
import type { ResourceRecord } from "../state/resource-records.js";
import { findMergeRequest, findReviewed } from "../issuables/issuable-find.js";
import { commitEntity, diffEntity } from "../resources/code/commit-entity.js";
import { refsOf } from "./merge-request-refs.js";

/** The versions of a merge request, newest first. A new one is there as soon as its head is another. */
export function versionsOf(context: ProjectContext, item: MergeRequestRecord): ResourceRecord[] {
  const key = `merge_requests/${String(item.id)}`;
  const { resources } = context.gitlab;
  const refs = refsOf(context, item);
  const known = resources.in("merge_request_versions", key);
  if (refs !== undefined && known.at(-1)?.values["head"] !== refs.head) {
    known.push(
      resources.add(
        "merge_request_versions",
        key,
        { ...refs },
        { by: item.authorId, at: known.length === 0 ? item.createdAt : context.now },
      ),
    );
  }
  return known.reverse();
}

const versionEntity = (
  { project }: ProjectContext,
  item: MergeRequestRecord,
  version: ResourceRecord,
): Record<string, unknown> => ({
  id: version.id,
  head_commit_sha: version.values["head"],
  base_commit_sha: version.values["base"],
  start_commit_sha: version.values["start"],
  created_at: version.createdAt.toISOString(),
  merge_request_id: item.id,
  state: "collected",
  real_size: String(project.repository.diff(String(version.values["base"]), String(version.values["head"])).length),
  patch_id_sha: String(version.values["head"]),
});

function open(call: Call): { context: ProjectContext; item: MergeRequestRecord } {
  const context = contextOf(call, findReviewed(call));
  return { context, item: findMergeRequest(call, context, "merge_request_iid") };
}

/** Versions of a merge request's diff. */
export const versionHandlers: Handlers = {
  "GET /projects/{id}/merge_requests/{merge_request_iid}/versions": (call) => {
    const { context, item } = open(call);
    return list(versionsOf(context, item), (version) => versionEntity(context, item, version));
  },
  "GET /projects/{id}/merge_requests/{merge_request_iid}/versions/{version_id}": (call) => {
    const { context, item } = open(call);
    const version = versionsOf(context, item).find(({ id }) => id === Number(call.path["version_id"])) ?? notFound();
    const { repository } = context.project;
    const [base, head] = [String(version.values["base"]), String(version.values["head"])];
    const unidiff = call.params.flag("unidiff") ?? false;
    return json({
      ...versionEntity(context, item, version),
      commits: repository.between(base, head).map((commit) => commitEntity(context.gitlab, context.project, commit)),
      diffs: repository.diff(base, head).map((diff) => diffEntity(diff, unidiff)),
    });
  },
};
