import { approve } from "./approvals.js";
import { readCiConfig } from "./ci-config.js";
import { signatureOf } from "./commit-entity.js";
import { deskFor } from "./desk-of.js";
import type { Desk } from "./desk.js";
import { addNote, applyChange } from "./issuable-changes.js";
import { mention } from "./issuable-find.js";
import type { MergeRequestRecord } from "./issuable-records.js";
import { mergeNow } from "./merge-request-merge.js";
import { newMergeRequest } from "./merge-requests.js";
import { runPipeline, startJob, advancePipeline, startPipeline, cancelPipeline } from "./pipeline-engine.js";
import type { PipelineRecord } from "./pipeline-records.js";
import type { ProjectRecord } from "./records.js";
import { textOf } from "./repository/diffing.js";
import { seedCiConfig, seedMergeRequests, type SeedMergeRequest } from "./seed-merge-requests-data.js";
import type { World } from "./world.js";

const day = 86_400_000;

/** Merge requests with their branches, and pipelines of them and of the default branch. */
export function seedMergeRequestsAndPipelines(world: World, project: ProjectRecord): void {
  const main = project.repository.defaultBranch;
  if (!project.repository.tree(main).has(".gitlab-ci.yml")) {
    commit(world, project, main, "ada", 399, "Describe the pipeline", { ".gitlab-ci.yml": seedCiConfig });
  }
  const runs: Run[] = seedMergeRequests.flatMap((seed) => seedMergeRequest(world, project, seed));
  runs.push(...mainRuns(world, project));
  // In the order of time, so that newer pipelines have higher ids.
  runs.sort((a, b) => a.at.getTime() - b.at.getTime());
  for (const { run } of runs) run();
}

/** A pipeline that is still to be made. */
interface Run {
  readonly at: Date;
  readonly run: () => void;
}

const at = (world: World, days: number, minutes = 0): Date =>
  new Date(world.now().getTime() - days * day - 7_200_000 + minutes * 60_000);

function userId(world: World, username: string): number {
  const user = world.userByName(username);
  if (user === undefined) throw new Error(`The seeded world has no user ${username}`);
  return user.id;
}

/** A commit so many days ago, though never older than the one before it. */
function commit(
  world: World,
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
  const date = new Date(Math.max(at(world, days).getTime(), (before?.committer.date.getTime() ?? 0) + 60_000));
  const changes = Object.entries(files).map(([path, content]) => ({ path, content }));
  const signature = signatureOf(world.user(userId(world, author)), date);
  repository.commitTo(branch, { message, author: signature, changes }, start);
}

function seedMergeRequest(world: World, project: ProjectRecord, seed: SeedMergeRequest): Run[] {
  const { repository } = project;
  const main = repository.defaultBranch;
  const messages = seed.commits ?? [seed.title.replace(/^Draft: /, "")];
  const files = Object.entries(seed.files);
  for (const [index, message] of messages.entries()) {
    const share = files.filter((_, place) => Math.min(place, messages.length - 1) === index);
    commit(world, project, seed.branch, seed.author, seed.opened, message, Object.fromEntries(share), main);
  }
  if (seed.conflicting !== undefined) {
    commit(world, project, main, "ada", seed.touched, "Describe the development container", seed.conflicting);
  }
  const opened = at(world, seed.opened, 20);
  const touched = at(world, seed.touched, 50);
  const desk = deskFor(world, project, userId(world, seed.author), opened);
  const item = newMergeRequest(desk, {
    sourceProjectId: project.id,
    sourceBranch: seed.branch,
    targetBranch: main,
    title: seed.title,
    createdAt: opened,
  });
  item.iid = world.planning.nextIid("merge_request", project.id);
  item.description = seed.description;
  item.approvalsRequired = seed.approvalsRequired ?? 0;
  item.removeSourceBranch = true;
  item.squash = seed.squash ?? false;
  world.planning.mergeRequests.push(item);
  applyChange(desk, item, {
    labels: seed.labels ?? [],
    assigneeIds: (seed.assignees ?? [seed.author]).map((name) => userId(world, name)),
    reviewerIds: (seed.reviewers ?? []).map((name) => userId(world, name)),
    milestoneId: world.planning.milestonesOf(project.id).find(({ title }) => title === seed.milestone)?.id ?? null,
  });
  mention(desk, item, item.description);
  const sha = repository.branches.get(seed.branch) ?? "";
  talk(world, project, item, seed, touched);
  finish(world, project, item, seed, touched);
  const { pipeline } = seed;
  return pipeline === undefined
    ? []
    : [
        {
          at: opened,
          run: () => {
            seedBranchPipeline(desk, seed.branch, sha, pipeline);
          },
        },
      ];
}

function talk(
  world: World,
  project: ProjectRecord,
  item: MergeRequestRecord,
  seed: SeedMergeRequest,
  touched: Date,
): void {
  const by = (name: string, minutes: number): Desk =>
    deskFor(world, project, userId(world, name), new Date(touched.getTime() - minutes * 60_000));
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
  world: World,
  project: ProjectRecord,
  item: MergeRequestRecord,
  seed: SeedMergeRequest,
  touched: Date,
): void {
  const head = project.repository.commit(project.repository.defaultBranch)?.committer.date.getTime() ?? 0;
  const merger = deskFor(world, project, userId(world, "ada"), new Date(Math.max(touched.getTime(), head + 60_000)));
  if (seed.outcome === "merged") mergeNow(merger, item);
  if (seed.outcome === "closed") {
    applyChange({ ...merger, now: touched }, item, { state: "close" });
    project.repository.branches.delete(item.sourceBranch);
  }
  item.updatedAt = touched;
}

function pipelineAt(desk: Desk, ref: string, source: string, sha: string): PipelineRecord {
  const { repository } = desk.project;
  const file = repository.tree(sha).get(".gitlab-ci.yml");
  const config = readCiConfig(file === undefined ? seedCiConfig : textOf(file), {
    CI_PIPELINE_SOURCE: source,
    CI_DEFAULT_BRANCH: repository.defaultBranch,
    CI_COMMIT_REF_NAME: ref,
    CI_COMMIT_BRANCH: ref,
  });
  const start = { projectId: desk.projectId, sha, ref, tag: false, source, userId: desk.me, name: null, now: desk.now };
  return startPipeline(desk.planning, start, config.error === undefined ? config.jobs : []);
}

function seedBranchPipeline(desk: Desk, branch: string, sha: string, outcome: "success" | "failed" | "running"): void {
  const pipeline = pipelineAt(desk, branch, "push", sha);
  const begun = new Date(desk.now.getTime() + 15_000);
  advancePipeline(pipeline, desk.now);
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

function mainRuns(world: World, project: ProjectRecord): Run[] {
  const kinds: readonly (readonly [days: number, kind: MainKind])[] = [
    [28, "success"],
    [21, "lint"],
    [14, "canceled"],
    [7, "long"],
    [1, "deploy"],
    [0.2, "success"],
  ];
  return kinds.map(([days, kind]) => ({
    at: at(world, days),
    run: () => {
      seedMainPipeline(deskFor(world, project, userId(world, "ada"), at(world, days)), kind, 83.4 + (28 - days) / 10);
    },
  }));
}

function seedMainPipeline(desk: Desk, kind: MainKind, coverage: number): void {
  const { defaultBranch, branches } = desk.project.repository;
  const pipeline = pipelineAt(desk, defaultBranch, kind === "long" ? "web" : "push", branches.get(defaultBranch) ?? "");
  const begun = new Date(desk.now.getTime() + 12_000);
  advancePipeline(pipeline, desk.now);
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
