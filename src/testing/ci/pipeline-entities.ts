import { archiveSize } from "./artifacts.js";
import { commitEntity } from "../resources/code/commit-entity.js";
import { userProfile } from "../resources/users/user-entity.js";
import type { ProjectContext } from "../state/project-context.js";
import { isSettled } from "../state/pipeline-records.js";
import type { CiStatus, JobRecord, PipelineRecord } from "../state/pipeline-records.js";

type Entity = Readonly<Record<string, unknown>>;

const webUrl = (context: ProjectContext, pipeline: PipelineRecord): string =>
  `${context.webUrl}/-/pipelines/${String(pipeline.id)}`;

/** A pipeline as lists show it. */
export function pipelineBasicEntity(context: ProjectContext, pipeline: PipelineRecord): Entity {
  return {
    id: pipeline.id,
    iid: pipeline.iid,
    project_id: pipeline.projectId,
    sha: pipeline.sha,
    ref: pipeline.ref,
    status: pipeline.status,
    source: pipeline.source,
    created_at: pipeline.createdAt.toISOString(),
    updated_at: pipeline.updatedAt.toISOString(),
    web_url: webUrl(context, pipeline),
  };
}

/** A pipeline as lists of pipelines show it: the basic entity and its name. */
export function pipelineListEntity(context: ProjectContext, pipeline: PipelineRecord): Entity {
  return { ...pipelineBasicEntity(context, pipeline), name: pipeline.name };
}

/** A whole pipeline. */
export function pipelineEntity(context: ProjectContext, pipeline: PipelineRecord): Entity {
  const coverages = pipeline.jobs.flatMap(({ coverage, retried }) => (coverage === null || retried ? [] : [coverage]));
  const coverage = coverages.reduce((sum, value) => sum + value, 0) / coverages.length;
  return {
    ...pipelineBasicEntity(context, pipeline),
    before_sha: pipeline.beforeSha,
    tag: pipeline.tag,
    yaml_errors: pipeline.yamlErrors,
    user: context.person(pipeline.userId),
    started_at: pipeline.startedAt?.toISOString() ?? null,
    finished_at: pipeline.finishedAt?.toISOString() ?? null,
    committed_at: null,
    duration: seconds(pipeline.startedAt, pipeline.finishedAt),
    queued_duration: seconds(pipeline.createdAt, pipeline.startedAt),
    coverage: coverages.length === 0 ? null : coverage.toFixed(2),
    detailed_status: detailedStatus(context, pipeline),
    archived: false,
  };
}

const seconds = (from: Date | null, to: Date | null): number | null =>
  from === null || to === null ? null : Math.round((to.getTime() - from.getTime()) / 1000);

const exact = (from: Date | null, to: Date | null): number | null =>
  from === null || to === null ? null : Math.max(0, (to.getTime() - from.getTime()) / 1000);

const words: Readonly<Record<CiStatus, readonly [text: string, label: string]>> = {
  created: ["Created", "created"],
  waiting_for_resource: ["Waiting", "waiting for resource"],
  preparing: ["Preparing", "preparing"],
  pending: ["Pending", "pending"],
  running: ["Running", "running"],
  success: ["Passed", "passed"],
  failed: ["Failed", "failed"],
  canceling: ["Canceling", "canceling"],
  canceled: ["Canceled", "canceled"],
  skipped: ["Skipped", "skipped"],
  manual: ["Blocked", "waiting for manual action"],
  scheduled: ["Scheduled", "waiting for delayed action"],
};

function detailedStatus(context: ProjectContext, pipeline: PipelineRecord): Entity {
  const [text, label] = words[pipeline.status];
  const warned =
    pipeline.status === "success" &&
    pipeline.jobs.some((job) => job.allowFailure && job.status === "failed" && !job.retried);
  return {
    icon: warned ? "status_warning" : `status_${pipeline.status}`,
    text: warned ? "Warning" : text,
    label: warned ? "passed with warnings" : label,
    group: warned ? "success-with-warnings" : pipeline.status.replaceAll("_", "-"),
    tooltip: label,
    has_details: true,
    details_path: new URL(webUrl(context, pipeline)).pathname,
    illustration: null,
    favicon: `/assets/ci_favicons/favicon_status_${pipeline.status}.png`,
  };
}

/** A job, with its commit, its pipeline, its runner and what it left behind. */
export function jobEntity(context: ProjectContext, pipeline: PipelineRecord, job: JobRecord): Entity {
  const size = job.artifacts === null ? 0 : archiveSize(job);
  const commit = context.project.repository.commit(pipeline.sha);
  const traced = job.startedAt !== null && isSettled(job.status);
  const artifacts = [
    ...(job.artifacts === null
      ? []
      : [
          { file_type: "archive", size, filename: "artifacts.zip", file_format: "zip" },
          { file_type: "metadata", size: 157, filename: "metadata.gz", file_format: "gzip" },
        ]),
    ...(job.artifacts !== null && job.junit !== null
      ? [{ file_type: "junit", size: 213, filename: "junit.xml.gz", file_format: "gzip" }]
      : []),
    ...(traced
      ? [{ file_type: "trace", size: 2048 + job.generatedLines * 66, filename: "job.log", file_format: "raw" }]
      : []),
  ];
  const expires = job.artifacts === null || job.finishedAt === null ? null : job.finishedAt.getTime() + 30 * 86_400_000;
  return {
    id: job.id,
    status: job.status,
    stage: job.stage,
    name: job.name,
    ref: pipeline.ref,
    tag: pipeline.tag,
    coverage: job.coverage,
    allow_failure: job.allowFailure,
    created_at: job.createdAt.toISOString(),
    started_at: job.startedAt?.toISOString() ?? null,
    finished_at: job.finishedAt?.toISOString() ?? null,
    erased_at: job.erasedAt?.toISOString() ?? null,
    duration: exact(job.startedAt, job.finishedAt),
    queued_duration: exact(job.queuedAt, job.startedAt),
    user: userProfile(context.gitlab, context.gitlab.user(job.userId)),
    commit: commit === undefined ? null : commitEntity(context.gitlab, context.project, commit),
    pipeline: pipelineBasicEntity(context, pipeline),
    ...(job.failureReason !== null && { failure_reason: job.failureReason }),
    web_url: `${context.webUrl}/-/jobs/${String(job.id)}`,
    project: { ci_job_token_scope_enabled: false },
    ...(job.artifacts !== null && { artifacts_file: { filename: "artifacts.zip", size } }),
    artifacts,
    runner: job.startedAt === null ? null : runner,
    runner_manager: job.startedAt === null ? null : runnerManager(job.startedAt),
    artifacts_expire_at: expires === null ? null : new Date(expires).toISOString(),
    archived: false,
    tag_list: job.tags,
  };
}

/** The name of the one runner that all jobs run on. */
export const runnerName = "acme-docker-1";

const runner: Entity = {
  id: 12_270_801,
  description: runnerName,
  ip_address: "10.0.4.17",
  active: true,
  paused: false,
  is_shared: false,
  runner_type: "group_type",
  name: "gitlab-runner",
  online: true,
  created_by: null,
  created_at: "2025-02-11T08:12:45.311Z",
  status: "online",
  job_execution_status: "idle",
};

const runnerManager = (contactedAt: Date): Entity => ({
  id: 551_204,
  system_id: "s_4f8c1d2e90ab",
  version: "18.4.0",
  revision: "139a0ac0",
  platform: "linux",
  architecture: "amd64",
  created_at: "2025-02-11T08:12:46.108Z",
  contacted_at: contactedAt.toISOString(),
  ip_address: "10.0.4.17",
  status: "online",
  job_execution_status: "idle",
});
