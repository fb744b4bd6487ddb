import {
  branchCreate,
  fileGet,
  fileUpdate,
  issueCreate,
  issueGet,
  issuesList,
  jobRetry,
  jobsList,
  mergeRequestApprovalsGet,
  mergeRequestApprove,
  mergeRequestGet,
  mergeRequestMerge,
  mergeRequestsList,
  pipelineCreate,
  pipelineRetry,
  projectGet,
  projectUpdate,
  projectVariablesList,
} from "gitlab-agent-tools/tools";
import { describe, expect, test } from "vitest";
import { refusal, stage } from "../support/people.js";

// What can go wrong between an agent and GitLab, met for real.

const project_id = "acme/app";

describe("the wrong number", () => {
  test("an issue's global id: the error knows its iid, and the iid works", async () => {
    const { as, requests } = await stage();
    const ben = await as("ben");
    const [issue] = (await issuesList(ben, { project_id })).data;
    requests();
    const error = await refusal(issueGet(ben, { project_id, issue_iid: issue?.id ?? 0 }));
    expect(error).toMatchObject({
      code: "wrong_iid",
      details: { given: issue?.id, iid: issue?.iid, project: project_id },
    });
    expect(error.message).toBe(`${issue?.id} is the global id of issue #${issue?.iid} in acme/app, not its iid.`);
    expect(requests()).toEqual([`GET /projects/acme%2Fapp/issues/${issue?.id}`, "POST /api/graphql"]);
    const iid = error.details?.["iid"] as number;
    expect((await issueGet(ben, { project_id, issue_iid: iid })).data.id).toBe(issue?.id);
  });

  test("a merge request's, in a write, with the project's number", async () => {
    const { as } = await stage();
    const ben = await as("ben");
    const [item] = (await mergeRequestsList(ben, { project_id })).data;
    const { id } = (await projectGet(ben, { project_id })).data;
    const error = await refusal(mergeRequestApprove(ben, { project_id: id, merge_request_iid: item?.id ?? 0 }));
    expect(error).toMatchObject({ code: "wrong_iid", details: { iid: item?.iid } });
  });

  test("nobody's number is not found, and the lookup can be switched off", async () => {
    const { as, requests } = await stage();
    const ben = await as("ben");
    expect(await refusal(issueGet(ben, { project_id, issue_iid: 4_000_000 }))).toMatchObject({ code: "not_found" });
    const quiet = await stage({}, { lookups: { wrongIid: false } });
    const other = await quiet.as("ben");
    const error = await refusal(issueGet(other, { project_id, issue_iid: 81_234_683 }));
    expect(error.code).toBe("not_found");
    expect(error.hint).toContain("not the global id");
    expect(quiet.requests()).toHaveLength(1);
    expect(requests()).toHaveLength(2);
  });

  test("a lookup that hangs holds up the error for no longer than it may", async () => {
    const { as, emulator } = await stage({}, { lookups: { timeoutMs: 80 } });
    const ben = await as("ben");
    // Longer than a test may take.
    emulator.faults.add({ path: "/api/graphql", delayMs: 600_000 });
    expect(await refusal(issueGet(ben, { project_id, issue_iid: 81_234_683 }))).toMatchObject({ code: "not_found" });
  });
});

describe("who may what", () => {
  test("a project that the user may not see is as good as missing", async () => {
    const { as } = await stage();
    const error = await refusal(issuesList(await as("ben"), { project_id: "ada/notes" }));
    expect(error.code).toBe("project_not_found");
    expect(error.message).toContain("or this user has no access to it");
  });

  test("too low a role: the one that is needed", async () => {
    const { as } = await stage();
    const error = await refusal(projectVariablesList(await as("ben"), { project_id }));
    expect(error).toMatchObject({ code: "forbidden", details: { neededAccessLevel: 40 } });
    expect(error.message).toContain("Maintainer (40)");
  });

  test("401 on a merge is about the user, not about the token", async () => {
    const { as } = await stage();
    const ben = await as("ben");
    expect(await refusal(mergeRequestMerge(ben, { project_id, merge_request_iid: 12 }))).toMatchObject({
      code: "forbidden",
      status: 401,
    });
    expect((await issuesList(ben, { project_id })).status).toBe(200);
  });

  test("a scope that is missing is known before the call; unknown scopes are told by GitLab", async () => {
    const { as, requests, emulator } = await stage();
    const reader = await as("ben", ["read_api"]);
    requests();
    const known = await refusal(issueCreate(reader, { project_id, title: "x" }));
    expect(known).toMatchObject({ code: "insufficient_scope", details: { needed: ["api"], granted: ["read_api"] } });
    expect(known.hint).toContain('getAuthorizationLink({ scopes: ["api"] })');
    expect(requests()).toEqual([]);
    emulator.faults.add({ path: "personal_access_tokens/self", status: 404, times: 1 });
    emulator.faults.add({ path: "/oauth/token/info", status: 404, times: 1 });
    const unknown = await as("guest", ["read_api"]);
    expect(await refusal(issueCreate(unknown, { project_id, title: "x" }))).toMatchObject({
      code: "insufficient_scope",
      status: 403,
    });
  });

  test.each([
    ["403 Forbidden - Your account has been blocked.", "blocked"],
    ["You (@ben) must accept the Terms of Service in order to perform this action.", "terms_of_service"],
  ])("an account that GitLab does not let in: %s", async (words, reason) => {
    const { as, emulator } = await stage();
    const ben = await as("ben");
    emulator.users.block("ben", words);
    expect(await refusal(issuesList(ben, { project_id }))).toMatchObject({
      code: "account_blocked",
      details: { reason },
    });
    emulator.users.unblock("ben");
    expect((await issuesList(ben, { project_id })).status).toBe(200);
  });
});

describe("plans and identity verification", () => {
  test("a Premium feature on a Free namespace of GitLab.com", async () => {
    const { as, emulator } = await stage({ instance: "gitlab.com", plan: "free" });
    // Since approvals are free, no tool's operation is refused like this; older versions and other paid routes are.
    emulator.on("GET", "/projects/:id/merge_requests/:iid/approvals", () => ({
      status: 403,
      body: { message: "403 Forbidden" },
    }));
    const owner = await refusal(mergeRequestApprovalsGet(await as("ada"), { project_id, merge_request_iid: 12 }));
    expect(owner).toMatchObject({ code: "premium_required", details: { tier: "premium", plan: "free" } });
    // Who is not told the plan is told both causes.
    const other = await refusal(mergeRequestApprovalsGet(await as("ben"), { project_id, merge_request_iid: 12 }));
    expect(other.code).toBe("premium_required");
    expect(other.message).toContain("does not say which");
  });

  test("a Premium feature that a self-managed instance does not have, and a wrong iid there", async () => {
    const { as, emulator } = await stage({ plan: "free" });
    emulator.on("GET", "/projects/:id/merge_requests/:iid/approvals", ({ pathParameters }) =>
      pathParameters["iid"] === "12" ? { status: 404, body: { error: "404 Not Found" } } : undefined,
    );
    const ben = await as("ben");
    const error = await refusal(mergeRequestApprovalsGet(ben, { project_id, merge_request_iid: 12 }));
    expect(error).toMatchObject({ code: "premium_required", status: 404 });
    expect(await refusal(mergeRequestApprovalsGet(ben, { project_id, merge_request_iid: 999 }))).toMatchObject({
      code: "not_found",
    });
    const { data } = await mergeRequestGet(ben, { project_id, merge_request_iid: 12 });
    expect(await refusal(mergeRequestApprovalsGet(ben, { project_id, merge_request_iid: data.id }))).toMatchObject({
      code: "wrong_iid",
    });
  });

  test("CI without verified identity, GitLab.com: by body, and by a role that suffices", async () => {
    const { as, emulator } = await stage({ instance: "gitlab.com" });
    emulator.users.create({ username: "new", verified: false });
    emulator.members.set({ username: "new", of: project_id, accessLevel: 40 });
    const account = await as("new");
    const [job] = (await jobsList(account, { project_id, scope: ["success"] })).data;
    for (const call of [
      () => pipelineCreate(account, { project_id, ref: "main" }),
      () => pipelineRetry(account, { project_id, pipeline_id: job?.pipeline.id ?? 0 }),
      () => jobRetry(account, { project_id, job_id: job?.id ?? 0 }),
    ]) {
      const error = await refusal(call());
      expect(error.code).toBe("identity_verification_required");
      expect(error.hint).toContain("https://gitlab.com/-/profile/verify");
    }
    emulator.faults.add({ method: "POST", path: "/pipeline", status: 403, body: { message: "403 Forbidden" } });
    expect(await refusal(pipelineCreate(account, { project_id, ref: "main" }))).toMatchObject({
      code: "identity_verification_required",
      details: { inferred: true, accessLevel: 40 },
    });
  });

  test("the same refusals on a self-managed instance are a matter of the role", async () => {
    const { as, emulator } = await stage();
    const guest = await as("guest");
    expect(await refusal(pipelineCreate(guest, { project_id, ref: "main" }))).toMatchObject({ code: "forbidden" });
    const ben = await as("ben");
    emulator.faults.add({ method: "POST", path: "/pipeline", status: 403, body: { message: "403 Forbidden" } });
    expect(await refusal(pipelineCreate(ben, { project_id, ref: "main" }))).toMatchObject({ code: "forbidden" });
  });
});

describe("another state than expected", () => {
  test.each([
    [5, "draft_status", /Draft/],
    [7, "not_approved", /gitlab_merge_request_approvals_get/],
    [8, "conflict", /resolve the conflicts/],
    [10, "discussions_not_resolved", /gitlab_merge_request_notes_list/],
    [4, "not_open", /state/],
  ])("merge request !%i cannot be merged: %s", async (merge_request_iid, detailed_merge_status, hint) => {
    const { as } = await stage();
    const error = await refusal(mergeRequestMerge(await as("ada"), { project_id, merge_request_iid }));
    expect(error).toMatchObject({ code: "not_mergeable", details: { detailed_merge_status } });
    expect(error.hint).toMatch(hint);
  });

  test("a source branch with newer commits: the present sha, with which the merge works", async () => {
    const { as } = await stage();
    const ada = await as("ada");
    const wanted = { project_id, merge_request_iid: 12 };
    const error = await refusal(mergeRequestMerge(ada, { ...wanted, sha: "0".repeat(40) }));
    expect(error.code).toBe("conflict");
    expect((await mergeRequestMerge(ada, { ...wanted, sha: String(error.details?.["sha"]) })).data.state).toBe(
      "merged",
    );
  });

  test("a file that somebody else has changed: the present last_commit_id, with which the update works", async () => {
    const { as } = await stage();
    const [ada, ben] = [await as("ada"), await as("ben")];
    const file = { project_id, file_path: "README.md", branch: "feature" };
    await branchCreate(ada, { project_id, branch: "feature", ref: "main" });
    const read = (await fileGet(ben, { project_id, file_path: "README.md", ref: "feature" })).data;
    await fileUpdate(ada, { ...file, content: "first\n", commit_message: "First" });
    const mine = { ...file, content: "second\n", commit_message: "Second" };
    const error = await refusal(fileUpdate(ben, { ...mine, last_commit_id: read.last_commit_id }));
    expect(error.code).toBe("conflict");
    const current = String(error.details?.["last_commit_id"]);
    expect(current).not.toBe(read.last_commit_id);
    expect((await fileUpdate(ben, { ...mine, last_commit_id: current })).status).toBe(200);
  });

  test("a project that has moved: reads follow, writes say where to", async () => {
    const { as } = await stage();
    const ada = await as("ada");
    const { id } = (await projectUpdate(ada, { project_id, path: "portal" })).data;
    expect((await issuesList(ada, { project_id })).status).toBe(200);
    const error = await refusal(issueCreate(ada, { project_id, title: "x" }));
    expect(error).toMatchObject({ code: "conflict", details: { projectId: id, project: "acme/portal" } });
    expect((await issueCreate(ada, { project_id: id, title: "x" })).status).toBe(201);
  });

  test("a proxy that breaks %2F: the number, with which it works", async () => {
    const { as } = await stage({ refuseEncodedSlashes: true });
    const ben = await as("ben");
    const error = await refusal(issuesList(ben, { project_id }));
    expect(error).toMatchObject({ code: "not_found", details: { reason: "encoded_slash" } });
    const number = Number(error.details?.["projectId"]);
    expect((await issuesList(ben, { project_id: number })).status).toBe(200);
  });

  test("values that GitLab refuses, by field", async () => {
    const { as, emulator } = await stage();
    const ben = await as("ben");
    emulator.faults.add({
      method: "POST",
      path: "/issues",
      status: 400,
      body: { message: { title: ["is too long"] } },
    });
    expect(await refusal(issueCreate(ben, { project_id, title: "x" }))).toMatchObject({
      code: "validation_failed",
      details: { fields: { title: ["is too long"] } },
    });
  });
});

describe("what only a person can settle", () => {
  test.each([
    [
      409,
      { needs_captcha_response: true, spam_log_id: 1, message: { error: "recognized as spam" } },
      "forbidden",
      "spam",
    ],
    [403, { message: "403 Forbidden - IP restriction: your IP is not allowed" }, "account_blocked", "ip_restricted"],
    [403, { message: "Please sign in via your group's SSO" }, "account_blocked", "sso"],
  ])("%i %j", async (status, body, code, reason) => {
    const { as, emulator } = await stage();
    const ben = await as("ben");
    emulator.faults.add({ method: "POST", path: "/issues", status, body });
    const error = await refusal(issueCreate(ben, { project_id, title: "x" }));
    expect(error).toMatchObject({ code, retryable: false, details: { reason } });
  });
});
