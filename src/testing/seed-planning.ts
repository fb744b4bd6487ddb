import { deskFor } from "./desk-of.js";
import type { Desk } from "./desk.js";
import { addNote, applyChange } from "./issuable-changes.js";
import { mention } from "./issuable-find.js";
import { newIssue } from "./issues.js";
import { seedIssues, seedLabels, type SeedIssue } from "./seed-issues-data.js";
import { seedMergeRequestsAndPipelines } from "./seed-merge-requests.js";
import type { ProjectRecord } from "./records.js";
import type { World } from "./world.js";

const day = 86_400_000;

/** The moment so many days before the world's, a little after full hours so that no two things share it. */
const daysAgo = (world: World, days: number, minutes = 0): Date =>
  new Date(world.now().getTime() - days * day - 3_600_000 + minutes * 60_000);

/** Where somebody of the seeded world worked at that time. */
function deskAt(world: World, project: ProjectRecord, username: string, at: Date): Desk {
  const user = world.userByName(username);
  if (user === undefined) throw new Error(`The seeded world has no user ${username}`);
  return deskFor(world, project, user.id, at);
}

/**
 * Fills a project with labels, milestones, issues, merge requests and pipelines. Expects the users `ada`, `ben` and
 * `guest` and a first commit on the default branch; adds a CI configuration when there is none.
 */
export function seedPlanning(world: World, project: ProjectRecord): void {
  // An open thread of the seeded merge requests holds up merging, as in most teams.
  project.settings["only_allow_merge_if_all_discussions_are_resolved"] = true;
  seedLabelsOf(world, project);
  seedMilestonesOf(world, project);
  for (const seed of seedIssues) seedIssue(world, project, seed);
  seedMergeRequestsAndPipelines(world, project);
}

function seedLabelsOf(world: World, project: ProjectRecord): void {
  for (const [name, color, description, priority] of seedLabels) {
    const id = world.planning.nextId("label");
    world.planning.labels.push({ id, projectId: project.id, name, color, description, priority, archived: false });
  }
}

function seedMilestonesOf(world: World, project: ProjectRecord): void {
  const date = (days: number): string => new Date(world.now().getTime() + days * day).toISOString().slice(0, 10);
  const milestones = [
    ["v1.4", "Faster pages and a pipeline of our own.", "closed", -420, -160],
    ["v1.5", "Webhooks that arrive, prices that are right.", "active", -60, 14],
    ["v2.0", "Security keys and several billing addresses.", "active", 15, 120],
  ] as const;
  for (const [title, description, state, start, due] of milestones) {
    world.planning.milestones.push({
      id: world.planning.nextId("milestone"),
      iid: world.planning.nextIid("milestone", project.id),
      projectId: project.id,
      title,
      description,
      state,
      startDate: date(start),
      dueDate: date(due),
      createdAt: daysAgo(world, 420),
      updatedAt: daysAgo(world, state === "closed" ? 158 : 30),
    });
  }
}

function seedIssue(world: World, project: ProjectRecord, seed: SeedIssue): void {
  const opened = daysAgo(world, seed.opened);
  const touched = daysAgo(world, seed.touched, 30);
  const desk = deskAt(world, project, seed.author, opened);
  const issue = newIssue(desk, desk.me, opened);
  issue.title = seed.title;
  issue.description = describe(seed);
  issue.confidential = seed.confidential ?? false;
  issue.weight = seed.weight ?? null;
  issue.issueType = seed.type ?? "issue";
  issue.severity = seed.type === "incident" ? "HIGH" : "UNKNOWN";
  issue.upvotes = seed.labels.includes("customer") ? 3 + (seed.opened % 5) : seed.opened % 2;
  if (seed.due !== undefined) issue.dueDate = daysAgo(world, -seed.due).toISOString().slice(0, 10);
  world.planning.issues.push(issue);
  applyChange(desk, issue, {
    labels: seed.labels,
    assigneeIds: seed.assignees?.map((name) => deskAt(world, project, name, opened).me) ?? [],
    milestoneId: world.planning.milestonesOf(project.id).find(({ title }) => title === seed.milestone)?.id ?? null,
  });
  const comments = seed.comments ?? [];
  const step = (touched.getTime() - opened.getTime()) / (comments.length + 1);
  for (const [index, [author, body]] of comments.entries()) {
    const createdAt = new Date(opened.getTime() + step * (index + 1));
    addNote(deskAt(world, project, author, createdAt), issue, body, { system: false });
  }
  mention(desk, issue, issue.description);
  issue.updatedAt = touched;
  if (seed.closed === true)
    applyChange(deskAt(world, project, seed.assignees?.[0] ?? "ada", touched), issue, { state: "close" });
}

/** The text in the project's template for issues. */
function describe(seed: SeedIssue): string {
  if (!seed.labels.includes("bug")) return seed.text;
  const sections = [
    ["What happens", seed.text],
    ["How to see it", `1. Sign in to the demo workspace.\n2. ${steps(seed)}\n3. Compare with what you expected.`],
    ["What should happen", "The page does what it says, or says why it does not."],
    [
      "Environment",
      `- Version: v1.${seed.opened > 250 ? "3" : seed.opened > 60 ? "4" : "5-rc1"}\n- Browser: Firefox 141, Chrome 139`,
    ],
  ];
  return sections.map(([title, text]) => `### ${title ?? ""}\n\n${text ?? ""}`).join("\n\n");
}

const steps = (seed: SeedIssue): string =>
  seed.labels.includes("frontend")
    ? "Open the page in a narrow window."
    : "Repeat the request with the API and a fresh token.";
