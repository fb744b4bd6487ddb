import type { ToolData } from "../tools/registry-types.js";
import { refused } from "./refused.js";
import type { Steps } from "./workflow.js";

/** How a pipeline may be named; nothing means the default branch's newest. */
export interface PipelineChoice {
  readonly project_id: string | number;
  readonly pipeline_id?: number;
  readonly merge_request_iid?: number;
  readonly ref?: string;
}

/** What every way to a pipeline brings back of it. */
export type Pipeline = Omit<ToolData<"gitlab_pipeline_get">, "name">;

/** A pipeline, and the project that it runs in: that of a fork's merge request may be the fork. */
export interface FoundPipeline {
  readonly project_id: string | number;
  readonly pipeline: Pipeline;
}

/**
 * Finds a pipeline by what people know of it, in one call.
 *
 * The steps `gitlab_pipeline_get`, `gitlab_pipeline_latest_get` and `gitlab_merge_request_get` have to stand in the manifest.
 */
export async function findPipeline(steps: Pick<Steps, "read">, choice: PipelineChoice): Promise<FoundPipeline> {
  const { project_id, pipeline_id, merge_request_iid, ref } = choice;
  if (pipeline_id !== undefined)
    return { project_id, pipeline: await steps.read("gitlab_pipeline_get", { project_id, pipeline_id }) };
  if (merge_request_iid === undefined) {
    const named = ref === undefined ? {} : { ref };
    return { project_id, pipeline: await steps.read("gitlab_pipeline_latest_get", { project_id, ...named }) };
  }
  const item = await steps.read("gitlab_merge_request_get", { project_id, merge_request_iid });
  return pipelineOf(project_id, item);
}

/** The newest pipeline of a merge request. */
function pipelineOf(
  project_id: string | number,
  { head_pipeline: pipeline, project_id: own, iid, references }: ToolData<"gitlab_merge_request_get">,
): FoundPipeline {
  if (!pipeline) {
    throw refused(
      `${references.full} has no pipeline.`,
      "None has run for its newest commit, or a push made none: gitlab_ci_lint says whether the configuration is valid, gitlab_pipeline_create starts one.",
      { merge_request_iid: iid },
      "not_found",
    );
  }
  return { project_id: pipeline.project_id === own ? project_id : pipeline.project_id, pipeline };
}
