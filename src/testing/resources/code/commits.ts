import { findCode, findCommit } from "./code-access.js";
import { commitEntity, diffEntity } from "./commit-entity.js";
import { json, list, notFound, refuse, type Call, type Handlers } from "../../server/handler.js";
import { contextOf } from "../../state/context-of.js";
import { pipelineListEntity } from "../../ci/pipeline-entities.js";
import type { ProjectRecord } from "../../state/records.js";
import type { CommitRecord } from "../../repository/model.js";

/** Commits of a project's repository, and what they change. */
export const commitHandlers: Handlers = {
  getApiV4ProjectsIdRepositoryCommits: (call) => {
    const project = findCode(call);
    const { params, gitlab } = call;
    const { repository } = project;
    const ref = params.text("ref_name") ?? repository.defaultBranch;
    const path = params.text("path");
    if (repository.isEmpty) return list([], () => undefined);
    if (params.flag("all") !== true && repository.resolve(ref) === undefined) return notFound("Commit");
    const commits =
      params.flag("all") === true
        ? repository.allHistory()
        : repository.history(ref, { path, firstParent: params.flag("first_parent") });
    const matches = commitFilter(call);
    const withStats = params.flag("with_stats") === true;
    // GitLab does not count commits: too slow in large repositories.
    return list(
      commits.filter(matches),
      (commit) => ({
        ...commitEntity(gitlab, project, commit),
        ...(withStats ? { stats: statsOf(project, commit) } : {}),
      }),
      { withoutTotals: true, keyset: (commit) => commit.sha, keysetParameter: "page_token" },
    );
  },

  getApiV4ProjectsIdRepositoryCommitsSha: (call) => {
    const project = findCode(call);
    const commit = findCommit(call, project);
    const withStats = call.params.flag("stats") !== false;
    const pipeline = call.gitlab.planning.pipelines.findLast(
      ({ projectId, sha }) => projectId === project.id && sha === commit.sha,
    );
    return json({
      ...commitEntity(call.gitlab, project, commit),
      ...(withStats ? { stats: statsOf(project, commit) } : {}),
      status: pipeline?.status ?? null,
      project_id: project.id,
      last_pipeline: pipeline === undefined ? null : pipelineListEntity(contextOf(call, project), pipeline),
    });
  },

  getApiV4ProjectsIdRepositoryCommitsShaDiff: (call) => {
    const project = findCode(call);
    const unidiff = call.params.flag("unidiff");
    const diffs = project.repository.commitDiff(findCommit(call, project));
    return list(diffs, (diff) => diffEntity(diff, unidiff));
  },

  getApiV4ProjectsIdRepositoryCompare: (call) => {
    const target = findCode(call);
    const { params, gitlab } = call;
    const source = sourceOf(call, target);
    const { repository } = target;
    if (source !== target) repository.fetch(source.repository);
    const from = source.repository.resolve(params.text("from") ?? "") ?? notFound("Ref");
    const to = repository.resolve(params.text("to") ?? "") ?? notFound("Ref");
    const base = params.flag("straight") === true ? from : (repository.mergeBase(from, to) ?? from);
    const commits = repository.between(base, to).reverse();
    const last = commits.at(-1);
    const dots = params.flag("straight") === true ? ".." : "...";
    const names = `${params.text("from") ?? ""}${dots}${params.text("to") ?? ""}`;
    return json({
      commit: last === undefined ? null : commitEntity(gitlab, target, last),
      commits: commits.map((commit) => commitEntity(gitlab, target, commit)),
      diffs: repository.diff(base, to).map((diff) => diffEntity(diff, params.flag("unidiff"))),
      compare_timeout: false,
      compare_same_ref: from === to,
      web_url: `${gitlab.projectUrl(target)}/-/compare/${names}`,
    });
  },
};

function sourceOf(call: Call, target: ProjectRecord): ProjectRecord {
  const id = call.params.integer("from_project_id");
  if (id === undefined) return target;
  const source = call.gitlab.projects.get(id);
  return source !== undefined && call.gitlab.canSeeProject(call.user, source) ? source : notFound("Project");
}

function commitFilter({ params }: Call): (commit: CommitRecord) => boolean {
  const since = Date.parse(params.text("since") ?? "");
  const until = Date.parse(params.text("until") ?? "");
  const author = params.text("author")?.toLowerCase();
  if (params.has("order") && !["default", "topo"].includes(params.text("order") ?? ""))
    refuse(400, { error: "order is invalid" });
  return (commit) => {
    const time = commit.committer.date.getTime();
    if (time < since || time > until) return false;
    return author === undefined || `${commit.author.name} <${commit.author.email}>`.toLowerCase().includes(author);
  };
}

function statsOf(project: ProjectRecord, commit: CommitRecord): Record<string, number> {
  const diffs = project.repository.commitDiff(commit);
  const additions = diffs.reduce((sum, diff) => sum + diff.additions, 0);
  const deletions = diffs.reduce((sum, diff) => sum + diff.deletions, 0);
  return { additions, deletions, total: additions + deletions };
}
