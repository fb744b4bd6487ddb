import { describe, expect, it } from "vitest";
import { readCiConfig } from "../../src/testing/ci/ci-config.js";
import {
  advancePipeline,
  cancelJob,
  cancelPipeline,
  retryPipeline,
  runPipeline,
  startJob,
  startPipeline,
} from "../../src/testing/ci/pipeline-engine.js";
import type { PipelineRecord } from "../../src/testing/state/pipeline-records.js";
import { Planning } from "../../src/testing/state/planning.js";

const now = new Date("2026-03-04T09:30:00Z");
const planning = new Planning();

function pipelineOf(source: string): PipelineRecord {
  const config = readCiConfig(source, {});
  if (config.error !== undefined) throw new Error(config.error);
  const start = {
    projectId: 1,
    sha: "a".repeat(40),
    ref: "main",
    tag: false,
    source: "push",
    userId: 1,
    name: null,
    now,
  };
  const pipeline = startPipeline(planning, start, config.jobs);
  advancePipeline(pipeline, now);
  return pipeline;
}

const states = (pipeline: PipelineRecord): string =>
  [pipeline.status, ...pipeline.jobs.map((job) => `${job.name} ${job.status}`)].join(", ");

const threeStages = `
stages: [build, test, deploy]
build: { stage: build, script: make }
unit: { stage: test, script: make test }
deploy: { stage: deploy, script: make deploy }
`;

describe("a pipeline", () => {
  it("waits for a runner stage by stage", () => {
    const pipeline = pipelineOf(threeStages);
    expect(states(pipeline)).toBe("pending, build pending, unit created, deploy created");
    const [build] = pipeline.jobs;
    if (build !== undefined) startJob(pipeline, build, now);
    expect(states(pipeline)).toBe("running, build running, unit created, deploy created");
    runPipeline(pipeline, now);
    expect(states(pipeline)).toBe("success, build success, unit success, deploy success");
    expect(pipeline.finishedAt?.getTime()).toBeGreaterThan(now.getTime());
  });

  it("skips what follows a failure, and revives it on retry", () => {
    const pipeline = pipelineOf(threeStages);
    runPipeline(pipeline, now, { outcomes: { unit: "failed" } });
    expect(states(pipeline)).toBe("failed, build success, unit failed, deploy skipped");
    retryPipeline(planning, pipeline, 2, now);
    expect(states(pipeline)).toBe("running, build success, unit failed, unit pending, deploy created");
    runPipeline(pipeline, now);
    expect(pipeline.status).toBe("success");
    expect(pipeline.jobs.map((job) => job.userId)).toEqual([1, 1, 2, 1]);
  });

  it("goes on after a failure that is allowed", () => {
    const pipeline = pipelineOf(`${threeStages}\nlint: { stage: test, script: lint, allow_failure: true }`);
    runPipeline(pipeline, now, { outcomes: { lint: "failed" } });
    expect(states(pipeline)).toBe("success, build success, unit success, lint failed, deploy success");
  });

  it("runs jobs meant for failures, and those for any outcome", () => {
    const source = `${threeStages}\ntell: { stage: deploy, script: tell, when: on_failure }\nclean: { stage: .post, script: clean, when: always }`;
    const failed = pipelineOf(source);
    runPipeline(failed, now, { outcomes: { build: "failed" } });
    expect(states(failed)).toBe("failed, build failed, unit skipped, deploy skipped, tell success, clean success");
    const passed = pipelineOf(source);
    runPipeline(passed, now);
    expect(states(passed)).toBe("success, build success, unit success, deploy success, tell skipped, clean success");
  });

  it("is blocked by a manual job that must not fail, not by one that may", () => {
    const blocking = pipelineOf(
      "a: { script: a, stage: build, when: manual, allow_failure: false }\nb: { script: b, stage: test }",
    );
    expect(states(blocking)).toBe("manual, a manual, b created");
    runPipeline(blocking, now, { play: ["a"] });
    expect(states(blocking)).toBe("success, a success, b success");
    const optional = pipelineOf("a: { script: a, stage: build, when: manual }\nb: { script: b, stage: test }");
    expect(states(optional)).toBe("pending, a manual, b pending");
  });

  it("is canceled as a whole, or job by job", () => {
    const whole = pipelineOf(threeStages);
    cancelPipeline(whole, now);
    expect(states(whole)).toBe("canceled, build canceled, unit canceled, deploy canceled");
    const part = pipelineOf(threeStages);
    const [build] = part.jobs;
    if (build !== undefined) cancelJob(part, build, now);
    expect(states(part)).toBe("canceled, build canceled, unit skipped, deploy skipped");
  });
});
