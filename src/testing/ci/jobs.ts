import { requireRole, requireUser, requireVerification } from "../server/access.js";
import { artifactFile } from "./artifacts.js";
import type { ProjectContext } from "../state/project-context.js";
import { contextOf } from "../state/context-of.js";
import {
  bytes,
  created,
  forbidden,
  json,
  list,
  notFound,
  redirect,
  text,
  type Answer,
  type Call,
  type Handlers,
} from "../server/handler.js";
import { cancelJob, isCancelable, isRetryable, retryJob } from "./pipeline-engine.js";
import { jobEntity, runnerName } from "./pipeline-entities.js";
import type { JobRecord, PipelineRecord } from "../state/pipeline-records.js";
import { findCiProject, findPipeline } from "./pipelines.js";
import { role, type ProjectRecord } from "../state/records.js";
import { traceBytes, traceLines, type TraceSource } from "./trace.js";

interface Found {
  readonly project: ProjectRecord;
  readonly context: ProjectContext;
  readonly job: JobRecord;
  readonly pipeline: PipelineRecord;
}

/** The job that the path names by its global id. */
function findJob(call: Call): Found {
  const project = findCiProject(call);
  const { planning } = call.gitlab;
  const job = planning.job(project.id, Number(call.path["job_id"])) ?? notFound();
  const pipeline = planning.pipeline(project.id, job.pipelineId) ?? notFound();
  return { project, context: contextOf(call, project), job, pipeline };
}

/** The job, for whoever may retry or cancel it. */
function findOwnJob(call: Call): Found & { readonly userId: number } {
  const found = findJob(call);
  const isProtected = found.project.repository.isProtected(found.pipeline.ref);
  const user = requireRole(call, found.project, isProtected ? role.maintainer : role.developer);
  return { ...found, userId: user.id };
}

const inScope = (call: Call, jobs: readonly JobRecord[]): JobRecord[] => {
  const scope = call.params.list("scope");
  return jobs.filter((job) => scope.length === 0 || scope.includes(job.status));
};

/** Jobs of a project, their logs and what they leave behind. */
export const jobHandlers: Handlers = {
  getApiV4ProjectsIdJobs: (call) => {
    const project = findCiProject(call);
    requireUser(call);
    const context = contextOf(call, project);
    const ref = call.params.text("ref");
    const pipelines = context.planning.pipelines.filter(
      (pipeline) => pipeline.projectId === project.id && (ref === undefined || pipeline.ref === ref),
    );
    const owner = new Map(pipelines.flatMap((pipeline) => pipeline.jobs.map((job) => [job, pipeline] as const)));
    const jobs = inScope(call, [...owner.keys()]).sort((a, b) => b.id - a.id);
    return list(
      jobs,
      (job) => {
        const pipeline = owner.get(job);
        return pipeline === undefined ? null : jobEntity(context, pipeline, job);
      },
      { keyset: (job) => job.id, withoutTotals: true },
    );
  },

  getApiV4ProjectsIdPipelinesPipelineIdJobs: (call) => {
    const project = findCiProject(call);
    const pipeline = findPipeline(call, project);
    const context = contextOf(call, project);
    const retried = call.params.flag("include_retried") ?? false;
    const jobs = inScope(call, pipeline.jobs)
      .filter((job) => retried || !job.retried)
      .sort((a, b) => b.id - a.id);
    return list(jobs, (job) => jobEntity(context, pipeline, job));
  },

  getApiV4ProjectsIdJobsJobId: (call) => {
    const { context, pipeline, job } = findJob(call);
    return json(jobEntity(context, pipeline, job));
  },

  getApiV4ProjectsIdJobsJobIdTrace: (call) => {
    const { job, pipeline } = findJob(call);
    // A job that has not run has an empty log, not a missing one.
    if (job.startedAt === null) return text("");
    const source = traceSource(job, pipeline, job.startedAt, call.gitlab.instance === "gitlab.com");
    const offset = call.params.integer("byte_offset") ?? 0;
    const limit = call.params.integer("byte_limit");
    if (offset === 0 && limit === undefined) return text(traceLines(source));
    return text(decoded(traceBytes(source, offset, limit)));
  },

  postApiV4ProjectsIdJobsJobIdRetry: (call) => {
    const { context, pipeline, job, userId } = findOwnJob(call);
    requireVerification(call);
    if (!isRetryable(job)) forbidden("Job is not retryable");
    const again = retryJob(context.planning, pipeline, job, userId, context.now);
    return created(jobEntity(context, pipeline, again));
  },

  postApiV4ProjectsIdJobsJobIdCancel: (call) => {
    const { context, pipeline, job } = findOwnJob(call);
    // Cancelling what has ended changes nothing; GitLab answers with the job as it is.
    if (isCancelable(job)) cancelJob(pipeline, job, context.now);
    return created(jobEntity(context, pipeline, job));
  },

  getApiV4ProjectsIdJobsJobIdArtifacts: (call) => artifacts(call, findJob(call)),
  getApiV4ProjectsIdJobsJobIdArtifactsArtifactPath: (call) => artifact(call, findJob(call)),
  getApiV4ProjectsIdJobsArtifactsRefNameDownload: (call) => artifacts(call, findJobOfRef(call)),
  getApiV4ProjectsIdJobsArtifactsRefNameRawArtifactPath: (call) => artifact(call, findJobOfRef(call)),
};

/** The job of a name in the latest successful pipeline of a branch or tag: https://docs.gitlab.com/api/job_artifacts/ */
function findJobOfRef(call: Call): Pick<Found, "job" | "project"> {
  const project = findCiProject(call);
  const successful = call.gitlab.planning.pipelines.filter(
    ({ projectId, ref, status }) => projectId === project.id && ref === call.path["ref_name"] && status === "success",
  );
  const latest = successful.toSorted((a, b) => b.id - a.id)[0] ?? notFound();
  const name = call.params.text("job");
  return { project, job: latest.jobs.find((job) => job.name === name && !job.retried) ?? notFound() };
}

async function artifacts(call: Call, { job, project }: Pick<Found, "job" | "project">): Promise<Answer> {
  const type = call.params.text("file_type") ?? "archive";
  const file = job.erasedAt === null ? artifactFile(job, type) : undefined;
  if (file === undefined) return notFound();
  if (call.params.text("download_mode") === "proxy") {
    return bytes(file.bytes(), file.contentType, {
      "content-disposition": `attachment; filename="${file.filename}"`,
    });
  }
  const place = `${String(project.id)}/${String(job.id)}/${file.filename}`;
  return redirect(await call.gitlab.objectStorage.presign(place, file));
}

function artifact(call: Call, { job }: Pick<Found, "job">): Answer {
  const content = job.erasedAt === null ? job.artifacts?.[call.path["artifact_path"] ?? ""] : undefined;
  if (content === undefined) return notFound();
  const name = (call.path["artifact_path"] ?? "").split("/").at(-1) ?? "";
  return bytes(new TextEncoder().encode(content), "application/octet-stream", {
    "content-disposition": `attachment; filename="${name}"`,
  });
}

export function traceSource(job: JobRecord, pipeline: PipelineRecord, startedAt: Date, stamped = false): TraceSource {
  return {
    stamped,
    jobId: job.id,
    jobName: job.name,
    ref: pipeline.ref,
    sha: pipeline.sha,
    image: job.image,
    script: job.script,
    runner: runnerName,
    startedAt,
    status: job.status,
    failureReason: job.failureReason,
    output: job.output,
    generatedLines: job.generatedLines,
  };
}

function* decoded(chunks: Iterable<Uint8Array>): Generator<string> {
  const decoder = new TextDecoder();
  for (const chunk of chunks) yield decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}
