import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { GitLab } from "../gitlab-types.js";
import { createGitLab } from "../gitlab.js";
import { createGitLabEmulator, type GitLabEmulator } from "../testing/index.js";
import { paint, plainError, print, printJson } from "./output.js";

// One of its own for each instance, which tells where a person comes back from.
const redirectUriOf = (connectionName: string): string => `http://127.0.0.1:3000/oauth/${connectionName}`;
const project_id = "acme/app";

/** Tells a person what is happening. */
interface Narrator {
  readonly step: (text: string) => void;
  readonly said: (text: string) => void;
}

const aloud: Narrator = {
  step: (text) => print(`\n${paint("bold", text)}`),
  said: (text) => print(`  ${text}`),
};
const silent: Narrator = { step: () => undefined, said: () => undefined };

/** Starts two emulated instances and plays the everyday flows, printing what happens, or all of it at the end as JSON. */
export async function demo({ json = false }: { readonly json?: boolean } = {}): Promise<void> {
  const narrator = json ? silent : aloud;
  const [dotCom, selfManaged] = await Promise.all([
    createGitLabEmulator({ instance: "gitlab.com" }),
    createGitLabEmulator({ instance: "self-managed", pathPrefix: "/gitlab" }),
  ]);
  const folder = await mkdtemp(join(tmpdir(), "gitlab-agent-tools-"));
  const application = (emulator: GitLabEmulator, connectionName: string) => {
    const redirectUri = redirectUriOf(connectionName);
    const registered = emulator.oauth.createApplication({ redirectUri, scopes: ["api", "read_api"] });
    return { baseUrl: emulator.baseUrl, redirectUri, scopes: ["api"], ...registered };
  };
  const gitlab = createGitLab({
    connections: {
      gitlab: { ...application(dotCom, "gitlab"), instance: "gitlab.com" },
      acme: application(selfManaged, "acme"),
    },
    store: `sqlite:${join(folder, "accounts.db")}`,
    encryptionKey: randomBytes(32).toString("base64"),
  });
  try {
    narrator.step(
      "Two engineers connect their own accounts, one on a GitLab.com-like instance, one on a self-managed one",
    );
    const accounts = [
      await connect(gitlab, dotCom, { ...ada, username: "ada" }, narrator),
      await connect(gitlab, selfManaged, { ...ben, username: "ben" }, narrator),
    ];
    const issues = await triage(gitlab, narrator);
    const file = await editFile(gitlab, narrator);
    const mergeRequest = await openMergeRequest(gitlab, narrator);
    const pipeline = await runPipeline(gitlab, narrator);
    const requests = [dotCom, selfManaged].map(({ baseUrl, requests: served }) => ({ baseUrl, count: served.length }));
    if (json) printJson({ accounts, issues, file, mergeRequest, pipeline, requests });
    else {
      const served = requests.map(
        ({ baseUrl, count }, index) => `${count}${index === 0 ? " requests" : ""} at ${baseUrl}`,
      );
      print(`\n${paint("green", "done")}: ${served.join(", ")}`);
    }
  } finally {
    await gitlab.close();
    await Promise.all([dotCom.close(), selfManaged.close()]);
    await rm(folder, { recursive: true, force: true });
  }
}

const ada = { connectionName: "gitlab", identifier: "user_ada" };
const ben = { connectionName: "acme", identifier: "user_ben" };

async function connect(
  gitlab: GitLab,
  emulator: GitLabEmulator,
  person: { connectionName: string; identifier: string; username: string },
  { said }: Narrator,
) {
  const { username, ...account } = person;
  const { connectedAccount: before } = await gitlab.actions.getOrCreateConnectedAccount(account);
  const { link } = await gitlab.actions.getAuthorizationLink(account);
  // The person's browser, at GitLab's consent page.
  const callbackUrl = emulator.oauth.authorize(link, { username });
  const { connectedAccount } = await gitlab.handleCallback(callbackUrl, { expectedIdentifier: account.identifier });
  said(
    `${account.identifier} on ${connectedAccount.baseUrl}: ${before.status} → ${connectedAccount.status} as @${connectedAccount.gitlabUser?.username ?? "?"}`,
  );
  return { before: before.status, ...connectedAccount };
}

async function triage(gitlab: GitLab, { step, said }: Narrator) {
  step("Triage: the open bugs that nobody has touched for longest (gitlab_issues_list)");
  const { data, page } = await gitlab.actions.executeTool({
    ...ada,
    toolName: "gitlab_issues_list",
    toolInput: { project_id, state: "opened", labels: "bug", order_by: "updated_at", sort: "asc", per_page: 5 },
  });
  for (const issue of data)
    said(`#${issue.iid} ${issue.title} [${issue.labels.join(", ")}], untouched since ${issue.updated_at.slice(0, 10)}`);
  said(paint("dim", `page ${page?.page ?? 1}, ${page?.total ?? "?"} in all`));
  const listed = data.map(({ iid, title, labels, updated_at }) => ({ iid, title, labels, updated_at }));
  return { listed, total: page?.total };
}

const branch = "docs/quick-start";

async function editFile(gitlab: GitLab, { step, said }: Narrator) {
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
  const refused = await gitlab.executeTool({ ...ben, toolName: "gitlab_file_update", toolInput: update }).then(
    () => undefined,
    (error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      said(`a second write from the same old version is refused: ${paint("yellow", message)}`);
      return plainError(error);
    },
  );
  return { path: data.file_path, branch: data.branch, fromCommit: current.last_commit_id, secondWrite: refused };
}

async function openMergeRequest(gitlab: GitLab, { step, said }: Narrator) {
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
  const { iid, title, detailed_merge_status, web_url } = data;
  const assignees = data.assignees?.map(({ username }) => username) ?? [];
  const labels = data.labels.map(String);
  said(
    `!${iid} ${title}: ${detailed_merge_status}, assigned to ${assignees.map((name) => `@${name}`).join(", ")}, labels ${labels.join(", ")}`,
  );
  said(web_url);
  return { iid, title, detailed_merge_status, assignees, labels, web_url };
}

async function runPipeline(gitlab: GitLab, { step, said }: Narrator) {
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
  const { id, ref, status } = pipeline.data;
  return { id, ref, status, jobs: jobs.data.map((job) => ({ stage: job.stage, name: job.name, status: job.status })) };
}
