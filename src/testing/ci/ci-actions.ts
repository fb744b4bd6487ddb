import { findProject, requireRole, requireVerification } from "../server/access.js";
import {
  created,
  forbidden,
  json,
  list,
  notFound,
  refuse,
  type Answer,
  type Call,
  type Handlers,
} from "../server/handler.js";
import { contextOf } from "../state/context-of.js";
import type { JobRecord, PipelineRecord } from "../state/pipeline-records.js";
import type { ResourceRecord } from "../state/resource-records.js";
import { role, type ProjectRecord } from "../state/records.js";
import { textOf } from "../repository/diffing.js";
import { levelFor } from "../state/branch-protection.js";
import { userById } from "../resources/users/user-entity.js";
import { findCommit } from "../resources/code/code-access.js";
import { lintCiConfig, readCiConfig } from "./ci-config.js";
import { configPath } from "./pipeline-creation.js";
import { jobEntity } from "./pipeline-entities.js";
import { findCiProject, findPipeline } from "./pipelines.js";
import { testReport, testReportSummary } from "./test-reports.js";

function findOwnJob(call: Call): { project: ProjectRecord; job: JobRecord; pipeline: PipelineRecord } {
  const project = findCiProject(call);
  const { planning } = call.gitlab;
  const job = planning.job(project.id, Number(call.path["job_id"])) ?? notFound();
  const pipeline = planning.pipeline(project.id, job.pipelineId) ?? notFound();
  requireRole(call, project, Math.min(100, levelFor(call.gitlab, project, pipeline.ref, "merge")));
  return { project, job, pipeline };
}

/** What GitLab's linter says about a configuration. */
function lint(call: Call, project: ProjectRecord, content: string, ref: string): Answer {
  const variables = {
    CI_COMMIT_BRANCH: ref,
    CI_COMMIT_REF_NAME: ref,
    CI_PIPELINE_SOURCE: "push",
    CI_DEFAULT_BRANCH: project.repository.defaultBranch,
  };
  const read = readCiConfig(content, variables);
  const { errors, warnings } = lintCiConfig(content);
  const all = [...(read.error === undefined || /prevented any jobs/.test(read.error) ? [] : [read.error]), ...errors];
  const jobs = read.error === undefined ? read.jobs : [];
  return json({
    valid: all.length === 0,
    errors: [...new Set(all)],
    warnings,
    merged_yaml: all.length === 0 ? content : null,
    includes: [],
    ...(call.params.flag("include_jobs") === true && {
      jobs: jobs.map((job) => ({
        name: job.name,
        stage: job.stage,
        before_script: [],
        script: job.script,
        after_script: [],
        tag_list: job.tags,
        only: null,
        except: null,
        environment: null,
        when: job.when,
        allow_failure: job.allowFailure,
        needs: null,
      })),
    }),
  });
}

/** Jobs and pipelines beyond reading them: played, erased, reported, linted; statuses from outside. */
export const ciActionHandlers: Handlers = {
  "POST /projects/{id}/jobs/{job_id}/play": (call) => {
    const { project, job, pipeline } = findOwnJob(call);
    requireVerification(call);
    if (job.status !== "manual" && job.status !== "scheduled") refuse(400, "400 Bad request - Unplayable Job");
    const context = contextOf(call, project);
    job.status = "pending";
    job.queuedAt = context.now;
    pipeline.updatedAt = context.now;
    return json(jobEntity(context, pipeline, job), call.operation.answer?.status ?? 200);
  },
  "POST /projects/{id}/jobs/{job_id}/erase": (call) => {
    const { project, job, pipeline } = findOwnJob(call);
    if (job.erasedAt !== null || job.finishedAt === null) forbidden("Job is not erasable!");
    job.erasedAt = call.gitlab.now();
    return created(jobEntity(contextOf(call, project), pipeline, job));
  },
  "POST /projects/{id}/jobs/{job_id}/artifacts/keep": (call) => {
    const { project, job, pipeline } = findOwnJob(call);
    return json(jobEntity(contextOf(call, project), pipeline, job));
  },
  "DELETE /projects/{id}/jobs/{job_id}/artifacts": (call) => {
    const { job } = findOwnJob(call);
    job.artifacts = null;
    return { kind: "empty", status: 204 };
  },
  "GET /projects/{id}/pipelines/{pipeline_id}/variables": (call) => {
    const project = findCiProject(call);
    requireRole(call, project, role.developer);
    return list(findPipeline(call, project).variables, (variable) => ({ ...variable, raw: false }));
  },
  "GET /projects/{id}/pipelines/{pipeline_id}/bridges": (call) => {
    findPipeline(call, findCiProject(call));
    return list([], () => null);
  },
  "GET /projects/{id}/pipelines/{pipeline_id}/test_report": (call) =>
    json(testReport(findPipeline(call, findCiProject(call)))),
  "GET /projects/{id}/pipelines/{pipeline_id}/test_report_summary": (call) =>
    json(testReportSummary(findPipeline(call, findCiProject(call)))),
  "GET /projects/{id}/ci/lint": (call) => {
    const project = findProject(call);
    const { repository } = project;
    const ref = call.params.text("content_ref") ?? call.params.text("sha") ?? repository.defaultBranch;
    const file = repository.tree(ref).get(configPath(project));
    if (repository.resolve(ref) === undefined) return notFound("Commit");
    if (file === undefined) {
      return json({
        valid: false,
        errors: ["Please provide content of .gitlab-ci.yml"],
        warnings: [],
        merged_yaml: null,
        includes: [],
      });
    }
    return lint(call, project, textOf(file), ref);
  },
  "POST /projects/{id}/ci/lint": (call) => {
    const project = findProject(call);
    requireRole(call, project, role.developer);
    return lint(
      call,
      project,
      call.params.text("content") ?? "",
      call.params.text("ref") ?? project.repository.defaultBranch,
    );
  },
  "GET /projects/{id}/repository/commits/{sha}/statuses": (call) => {
    const project = findProject(call);
    const { sha } = findCommit(call, project);
    return list(call.gitlab.resources.in("commit_statuses", `${String(project.id)}/${sha}`), (record) =>
      statusEntity(call, sha, record),
    );
  },
  "POST /projects/{id}/statuses/{sha}": (call) => {
    const project = findProject(call);
    const me = requireRole(call, project, role.developer);
    const { sha } = findCommit(call, project);
    const { params, gitlab } = call;
    const key = `${String(project.id)}/${sha}`;
    const name = params.text("name") ?? params.text("context") ?? "default";
    const values = {
      status: params.text("state") ?? "pending",
      name,
      ref: params.text("ref") ?? project.repository.defaultBranch,
      target_url: params.text("target_url") ?? null,
      description: params.text("description") ?? null,
      pipeline_id: params.integer("pipeline_id") ?? null,
    };
    const known = gitlab.resources.in("commit_statuses", key).find((record) => record.values["name"] === name);
    const record = known ?? gitlab.resources.add("commit_statuses", key, values, { by: me.id, at: gitlab.now() });
    record.values = values;
    return created(statusEntity(call, sha, record));
  },
};

/** What somebody said of a commit from outside. */
const statusEntity = ({ gitlab }: Call, sha: string, record: ResourceRecord): object => ({
  id: record.id,
  sha,
  allow_failure: false,
  coverage: null,
  started_at: null,
  finished_at: null,
  created_at: record.createdAt.toISOString(),
  ...record.values,
  author: userById(gitlab, record.authorId),
});
