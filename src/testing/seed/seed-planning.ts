import { contextFor } from "../state/context-of.js";
import type { ProjectContext } from "../state/project-context.js";
import { addNote, applyChange } from "../issuables/issuable-changes.js";
import { mention } from "../issuables/issuable-find.js";
import { newIssue } from "../issuables/issues.js";
import { seedIssues, seedLabels } from "./seed-issues-data.js";
import type { SeedIssue } from "./seed-issues-early.js";
import { seedMergeRequestsAndPipelines } from "./seed-merge-requests.js";
import type { ProjectRecord } from "../state/records.js";
import type { GitLabState } from "../state/gitlab-state.js";

const day = 86_400_000;

/** The moment so many days before GitLab's clock, a little after full hours so that no two things share it. */
const daysAgo = (gitlab: GitLabState, days: number, minutes = 0): Date =>
  new Date(gitlab.now().getTime() - days * day - 3_600_000 + minutes * 60_000);

/** Where somebody of the seeded GitLab worked at that time. */
function contextAt(gitlab: GitLabState, project: ProjectRecord, username: string, at: Date): ProjectContext {
  const user = gitlab.userByName(username);
  if (user === undefined) throw new Error(`The seeded GitLab has no user ${username}`);
  return contextFor(gitlab, project, user.id, at);
}

/**
 * Fills a project with labels, milestones, issues, merge requests and pipelines. Expects the users `ada`, `ben` and
 * `guest` and a first commit on the default branch; adds a CI configuration when there is none.
 */
export function seedPlanning(gitlab: GitLabState, project: ProjectRecord): void {
  // An open thread of the seeded merge requests holds up merging, as in most teams.
  project.settings["only_allow_merge_if_all_discussions_are_resolved"] = true;
  seedLabelsOf(gitlab, project);
  seedMilestonesOf(gitlab, project);
  for (const seed of seedIssues) seedIssue(gitlab, project, seed);
  seedMergeRequestsAndPipelines(gitlab, project);
}

function seedLabelsOf(gitlab: GitLabState, project: ProjectRecord): void {
  for (const [name, color, description, priority] of seedLabels) {
    const id = gitlab.planning.nextId("label");
    gitlab.planning.labels.push({ id, projectId: project.id, name, color, description, priority, archived: false });
  }
}

function seedMilestonesOf(gitlab: GitLabState, project: ProjectRecord): void {
  const date = (days: number): string => new Date(gitlab.now().getTime() + days * day).toISOString().slice(0, 10);
  const milestones = [
    ["v1.4", "Faster pages and a pipeline of our own.", "closed", -420, -160],
    ["v1.5", "Webhooks that arrive, prices that are right.", "active", -60, 14],
    ["v2.0", "Security keys and several billing addresses.", "active", 15, 120],
  ] as const;
  for (const [title, description, state, start, due] of milestones) {
    gitlab.planning.milestones.push({
      id: gitlab.planning.nextId("milestone"),
      iid: gitlab.planning.nextIid("milestone", project.id),
      projectId: project.id,
      title,
      description,
      state,
      startDate: date(start),
      dueDate: date(due),
      createdAt: daysAgo(gitlab, 420),
      updatedAt: daysAgo(gitlab, state === "closed" ? 158 : 30),
    });
  }
}

function seedIssue(gitlab: GitLabState, project: ProjectRecord, seed: SeedIssue): void {
  const opened = daysAgo(gitlab, seed.opened);
  const touched = daysAgo(gitlab, seed.touched, 30);
  const context = contextAt(gitlab, project, seed.author, opened);
  const issue = newIssue(context, context.me, opened);
  issue.title = seed.title;
  issue.description = describe(seed);
  issue.confidential = seed.confidential ?? false;
  issue.weight = seed.weight ?? null;
  issue.issueType = seed.type ?? "issue";
  issue.severity = seed.type === "incident" ? "HIGH" : "UNKNOWN";
  issue.upvotes = seed.labels.includes("customer") ? 3 + (seed.opened % 5) : seed.opened % 2;
  if (seed.due !== undefined) issue.dueDate = daysAgo(gitlab, -seed.due).toISOString().slice(0, 10);
  gitlab.planning.issues.push(issue);
  applyChange(context, issue, {
    labels: seed.labels,
    assigneeIds: seed.assignees?.map((name) => contextAt(gitlab, project, name, opened).me) ?? [],
    milestoneId: gitlab.planning.milestonesOf(project.id).find(({ title }) => title === seed.milestone)?.id ?? null,
  });
  const comments = seed.comments ?? [];
  const step = (touched.getTime() - opened.getTime()) / (comments.length + 1);
  for (const [index, [author, body]] of comments.entries()) {
    const createdAt = new Date(opened.getTime() + step * (index + 1));
    addNote(contextAt(gitlab, project, author, createdAt), issue, body, { system: false });
  }
  mention(context, issue, issue.description);
  issue.updatedAt = touched;
  if (seed.closed === true)
    applyChange(contextAt(gitlab, project, seed.assignees?.[0] ?? "ada", touched), issue, { state: "close" });
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
