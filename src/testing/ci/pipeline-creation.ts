import { requireVerification } from "../server/access.js";
import { created, invalid, type Answer, type Call } from "../server/handler.js";
import { contextFor, contextOf } from "../state/context-of.js";
import type { GitLabState } from "../state/gitlab-state.js";
import type { PipelineRecord } from "../state/pipeline-records.js";
import { role, type ProjectRecord } from "../state/records.js";
import type { ProjectContext } from "../state/project-context.js";
import { textOf } from "../repository/diffing.js";
import { levelFor } from "../state/branch-protection.js";
import { lintCiConfig, readCiConfig, type CiConfig } from "./ci-config.js";
import { advancePipeline, startPipeline } from "./pipeline-engine.js";
import { pipelineEntity } from "./pipeline-entities.js";

export interface PipelineVariable {
  readonly key: string;
  readonly value: string;
  readonly variable_type: string;
}

/** What starts a pipeline. */
export interface PipelineRequest {
  readonly ref: string;
  /** `api`, `push`, `merge_request_event`, `schedule`, `trigger` … */
  readonly source: string;
  readonly userId: number;
  readonly variables?: readonly PipelineVariable[];
}

/** Developers run CI, on protected branches only those who may push or merge there. */
export const mayRunOn = ({ gitlab, project, level }: ProjectContext, ref: string): boolean =>
  level >= role.developer &&
  level >= Math.min(levelFor(gitlab, project, ref, "push"), levelFor(gitlab, project, ref, "merge"));

/** Where the project keeps its CI configuration. */
export function configPath(project: ProjectRecord): string {
  const path = project.settings["ci_config_path"];
  return typeof path === "string" && path !== "" ? path : ".gitlab-ci.yml";
}

/** The project's CI configuration at a commit, read for one pipeline; undefined where there is no file. */
function configAt(
  project: ProjectRecord,
  sha: string,
  variables: Readonly<Record<string, string | undefined>>,
): CiConfig | undefined {
  const file = project.repository.tree(sha).get(configPath(project));
  return file === undefined ? undefined : readCiConfig(textOf(file), variables);
}

/** What of the configuration the emulator does not act upon is said with the request that starts the pipeline. */
function warn(gitlab: GitLabState, project: ProjectRecord, sha: string): void {
  const file = project.repository.tree(sha).get(configPath(project));
  if (file === undefined) return;
  for (const warning of lintCiConfig(textOf(file)).warnings) {
    if (!gitlab.warnings.includes(warning)) gitlab.warnings.push(warning);
  }
}

/** Creates a pipeline on request: the answer has it, and GitLab's refusals where there can be none. */
export function createPipeline(call: Call, project: ProjectRecord, request: PipelineRequest): Answer {
  const context = contextOf(call, project);
  const ref = request.ref.replace(/^refs\/(?:heads|tags)\//, "");
  const { repository } = project;
  const isBranch = repository.branches.has(ref);
  const sha = isBranch || repository.tags.has(ref) ? repository.resolve(ref) : undefined;
  if (sha === undefined) return invalid({ base: ["Reference not found"] });
  requireVerification(call);
  if (request.source === "api" && !mayRunOn(context, ref)) {
    return invalid({
      base: [
        `You do not have sufficient permission to run a pipeline on '${ref}'. Please select a different branch or contact your administrator for assistance.`,
      ],
    });
  }
  const { variables = [] } = request;
  warn(call.gitlab, project, sha);
  const config = configAt(project, sha, variablesFor(project, ref, isBranch, request));
  if (config === undefined) return invalid({ base: ["Missing CI config file"] });
  if (config.error !== undefined) return invalid({ base: [config.error] });
  const start = { projectId: project.id, sha, ref, tag: !isBranch, now: context.now, variables, name: config.name };
  const pipeline = startPipeline(
    context.planning,
    { ...start, source: request.source, userId: request.userId },
    config.jobs,
  );
  const answer = created(pipelineEntity(context, pipeline));
  // The answer still says `created`: GitLab hands the jobs out in the background.
  advancePipeline(pipeline, context.now);
  return answer;
}

/**
 * What a push or a new merge request starts by itself: nothing where CI is off, no file is there or no job wants to run,
 * and a failed pipeline without jobs where the file is wrong.
 */
export function startAutomatically(
  gitlab: GitLabState,
  project: ProjectRecord,
  request: PipelineRequest & { readonly sha: string; readonly tag?: boolean; readonly sourceBranch?: string },
): PipelineRecord | undefined {
  const { settings, repository } = project;
  if (settings["builds_access_level"] === "disabled" || settings["jobs_enabled"] === false) return undefined;
  const message = repository.commit(request.sha)?.message ?? "";
  if (/\[(?:ci skip|skip ci)\]/i.test(message)) return undefined;
  const { ref, sha, source, userId, tag = false } = request;
  const config = configAt(project, sha, variablesFor(project, request.sourceBranch ?? ref, !tag, request));
  if (config === undefined || (config.error !== undefined && /prevented any jobs/.test(config.error))) {
    return undefined;
  }
  warn(gitlab, project, sha);
  const { planning, now } = contextFor(gitlab, project, userId);
  const start = { projectId: project.id, sha, ref, tag, source, userId, now, variables: [] };
  if (config.error !== undefined) {
    return startPipeline(planning, { ...start, name: null, yamlErrors: config.error }, []);
  }
  const pipeline = startPipeline(planning, { ...start, name: config.name }, config.jobs);
  advancePipeline(pipeline, now);
  return pipeline;
}

function variablesFor(
  { repository }: ProjectRecord,
  ref: string,
  isBranch: boolean,
  { source, variables = [] }: PipelineRequest,
): Readonly<Record<string, string | undefined>> {
  const forMergeRequest = source === "merge_request_event";
  return {
    CI_PIPELINE_SOURCE: source,
    CI_DEFAULT_BRANCH: repository.defaultBranch,
    CI_COMMIT_REF_NAME: ref,
    ...(forMergeRequest
      ? { CI_MERGE_REQUEST_IID: "1", CI_MERGE_REQUEST_SOURCE_BRANCH_NAME: ref }
      : { [isBranch ? "CI_COMMIT_BRANCH" : "CI_COMMIT_TAG"]: ref }),
    ...Object.fromEntries(variables.map(({ key, value }) => [key, value])),
  };
}
