import { deskFor } from "./desk-of.js";
import { finishAutoMerges } from "./merge-request-merge.js";
import { runPipeline, type RunOptions } from "./pipeline-engine.js";
import type { PipelineRecord } from "./pipeline-records.js";
import type { World } from "./world.js";

/** Carries out a pipeline's jobs in their order and merges what waited for it; see {@link World.runPipeline}. */
export function runPipelineJobs(world: World, pipelineId: number, options: RunOptions = {}): PipelineRecord {
  const pipeline = world.planning.pipelines.find(({ id }) => id === pipelineId);
  if (pipeline === undefined) throw new Error(`The emulator has no pipeline ${String(pipelineId)}`);
  runPipeline(pipeline, world.now(), options);
  const waiting = world.planning.mergeRequests.filter((item) => item.sourceProjectId === pipeline.projectId);
  finishAutoMerges((item) => deskFor(world, world.project(item.projectId), item.mergeUserId ?? 0), waiting);
  return pipeline;
}
