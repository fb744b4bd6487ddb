import type { ErrorCode } from "gitlab-agent-tools";

/** An answer as it comes over the wire. */
export interface WireAnswer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One refusal: what GitLab answers, and what is to be made of it. */
export interface Row {
  readonly name: string;
  readonly tool: string;
  readonly input?: Readonly<Record<string, unknown>>;
  readonly instance?: "gitlab.com" | "self-managed";
  readonly answer: WireAnswer;
  /** Answers to lookups, by `METHOD /path?query` without `/api/v4`; what is not here is 404. */
  readonly lookups?: Readonly<Record<string, WireAnswer>>;
  readonly code: ErrorCode;
  /** Default: false. */
  readonly retryable?: boolean;
  readonly hint: RegExp;
  readonly message?: RegExp;
  readonly details?: Readonly<Record<string, unknown>>;
  /** How many lookups are made. Default: as many as are answered by {@link lookups}. */
  readonly asked?: number;
}

export const page = (title: string): string => `<!DOCTYPE html><html><head><title>${title}</title></head></html>`;

/** Inputs that fit, by tool. */
export const inputs: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  gitlab_branch_create: { project_id: "g/p", branch: "new", ref: "main" },
  gitlab_branch_get: { project_id: "g/p", branch: "gone" },
  gitlab_branches_list: { project_id: "g/p" },
  gitlab_commit_get: { project_id: "g/p", sha: "abc" },
  gitlab_current_user_get: {},
  gitlab_file_create: { project_id: "g/p", file_path: "a.md", branch: "main", content: "x", commit_message: "x" },
  gitlab_file_get: { project_id: "g/p", file_path: "a.md", ref: "main" },
  gitlab_file_update: {
    project_id: "g/p",
    file_path: "docs/a.md",
    branch: "main",
    content: "x",
    commit_message: "x",
    last_commit_id: "old",
  },
  gitlab_group_get: { group_id: "g" },
  gitlab_issue_create: { project_id: "g/p", title: "x" },
  gitlab_issue_get: { project_id: "g/p", issue_iid: 81234567 },
  gitlab_issue_note_create: { project_id: "g/p", issue_iid: 81234567, body: "x" },
  gitlab_issue_note_delete: { project_id: "g/p", issue_iid: 7, note_id: 3 },
  gitlab_issue_update: { project_id: "g/p", issue_iid: 81234567, title: "x" },
  gitlab_issues_list: { project_id: "g/p" },
  gitlab_job_retry: { project_id: "g/p", job_id: 9 },
  gitlab_label_create: { project_id: "g/p", name: "bug", color: "#ff0000" },
  gitlab_merge_request_approvals_get: { project_id: "g/p", merge_request_iid: 5 },
  gitlab_merge_request_approve: { project_id: "g/p", merge_request_iid: 5 },
  gitlab_merge_request_get: { project_id: "g/p", merge_request_iid: 81234567 },
  gitlab_merge_request_merge: { project_id: "g/p", merge_request_iid: 5 },
  gitlab_pipeline_create: { project_id: "g/p", ref: "main" },
  gitlab_pipeline_get: { project_id: "g/p", pipeline_id: 1 },
  gitlab_pipeline_retry: { project_id: "g/p", pipeline_id: 1 },
  gitlab_project_get: { project_id: "g/p" },
  gitlab_project_member_add: { project_id: "g/p", user_id: 3, access_level: 30 },
  gitlab_project_update: { project_id: "g/p", name: "x" },
  gitlab_project_variables_list: { project_id: "g/p" },
  gitlab_projects_list: {},
  gitlab_release_create: { project_id: "g/p", tag_name: "v1" },
  gitlab_tag_get: { project_id: "g/p", tag_name: "v9" },
  gitlab_user_get: { user_id: 9 },
};
