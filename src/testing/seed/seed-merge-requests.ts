import { approve } from "../reviews/approvals.js";
import { readCiConfig, rememberConfig } from "../ci/ci-config.js";
import { signatureOf } from "../resources/code/commit-entity.js";
import { contextFor } from "../state/context-of.js";
import type { ProjectContext } from "../state/project-context.js";
import { addNote, applyChange } from "../issuables/issuable-changes.js";
import { mention } from "../issuables/issuable-find.js";
import type { MergeRequestRecord } from "../state/issuable-records.js";
import { mergeNow } from "../reviews/merge-request-merge.js";
import { newMergeRequest } from "../reviews/merge-requests.js";
import { runPipeline, startJob, advancePipeline, startPipeline, cancelPipeline } from "../ci/pipeline-engine.js";
import type { PipelineRecord } from "../state/pipeline-records.js";
import type { ProjectRecord } from "../state/records.js";
import { textOf } from "../repository/diffing.js";
import { seedCiConfig, seedCiConfigRead } from "./seed-ci-config.js";
import { seedMergeRequests, type SeedMergeRequest } from "./seed-merge-requests-data.js";
import type { GitLabState } from "../state/gitlab-state.js";

const day = 86_400_000;

/** Merge requests with their branches, and pipelines of them and of the default branch. */
export function seedMergeRequestsAndPipelines(gitlab: GitLabState, project: ProjectRecord): void {
  const main = project.repository.defaultBranch;
  rememberConfig(seedCiConfig, seedCiConfigRead);
  if (!project.repository.tree(main).has(".gitlab-ci.yml")) {
    commit(gitlab, project, main, "ada", 399, "Describe the pipeline", { ".gitlab-ci.yml": seedCiConfig });
  }
  const runs: Run[] = seedMergeRequests.flatMap((seed) => seedMergeRequest(gitlab, project, seed));
  runs.push(...mainRuns(gitlab, project));
  // In the order of time, so that newer pipelines have higher ids.
  runs.sort((a, b) => a.at.getTime() - b.at.getTime());
  for (const { run } of runs) run();
}

/** A pipeline that is still to be made. */
interface Run {
  readonly at: Date;
  readonly run: () => void;
}

const at = (gitlab: GitLabState, days: number, minutes = 0): Date =>
  new Date(gitlab.now().getTime() - days * day - 7_200_000 + minutes * 60_000);

function userId(gitlab: GitLabState, username: string): number {
  const user = gitlab.userByName(username);
  if (user === undefined) throw new Error(`The seeded GitLab has no user ${username}`);
  return user.id;
}

/** A commit so many days ago, though never older than the one before it. */
function commit(
  gitlab: GitLabState,
  project: ProjectRecord,
  branch: string,
  author: string,
  days: number,
  message: string,
  files: Readonly<Record<string, string>>,
  start?: string,
): void {
  const { repository } = project;
  const before = repository.commit(branch) ?? (start === undefined ? undefined : repository.commit(start));
  const date = new Date(Math.max(at(gitlab, days).getTime(), (before?.committer.date.getTime() ?? 0) + 60_000));
  const changes = Object.entries(files).map(([path, content]) => ({ path, content }));
  const signature = signatureOf(gitlab.user(userId(gitlab, author)), date);
  repository.commitTo(branch, { message, author: signature, changes }, start);
}

function seedMergeRequest(gitlab: GitLabState, project: ProjectRecord, seed: SeedMergeRequest): Run[] {
  const { repository } = project;
  const main = repository.defaultBranch;
  const messages = seed.commits ?? [seed.title.replace(/^Draft: /, "")];
  const files = Object.entries(seed.files);
  for (const [index, message] of messages.entries()) {
    const share = files.filter((_, place) => Math.min(place, messages.length - 1) === index);
    commit(gitlab, project, seed.branch, seed.author, seed.opened, message, Object.fromEntries(share), main);
  }
  if (seed.conflicting !== undefined) {
    commit(gitlab, project, main, "ada", seed.touched, "Describe the development container", seed.conflicting);
  }
  const opened = at(gitlab, seed.opened, 20);
  const touched = at(gitlab, seed.touched, 50);
  const context = contextFor(gitlab, project, userId(gitlab, seed.author), opened);
  const item = newMergeRequest(context, {
    sourceProjectId: project.id,
    sourceBranch: seed.branch,
    targetBranch: main,
    title: seed.title,
    createdAt: opened,
  });
  item.iid = gitlab.planning.nextIid("merge_request", project.id);
  item.description = seed.description;
  item.approvalsRequired = seed.approvalsRequired ?? 0;
  item.removeSourceBranch = true;
  item.squash = seed.squash ?? false;
  gitlab.planning.mergeRequests.push(item);
  applyChange(context, item, {
    labels: seed.labels ?? [],
    assigneeIds: (seed.assignees ?? [seed.author]).map((name) => userId(gitlab, name)),
    reviewerIds: (seed.reviewers ?? []).map((name) => userId(gitlab, name)),
    milestoneId: gitlab.planning.milestonesOf(project.id).find(({ title }) => title === seed.milestone)?.id ?? null,
  });
  mention(context, item, item.description);
  const sha = repository.branches.get(seed.branch) ?? "";
  talk(gitlab, project, item, seed, touched);
  finish(gitlab, project, item, seed, touched);
  const { pipeline } = seed;
  return pipeline === undefined
    ? []
    : [
        {
          at: opened,
          run: () => {
            seedBranchPipeline(context, seed.branch, sha, pipeline);
          },
        },
      ];
}

function talk(
  gitlab: GitLabState,
  project: ProjectRecord,
  item: MergeRequestRecord,
  seed: SeedMergeRequest,
  touched: Date,
): void {
  const by = (name: string, minutes: number): ProjectContext =>
    contextFor(gitlab, project, userId(gitlab, name), new Date(touched.getTime() - minutes * 60_000));
  for (const [index, [author, body]] of (seed.comments ?? []).entries()) {
    addNote(by(author, 40 - index * 10), item, body, { system: false });
  }
  if (seed.thread !== undefined) {
    const [author, body] = seed.thread;
    addNote(by(author, 15), item, body, { system: false, type: "DiscussionNote", resolvable: true });
  }
  for (const name of seed.approvedBy ?? []) approve(by(name, 10), item);
}

function finish(
  gitlab: GitLabState,
  project: ProjectRecord,
  item: MergeRequestRecord,
  seed: SeedMergeRequest,
  touched: Date,
): void {
  const head = project.repository.commit(project.repository.defaultBranch)?.committer.date.getTime() ?? 0;
  const merger = contextFor(
    gitlab,
    project,
    userId(gitlab, "ada"),
    new Date(Math.max(touched.getTime(), head + 60_000)),
  );
  if (seed.outcome === "merged") mergeNow(merger, item);
  if (seed.outcome === "closed") {
    applyChange({ ...merger, now: touched }, item, { state: "close" });
    project.repository.branches.delete(item.sourceBranch);
  }
  item.updatedAt = touched;
}

function pipelineAt(context: ProjectContext, ref: string, source: string, sha: string): PipelineRecord {
  const { repository } = context.project;
  const file = repository.tree(sha).get(".gitlab-ci.yml");
  const config = readCiConfig(file === undefined ? seedCiConfig : textOf(file), {
    CI_PIPELINE_SOURCE: source,
    CI_DEFAULT_BRANCH: repository.defaultBranch,
    CI_COMMIT_REF_NAME: ref,
    CI_COMMIT_BRANCH: ref,
  });
  const start = {
    projectId: context.projectId,
    sha,
    ref,
    tag: false,
    source,
    userId: context.me,
    name: null,
    now: context.now,
  };
  return startPipeline(context.planning, start, config.error === undefined ? config.jobs : []);
}

function seedBranchPipeline(
  context: ProjectContext,
  branch: string,
  sha: string,
  outcome: "success" | "failed" | "running",
): void {
  const pipeline = pipelineAt(context, branch, "push", sha);
  const begun = new Date(context.now.getTime() + 15_000);
  advancePipeline(pipeline, context.now);
  if (outcome === "running") {
    const [first] = pipeline.jobs;
    if (first !== undefined) startJob(pipeline, first, begun);
    return;
  }
  const tests = pipeline.jobs.find((job) => job.name === "unit tests");
  if (outcome === "failed" && tests !== undefined) tests.output = failedTests;
  runPipeline(pipeline, begun, { seconds: 67, outcomes: outcome === "failed" ? { "unit tests": "failed" } : {} });
  if (tests?.status === "success") tests.coverage = 84.21;
}

type MainKind = "success" | "lint" | "canceled" | "long" | "deploy";

function mainRuns(gitlab: GitLabState, project: ProjectRecord): Run[] {
  const kinds: readonly (readonly [days: number, kind: MainKind])[] = [
    [28, "success"],
    [21, "lint"],
    [14, "canceled"],
    [7, "long"],
    [1, "deploy"],
    [0.2, "success"],
  ];
  return kinds.map(([days, kind]) => ({
    at: at(gitlab, days),
    run: () => {
      seedMainPipeline(
        contextFor(gitlab, project, userId(gitlab, "ada"), at(gitlab, days)),
        kind,
        83.4 + (28 - days) / 10,
      );
    },
  }));
}

function seedMainPipeline(context: ProjectContext, kind: MainKind, coverage: number): void {
  const { defaultBranch, branches } = context.project.repository;
  const pipeline = pipelineAt(
    context,
    defaultBranch,
    kind === "long" ? "web" : "push",
    branches.get(defaultBranch) ?? "",
  );
  const begun = new Date(context.now.getTime() + 12_000);
  advancePipeline(pipeline, context.now);
  const [first] = pipeline.jobs;
  if (kind === "canceled") {
    if (first !== undefined) startJob(pipeline, first, begun);
    cancelPipeline(pipeline, new Date(begun.getTime() + 20_000));
    return;
  }
  const deploy = "deploy to staging";
  const tests = pipeline.jobs.find((job) => job.name === "unit tests");
  const failing = pipeline.jobs.find((job) => kind === "deploy" && job.name === deploy);
  // About five megabytes, made line by line whenever somebody asks for it.
  if (kind === "long" && tests !== undefined) tests.generatedLines = 65_000;
  if (failing !== undefined) failing.output = failedDeployment;
  runPipeline(pipeline, begun, {
    seconds: 58,
    outcomes: kind === "deploy" ? { [deploy]: "failed" } : kind === "lint" ? { lint: "failed" } : {},
    play: kind === "long" ? ["deploy to production"] : [],
  });
  if (tests !== undefined) tests.coverage = Number(coverage.toFixed(2));
}

const failedTests = [
  " RUN  v3.2.4 /builds/acme/app",
  "",
  "\u001b[32m✓\u001b[39m test/filters.test.ts (12 tests) 48ms",
  "\u001b[31m❯\u001b[39m test/webhooks.test.ts (4 tests | \u001b[31m1 failed\u001b[39m) 31ms",
  "  \u001b[31m× waits an hour at most\u001b[39m",
  "    → expected 7200 to be less than or equal to 3600",
  "",
  "\u001b[41m FAIL \u001b[49m test/webhooks.test.ts > waits an hour at most",
  "AssertionError: expected 7200 to be less than or equal to 3600",
  "  at test/webhooks.test.ts:27:31",
  "",
  " Test Files  1 failed | 1 passed (2)",
  "      Tests  1 failed | 15 passed (16)",
];

const failedDeployment = [
  "Building image registry.acme.example/app:staging",
  "The push refers to repository [registry.acme.example/app]",
  "\u001b[31mdenied: requested access to the resource is denied: the token has expired\u001b[0m",
];
