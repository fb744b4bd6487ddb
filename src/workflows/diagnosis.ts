import type { ToolData } from "../tools/registry-types.js";
import { estimateTokens } from "../views/estimate.js";
import { statusOf, type FailedJob, type Job } from "./failed-jobs.js";
import type { FailedTest } from "./failed-tests.js";
import { excerpt, firstLines, type FailingPart } from "./failing-log.js";
import { reasonInWords } from "./failure-reasons.js";
import type { Pipeline } from "./find-pipeline.js";

/** Why a pipeline failed, in few words. */
export interface PipelineDiagnosis {
  readonly summary: string;
  readonly pipeline: {
    readonly id: number;
    readonly status: string;
    readonly ref: string | null;
    readonly source: string;
    readonly sha: string;
    readonly commit?: string;
    readonly web_url: string;
  };
  /** What is wrong with its configuration. */
  readonly yaml_errors?: string;
  readonly failed_jobs?: readonly DiagnosedJob[];
  /** Jobs that failed and were allowed to. */
  readonly allowed_failures?: readonly DiagnosedJob[];
  /** What the jobs' `failure_reason` means. */
  readonly reasons?: Readonly<Record<string, string>>;
  readonly failed_tests?: readonly FailedTest[];
  /** How many there are beside those told of here. */
  readonly more?: { readonly failed_jobs?: number; readonly failed_tests?: number };
  /** Pipelines that it started and that failed. */
  readonly downstream?: readonly Downstream[];
  /** What to call next. */
  readonly next: string;
}

/** A failed job, and why. */
export interface DiagnosedJob {
  readonly id: number;
  readonly job: string;
  readonly stage: string;
  /** GitLab's word for it; `reasons` has more. */
  readonly failure_reason: string;
  /** The section of the log that failed. */
  readonly section?: string;
  /** The lines of it that say why, without colours and markers; what the runner said last. */
  readonly log?: string;
  /** How the same job ended last on the default branch; null where it has none. */
  readonly default_branch?: { readonly status: string; readonly job_id: number } | null;
  /** How its earlier runs in this pipeline ended, oldest first. */
  readonly earlier_runs?: readonly { readonly status: string; readonly failure_reason?: string }[];
}

export interface Downstream {
  readonly job: string;
  readonly failure_reason: string;
  readonly project_id?: number;
  readonly pipeline_id?: number;
}

/** What was found out. */
export interface Findings {
  readonly pipeline: Pipeline;
  readonly jobs: readonly FailedJob[];
  /** By job's id. */
  readonly logs: ReadonlyMap<number, FailingPart | undefined>;
  readonly tests: readonly FailedTest[];
  readonly downstream: ToolData<"gitlab_pipeline_bridges_list">;
  /** The newest jobs of the default branch, where the pipeline is of another. */
  readonly elsewhere: { readonly ref: string; readonly jobs: readonly Job[] } | undefined;
}

/** What all of it may take, estimated; the markers around what people wrote, where a policy wants them, come on top. */
const mostTokens = 2_700;
const mostJobs = 15;
const mostTests = 10;
/** A log with less room than this is of no use. */
const leastTokens = 40;

/** Puts the findings together: each log gets as much room as all of them leave it. */
export function compose(findings: Findings): PipelineDiagnosis {
  let share = Math.floor(Math.min(1_500, mostTokens / Math.max(1, findings.logs.size)));
  let whole = withRoom(findings, share);
  while (share >= leastTokens && estimateTokens(JSON.stringify(whole)) > mostTokens) {
    share = Math.floor(share * 0.8);
    whole = withRoom(findings, share);
  }
  return whole;
}

function withRoom(findings: Findings, share: number): PipelineDiagnosis {
  const { pipeline, jobs, tests, downstream } = findings;
  const { id, status, ref, source, sha, web_url } = pipeline;
  const blocking = jobs.filter(({ job }) => !job.allow_failure);
  const allowed = jobs.filter(({ job }) => job.allow_failure);
  const told = blocking.slice(0, mostJobs);
  const toldAllowed = allowed.slice(0, mostJobs - told.length);
  const toldTests = tests.slice(0, mostTests);
  const moreJobs = jobs.length - told.length - toldAllowed.length;
  const moreTests = tests.length - toldTests.length;
  const reasons = new Set(jobs.map(({ job }) => reasonOf(job)).concat(downstream.map(reasonOf)));
  // What was allowed to fail matters less.
  const allowedShare = blocking.length > 0 ? Math.min(share, 120) : share;
  const commit = jobs[0]?.job.commit;
  return {
    summary: summaryOf(findings, blocking, allowed),
    pipeline: {
      ...{ id, status, ref, source, sha },
      ...(commit && { commit: `${short(commit.title, 100)} (${commit.author_name})` }),
      web_url,
    },
    ...(pipeline.yaml_errors && { yaml_errors: short(pipeline.yaml_errors, 2_000) }),
    ...(told.length > 0 && { failed_jobs: told.map((one) => diagnose(one, findings, share)) }),
    ...(toldAllowed.length > 0 && {
      allowed_failures: toldAllowed.map((one) => diagnose(one, findings, allowedShare)),
    }),
    ...(reasons.size > 0 && {
      reasons: Object.fromEntries([...reasons].map((reason) => [reason, reasonInWords(reason).why])),
    }),
    ...(toldTests.length > 0 && { failed_tests: toldTests.map((test) => shortened(test, Math.floor(share / 5))) }),
    ...(moreJobs + moreTests > 0 && {
      more: { ...(moreJobs > 0 && { failed_jobs: moreJobs }), ...(moreTests > 0 && { failed_tests: moreTests }) },
    }),
    ...(downstream.length > 0 && { downstream: downstream.slice(0, mostJobs).map(downstreamOf) }),
    next: nextOf(findings, blocking),
  };
}

/** GitLab leaves the reason out where it does not know it. */
const reasonOf = ({ failure_reason }: { readonly failure_reason?: string | null }): string =>
  failure_reason ?? "unknown_failure";

function diagnose({ job, earlier }: FailedJob, { logs, elsewhere }: Findings, share: number): DiagnosedJob {
  const { id, name, stage } = job;
  const part = logs.get(id);
  const there = elsewhere && statusOf(name, elsewhere.jobs);
  return {
    ...{ id, job: short(name, 100), stage: short(stage, 60), failure_reason: reasonOf(job) },
    ...(part?.section !== undefined && { section: part.section }),
    ...(part && part.lines.length > 0 && share >= leastTokens && { log: excerpt(part.lines, share) }),
    ...(elsewhere && { default_branch: there ? { status: there.status, job_id: there.id } : null }),
    ...(earlier.length > 0 && {
      earlier_runs: earlier.slice(-5).map(({ status, failure_reason }) => ({
        status,
        ...(failure_reason && { failure_reason }),
      })),
    }),
  };
}

function shortened({ name, job, file, output }: FailedTest, tokens: number): FailedTest {
  return {
    ...{ name: short(name, 200), job: short(job, 100) },
    ...(file && { file: short(file, 300) }),
    output: firstLines(output, Math.max(20, Math.min(80, tokens))),
  };
}

const downstreamOf = (bridge: Findings["downstream"][number]): Downstream => {
  const { downstream_pipeline: started } = bridge;
  return {
    ...{ job: short(bridge.name ?? "", 100), failure_reason: reasonOf(bridge) },
    ...(started && { project_id: started.project_id, pipeline_id: started.id }),
  };
};

function summaryOf(
  { pipeline, tests, downstream, elsewhere }: Findings,
  blocking: readonly FailedJob[],
  allowed: readonly FailedJob[],
): string {
  const { id, status, ref } = pipeline;
  const names = (jobs: readonly FailedJob[]): string =>
    jobs
      .slice(0, 5)
      .map(({ job }) => short(job.name, 60))
      .join(", ") + (jobs.length > 5 ? " …" : "");
  const both = elsewhere
    ? blocking.filter(({ job }) => statusOf(job.name, elsewhere.jobs)?.status === "failed").length
    : 0;
  return [
    `Pipeline ${id} on ${ref ?? "no branch"}: ${status}.`,
    ...(pipeline.yaml_errors ? ["Its configuration is wrong: no job was made."] : []),
    ...countOf(blocking.length, "job").map((count) => `${count} failed: ${names(blocking)}.`),
    ...countOf(allowed.length, "job").map((count) => `${count} failed and may: ${names(allowed)}.`),
    ...countOf(tests.length, "test").map((count) => `${count} failed.`),
    ...countOf(downstream.length, "downstream pipeline").map((count) => `${count} failed.`),
    ...(both > 0 ? [`${both === blocking.length ? "All" : both} of them fail on ${elsewhere?.ref ?? ""} too.`] : []),
  ].join(" ");
}

/** Where no job stands in the way. */
function nextByStatus({ id, status }: Pipeline): string {
  switch (status) {
    case "failed":
      return "Look at the pipeline's page: no job says why.";
    case "success":
    case "skipped":
      return "Nothing has to be mended.";
    case "canceled":
      return "It was canceled, which says nothing of the code: gitlab_pipeline_retry runs the rest.";
    case "manual":
      return "It waits for a person to start a job; gitlab_pipeline_jobs_list shows which.";
    default:
      return `It has not ended: call gitlab_pipeline_wait with pipeline_id ${id}.`;
  }
}

function nextOf({ pipeline, downstream }: Findings, blocking: readonly FailedJob[]): string {
  if (pipeline.yaml_errors) return "Correct the configuration; gitlab_ci_lint checks it.";
  if (downstream.length > 0)
    return "Call gitlab_pipeline_diagnose with the project_id and pipeline_id of what it started.";
  if (blocking.length === 0) return nextByStatus(pipeline);
  const passing = blocking.filter(({ job }) => reasonInWords(job.failure_reason).retry);
  if (passing.length === blocking.length)
    return "It is not the code: gitlab_pipeline_retry runs the failed jobs again.";
  return "Mend the cause. More of a log: gitlab_job_log_get with grep or section.";
}

const countOf = (count: number, what: string): string[] =>
  count <= 0 ? [] : [`${count} ${what}${count === 1 ? "" : "s"}`];

const short = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most)}…` : text);
