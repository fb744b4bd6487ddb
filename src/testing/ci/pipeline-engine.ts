import type { CiJobConfig } from "./ci-config.js";
import type { Planning } from "../state/planning.js";
import { composeStatus, isSettled } from "../state/pipeline-records.js";
import type { CiStatus, JobRecord, PipelineRecord, TestCase } from "../state/pipeline-records.js";

/** What makes a pipeline, apart from its jobs. */
export interface PipelineStart {
  readonly projectId: number;
  readonly sha: string;
  readonly ref: string;
  readonly tag: boolean;
  readonly source: string;
  readonly userId: number;
  readonly name: string | null;
  readonly variables?: PipelineRecord["variables"];
  /** What is wrong with the configuration: the pipeline has failed before it began. */
  readonly yamlErrors?: string;
  readonly now: Date;
}

/** How jobs end when a pipeline is run; jobs not named succeed. */
export interface RunOptions {
  readonly outcomes?: Readonly<Record<string, "success" | "failed">>;
  /** Seconds that each job takes, 42 unless told otherwise. */
  readonly seconds?: number;
  /** Also plays manual jobs of these names. */
  readonly play?: readonly string[];
  /** What jobs say and report, by their names. */
  readonly jobs?: Readonly<Record<string, JobRun>>;
}

/** What a job says and reports when it is run. */
export interface JobRun {
  /** Why it fails. Default: `script_failure`. */
  readonly failureReason?: string;
  /** Lines of its own in its log, below its commands. They may hold section markers and colours. */
  readonly output?: readonly string[];
  /** So many generated lines before them, for a long log. */
  readonly generatedLines?: number;
  /** The cases of its test report, where its configuration has `artifacts:reports:junit`. */
  readonly tests?: readonly TestCase[];
}

/** Makes a pipeline with its jobs, all of them still only created. */
export function startPipeline(
  planning: Planning,
  start: PipelineStart,
  configs: readonly CiJobConfig[],
): PipelineRecord {
  const before = planning.latestPipeline(start.projectId, start.ref);
  const id = planning.nextId("pipeline");
  const pipeline: PipelineRecord = {
    id,
    iid: planning.nextIid("pipeline", start.projectId),
    projectId: start.projectId,
    sha: start.sha,
    beforeSha: before?.sha ?? "0".repeat(40),
    ref: start.ref,
    tag: start.tag,
    source: start.source,
    name: start.name,
    userId: start.userId,
    variables: start.variables ?? [],
    yamlErrors: start.yamlErrors ?? null,
    status: start.yamlErrors === undefined ? "created" : "failed",
    createdAt: start.now,
    updatedAt: start.now,
    startedAt: null,
    finishedAt: null,
    jobs: configs.map((config) => newJob(planning, id, start, config)),
  };
  planning.pipelines.push(pipeline);
  return pipeline;
}

function newJob(planning: Planning, pipelineId: number, start: PipelineStart, config: CiJobConfig): JobRecord {
  return {
    id: planning.nextId("job"),
    pipelineId,
    projectId: start.projectId,
    name: config.name,
    stage: config.stage,
    when: config.when,
    allowFailure: config.allowFailure,
    script: config.script,
    image: config.image,
    tags: config.tags,
    userId: start.userId,
    artifactPaths: config.artifactPaths,
    junit: config.junit,
    ...unstarted,
    createdAt: start.now,
  };
}

const unstarted = {
  status: "created" as CiStatus,
  failureReason: null,
  coverage: null,
  retried: false,
  queuedAt: null,
  startedAt: null,
  finishedAt: null,
  erasedAt: null,
  artifacts: null,
  output: [] as readonly string[],
  generatedLines: 0,
  tests: null,
};

/**
 * Moves created jobs on as far as they go without a runner: stage by stage they become pending, manual or skipped. Then
 * the pipeline's own state follows.
 */
export function advancePipeline(pipeline: PipelineRecord, now: Date): void {
  const current = pipeline.jobs.filter((job) => !job.retried);
  const stages = [...new Set(current.map((job) => job.stage))];
  let failed = false;
  for (const stage of stages) {
    const jobs = current.filter((job) => job.stage === stage);
    for (const job of jobs) {
      if (job.status !== "created") continue;
      const runs = job.when === "always" || (job.when === "on_failure") === failed;
      if (!runs) job.status = "skipped";
      else if (job.when === "manual") job.status = "manual";
      else {
        job.status = "pending";
        job.queuedAt = now;
      }
    }
    const waits = jobs.some((job) => !isSettled(job.status) || (job.status === "manual" && !job.allowFailure));
    if (waits) break;
    failed ||= jobs.some((job) => (job.status === "failed" || job.status === "canceled") && !job.allowFailure);
  }
  settle(pipeline, now);
}

function settle(pipeline: PipelineRecord, now: Date): void {
  pipeline.status = composeStatus(pipeline.jobs);
  pipeline.updatedAt = now;
  const starts = pipeline.jobs.flatMap((job) => (job.startedAt === null ? [] : [job.startedAt.getTime()]));
  if (starts.length > 0) pipeline.startedAt ??= new Date(Math.min(...starts));
  pipeline.finishedAt = isSettled(pipeline.status) && pipeline.startedAt !== null ? now : null;
}

/** Gives one pending job to a runner: it is running from now on. */
export function startJob(pipeline: PipelineRecord, job: JobRecord, now: Date): void {
  job.status = "running";
  job.queuedAt ??= now;
  job.startedAt = now;
  settle(pipeline, now);
}

/** Ends a running job. A successful job leaves its artifacts; so does a failed one that reports its tests. */
function finishJob(
  pipeline: PipelineRecord,
  job: JobRecord,
  outcome: "success" | "failed",
  now: Date,
  reason = "script_failure",
): void {
  job.status = outcome;
  job.startedAt ??= now;
  job.finishedAt = now;
  job.failureReason = outcome === "failed" ? reason : null;
  if (job.artifacts === null && (outcome === "success" || job.junit !== null)) job.artifacts = artifactsOf(job);
  advancePipeline(pipeline, now);
}

function artifactsOf(job: JobRecord): Readonly<Record<string, string>> | null {
  const files: Record<string, string> = {};
  for (const path of job.artifactPaths) {
    const name = path.replace(/\*+.*$/, "");
    files[name.endsWith("/") || name === "" ? `${name}index.txt` : name] =
      `Made by ${job.name} (job ${String(job.id)}).\n`;
  }
  if (job.junit !== null) files[job.junit] = '<?xml version="1.0"?>\n<testsuites tests="128" failures="0"/>\n';
  return Object.keys(files).length === 0 ? null : files;
}

/** Runs everything that a runner would run, to the end. Returns when only manual jobs, if any, are left. */
export function runPipeline(pipeline: PipelineRecord, now: Date, options: RunOptions = {}): void {
  const seconds = options.seconds ?? 42;
  let clock = now.getTime();
  advancePipeline(pipeline, now);
  for (;;) {
    const job = pipeline.jobs.find((candidate) => !candidate.retried && isRunnable(candidate, options));
    if (job === undefined) return;
    if (job.status !== "running") startJob(pipeline, job, new Date(clock));
    clock += seconds * 1000;
    const { output, generatedLines, tests, failureReason } = options.jobs?.[job.name] ?? {};
    job.output = output ?? job.output;
    job.generatedLines = generatedLines ?? job.generatedLines;
    job.tests = tests ?? job.tests;
    finishJob(pipeline, job, options.outcomes?.[job.name] ?? "success", new Date(clock), failureReason);
  }
}

const isRunnable = (job: JobRecord, options: RunOptions): boolean =>
  job.status === "pending" ||
  job.status === "running" ||
  (job.status === "manual" && options.play?.includes(job.name) === true);

/** Stops what has not finished. */
export function cancelPipeline(pipeline: PipelineRecord, now: Date): void {
  for (const job of pipeline.jobs) if (!job.retried && isCancelable(job)) markCanceled(job, now);
  settle(pipeline, now);
}

/** Stops one job; what waits for it is processed further. */
export function cancelJob(pipeline: PipelineRecord, job: JobRecord, now: Date): void {
  markCanceled(job, now);
  advancePipeline(pipeline, now);
}

/** Whether a job can still be canceled. */
export const isCancelable = (job: JobRecord): boolean => !isSettled(job.status) && job.status !== "canceling";

function markCanceled(job: JobRecord, now: Date): void {
  job.status = "canceled";
  job.finishedAt = now;
}

/** Whether a job has ended in a way that it can be run again. */
export const isRetryable = (job: JobRecord): boolean =>
  !job.retried && ["success", "failed", "canceled"].includes(job.status);

/** Runs a job again: a new job takes its place, and what was skipped after it is processed again. */
export function retryJob(
  planning: Planning,
  pipeline: PipelineRecord,
  job: JobRecord,
  userId: number,
  now: Date,
): JobRecord {
  const copy = copyOf(planning, job, userId, now);
  pipeline.jobs.splice(pipeline.jobs.indexOf(job) + 1, 0, copy);
  job.retried = true;
  reviveSkipped(pipeline, job.stage);
  pipeline.finishedAt = null;
  advancePipeline(pipeline, now);
  return copy;
}

/** Runs all failed and canceled jobs of a pipeline again. */
export function retryPipeline(planning: Planning, pipeline: PipelineRecord, userId: number, now: Date): void {
  const again = pipeline.jobs.filter((job) => !job.retried && ["failed", "canceled"].includes(job.status));
  for (const job of again) {
    pipeline.jobs.splice(pipeline.jobs.indexOf(job) + 1, 0, copyOf(planning, job, userId, now));
    job.retried = true;
    reviveSkipped(pipeline, job.stage);
  }
  pipeline.finishedAt = null;
  advancePipeline(pipeline, now);
}

function copyOf(planning: Planning, job: JobRecord, userId: number, now: Date): JobRecord {
  return { ...job, ...unstarted, id: planning.nextId("job"), userId, createdAt: now };
}

function reviveSkipped(pipeline: PipelineRecord, stage: string): void {
  const stages = [...new Set(pipeline.jobs.map((job) => job.stage))];
  for (const job of pipeline.jobs) {
    const later = stages.indexOf(job.stage) > stages.indexOf(stage);
    if (later && job.status === "skipped" && !job.retried) job.status = "created";
  }
}
