import { findProject, requireRole, requireVerification } from "../server/access.js";
import { createPipeline, mayRunOn, type PipelineVariable } from "./pipeline-creation.js";
import { contextOf } from "../state/context-of.js";
import { created, empty, forbidden, json, list, notFound, type Call, type Handlers } from "../server/handler.js";
import { cancelPipeline, retryPipeline } from "./pipeline-engine.js";
import { pipelineEntity, pipelineListEntity } from "./pipeline-entities.js";
import { isSettled } from "../state/pipeline-records.js";
import type { PipelineRecord } from "../state/pipeline-records.js";
import { role, type ProjectRecord } from "../state/records.js";

/** The project, for whoever may look at its pipelines. */
export function findCiProject(call: Call): ProjectRecord {
  const project = findProject(call);
  if (project.settings["builds_access_level"] === "disabled" || project.settings["jobs_enabled"] === false) forbidden();
  // While `public_jobs` is on, whoever sees the project sees its pipelines: https://docs.gitlab.com/ci/pipelines/settings/
  const open = project.settings["public_jobs"] !== false;
  if (!open && call.gitlab.projectRole(call.user, project) < role.reporter) forbidden();
  return project;
}

/** The pipeline that the path names by its global id. */
export function findPipeline(call: Call, project: ProjectRecord): PipelineRecord {
  return call.gitlab.planning.pipeline(project.id, Number(call.path["pipeline_id"])) ?? notFound();
}

/** Pipelines of a project. */
export const pipelineHandlers: Handlers = {
  getApiV4ProjectsIdPipelines: (call) => {
    const project = findCiProject(call);
    const context = contextOf(call, project);
    const tests = pipelineTests(call, project);
    const order = call.params.text("order_by") ?? "id";
    const direction = call.params.text("sort") === "asc" ? 1 : -1;
    const key = (pipeline: PipelineRecord): string | number =>
      order === "status"
        ? pipeline.status
        : order === "ref"
          ? pipeline.ref
          : order === "updated_at"
            ? pipeline.updatedAt.getTime()
            : order === "user_id"
              ? pipeline.userId
              : pipeline.id;
    const found = context.planning.pipelines
      .filter((pipeline) => pipeline.projectId === project.id && tests.every((test) => test(pipeline)))
      .sort((a, b) => direction * (compare(key(a), key(b)) || a.id - b.id));
    return list(found, (pipeline) => pipelineListEntity(context, pipeline));
  },

  getApiV4ProjectsIdPipelinesPipelineId: (call) => {
    const project = findCiProject(call);
    const pipeline = findPipeline(call, project);
    return json({ ...pipelineEntity(contextOf(call, project), pipeline), name: pipeline.name });
  },

  "GET /projects/{id}/pipelines/latest": (call) => {
    const project = findCiProject(call);
    const ref = call.params.text("ref") ?? project.repository.defaultBranch;
    const pipeline = call.gitlab.planning.latestPipeline(project.id, ref);
    // A ref without pipelines is refused, not missing: https://docs.gitlab.com/api/pipelines/
    if (pipeline === undefined) return forbidden();
    return json({ ...pipelineEntity(contextOf(call, project), pipeline), name: pipeline.name });
  },

  postApiV4ProjectsIdPipeline: (call) => {
    const project = findCiProject(call);
    const user = requireRole(call, project, role.developer);
    const variables = variablesOf(call.values["variables"]);
    return createPipeline(call, project, {
      ref: call.params.text("ref") ?? "",
      source: "api",
      userId: user.id,
      variables,
    });
  },

  postApiV4ProjectsIdPipelinesPipelineIdRetry: (call) => {
    const project = findCiProject(call);
    const user = requireRole(call, project, role.developer);
    const context = contextOf(call, project);
    const pipeline = findPipeline(call, project);
    requireVerification(call);
    if (!mayRunOn(context, pipeline.ref)) forbidden();
    retryPipeline(context.planning, pipeline, user.id, context.now);
    return created(pipelineEntity(context, pipeline));
  },

  postApiV4ProjectsIdPipelinesPipelineIdCancel: (call) => {
    const project = findCiProject(call);
    requireRole(call, project, role.developer);
    const context = contextOf(call, project);
    const pipeline = findPipeline(call, project);
    if (!mayRunOn(context, pipeline.ref)) forbidden();
    if (!isSettled(pipeline.status) || pipeline.status === "manual") cancelPipeline(pipeline, context.now);
    // Unlike retrying, this makes nothing new.
    return json(pipelineEntity(context, pipeline));
  },

  deleteApiV4ProjectsIdPipelinesPipelineId: (call) => {
    const project = findCiProject(call);
    requireRole(call, project, role.owner);
    const pipeline = findPipeline(call, project);
    const { pipelines } = call.gitlab.planning;
    pipelines.splice(pipelines.indexOf(pipeline), 1);
    return empty();
  },
};

const compare = (a: string | number, b: string | number): number => (a === b ? 0 : a < b ? -1 : 1);

function pipelineTests(call: Call, project: ProjectRecord): ((pipeline: PipelineRecord) => boolean)[] {
  const { params, gitlab } = call;
  const tests: ((pipeline: PipelineRecord) => boolean)[] = [];
  const equal = (name: string, value: (pipeline: PipelineRecord) => string | null): void => {
    const filter = params.text(name);
    if (filter !== undefined) tests.push((pipeline) => value(pipeline) === filter);
  };
  equal("status", (pipeline) => pipeline.status);
  equal("ref", (pipeline) => pipeline.ref);
  equal("sha", (pipeline) => pipeline.sha);
  equal("source", (pipeline) => pipeline.source);
  equal("name", (pipeline) => pipeline.name);
  equal("username", (pipeline) => gitlab.user(pipeline.userId).username);
  const errors = params.flag("yaml_errors");
  if (errors !== undefined) tests.push((pipeline) => (pipeline.yamlErrors !== null) === errors);
  const within = (name: string, test: (pipeline: PipelineRecord, time: number) => boolean): void => {
    if (params.has(name)) tests.push((pipeline) => test(pipeline, Date.parse(params.text(name) ?? "")));
  };
  within("created_after", (pipeline, time) => pipeline.createdAt.getTime() >= time);
  within("created_before", (pipeline, time) => pipeline.createdAt.getTime() <= time);
  within("updated_after", (pipeline, time) => pipeline.updatedAt.getTime() >= time);
  within("updated_before", (pipeline, time) => pipeline.updatedAt.getTime() <= time);
  const latest = (tag: boolean) => (pipeline: PipelineRecord) =>
    pipeline.tag === tag && gitlab.planning.latestPipeline(project.id, pipeline.ref) === pipeline;
  switch (params.text("scope")) {
    case "running":
      tests.push(({ status }) => status === "running");
      break;
    case "pending":
      tests.push(({ status }) => status === "pending");
      break;
    case "finished":
      tests.push(({ status }) => ["success", "failed", "canceled"].includes(status));
      break;
    case "branches":
      tests.push(latest(false));
      break;
    case "tags":
      tests.push(latest(true));
      break;
    default:
  }
  return tests;
}

function variablesOf(value: unknown): PipelineVariable[] {
  const entries: readonly unknown[] = Array.isArray(value) ? value : [];
  return entries.flatMap((entry) => {
    if (typeof entry !== "object" || entry === null || !("key" in entry) || !("value" in entry)) return [];
    const type = "variable_type" in entry && entry.variable_type === "file" ? "file" : "env_var";
    return [{ key: String(entry.key), value: String(entry.value), variable_type: type }];
  });
}
