import type { ToolData } from "../tools/registry-types.js";

export type Job = ToolData<"gitlab_pipeline_jobs_list">[number];

/** A job that failed for good, and the runs that it had before. */
export interface FailedJob {
  readonly job: Job;
  /** The earlier ones, oldest first. */
  readonly earlier: readonly Job[];
}

/**
 * The jobs of a pipeline that have failed, in the order in which they ran. Retrying makes a new job of the same name, and
 * which ones were retried is not said: the newest counts.
 *
 * @param jobs with those that were retried
 */
export function failedJobs(jobs: readonly Job[]): FailedJob[] {
  const runs = new Map<string, Job[]>();
  for (const job of jobs.toSorted((a, b) => a.id - b.id)) runs.set(job.name, [...(runs.get(job.name) ?? []), job]);
  return [...runs.values()].flatMap((all) => {
    const job = all.at(-1);
    return job?.status === "failed" ? [{ job, earlier: all.slice(0, -1) }] : [];
  });
}

/** How the newest run of a job of that name ended on another branch. */
export function statusOf(name: string, jobs: readonly Job[]): Job | undefined {
  return jobs.filter((job) => job.name === name).toSorted((a, b) => b.id - a.id)[0];
}
