/** The states that a job or a pipeline can be in. */
export type CiStatus =
  | "created"
  | "waiting_for_resource"
  | "preparing"
  | "pending"
  | "running"
  | "success"
  | "failed"
  | "canceling"
  | "canceled"
  | "skipped"
  | "manual"
  | "scheduled";

/** A run of the project's jobs on one commit. */
export interface PipelineRecord {
  readonly id: number;
  readonly iid: number;
  readonly projectId: number;
  readonly sha: string;
  readonly beforeSha: string;
  readonly ref: string;
  readonly tag: boolean;
  readonly source: string;
  readonly name: string | null;
  readonly userId: number;
  readonly variables: readonly { readonly key: string; readonly value: string; readonly variable_type: string }[];
  readonly yamlErrors: string | null;
  status: CiStatus;
  readonly createdAt: Date;
  updatedAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
  readonly jobs: JobRecord[];
}

/** A job of a pipeline. Retrying makes a new one and marks the old one as retried. */
export interface JobRecord {
  readonly id: number;
  readonly pipelineId: number;
  readonly projectId: number;
  readonly name: string;
  readonly stage: string;
  readonly when: "on_success" | "on_failure" | "always" | "manual" | "delayed";
  readonly allowFailure: boolean;
  readonly script: readonly string[];
  readonly image: string | null;
  readonly tags: readonly string[];
  readonly userId: number;
  readonly artifactPaths: readonly string[];
  readonly junit: string | null;
  status: CiStatus;
  failureReason: string | null;
  coverage: number | null;
  retried: boolean;
  readonly createdAt: Date;
  queuedAt: Date | null;
  startedAt: Date | null;
  finishedAt: Date | null;
  erasedAt: Date | null;
  /** Files of the artifact archive, by path; null when the job left none. */
  artifacts: Readonly<Record<string, string>> | null;
  /** Lines of the job's own output in its trace. */
  output: readonly string[];
  /** So many generated lines in the trace, for a long one. */
  generatedLines: number;
  /** The cases of its test report; null where it did not say which. */
  tests: readonly TestCase[] | null;
}

/** A case of a test report. */
export interface TestCase {
  readonly name: string;
  readonly status: "success" | "failed" | "error" | "skipped";
  readonly classname?: string;
  readonly file?: string;
  /** What it said when it failed. */
  readonly output?: string;
}

const settled: ReadonlySet<CiStatus> = new Set(["success", "failed", "canceled", "skipped", "manual"]);

/** Whether nothing more happens by itself. */
export const isSettled = (status: CiStatus): boolean => settled.has(status);

/** A pipeline's state from the states of its current jobs, as GitLab composes it. */
export function composeStatus(jobs: readonly JobRecord[]): CiStatus {
  const current = jobs.filter((job) => !job.retried);
  const states = current.filter((job) => !(job.allowFailure && job.status === "failed")).map((job) => job.status);
  const ignoring = states.filter((state) => state !== "skipped");
  const every = (...allowed: CiStatus[]): boolean => states.every((state) => allowed.includes(state));
  if (states.length === 0) return current.length === 0 ? "skipped" : "success";
  if (every("skipped")) return "skipped";
  if (every("success", "skipped")) return "success";
  if (every("created", "skipped")) return "created";
  if (states.includes("canceling")) return "canceling";
  if (states.includes("running")) return "running";
  if (
    ignoring.every((state) => state === "pending" || state === "created" || state === "manual") &&
    states.includes("pending")
  ) {
    return "pending";
  }
  if (states.includes("pending")) return "running";
  // A manual job that may fail holds nothing up; one that may not blocks the pipeline.
  if (current.some((job) => job.status === "manual" && !job.allowFailure)) return "manual";
  const finished = ignoring.filter((state) => state !== "manual");
  if (finished.some((state) => state === "created")) return "running";
  if (finished.includes("failed")) return "failed";
  if (finished.includes("canceled")) return "canceled";
  return finished.length === 0 ? "manual" : "success";
}
