import { generateKeyPairSync, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import {
  createGitLab,
  GitLabToolError,
  type GitLab,
  type ToolData,
  type ToolInput,
  type ToolName,
} from "gitlab-agent-tools";
import { selectTools } from "gitlab-agent-tools/definitions";
import { createGitLabEmulator, type GitLabEmulator } from "gitlab-agent-tools/testing";
import { tools } from "gitlab-agent-tools/tools";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sampleInput } from "../support/sample-input.js";
import { Specification } from "../support/specification.js";

// Every tool once, as a team would come to need them: each test on a project of its own, so that where one fails the
// others go on. Each request is judged by the specification, and so is each answer.

const specification = new Specification();
/** Tools that are offered without being asked for; all of them are called below. */
const offered = selectTools().map(({ name }) => name);
let emulator: GitLabEmulator;
let gitlab: GitLab;
let bensId = 0;

beforeAll(async () => {
  emulator = await createGitLabEmulator({ plan: "premium" });
  gitlab = createGitLab({ store: "memory:", connections: { gitlab: { baseUrl: emulator.baseUrl } } });
  for (const username of ["root", "ada", "ben"]) await connect(username);
  bensId = (await gitlab.executeTool({ identifier: "ben", toolName: "gitlab_current_user_get" })).data.id;
});

async function connect(username: string): Promise<void> {
  const token = emulator.tokens.create({ username, scopes: ["api"] });
  await gitlab.connectWithToken({ identifier: username, token });
}

afterAll(async () => {
  await gitlab.close();
  await emulator.close();
});

async function run<Name extends ToolName>(
  toolName: Name,
  toolInput: ToolInput<Name>,
  options: { as?: string; judgeAnswer?: boolean } = {},
): Promise<ToolData<Name>> {
  const before = emulator.requests.length;
  const { data, status, requestId } = await gitlab.executeTool({
    identifier: options.as ?? "ada",
    toolName,
    toolInput,
  });
  const sent = emulator.requests.slice(before);
  // The text that becomes an answer's content is asked for beside it.
  expect(sent, `${toolName} sends one request`).toHaveLength(tools[toolName].definition.content === undefined ? 1 : 2);
  const [request] = sent;
  if (!request) throw new Error("unreachable");
  const operationId = specification.operationOf.get(toolName) ?? "";
  expect(request.operationId, toolName).toBe(operationId);
  expect(specification.faultsOfRequest(operationId, request), `request of ${toolName}`).toEqual([]);
  expect(request.credentials).toBe("bearer");
  expect(request.username).toBe(options.as ?? "ada");
  if (data !== null && options.judgeAnswer !== false) {
    expect(specification.faultsOfAnswer(operationId, status, data), `answer of ${toolName}`).toEqual([]);
  }
  expect(requestId, toolName).toBe(request.requestId);
  return data;
}

const sshKey = (comment: string): string => {
  const { publicKey } = generateKeyPairSync("ed25519");
  const raw = publicKey.export({ format: "der", type: "spki" }).subarray(-32);
  const field = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes]);
  return `ssh-ed25519 ${Buffer.concat([field(Buffer.from("ssh-ed25519")), field(raw)]).toString("base64")} ${comment}`;
};

const ciFile = `stages: [build, test]
compile:
  stage: build
  script: [make]
  artifacts: { paths: [out] }
unit:
  stage: test
  script: [make test]
`;

/** A new project of ada's, which Ben develops with her; it has a README, and what else it is to have. */
async function ownProject(files: Readonly<Record<string, string>> = {}): Promise<string> {
  const account = gitlab.as("ada");
  const path = `service-${randomUUID()}`;
  const { data } = await account.request({
    method: "POST",
    path: "/projects",
    body: { path, initialize_with_readme: true, visibility: "private" },
  });
  const project_id = String((data as { path_with_namespace: string }).path_with_namespace);
  const at = `/projects/${encodeURIComponent(project_id)}`;
  await account.request({ method: "POST", path: `${at}/members`, body: { user_id: bensId, access_level: 30 } });
  for (const [file_path, content] of Object.entries(files)) await commit(project_id, file_path, content);
  return project_id;
}

/** Commits a file to `main`, or to a branch that begins there; the id of the commit. */
async function commit(project_id: string, file_path: string, content: string, branch = "main"): Promise<string> {
  const { data } = await gitlab.as("ada").request({
    method: "POST",
    path: `/projects/${encodeURIComponent(project_id)}/repository/commits`,
    body: {
      branch,
      ...(branch !== "main" && { start_branch: "main" }),
      commit_message: `Add ${file_path}`,
      actions: [{ action: "create", file_path, content }],
    },
  });
  return (data as { id: string }).id;
}

describe("every tool", () => {
  test("people and namespaces", async () => {
    const me = await run("gitlab_current_user_get", {});
    expect(me.username).toBe("ada");
    expect((await run("gitlab_users_list", { username: "ben" })).map(({ id }) => id)).toEqual([bensId]);
    expect((await run("gitlab_user_get", { user_id: bensId })).username).toBe("ben");
    expect(Array.isArray(await run("gitlab_user_projects_list", { user_id: "ada" }))).toBe(true);
    const key = sshKey("ada@laptop");
    const added = await run("gitlab_ssh_key_add", { title: "laptop", key });
    expect((await run("gitlab_current_user_ssh_keys_list", {})).map(({ id }) => id)).toContain(added.id);
    expect((await run("gitlab_namespaces_list", { search: "ada" })).length).toBeGreaterThan(0);
  });

  test("groups", async () => {
    const group = await run("gitlab_group_create", { name: "Tools team", path: "tools-team", visibility: "private" });
    expect(group.full_path).toBe("tools-team");
    await run("gitlab_group_update", { group_id: group.id, description: "Makes the tools" });
    expect((await run("gitlab_group_get", { group_id: "tools-team" })).description).toBe("Makes the tools");
    expect((await run("gitlab_groups_list", { search: "tools", owned: true })).map(({ id }) => id)).toContain(group.id);
    await run("gitlab_group_member_add", { group_id: "tools-team", user_id: bensId, access_level: 20 });
    expect(
      (await run("gitlab_group_members_list", { group_id: "tools-team" })).map(({ username }) => username),
    ).toContain("ben");
    await run("gitlab_group_member_remove", { group_id: "tools-team", user_id: bensId });
    const project = await run("gitlab_project_create", {
      name: "service",
      namespace_id: group.id,
      initialize_with_readme: true,
      visibility: "private",
    });
    expect(project.path_with_namespace).toBe("tools-team/service");
    expect((await run("gitlab_group_projects_list", { group_id: "tools-team" })).map(({ id }) => id)).toEqual([
      project.id,
    ]);
    await run("gitlab_project_delete", { project_id: "tools-team/service" });
    await run("gitlab_group_delete", { group_id: "tools-team" });
  });

  test("projects", async () => {
    const project_id = await ownProject();
    await run("gitlab_project_update", { project_id, description: "Serves" });
    expect((await run("gitlab_project_get", { project_id })).description).toBe("Serves");
    expect((await run("gitlab_projects_list", { search: "service", membership: true })).length).toBeGreaterThan(0);
    await run("gitlab_project_member_remove", { project_id, user_id: bensId });
    await run("gitlab_project_member_add", { project_id, user_id: bensId, access_level: 30 });
    expect((await run("gitlab_project_members_list", { project_id })).map(({ username }) => username)).toContain("ben");
    await run("gitlab_project_star", { project_id });
    expect(
      await gitlab.executeTool({ identifier: "ada", toolName: "gitlab_project_star", toolInput: { project_id } }),
    ).toMatchObject({ status: 304, data: null });
    await run("gitlab_project_unstar", { project_id });
    const fork = await run("gitlab_project_fork", { project_id, namespace_path: "ben" }, { as: "ben" });
    expect((await run("gitlab_project_forks_list", { project_id }, { as: "ben" })).map(({ id }) => id)).toContain(
      fork.id,
    );
  });

  test("files, branches, commits, tags", async () => {
    const project_id = await ownProject();
    await run("gitlab_file_create", {
      project_id,
      file_path: ".gitlab-ci.yml",
      branch: "main",
      content: ciFile,
      commit_message: "Add CI",
    });
    await run("gitlab_file_create", {
      project_id,
      file_path: "docs/notes one.md",
      branch: "main",
      content: "one\n",
      commit_message: "Add notes",
    });
    const file = await run(
      "gitlab_file_get",
      { project_id, file_path: "docs/notes one.md", ref: "main" },
      { judgeAnswer: false },
    );
    expect(file).toMatchObject({ content: "one\n", encoding: "text" });
    await run("gitlab_branch_create", { project_id, branch: "feature/two", ref: "main" });
    await run("gitlab_file_update", {
      project_id,
      file_path: "docs/notes one.md",
      branch: "feature/two",
      content: `${file.content}two\n`,
      commit_message: "Say two",
      last_commit_id: file.last_commit_id,
    });
    expect((await run("gitlab_branches_list", { project_id, search: "feature" })).map(({ name }) => name)).toEqual([
      "feature/two",
    ]);
    const head = (await run("gitlab_branch_get", { project_id, branch: "feature/two" })).commit.id;
    expect(
      (await run("gitlab_commits_list", { project_id, ref_name: "feature/two", path: "docs/notes one.md" }))[0]?.id,
    ).toBe(head);
    expect((await run("gitlab_commit_get", { project_id, sha: head })).title).toBe("Say two");
    expect((await run("gitlab_commit_diff_get", { project_id, sha: head }))[0]?.diff).toContain("+two");
    await run("gitlab_commit_comment_create", { project_id, sha: head, note: "Nice" });
    expect((await run("gitlab_commit_comments_list", { project_id, sha: head })).map(({ note }) => note)).toEqual([
      "Nice",
    ]);
    expect(
      (await run("gitlab_compare_refs", { project_id, from: "main", to: "feature/two" })).commits.map(({ id }) => id),
    ).toEqual([head]);
    expect(
      (await run("gitlab_repository_tree_list", { project_id, path: "docs", ref: "main" })).map(({ path }) => path),
    ).toEqual(["docs/notes one.md"]);
    await run("gitlab_tag_create", { project_id, tag_name: "v1.0", ref: "main", message: "One" });
    expect((await run("gitlab_tag_get", { project_id, tag_name: "v1.0" })).message).toBe("One");
    expect((await run("gitlab_tags_list", { project_id })).map(({ name }) => name)).toEqual(["v1.0"]);
    await run("gitlab_tag_delete", { project_id, tag_name: "v1.0" });
    await run("gitlab_branch_create", { project_id, branch: "gone", ref: "main" });
    await run("gitlab_branch_delete", { project_id, branch: "gone" });
    await run("gitlab_file_create", {
      project_id,
      file_path: "tmp.txt",
      branch: "main",
      content: "x",
      commit_message: "Add tmp",
    });
    await run("gitlab_file_delete", { project_id, file_path: "tmp.txt", branch: "main", commit_message: "Remove tmp" });
  });

  test("issues, labels, milestones, notes", async () => {
    const project_id = await ownProject();
    await run("gitlab_label_create", { project_id, name: "bug", color: "#d9534f" });
    expect((await run("gitlab_issue_labels_list", { project_id })).map(({ name }) => name)).toContain("bug");
    const milestone = await run("gitlab_milestone_create", { project_id, title: "1.0", due_date: "2030-01-31" });
    await run("gitlab_milestone_update", { project_id, milestone_id: milestone.id, description: "First" });
    expect((await run("gitlab_milestone_get", { project_id, milestone_id: milestone.id })).description).toBe("First");
    expect((await run("gitlab_milestones_list", { project_id, state: "active" })).map(({ title }) => title)).toEqual([
      "1.0",
    ]);
    const issue = await run("gitlab_issue_create", {
      project_id,
      title: "It breaks",
      labels: ["bug"],
      milestone_id: milestone.id,
      assignee_ids: [bensId],
    });
    const { iid: issue_iid } = issue;
    expect((await run("gitlab_issue_get", { project_id, issue_iid })).labels).toEqual(["bug"]);
    expect(
      (await run("gitlab_issues_list", { project_id, state: "opened", labels: "bug", assignee_username: ["ben"] })).map(
        ({ iid }) => iid,
      ),
    ).toEqual([issue_iid]);
    expect(
      (await run("gitlab_issue_update", { project_id, issue_iid, state_event: "close", remove_labels: ["bug"] })).state,
    ).toBe("closed");
    const note = await run("gitlab_issue_note_create", { project_id, issue_iid, body: "Done" });
    if (!("id" in note)) throw new Error("a note that is text is created");
    await run("gitlab_issue_note_update", { project_id, issue_iid, note_id: note.id, body: "All done" });
    const notes = await run("gitlab_issue_notes_list", { project_id, issue_iid, activity_filter: "only_comments" });
    expect(notes.map(({ body }) => body)).toEqual(["All done"]);
    await run("gitlab_issue_note_delete", { project_id, issue_iid, note_id: note.id });
    await run("gitlab_issue_delete", { project_id, issue_iid });
    await run("gitlab_milestone_delete", { project_id, milestone_id: milestone.id });
  });

  test("merge requests", async () => {
    const project_id = await ownProject();
    const head = await commit(project_id, "docs/notes one.md", "two\n", "feature/two");
    const opened = await run("gitlab_merge_request_create", {
      project_id,
      source_branch: "feature/two",
      target_branch: "main",
      title: "Say two",
      labels: ["docs"],
    });
    const { iid: merge_request_iid } = opened;
    expect(
      (await run("gitlab_merge_requests_list", { project_id, state: "opened", source_branch: "feature/two" })).map(
        ({ iid }) => iid,
      ),
    ).toEqual([merge_request_iid]);
    await run("gitlab_merge_request_update", { project_id, merge_request_iid, reviewer_ids: [bensId] });
    expect(
      (await run("gitlab_merge_request_get", { project_id, merge_request_iid })).reviewers?.map(
        ({ username }) => username,
      ),
    ).toEqual(["ben"]);
    expect((await run("gitlab_merge_request_diff_get", { project_id, merge_request_iid }))[0]?.new_path).toBe(
      "docs/notes one.md",
    );
    expect(
      (await run("gitlab_merge_request_commits_list", { project_id, merge_request_iid })).map(({ id }) => id),
    ).toEqual([head]);
    await run("gitlab_merge_request_note_create", { project_id, merge_request_iid, body: "Looks good" }, { as: "ben" });
    expect(
      (
        await run("gitlab_merge_request_notes_list", {
          project_id,
          merge_request_iid,
          activity_filter: "only_comments",
        })
      ).map(({ body }) => body),
    ).toEqual(["Looks good"]);
    await run("gitlab_merge_request_approve", { project_id, merge_request_iid, sha: head }, { as: "ben" });
    expect(
      (await run("gitlab_merge_request_approvals_get", { project_id, merge_request_iid })).approved_by.map(
        ({ user }) => user.username,
      ),
    ).toEqual(["ben"]);
    const merged = await run("gitlab_merge_request_merge", {
      project_id,
      merge_request_iid,
      sha: head,
      should_remove_source_branch: true,
    });
    expect(merged.state).toBe("merged");
    const file = await run(
      "gitlab_file_get",
      { project_id, file_path: "docs/notes one.md", ref: "main" },
      { judgeAnswer: false },
    );
    expect(file.content).toBe("two\n");
  });

  test("pipelines and jobs", async () => {
    const project_id = await ownProject({ ".gitlab-ci.yml": ciFile });
    const pipeline = await run("gitlab_pipeline_create", {
      project_id,
      ref: "main",
      variables: [{ key: "DEPLOY", value: "no" }],
    });
    const pipeline_id = pipeline.id;
    expect((await run("gitlab_pipeline_get", { project_id, pipeline_id })).ref).toBe("main");
    expect((await run("gitlab_pipelines_list", { project_id, ref: "main" })).map(({ id }) => id)).toContain(
      pipeline_id,
    );
    const jobs = await run("gitlab_pipeline_jobs_list", { project_id, pipeline_id });
    expect(jobs.map(({ name }) => name).toSorted()).toEqual(["compile", "unit"]);
    const job_id = jobs.find(({ name }) => name === "compile")?.id ?? 0;
    expect((await run("gitlab_job_get", { project_id, job_id })).stage).toBe("build");
    expect(
      (await run("gitlab_jobs_list", { project_id, scope: ["pending", "running", "created"] })).length,
    ).toBeGreaterThan(0);
    await run("gitlab_job_cancel", { project_id, job_id });
    expect((await run("gitlab_job_retry", { project_id, job_id })).name).toBe("compile");
    await run("gitlab_pipeline_cancel", { project_id, pipeline_id });
    await run("gitlab_pipeline_retry", { project_id, pipeline_id });
    await run("gitlab_pipeline_delete", { project_id, pipeline_id });
    // Logs and artifacts are those of a job that has run.
    const seeded = { project_id: "acme/app" };
    const ran = await run("gitlab_jobs_list", { ...seeded, scope: ["success"] });
    const withArtifacts = ran.find(({ artifacts_file }) => artifacts_file);
    const log = await run(
      "gitlab_job_log_get",
      { ...seeded, job_id: withArtifacts?.id ?? 0, tail_lines: 5 },
      { judgeAnswer: false },
    );
    expect(log.trimEnd().split("\n").length).toBeLessThanOrEqual(5);
    const zip = await run(
      "gitlab_job_artifacts_download",
      { ...seeded, job_id: withArtifacts?.id ?? 0 },
      { judgeAnswer: false },
    );
    expect(
      Buffer.from(zip.content ?? "", "base64")
        .subarray(0, 2)
        .toString(),
    ).toBe("PK");
  });

  test("variables, webhooks, deploy keys, snippets, releases, search", async () => {
    const project_id = await ownProject({ ".gitlab-ci.yml": ciFile });
    await run("gitlab_project_variable_create", {
      project_id,
      key: "REGION",
      value: "eu",
      environment_scope: "production",
    });
    expect(
      (await run("gitlab_project_variable_get", { project_id, key: "REGION", environment_scope: "production" })).value,
    ).toBe("eu");
    await run("gitlab_project_variable_update", {
      project_id,
      key: "REGION",
      value: "us",
      filter: { environment_scope: "production" },
    });
    expect((await run("gitlab_project_variables_list", { project_id })).map(({ value }) => value)).toEqual(["us"]);
    await run("gitlab_project_variable_delete", { project_id, key: "REGION", environment_scope: "production" });

    const hook = await run("gitlab_project_webhook_create", {
      project_id,
      url: "https://hooks.example.com/gitlab",
      push_events: true,
    });
    await run("gitlab_project_webhook_update", {
      project_id,
      hook_id: hook.id,
      url: "https://hooks.example.com/two",
      issues_events: true,
    });
    expect((await run("gitlab_project_webhook_get", { project_id, hook_id: hook.id })).url).toBe(
      "https://hooks.example.com/two",
    );
    expect((await run("gitlab_project_webhooks_list", { project_id })).map(({ id }) => id)).toEqual([hook.id]);
    await run("gitlab_project_webhook_delete", { project_id, hook_id: hook.id });

    const key = await run("gitlab_deploy_key_create", {
      project_id,
      title: "deployer",
      key: sshKey("deploy"),
      can_push: true,
    });
    expect((await run("gitlab_deploy_keys_list", { project_id })).map(({ id }) => id)).toEqual([key.id]);
    await run("gitlab_deploy_key_delete", { project_id, key_id: key.id });

    const snippet = await run("gitlab_project_snippet_create", {
      project_id,
      title: "Query",
      visibility: "private",
      file_name: "q.sql",
      content: "select 1",
    });
    expect((await run("gitlab_project_snippet_get", { project_id, snippet_id: snippet.id })).title).toBe("Query");
    expect((await run("gitlab_project_snippets_list", { project_id })).map(({ id }) => id)).toEqual([snippet.id]);

    const release = { project_id, tag_name: "v1.0", ref: "main" };
    await run("gitlab_release_create", { ...release, name: "One", description: "The first" });
    await run("gitlab_release_update", { project_id, tag_name: "v1.0", name: "One point nought" });
    expect((await run("gitlab_release_get", { project_id, tag_name: "v1.0" })).name).toBe("One point nought");
    expect((await run("gitlab_releases_list", { project_id })).map(({ tag_name }) => tag_name)).toEqual(["v1.0"]);
    await run("gitlab_release_delete", { project_id, tag_name: "v1.0" });

    expect(
      (await run("gitlab_project_search", { project_id, scope: "blobs", search: "compile" })).length,
    ).toBeGreaterThan(0);
    expect((await run("gitlab_global_search", { scope: "projects", search: "service" })).length).toBeGreaterThan(0);
  });

  test("is in one of these", async () => {
    const source = await readFile(fileURLToPath(import.meta.url), "utf8");
    const names = [...source.matchAll(/\brun\(\s*"(gitlab_\w+)"/g)].map(([, name]) => name);
    expect([...new Set(names)].toSorted()).toEqual(offered);
  });

  test("every other tool sends the request that its operation takes", async () => {
    const account = gitlab.as("root");
    const problems: string[] = [];
    let tookCredentials = false;
    for (const definition of Object.values(tools).map((tool) => tool.definition)) {
      const { name } = definition;
      // What is made of several calls has tests of its own, and so have the tools of GraphQL texts: test/graphql.
      if (offered.includes(name) || definition.steps || definition.graphql) continue;
      // What takes credentials away may have taken the caller's own.
      if (tookCredentials) await connect("root");
      tookCredentials = definition.credentials === true;
      const before = emulator.requests.length;
      // What the emulator makes of it is told elsewhere: not every write has somebody to answer it.
      await account.execute(definition, sampleInput(definition)).catch((error: unknown) => {
        if (error instanceof GitLabToolError && error.code === "invalid_input" && error.status === undefined)
          problems.push(`${name}: ${error.message}`);
      });
      const operationId = specification.operationOf.get(name) ?? "";
      const request = emulator.requests
        .slice(before)
        // The emulator answers HEAD as GET.
        .find((sent) => sent.operationId === operationId || (definition.method === "HEAD" && sent.method === "HEAD"));
      if (!request) problems.push(`${name}: ${operationId} was not reached`);
      else problems.push(...specification.faultsOfRequest(operationId, request).map((fault) => `${name}: ${fault}`));
    }
    expect(problems).toEqual([]);
  });
});
