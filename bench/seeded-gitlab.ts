import { createGitLab, type GitLab } from "gitlab-agent-tools";
import { createGitLabEmulator, type GitLabEmulator } from "gitlab-agent-tools/testing";
import type { ToolDefinition } from "../src/definition/definition.js";

type Values = Readonly<Record<string, unknown>>;

/** A GitLab with something in every list, a client with an account, and the input that each reading tool is called with. */
export interface SeededGitLab {
  readonly emulator: GitLabEmulator;
  readonly gitlab: GitLab;
  readonly identifier: string;
  readonly inputOf: (definition: ToolDefinition) => Values;
  readonly close: () => Promise<void>;
}

const project_id = "acme/app";

/** The emulator's seed and the little that it lacks: a fork, a member, comments. */
export async function createSeededGitLab(): Promise<SeededGitLab> {
  const emulator = await createGitLabEmulator();
  const gitlab = createGitLab({ store: "memory:", connections: { gitlab: { baseUrl: emulator.baseUrl } } });
  const identifier = "ada";
  const token = emulator.tokens.create({ username: "ada", scopes: ["api"] });
  await gitlab.connectWithToken({ identifier, token });
  const call = async (toolName: string, toolInput: Values): Promise<unknown> =>
    (await gitlab.executeTool({ identifier, toolName, toolInput })).data;
  const first = async (toolName: string, toolInput: Values, field: string): Promise<unknown> => {
    const data = await call(toolName, toolInput);
    return Array.isArray(data) ? (data[0] as Values | undefined)?.[field] : undefined;
  };

  const sha = await first("gitlab_commits_list", { project_id }, "id");
  await call("gitlab_project_fork", { project_id, namespace_path: "ada", path: "app-fork" });
  await call("gitlab_project_member_add", { project_id, username: "ben", access_level: 30 });
  await call("gitlab_project_member_add", { project_id, username: "guest", access_level: 20 });
  await call("gitlab_commit_comment_create", { project_id, sha, note: "Should this not be behind a flag?" });
  const values = {
    project_id,
    group_id: "acme",
    user_id: await first("gitlab_users_list", { username: "ada" }, "id"),
    sha,
    issue_iid: await first("gitlab_issues_list", { project_id }, "iid"),
    merge_request_iid: await first("gitlab_merge_requests_list", { project_id, state: "opened" }, "iid"),
    pipeline_id: await first("gitlab_pipelines_list", { project_id }, "id"),
    job_id: await first("gitlab_jobs_list", { project_id, scope: ["failed"] }, "id"),
    milestone_id: await first("gitlab_milestones_list", { project_id }, "id"),
    snippet_id: await first("gitlab_project_snippets_list", { project_id }, "id"),
    hook_id: await first("gitlab_project_webhooks_list", { project_id }, "id"),
    key: "SIGNING_KEY",
    tag_name: "v1.4.0",
    branch: "main",
    file_path: "README.md",
    from: "v1.3.0",
    to: "v1.4.0",
  };
  return {
    emulator,
    gitlab,
    identifier,
    inputOf: ({ name, curated }) => ({
      ...Object.fromEntries(Object.entries(values).filter(([parameter]) => curated.includes(parameter))),
      ...(name.endsWith("_search") && { search: "a", scope: "issues" }),
      ...(name === "gitlab_pipelines_list" && { sha: undefined }),
    }),
    async close() {
      await gitlab.close();
      await emulator.close();
    },
  };
}
