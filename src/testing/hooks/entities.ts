import { isIssue, isMergeRequest } from "../issuables/issuable-changes.js";
import type { GitLabState } from "../state/gitlab-state.js";
import { isDraftTitle, type IssuableRecord } from "../state/issuable-records.js";
import type { ProjectRecord, UserRecord } from "../state/records.js";
import type { Happening } from "./rows.js";

/** A payload, or an object in one. */
export type Body = Record<string, unknown>;

/** A payload, the setting of a webhook that asks for it, and the header that names it. */
export interface Payload {
  readonly kind: string;
  readonly setting: string;
  readonly header: string;
  readonly body: Body;
}

/** How GitLab writes times in webhooks. */
export const time = (date: Date | null): string | null =>
  date === null
    ? null
    : date
        .toISOString()
        .replace("T", " ")
        .replace(/\.\d+Z$/, " UTC");

export const person = (gitlab: GitLabState, user: UserRecord | undefined): Body => ({
  id: user?.id ?? null,
  name: user?.name ?? "Ghost User",
  username: user?.username ?? "ghost",
  avatar_url: user === undefined ? null : `${gitlab.baseUrl}/uploads/-/system/user/avatar/${String(user.id)}.png`,
  email: "[REDACTED]",
});

export const people = (gitlab: GitLabState, ids: unknown): Body[] =>
  (Array.isArray(ids) ? ids : []).map((id: number) => person(gitlab, gitlab.users.get(id)));

export const labels = (gitlab: GitLabState, project: ProjectRecord, names: unknown): Body[] =>
  (Array.isArray(names) ? names : []).map((name: string) => {
    const label = gitlab.planning.labelsOf(project.id).find((one) => one.name === name);
    return { id: label?.id ?? 0, title: name, color: label?.color ?? "#6699cc", project_id: project.id };
  });

export function projectBody(gitlab: GitLabState, project: ProjectRecord): Body {
  return {
    id: project.id,
    name: project.name,
    description: project.description,
    web_url: gitlab.projectUrl(project),
    namespace: gitlab.namespaceName(project.namespaceId),
    visibility_level: { private: 0, internal: 10, public: 20 }[project.visibility],
    path_with_namespace: gitlab.projectPath(project),
    default_branch: project.repository.defaultBranch,
  };
}

export function issuable(gitlab: GitLabState, project: ProjectRecord, item: IssuableRecord & { state?: string }): Body {
  const merge = isMergeRequest(item);
  return {
    id: item.id,
    iid: item.iid,
    title: item.title,
    description: item.description,
    state: item.state,
    author_id: item.authorId,
    assignee_ids: item.assigneeIds,
    milestone_id: item.milestoneId,
    created_at: time(item.createdAt),
    updated_at: time(item.updatedAt),
    url: `${gitlab.projectUrl(project)}/-/${merge ? "merge_requests" : "issues"}/${String(item.iid)}`,
    ...(isIssue(item) && {
      project_id: item.projectId,
      confidential: item.confidential,
      due_date: item.dueDate,
      weight: item.weight,
      type: item.issueType === "issue" ? "Issue" : item.issueType.replace(/^./, (letter) => letter.toUpperCase()),
    }),
    ...(isMergeRequest(item) && {
      source_project_id: item.sourceProjectId,
      target_project_id: item.projectId,
      source_branch: item.sourceBranch,
      target_branch: item.targetBranch,
      reviewer_ids: item.reviewerIds,
      draft: isDraftTitle(item.title),
      work_in_progress: isDraftTitle(item.title),
      merge_commit_sha: item.mergeCommitSha,
      last_commit: commitBody(gitlab, project, headOf(gitlab, item)),
    }),
  };
}

const headOf = (gitlab: GitLabState, item: { sourceProjectId: number; sourceBranch: string }): string =>
  gitlab.projects.get(item.sourceProjectId)?.repository.branches.get(item.sourceBranch) ?? "";

export function commitBody(gitlab: GitLabState, project: ProjectRecord, sha: string): Body | null {
  const commit = project.repository.commit(sha);
  if (commit === undefined) return null;
  return {
    id: commit.sha,
    message: commit.message,
    title: commit.message.split("\n")[0],
    timestamp: commit.author.date.toISOString(),
    url: `${gitlab.projectUrl(project)}/-/commit/${commit.sha}`,
    author: { name: commit.author.name, email: "[REDACTED]" },
  };
}

/** Changes as GitLab tells them: people and labels as objects. */
export function changesOf(gitlab: GitLabState, project: ProjectRecord, changes: Happening["changes"]): Body {
  return Object.fromEntries(
    Object.entries(changes).flatMap(([name, { previous, current }]) => {
      if (["approvals", "head", "state", "type"].includes(name)) return [];
      const show = (value: unknown): unknown =>
        name === "assignees" || name === "reviewers"
          ? people(gitlab, value)
          : name === "labels"
            ? labels(gitlab, project, value)
            : value;
      return [[name, { previous: show(previous), current: show(current) }]];
    }),
  );
}

const stateActions: Readonly<Record<string, string>> = { closed: "close", opened: "reopen", merged: "merge" };

export function actionOf({ what, changes }: Happening): string {
  if (what === "created") return "open";
  const state = changes["state"]?.current;
  if (typeof state === "string") return stateActions[state] ?? "update";
  const before = changes["approvals"]?.previous;
  const after = changes["approvals"]?.current;
  if (Array.isArray(before) && Array.isArray(after) && Object.keys(changes).every((name) => name === "approvals")) {
    return after.length > before.length ? "approved" : "unapproved";
  }
  return "update";
}
