import { contextFor } from "../state/context-of.js";
import { finishAutoMerges } from "../reviews/merge-request-merge.js";
import { runPipeline, type RunOptions } from "./pipeline-engine.js";
import type { PipelineRecord } from "../state/pipeline-records.js";
import type { GitLabState } from "../state/gitlab-state.js";

/** Carries out a pipeline's jobs in their order and merges what waited for it. */
export function runPipelineJobs(gitlab: GitLabState, pipelineId: number, options: RunOptions = {}): PipelineRecord {
  const pipeline = gitlab.planning.pipelines.find(({ id }) => id === pipelineId);
  if (pipeline === undefined) throw new Error(`The emulator has no pipeline ${String(pipelineId)}`);
  runPipeline(pipeline, gitlab.now(), options);
  const waiting = gitlab.planning.mergeRequests.filter((item) => item.sourceProjectId === pipeline.projectId);
  finishAutoMerges((item) => contextFor(gitlab, gitlab.project(item.projectId), item.mergeUserId ?? 0), waiting);
  return pipeline;
}
