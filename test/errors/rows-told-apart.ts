import type { Row, WireAnswer } from "./wire-answer.js";

const bare: WireAnswer = { status: 403, body: { message: "403 Forbidden" } };
const noRoute: WireAnswer = { status: 404, body: { error: "404 Not Found" } };
const said = (status: number, message: unknown): WireAnswer => ({ status, body: { message } });
const project = (level: number): WireAnswer => ({
  status: 200,
  body: {
    id: 7,
    path_with_namespace: "g/p",
    namespace: { id: 70 },
    permissions: { project_access: { access_level: level }, group_access: null },
  },
});
const plan = (name: string): WireAnswer => ({ status: 200, body: { id: 70, plan: name } });

/** States, roles, plans and versions, which GitLab answers with the same statuses. */
export const toldApartRows: readonly Row[] = [
  {
    name: "403 on an approval with nothing known is a matter of rights, not of the plan",
    tool: "gitlab_merge_request_approve",
    instance: "gitlab.com",
    answer: bare,
    lookups: {},
    asked: 1,
    code: "forbidden",
    hint: /gitlab_merge_request_approvals_get/,
  },
  {
    name: "403 on an approval on Free, and the role is too low: the role",
    tool: "gitlab_merge_request_approve",
    instance: "gitlab.com",
    answer: bare,
    lookups: { "GET /projects/g%2Fp": project(20), "GET /namespaces/70": plan("free") },
    code: "forbidden",
    hint: /role/,
    message: /Reporter \(20\); the action needs Developer \(30\)/,
  },
  {
    name: "403 on an approval on Free, and the role suffices: the plan",
    tool: "gitlab_merge_request_approve",
    instance: "gitlab.com",
    answer: bare,
    lookups: { "GET /projects/g%2Fp": project(40), "GET /namespaces/70": plan("free") },
    code: "premium_required",
    hint: /Do without/,
  },
  ...(["403 Forbidden - Job is not retryable", "403 Forbidden - Der Job kann nicht wiederholt werden"] as const).map(
    (words): Row => ({
      name: `a job's state: ${words}`,
      tool: "gitlab_job_retry",
      instance: "gitlab.com",
      answer: said(403, words),
      code: "conflict",
      hint: /gitlab_jobs_list/,
      details: { reason: "job_state" },
    }),
  ),
  {
    name: "a protected tag",
    tool: "gitlab_release_create",
    answer: said(403, "You are not allowed to create this tag as it is protected."),
    code: "forbidden",
    hint: /tag name that is not protected/,
    details: { reason: "protected_tag" },
  },
  ...(
    [
      ["gitlab_file_create", 400, "You are not allowed to push into this branch"],
      ["gitlab_branch_create", 403, "403 Forbidden - You are not allowed to push into this branch"],
      ["gitlab_file_update", 400, "The branch main is protected"],
    ] as const
  ).map(([tool, status, words]): Row => ({
    name: `a protected branch: ${status} ${words}`,
    tool,
    answer: said(status, words),
    code: "forbidden",
    hint: /another branch/,
    details: { reason: "protected_branch" },
  })),
  ...(
    [
      ["gitlab.com", 400, "Scope supported only with advanced search or exact code search", /Premium/],
      ["self-managed", 400, "Scope not supported without Elasticsearch!", /advanced search/],
      ["self-managed", 400, "400 Bad request - Scope 'blobs' is not available for this search", /advanced search/],
      ["self-managed", 403, "403 Forbidden - Global Search is disabled for this scope", /advanced search/],
    ] as const
  ).map(([instance, status, words, hint]): Row => ({
    name: `a scope of the global search: ${words}`,
    tool: "gitlab_global_search",
    input: { scope: "blobs", search: "x" },
    instance,
    answer: said(status, words),
    code: "not_available",
    hint: new RegExp(`${hint.source}.*gitlab_project_search`),
  })),
  {
    name: "the number in a milestone's address for its id",
    tool: "gitlab_milestone_update",
    input: { project_id: "g/p", milestone_id: 3, title: "x" },
    answer: said(404, "404 Not found"),
    lookups: { "GET /projects/g%2Fp/milestones?iids[]=3": { status: 200, body: [{ id: 812, iid: 3 }] } },
    code: "wrong_iid",
    hint: /^Call again with milestone_id: 812\.$/,
    details: { parameter: "milestone_id", given: 3, id: 812 },
  },
  {
    name: "a milestone that is not there",
    tool: "gitlab_milestone_update",
    input: { project_id: "g/p", milestone_id: 3, title: "x" },
    answer: said(404, "404 Not found"),
    lookups: { "GET /projects/g%2Fp/milestones?iids[]=3": { status: 200, body: [] } },
    code: "not_found",
    hint: /gitlab_milestones_list/,
  },
  {
    name: "identity verification, said with 403",
    tool: "gitlab_job_retry",
    answer: said(403, { base: ["Identity verification is required in order to run CI jobs"] }),
    code: "identity_verification_required",
    hint: /profile\/verify/,
  },
  {
    name: "a stale last_commit_id, said in another language",
    tool: "gitlab_file_update",
    answer: said(400, "\u60a8\u6b63\u5728\u66f4\u65b0\u7684\u6587\u4ef6\u5df2\u66f4\u6539\u3002"),
    lookups: {
      "GET /projects/g%2Fp/repository/files/docs%2Fa.md?ref=main": { status: 200, body: { last_commit_id: "new" } },
    },
    code: "conflict",
    hint: /gitlab_file_get/,
    details: { last_commit_id: "new" },
  },
  {
    name: "another refusal of a file in another language",
    tool: "gitlab_file_update",
    answer: said(400, "\u5206\u652f\u53d7\u4fdd\u62a4"),
    lookups: {
      "GET /projects/g%2Fp/repository/files/docs%2Fa.md?ref=main": { status: 200, body: { last_commit_id: "old" } },
    },
    code: "validation_failed",
    hint: /protected/,
  },
  {
    name: "a route that the instance does not have, with its version",
    tool: "gitlab_issues_list",
    answer: noRoute,
    lookups: { "GET /metadata": { status: 200, body: { version: "15.2.0-ee", enterprise: true } } },
    code: "not_available",
    hint: /Do without/,
    message: /GitLab 15\.2\.0-ee at 127\.0\.0\.1:\d+ has no such route/,
    details: { version: "15.2.0-ee", enterprise: true },
  },
  {
    name: "the version is asked once",
    tool: "gitlab_branches_list",
    answer: noRoute,
    asked: 0,
    code: "not_available",
    hint: /Do without/,
    details: { version: "15.2.0-ee" },
  },
];
