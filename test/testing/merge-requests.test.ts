import { describe, expect, it } from "vitest";
import { entries, object, work, type ApiAnswer } from "./work-client.js";

const { api } = work();

const status = async (iid: number): Promise<unknown> =>
  object((await api("ada", "GET", `merge_requests/${String(iid)}`)).body)["detailed_merge_status"];

/** A branch with one changed file, made over the API. */
async function branch(name: string, file: string, content: string): Promise<void> {
  await api("ben", "POST", "repository/branches", { branch: name, ref: "main" });
  const path = `repository/files/${encodeURIComponent(file)}`;
  const answer = await api("ben", "POST", path, { branch: name, content, commit_message: `Add ${file}` });
  expect(answer.status).toBe(201);
}

const open = (username: string, fields: Record<string, unknown>): Promise<ApiAnswer> =>
  api(username, "POST", "merge_requests", { target_branch: "main", ...fields });

describe("merge requests of the seeded project", () => {
  it("are in all states that agents meet", async () => {
    expect(await status(1)).toBe("not_open");
    expect(await status(5)).toBe("draft_status");
    expect(await status(6)).toBe("mergeable");
    expect(await status(7)).toBe("not_approved");
    expect(await status(8)).toBe("conflict");
    expect(await status(10)).toBe("discussions_not_resolved");
  });

  it.each([
    ["state=opened", 8],
    ["state=merged", 3],
    ["state=closed", 1],
    ["draft=true", 1],
    ["wip=no&state=opened", 7],
    ["author_username=ada&state=opened", 3],
    ["reviewer_username=ben", 3],
    ["labels=bug,p1&state=opened", 3],
    ["milestone=v1.5", 5],
    ["source_branch=retry-webhooks", 1],
    ["search=webhooks", 1],
    ["approved_by_usernames[]=ada", 3],
    ["scope=created_by_me", 4],
    ["not[author_username]=ben", 4],
    ["merged_after=2025-05-01T00:00:00Z", 1],
  ])("are filtered by %s", async (query, count) => {
    expect(entries(await api("ada", "GET", `merge_requests?per_page=100&${query}`))).toHaveLength(count);
  });

  it("come in a simple view", async () => {
    const [first] = entries(await api("ada", "GET", "merge_requests?view=simple&per_page=1"));
    expect(Object.keys(first ?? {})).toEqual([
      "id",
      "iid",
      "project_id",
      "title",
      "description",
      "state",
      "created_at",
      "updated_at",
      "web_url",
    ]);
  });

  it("have all documented fields", async () => {
    const body = object((await api("ada", "GET", "merge_requests/6")).body);
    expect(body).toMatchObject({
      iid: 6,
      source_branch: "fix-plus-in-invitations",
      references: { full: "acme/app!6" },
      changes_count: "1",
      has_conflicts: false,
      head_pipeline: { status: "success", detailed_status: { text: "Passed" } },
      user: { can_merge: true },
    });
    expect(object(body["diff_refs"])["head_sha"]).toBe(body["sha"]);
    expect(Object.keys(body).length).toBeGreaterThanOrEqual(60);
  });

  it("show their commits and diffs from the repository", async () => {
    const commits = entries(await api("ada", "GET", "merge_requests/5/commits"));
    expect(commits.map((commit) => commit["title"])).toEqual([
      "Describe the registration",
      "Create a challenge for registration",
    ]);
    const diffs = entries(await api("ada", "GET", "merge_requests/6/diffs"));
    expect(diffs).toMatchObject([{ new_path: "src/invitations.ts", new_file: true, deleted_file: false }]);
    expect(String(diffs[0]?.["diff"])).toMatch(/^@@ -\d,0 \+1 @@\n\+export const address/);
    const [unified] = entries(await api("ada", "GET", "merge_requests/6/diffs?unidiff=true"));
    expect(String(unified?.["diff"])).toMatch(/^--- \/dev\/null\n\+\+\+ b\/src\/invitations.ts\n@@/);
  });

  it("are not for guests of a private project", async () => {
    expect(await api("guest", "GET", "merge_requests/6")).toMatchObject({
      status: 404,
      body: { message: "404 Not found" },
    });
    expect(await api("guest", "GET", "merge_requests")).toMatchObject({ status: 403 });
  });
});

describe("opening merge requests", () => {
  it("takes quick actions from the description and tells the issues it names", async () => {
    await branch("tooltip", "src/tooltip.ts", "export const delay = 300;\n");
    const { status, body } = await open("ben", {
      source_branch: "tooltip",
      title: "Draft: Move the tooltip",
      description: "Closes #39\n\n/assign @ben\n/assign_reviewer @ada\n/label ~bug ~frontend\n/milestone %v1.5\n/ready",
    });
    expect(status).toBe(201);
    expect(object(body)).toMatchObject({
      title: "Move the tooltip",
      draft: false,
      description: "Closes #39",
      labels: ["bug", "frontend"],
      assignees: [{ username: "ben" }],
      reviewers: [{ username: "ada" }],
      milestone: { title: "v1.5" },
      detailed_merge_status: "preparing",
    });
    const again = await api("ben", "GET", `merge_requests/${String(object(body)["iid"])}`);
    expect(object(again.body)).toMatchObject({ detailed_merge_status: "mergeable" });
    const notes = entries(await api("ben", "GET", "issues/39/notes"));
    expect(notes[0]).toMatchObject({
      body: `mentioned in merge request !${String(object(body)["iid"])}`,
      system: true,
    });
  });

  it("is refused in GitLab's words", async () => {
    expect(await open("ben", { source_branch: "retry-webhooks", title: "Again" })).toMatchObject({
      status: 409,
      body: { message: ["Another open merge request already exists for this source branch: !9"] },
    });
    expect(await open("ben", { source_branch: "main", title: "Same" })).toMatchObject({
      status: 422,
      body: { message: ["You can't use same project/branch for source and target"] },
    });
    expect(await open("ben", { source_branch: "nowhere", title: "None" })).toMatchObject({
      status: 400,
      body: { message: { source_branch: ["does not exist"] } },
    });
    expect(await open("ben", { title: "No branch" })).toMatchObject({
      status: 400,
      body: { error: "source_branch is missing" },
    });
    expect(await open("guest", { source_branch: "retry-webhooks", title: "Mine" })).toMatchObject({ status: 403 });
  });
});

describe("merging", () => {
  it("moves the target branch, closes issues and removes the source branch", async () => {
    const before = object(object((await api("ada", "GET", "repository/branches/main")).body)["commit"])["id"];
    const answer = await api("ada", "PUT", "merge_requests/6/merge", { should_remove_source_branch: true });
    expect(answer).toMatchObject({
      status: 200,
      body: { state: "merged", merged_by: { username: "ada" }, detailed_merge_status: "not_open" },
    });
    const head = object(object((await api("ada", "GET", "repository/branches/main")).body)["commit"]);
    expect(head["id"]).not.toBe(before);
    expect(head["id"]).toBe(object(answer.body)["merge_commit_sha"]);
    expect(String(head["message"])).toContain("See merge request acme/app!6");
    expect(await api("ada", "GET", "repository/files/src%2Finvitations.ts?ref=main")).toMatchObject({ status: 200 });
    expect(await api("ada", "GET", "issues/36")).toMatchObject({ body: { state: "closed" } });
    expect(await api("ada", "GET", "repository/branches/fix-plus-in-invitations")).toMatchObject({ status: 404 });
    expect(entries(await api("ada", "GET", "merge_requests/6/commits"))).toHaveLength(1);
  });

  it("squashes when asked to", async () => {
    const answer = await api("ada", "PUT", "merge_requests/12/merge", { squash: true, squash_commit_message: "Logs" });
    expect(answer.status).toBe(200);
    const squashed = String(object(answer.body)["squash_commit_sha"]);
    expect(await api("ada", "GET", `repository/commits/${squashed}`)).toMatchObject({ body: { title: "Logs" } });
  });

  it("is refused to whoever may not push to the branch", async () => {
    expect(await api("ben", "PUT", "merge_requests/11/merge")).toMatchObject({
      status: 401,
      body: { message: "401 Unauthorized" },
    });
  });

  it.each([5, 7, 10, 4])("is refused while !%i is not mergeable", async (iid) => {
    const answer = await api("ada", "PUT", `merge_requests/${String(iid)}/merge`);
    expect(answer).toMatchObject({ status: 405, body: { message: "405 Method Not Allowed" } });
  });

  it("is refused when there are conflicts, or the head has moved", async () => {
    expect(await api("ada", "PUT", "merge_requests/8/merge")).toMatchObject({
      status: 422,
      body: { message: "Branch cannot be merged" },
    });
    const head = String(object((await api("ada", "GET", "merge_requests/9")).body)["sha"]);
    expect(await api("ada", "PUT", "merge_requests/9/merge", { sha: "0".repeat(40) })).toMatchObject({
      status: 409,
      body: { message: `SHA does not match HEAD of source branch: ${head}` },
    });
  });

  it("waits for the pipeline where the project wants that", async () => {
    await api("ada", "PUT", "/acme%2Fapp", { only_allow_merge_if_pipeline_succeeds: true });
    expect(await status(9)).toBe("ci_must_pass");
    expect(await status(11)).toBe("ci_still_running");
    expect(await api("ada", "PUT", "merge_requests/11/merge", { auto_merge: true })).toMatchObject({
      status: 200,
      body: { state: "opened", merge_when_pipeline_succeeds: true },
    });
    await api("ada", "PUT", "/acme%2Fapp", { only_allow_merge_if_pipeline_succeeds: false });
  });
});

describe("changing merge requests", () => {
  it("retitles, labels, closes and reopens", async () => {
    expect(
      await api("ben", "PUT", "merge_requests/9", {
        add_labels: ["p2"],
        title: "Draft: Retry webhooks",
        reviewer_ids: [],
      }),
    ).toMatchObject({
      body: { draft: true, labels: ["backend", "customer", "feature", "p2"], reviewers: [] },
    });
    expect(await api("ben", "PUT", "merge_requests/9", { state_event: "close" })).toMatchObject({
      body: { state: "closed", detailed_merge_status: "not_open" },
    });
    expect(await api("ben", "PUT", "merge_requests/9", { state_event: "reopen" })).toMatchObject({
      body: { state: "opened" },
    });
    expect((await api("ben", "PUT", "merge_requests/9", {})).status).toBe(400);
  });
});

describe("approvals", () => {
  it("are given once, not by the author, and unblock merging", async () => {
    const path = "merge_requests/7/approvals";
    expect(await api("ben", "GET", path)).toMatchObject({
      body: { approved: false, approvals_left: 1, user_can_approve: true, approved_by: [] },
    });
    expect(await api("ada", "POST", "merge_requests/7/approve")).toMatchObject({ status: 401 });
    expect(await api("ben", "POST", "merge_requests/7/approve", { sha: "1".repeat(40) })).toMatchObject({
      status: 409,
    });
    expect(await api("ben", "POST", "merge_requests/7/approve")).toMatchObject({
      status: 201,
      body: { approved: true, user_has_approved: true, approved_by: [{ user: { username: "ben" } }] },
    });
    expect(await api("ben", "POST", "merge_requests/7/approve")).toMatchObject({ status: 401 });
    expect(await status(7)).toBe("mergeable");
  });
});

describe("on the Free plan", () => {
  const hosted = work({ instance: "gitlab.com", plan: "free" });
  const own = work({ plan: "free" });

  it("approvals are read and given as anywhere; only their rules are paid for", async () => {
    expect(await hosted.api("ben", "GET", "merge_requests/6/approvals")).toMatchObject({ status: 200 });
    expect(await own.api("ada", "POST", "merge_requests/12/approve")).toMatchObject({ status: 201 });
    expect(await own.api("ben", "GET", "merge_requests/12/approval_state")).toMatchObject({ status: 404 });
  });
});
