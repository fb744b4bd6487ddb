import { casesOf, countsOf, suitesOf } from "../ci/test-reports.js";
import { traceSource } from "../ci/jobs.js";
import { isRetryable } from "../ci/pipeline-engine.js";
import { traceLines } from "../ci/trace.js";
import type { JobRecord, PipelineRecord } from "../state/pipeline-records.js";
import { role, type ProjectRecord } from "../state/records.js";
import { connection, type PageArguments } from "./connection.js";
import { gid, idOf } from "./ids.js";
import { iso, userNode, type Node, type View } from "./view.js";

const seconds = (from: Date | null, to: Date | null): number | null =>
  from === null || to === null ? null : Math.round((to.getTime() - from.getTime()) / 1000);

/** A pipeline, and below it its jobs. The emulator runs no child pipelines. */
export function pipelineNode(view: View, pipeline: PipelineRecord): Node {
  const { gitlab } = view;
  const project = gitlab.project(pipeline.projectId);
  const messages = (texts: readonly string[]) => (args: PageArguments) =>
    connection(texts, args, (content) => ({ content }));
  const iid = /^refs\/merge-requests\/(\d+)\//.exec(pipeline.ref)?.[1];
  return {
    id: gid("Ci::Pipeline", pipeline.id),
    iid: String(pipeline.iid),
    status: pipeline.status.toUpperCase(),
    source: pipeline.source,
    ref: pipeline.ref,
    sha: pipeline.sha,
    createdAt: iso(pipeline.createdAt),
    finishedAt: iso(pipeline.finishedAt),
    duration: seconds(pipeline.startedAt, pipeline.finishedAt),
    path: `/${gitlab.projectPath(project)}/-/pipelines/${String(pipeline.id)}`,
    failureReason: pipeline.yamlErrors === null ? null : "config_error",
    yamlErrorMessages: pipeline.yamlErrors,
    errorMessages: messages(pipeline.yamlErrors === null ? [] : [pipeline.yamlErrors]),
    warningMessages: messages([]),
    user: () => userNode(view, pipeline.userId),
    project: () => ({ fullPath: gitlab.projectPath(project) }),
    sourceJob: null,
    mergeRequest: () => {
      const item = iid === undefined ? undefined : gitlab.planning.mergeRequest(project.id, Number(iid));
      return item === undefined ? null : view.show.mergeRequest(item);
    },
    jobs: (
      args: PageArguments & { readonly statuses?: readonly string[] | null; readonly retried?: boolean | null },
    ) => {
      const jobs = pipeline.jobs.filter(
        (job) =>
          (args.statuses == null || args.statuses.includes(job.status.toUpperCase())) &&
          (args.retried == null || job.retried === args.retried),
      );
      return connection(jobs, args, (job) => jobNode(view, project, pipeline, job));
    },
    downstream: (args: PageArguments) => connection([], args, () => null),
    testReportSummary: () => {
      // The same report as the REST API's.
      const reports = suitesOf(pipeline).map((job) => {
        const { total, failed, error } = countsOf(casesOf(job));
        return { job, count: total, failed, error };
      });
      const sum = (field: "count" | "failed" | "error"): number =>
        reports.reduce((total, report) => total + report[field], 0);
      return {
        total: { count: sum("count"), failed: sum("failed"), error: sum("error") },
        testSuites: (args: PageArguments) =>
          connection(reports, args, ({ job, failed, error }) => ({
            name: job.name,
            failedCount: failed,
            errorCount: error,
            suiteError: null,
            buildIds: [String(job.id)],
          })),
      };
    },
  };
}

const reasons: Readonly<Record<string, string>> = {
  script_failure: "There has been a script failure. Check the job log for more information",
  runner_system_failure: "There has been a runner system failure, please try again",
  job_execution_timeout: "The script exceeded the maximum execution time set for the job",
};

function jobNode(view: View, project: ProjectRecord, pipeline: PipelineRecord, job: JobRecord): Node {
  const { gitlab, user } = view;
  const path = gitlab.projectPath(project);
  return {
    id: gid("Ci::Build", job.id),
    name: job.name,
    kind: "BUILD",
    status: job.status.toUpperCase(),
    stage: { name: job.stage },
    allowFailure: job.allowFailure,
    retryable: isRetryable(job) && gitlab.projectRole(user, project) >= role.developer,
    failureMessage: job.failureReason === null ? null : (reasons[job.failureReason] ?? "There is an unknown failure"),
    startedAt: iso(job.startedAt),
    finishedAt: iso(job.finishedAt),
    duration: seconds(job.startedAt, job.finishedAt),
    tags: job.tags,
    webPath: `/${path}/-/jobs/${String(job.id)}`,
    downstreamPipeline: null,
    trace: {
      htmlSummary: ({ lastLines }: { readonly lastLines?: number | null }) => {
        if (job.startedAt === null) return "";
        const lines = [...traceLines(traceSource(job, pipeline, job.startedAt))].join("").split("\n");
        return htmlOf(lines.slice(-Math.min(lastLines ?? 10, 100)).join("\n"));
      },
    },
  };
}

/** A log as GitLab shows it on a page: escaped, its colours gone, at most 16 KB of its end. */
const htmlOf = (log: string): string =>
  log
    .replace(/section_(?:start|end):\d+:\S*\r|\u001b\[[\d;]*[A-Za-z]/g, "")
    .slice(-16_384)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll("\n", "<br/>");

interface PipelineArguments {
  readonly id?: string | null;
  readonly iid?: string | null;
  readonly sha?: string | null;
}

/** Pipelines of a project, for whoever may read them. */
export function pipelineFields(view: View, project: ProjectRecord): Node {
  const { gitlab, user } = view;
  const readable = project.visibility !== "private" || gitlab.projectRole(user, project) >= role.reporter;
  const own = readable ? gitlab.planning.pipelines.filter(({ projectId }) => projectId === project.id) : [];
  return {
    pipeline: ({ id, iid, sha }: PipelineArguments) => {
      const number = id == null ? undefined : idOf(id, "Ci::Pipeline");
      const head = project.repository.resolve("HEAD");
      const found = own.findLast((pipeline) =>
        number !== undefined
          ? pipeline.id === number
          : iid != null
            ? String(pipeline.iid) === iid
            : pipeline.sha === (sha ?? head) && (sha != null || pipeline.ref === project.repository.defaultBranch),
      );
      return found === undefined ? null : pipelineNode(view, found);
    },
    pipelines: (
      args: PageArguments & {
        readonly ref?: string | null;
        readonly sha?: string | null;
        readonly status?: string | null;
      },
    ) => {
      const found = own.filter(
        ({ ref, sha, status }) =>
          (args.ref == null || ref === args.ref) &&
          (args.sha == null || sha === args.sha) &&
          (args.status == null || status.toUpperCase() === args.status),
      );
      return connection([...found].reverse(), args, (pipeline) => pipelineNode(view, pipeline));
    },
  };
}
