import type { Row, WireAnswer } from "./wire-answer.js";

const notAllowed: WireAnswer = { status: 405, body: { message: "405 Method Not Allowed" } };
const merge = "gitlab_merge_request_merge";
const mergeRequest = (facts: Readonly<Record<string, unknown>>): Row["lookups"] => ({
  "GET /projects/g%2Fp/merge_requests/5": { status: 200, body: { iid: 5, ...facts } },
});

const obstacles: readonly (readonly [status: string, hint: RegExp, retryable?: boolean])[] = [
  ["draft_status", /without "Draft:"/],
  ["conflict", /resolve the conflicts/],
  ["ci_must_pass", /gitlab_job_log_get/],
  ["ci_still_running", /Wait for the pipeline/],
  ["discussions_not_resolved", /gitlab_merge_request_notes_list/],
  ["not_approved", /gitlab_merge_request_approvals_get/],
  ["not_open", /read state/],
  ["need_rebase", /rebase/],
  ["requested_changes", /reviewer/],
  ["checking", /few seconds/, true],
  ["unchecked", /few seconds/, true],
  ["something_new", /read detailed_merge_status/],
];

/** What is in another state than the caller thinks. */
export const conflictRows: readonly Row[] = [
  ...obstacles.map(([detailed_merge_status, hint, retryable = false]): Row => ({
    name: `not mergeable: ${detailed_merge_status}`,
    tool: merge,
    answer: notAllowed,
    lookups: mergeRequest({ detailed_merge_status, state: "opened" }),
    code: "not_mergeable",
    hint,
    retryable,
    details: { detailed_merge_status },
  })),
  {
    name: "not mergeable, and the merge request cannot be looked up",
    tool: merge,
    answer: notAllowed,
    lookups: { "GET /projects/g%2Fp/merge_requests/5": { status: 500 } },
    code: "not_mergeable",
    hint: /gitlab_merge_request_get/,
  },
  {
    name: "a merge that failed",
    tool: merge,
    answer: { status: 422, body: { message: "Branch cannot be merged" } },
    lookups: mergeRequest({ has_conflicts: true }),
    code: "not_mergeable",
    hint: /resolve the conflicts/,
  },
  {
    name: "406 of older instances",
    tool: merge,
    answer: { status: 406, body: { message: "Branch cannot be merged" } },
    lookups: mergeRequest({ draft: true }),
    code: "not_mergeable",
    hint: /Draft/,
  },
  {
    name: "the source branch has changed",
    tool: merge,
    answer: { status: 409, body: { message: "SHA does not match HEAD of source branch: abc" } },
    lookups: mergeRequest({ sha: "def", detailed_merge_status: "mergeable" }),
    code: "conflict",
    hint: /sha: def/,
    details: { sha: "def" },
  },
  {
    name: "a stale last_commit_id",
    tool: "gitlab_file_update",
    answer: {
      status: 400,
      body: { message: "You are attempting to update a file that has changed since you started editing it." },
    },
    lookups: {
      "GET /projects/g%2Fp/repository/files/docs%2Fa.md?ref=main": {
        status: 200,
        body: { file_path: "docs/a.md", last_commit_id: "c0ffee" },
      },
    },
    code: "conflict",
    hint: /gitlab_file_get/,
    details: { last_commit_id: "c0ffee" },
  },
  {
    name: "a stale last_commit_id, the present one in a header",
    tool: "gitlab_file_update",
    answer: { status: 400, body: { message: "…has changed since you started editing it" } },
    lookups: {
      "GET /projects/g%2Fp/repository/files/docs%2Fa.md?ref=main": {
        status: 200,
        body: {},
        headers: { "x-gitlab-last-commit-id": "beef" },
      },
    },
    code: "conflict",
    hint: /last_commit_id/,
    details: { last_commit_id: "beef" },
  },
  ...(
    [
      ["gitlab_project_member_add", 409, "Member already exists"],
      ["gitlab_release_create", 409, "Release already exists"],
      ["gitlab_label_create", 409, "Label already exists"],
      ["gitlab_branch_create", 400, "Branch already exists"],
      ["gitlab_file_create", 400, "A file with this name already exists"],
    ] as const
  ).map(([tool, status, words]): Row => ({
    name: words,
    tool,
    answer: { status, body: { message: words } },
    code: "conflict",
    hint: /update it, or choose another name/,
    message: new RegExp(words),
  })),
  {
    name: "a lock",
    tool: "gitlab_issue_update",
    answer: { status: 409, body: { message: "409 Conflict: Resource lock" } },
    code: "conflict",
    retryable: true,
    hint: /few seconds/,
  },
  {
    name: "another conflict",
    tool: "gitlab_issue_update",
    answer: { status: 409, body: { message: "409 Conflict" } },
    code: "conflict",
    hint: /present state/,
  },
  {
    name: "a precondition",
    tool: "gitlab_issue_update",
    answer: { status: 412, body: { message: "412 Precondition Failed" } },
    code: "conflict",
    hint: /present state/,
  },
  {
    name: "a write to a project that has moved, 405",
    tool: "gitlab_issue_create",
    answer: { status: 405, body: { message: "Non GET methods are not allowed for moved projects" } },
    lookups: { "GET /projects/g%2Fp": { status: 200, body: { id: 7, path_with_namespace: "new/p" } } },
    code: "conflict",
    hint: /project_id: 7/,
    message: /moved to new\/p/,
    details: { projectId: 7, project: "new/p" },
  },
  {
    name: "a write to a project that has moved, 301 to its number",
    tool: "gitlab_project_update",
    answer: { status: 301, headers: { location: "/api/v4/projects/7" } },
    code: "conflict",
    hint: /project_id: 7/,
    details: { projectId: 7 },
  },
  {
    name: "a write that is redirected on the same host without a number",
    tool: "gitlab_project_update",
    answer: { status: 308, headers: { location: "/api/v4/projects/new%2Fp" } },
    lookups: { "GET /projects/g%2Fp": { status: 404 } },
    code: "conflict",
    hint: /gitlab_project_get/,
  },
  {
    name: "a write that is redirected to another origin",
    tool: "gitlab_issue_create",
    answer: { status: 301, headers: { location: "https://gitlab.example/api/v4/projects/g%2Fp/issues" } },
    code: "connection_misconfigured",
    hint: /baseUrl/,
    details: { location: "https://gitlab.example" },
  },
  {
    name: "a read that is redirected to another origin",
    tool: "gitlab_issues_list",
    answer: { status: 302, headers: { location: "https://gitlab.example/api/v4/projects/g%2Fp/issues" } },
    code: "connection_misconfigured",
    hint: /baseUrl/,
  },
  {
    name: "a write that is sent to a sign-in page",
    tool: "gitlab_issue_create",
    answer: { status: 302, headers: { location: "/users/sign_in" } },
    code: "forbidden",
    hint: /sign in/,
  },
  {
    name: "pages too far on",
    tool: "gitlab_projects_list",
    answer: {
      status: 405,
      body: { error: "Offset pagination has a maximum allowed offset of 50000 for requests that return objects" },
    },
    code: "validation_failed",
    hint: /keyset/,
  },
];
