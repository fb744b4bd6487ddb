import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGitLab, type GitLab } from "../gitlab.js";
import { createGitLabEmulator, type GitLabEmulator } from "../testing/index.js";
import { paint, print } from "./output.js";

const redirectUri = "http://127.0.0.1:3000/oauth/callback";
const project_id = "acme/app";

/** Starts two emulated instances and plays the everyday flows, printing what happens. */
export async function demo(): Promise<void> {
  const [dotCom, selfManaged] = await Promise.all([
    createGitLabEmulator({ instance: "gitlab.com" }),
    createGitLabEmulator({ instance: "self-managed", pathPrefix: "/gitlab" }),
  ]);
  const folder = await mkdtemp(join(tmpdir(), "gitlab-agent-tools-"));
  const application = (emulator: GitLabEmulator) => ({
    baseUrl: emulator.baseUrl,
    redirectUri,
    scopes: ["api"],
    ...emulator.oauth.createApplication({ redirectUri, scopes: ["api", "read_api"] }),
  });
  const gitlab = createGitLab({
    connections: {
      gitlab: { ...application(dotCom), instance: "gitlab.com" },
      acme: application(selfManaged),
    },
    store: `sqlite:${join(folder, "accounts.db")}`,
    encryptionKey: randomBytes(32).toString("base64"),
  });
  try {
    step("Two engineers connect their own accounts, one on a GitLab.com-like instance, one on a self-managed one");
    await connect(gitlab, dotCom, { connectionName: "gitlab", identifier: "user_ada", username: "ada" });
    await connect(gitlab, selfManaged, { connectionName: "acme", identifier: "user_ben", username: "ben" });
    await triage(gitlab);
    await editFile(gitlab);
    await openMergeRequest(gitlab);
    await runPipeline(gitlab);
    const served = [dotCom, selfManaged].map((emulator) => emulator.requests.length);
    print(
      `\n${paint("green", "done")}: ${served[0]} requests at ${dotCom.baseUrl}, ${served[1]} at ${selfManaged.baseUrl}`,
    );
  } finally {
    await gitlab.close();
    await Promise.all([dotCom.close(), selfManaged.close()]);
    await rm(folder, { recursive: true, force: true });
  }
}

const step = (text: string): void => print(`\n${paint("bold", text)}`);
const said = (text: string): void => print(`  ${text}`);

async function connect(
  gitlab: GitLab,
  emulator: GitLabEmulator,
  person: { connectionName: string; identifier: string; username: string },
): Promise<void> {
  const { username, ...account } = person;
  const { connectedAccount: before } = await gitlab.actions.getOrCreateConnectedAccount(account);
  const { link } = await gitlab.actions.getAuthorizationLink(account);
  // The person's browser, at GitLab's consent page.
  const callbackUrl = emulator.oauth.authorize(link, { username });
  const { connectedAccount } = await gitlab.handleCallback(callbackUrl, { expectedIdentifier: account.identifier });
  said(
    `${account.identifier} on ${connectedAccount.baseUrl}: ${before.status} → ${connectedAccount.status} as @${connectedAccount.gitlabUser?.username ?? "?"}`,
  );
}

const ada = { connectionName: "gitlab", identifier: "user_ada" };
const ben = { connectionName: "acme", identifier: "user_ben" };

async function triage(gitlab: GitLab): Promise<void> {
  step("Triage: the open bugs that nobody has touched for longest (gitlab_issues_list)");
  const { data, page } = await gitlab.actions.executeTool({
    ...ada,
    toolName: "gitlab_issues_list",
    toolInput: { project_id, state: "opened", labels: "bug", order_by: "updated_at", sort: "asc", per_page: 5 },
  });
  for (const issue of data)
    said(`#${issue.iid} ${issue.title} [${issue.labels.join(", ")}], untouched since ${issue.updated_at.slice(0, 10)}`);
  said(paint("dim", `page ${page?.page ?? 1}, ${page?.total ?? "?"} in all`));
}

const branch = "docs/quick-start";

async function editFile(gitlab: GitLab): Promise<void> {
  step(
    "Edit: read a file, change it, write it back where nobody else has changed it (gitlab_file_get, gitlab_file_update)",
  );
  await gitlab.executeTool({
    ...ben,
    toolName: "gitlab_branch_create",
    toolInput: { project_id, branch, ref: "main" },
  });
  const file_path = "README.md";
  const current = await gitlab.actions.executeTool({
    ...ben,
    toolName: "gitlab_file_get",
    toolInput: { project_id, file_path, ref: branch },
  });
  const change = {
    project_id,
    file_path,
    branch,
    content: `${current.content}\n## Quick start\n\nRun \`make start\`.\n`,
  };
  const update = { ...change, commit_message: "Say how to start", last_commit_id: current.last_commit_id };
  const { data } = await gitlab.executeTool({ ...ben, toolName: "gitlab_file_update", toolInput: update });
  said(`${data.file_path} written on ${data.branch}, from commit ${current.last_commit_id.slice(0, 8)}`);
  // Somebody who still has the old version is told so.
  await gitlab.executeTool({ ...ben, toolName: "gitlab_file_update", toolInput: update }).catch((error: unknown) => {
    said(
      `a second write from the same old version is refused: ${paint("yellow", error instanceof Error ? error.message : String(error))}`,
    );
  });
}

async function openMergeRequest(gitlab: GitLab): Promise<void> {
  step("Review: open a merge request with quick actions in its description (gitlab_merge_request_create)");
  const { data } = await gitlab.executeTool({
    ...ben,
    toolName: "gitlab_merge_request_create",
    toolInput: {
      project_id,
      source_branch: branch,
      target_branch: "main",
      title: "Say how to start",
      description: "The README did not tell.\n\n/assign @ben\n/label ~documentation",
      remove_source_branch: true,
    },
  });
  const assignees = data.assignees?.map(({ username }) => `@${username}`).join(", ") ?? "";
  said(
    `!${data.iid} ${data.title}: ${data.detailed_merge_status}, assigned to ${assignees}, labels ${data.labels.map(String).join(", ")}`,
  );
  said(data.web_url);
}

async function runPipeline(gitlab: GitLab): Promise<void> {
  step("CI: start a pipeline and list its jobs (gitlab_pipeline_create, gitlab_pipeline_jobs_list)");
  const pipeline = await gitlab.actions.executeTool({
    ...ada,
    toolName: "gitlab_pipeline_create",
    toolInput: { project_id, ref: "main" },
  });
  said(`pipeline ${pipeline.data.id} on ${pipeline.data.ref}: ${pipeline.data.status}`);
  const jobs = await gitlab.actions.executeTool({
    ...ada,
    toolName: "gitlab_pipeline_jobs_list",
    toolInput: { project_id, pipeline_id: pipeline.data.id },
  });
  for (const job of jobs.data) said(`${job.stage} / ${job.name}: ${job.status}`);
}
