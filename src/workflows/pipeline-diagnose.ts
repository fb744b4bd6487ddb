import type { PipelineDiagnoseInput } from "../../generated/tools/pipelines.js";
import { maskText } from "../views/secrets.js";
import { compose, type PipelineDiagnosis } from "./diagnosis.js";
import { failedJobs, type FailedJob, type Job } from "./failed-jobs.js";
import { failedTests, type FailedTest } from "./failed-tests.js";
import { fewAtOnce } from "./few-at-once.js";
import { failingPart, type FailingPart } from "./failing-log.js";
import { findPipeline, type FoundPipeline } from "./find-pipeline.js";
import { orWarn } from "./or-warn.js";
import type { Steps, Workflow } from "./workflow.js";

export type { PipelineDiagnosis } from "./diagnosis.js";

/** Logs are read of so many jobs; the others are named. */
const mostLogs = 8;
/** What is read of a log: the section that failed is at its end. */
const logBytes = 512 * 1024;
const pageSize = 100;

/**
 * Finds out why a pipeline failed: a call for each failed job, which reads its log, and at most six for all of them.
 */
export const run: Workflow<PipelineDiagnoseInput, PipelineDiagnosis> = async (steps, input) => {
  const found = await findPipeline(steps, input);
  const { pipeline } = found;
  const jobs = pipeline.yaml_errors ? [] : await failedOf(steps, found);
  const read = jobs
    .toSorted((a, b) => Number(a.job.allow_failure) - Number(b.job.allow_failure))
    .filter(({ job }) => job.started_at !== null)
    .slice(0, mostLogs);
  steps.progress(`pipeline ${pipeline.id} is ${pipeline.status}: ${jobs.length} failed jobs`);
  const named = input.pipeline_id !== undefined || input.merge_request_iid !== undefined || input.ref !== undefined;
  const [logs, tests, elsewhere, downstream] = await Promise.all([
    fewAtOnce(read, 4, async ({ job }) => [job.id, await logOf(steps, found, job)] as const),
    testsOf(steps, found, jobs),
    named && jobs.length > 0 ? onDefaultBranch(steps, found) : undefined,
    downstreamOf(steps, found, jobs),
  ]);
  return compose({ pipeline, jobs, logs: new Map(logs), tests, downstream, elsewhere });
};

/** The failed jobs; where one page does not hold all jobs, earlier runs may be missing. */
async function failedOf(steps: Steps, { project_id, pipeline }: FoundPipeline): Promise<FailedJob[]> {
  const place = { project_id, pipeline_id: pipeline.id, per_page: pageSize };
  const jobs = await steps.read("gitlab_pipeline_jobs_list", { ...place, include_retried: true });
  if (jobs.length < pageSize) return failedJobs(jobs);
  const failed = await steps.read("gitlab_pipeline_jobs_list", { ...place, scope: ["failed"] });
  return failed
    .map((job) => ({ job, earlier: jobs.filter(({ name, id }) => name === job.name && id < job.id).reverse() }))
    .reverse();
}

async function logOf(steps: Steps, { project_id }: FoundPipeline, job: Job): Promise<FailingPart | undefined> {
  const place = { project_id, job_id: job.id, max_bytes: logBytes };
  const log = await orWarn(steps, `The log of ${job.name}`, () => steps.read("gitlab_job_log_get", place));
  if (log === undefined) return undefined;
  // The first line of a part may be half of one.
  const isPart = Buffer.byteLength(log) > logBytes - 4;
  // Before it is cut: half a private key is not known for one.
  return failingPart(maskText(isPart ? log.slice(log.indexOf("\n") + 1) : log));
}

/** Only where a job has left a report. */
async function testsOf(
  steps: Steps,
  { project_id, pipeline }: FoundPipeline,
  jobs: readonly FailedJob[],
): Promise<readonly FailedTest[]> {
  const reported = jobs.some(({ job }) => job.artifacts.some(({ file_type }) => file_type === "junit"));
  if (!reported) return [];
  const place = { project_id, pipeline_id: pipeline.id };
  const report = await orWarn(steps, "The test report", () => steps.read("gitlab_pipeline_test_report_get", place));
  return report ? failedTests(report) : [];
}

/** The newest jobs on the default branch, where the pipeline is of another. */
async function onDefaultBranch(
  steps: Steps,
  { project_id, pipeline }: FoundPipeline,
): Promise<{ readonly ref: string; readonly jobs: readonly Job[] } | undefined> {
  return await orWarn(steps, "The default branch's newest pipeline", async () => {
    const newest = await steps.read("gitlab_pipeline_latest_get", { project_id });
    if (newest.ref === null || newest.ref === pipeline.ref) return undefined;
    const place = { project_id, pipeline_id: newest.id, per_page: pageSize };
    return { ref: newest.ref, jobs: await steps.read("gitlab_pipeline_jobs_list", place) };
  });
}

/** Where no job of its own has failed, one that it started elsewhere may have. */
async function downstreamOf(steps: Steps, { project_id, pipeline }: FoundPipeline, jobs: readonly FailedJob[]) {
  const explained = jobs.some(({ job }) => !job.allow_failure) || pipeline.yaml_errors;
  if (explained || pipeline.status !== "failed") return [];
  const place = { project_id, pipeline_id: pipeline.id };
  const bridges = await orWarn(steps, "What it started", () => steps.read("gitlab_pipeline_bridges_list", place));
  return (bridges ?? []).filter(({ status }) => status === "failed");
}
