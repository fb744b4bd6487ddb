import { createGitLab, type GitLab } from "gitlab-agent-tools";
import { createGitLabEmulator, type GitLabEmulator } from "gitlab-agent-tools/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

// What users of hosted connector SDKs have written, kept as they write it: only the client's construction is ours.

const redirectUri = "https://product.example/callback";
let emulator: GitLabEmulator;
let gitlab: GitLab;

beforeAll(async () => {
  emulator = await createGitLabEmulator({ instance: "gitlab.com" });
  const application = emulator.oauth.createApplication({ redirectUri, scopes: ["api"] });
  gitlab = createGitLab({
    store: "memory:",
    connections: {
      gitlab: { baseUrl: emulator.baseUrl, instance: "gitlab.com", ...application, redirectUri, scopes: ["api"] },
    },
  });
});

afterAll(async () => {
  await gitlab.close();
  await emulator.close();
});

describe.sequential("hosted shape", () => {
  test("get or create an account and print its status; redirect to the link unless it is ACTIVE", async () => {
    const printed: string[] = [];
    const response = await gitlab.actions.getOrCreateConnectedAccount({
      connectionName: "gitlab",
      identifier: "user_gl_456",
    });
    const connectedAccount = response.connectedAccount;
    printed.push(`Connected account: ${connectedAccount.id} ${connectedAccount.status}`);
    let redirectedTo = "";
    if (connectedAccount.status !== "ACTIVE") {
      const { link } = await gitlab.actions.getAuthorizationLink({
        connectionName: "gitlab",
        identifier: "user_gl_456",
      });
      redirectedTo = link;
    }
    expect(printed[0]).toMatch(/^Connected account: \S+ PENDING$/);
    expect(redirectedTo).toContain(`${emulator.baseUrl}/oauth/authorize?`);
    const callbackUrl = emulator.oauth.authorize(redirectedTo, { username: "ada" });
    const { connectedAccount: active } = await gitlab.handleCallback(callbackUrl, {
      expectedIdentifier: "user_gl_456",
    });
    expect(active).toMatchObject({ id: connectedAccount.id, status: "ACTIVE", gitlabUser: { username: "ada" } });
  });

  test("list open issues with filters", async () => {
    const issues = await gitlab.actions.executeTool({
      identifier: "user_gl_456",
      toolName: "gitlab_issues_list",
      toolInput: {
        project_id: "acme/app",
        state: "opened",
        labels: "bug,p1",
        order_by: "updated_at",
        sort: "asc",
        per_page: 50,
      },
    });
    expect(issues.data.length).toBeGreaterThan(0);
    expect(
      issues.data.every(({ state, labels }) => state === "opened" && labels.includes("bug") && labels.includes("p1")),
    ).toBe(true);
  });

  test("read a file, change it, write it back", async () => {
    await gitlab.actions.executeTool({
      identifier: "user_gl_456",
      toolName: "gitlab_branch_create",
      toolInput: { project_id: "acme/app", branch: "hosted", ref: "main" },
    });
    const current = await gitlab.actions.executeTool({
      identifier: "user_gl_456",
      toolName: "gitlab_file_get",
      toolInput: { project_id: "acme/app", file_path: "README.md", ref: "hosted" },
    });
    const updated = `${current.content}\nOne more line.\n`;
    await gitlab.actions.executeTool({
      identifier: "user_gl_456",
      toolName: "gitlab_file_update",
      toolInput: {
        project_id: "acme/app",
        file_path: "README.md",
        branch: "hosted",
        content: updated,
        commit_message: "Add a line",
        last_commit_id: current.last_commit_id,
      },
    });
    const again = await gitlab.actions.executeTool({
      identifier: "user_gl_456",
      toolName: "gitlab_file_get",
      toolInput: { project_id: "acme/app", file_path: "README.md", ref: "hosted" },
    });
    expect(again.content).toBe(updated);
    expect(again.data.content).toBe(updated);
  });

  test("create a merge request", async () => {
    const mergeRequest = await gitlab.actions.executeTool({
      identifier: "user_gl_456",
      toolName: "gitlab_merge_request_create",
      toolInput: {
        project_id: "acme/app",
        source_branch: "hosted",
        target_branch: "main",
        title: "Add a line",
        description: "Adds a line.\n\n/label ~documentation\n/assign @ada",
        remove_source_branch: true,
      },
    });
    expect(mergeRequest.data.web_url).toContain(`/acme/app/-/merge_requests/${mergeRequest.data.iid}`);
  });

  test("trigger a pipeline and print its jobs", async () => {
    const pipeline = await gitlab.actions.executeTool({
      identifier: "user_gl_456",
      toolName: "gitlab_pipeline_create",
      toolInput: { project_id: "acme/app", ref: "main" },
    });
    const jobs = await gitlab.actions.executeTool({
      identifier: "user_gl_456",
      toolName: "gitlab_pipeline_jobs_list",
      toolInput: { project_id: "acme/app", pipeline_id: pipeline.data.id },
    });
    expect(jobs.data.map((job) => `${job.name}: ${job.status}`).length).toBeGreaterThan(0);
  });
});
