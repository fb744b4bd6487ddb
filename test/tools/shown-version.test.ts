import { createGitLab, type GitLab } from "gitlab-agent-tools";
import {
  branchCreate,
  fileCreate,
  fileUpdate,
  mergeRequestCreate,
  mergeRequestGet,
  mergeRequestMerge,
} from "gitlab-agent-tools/tools";
import { createToolbox, type Toolbox, type ToolboxOptions } from "gitlab-agent-tools/toolbox";
import { expect, test } from "vitest";
import { newStore } from "../support/emulated.js";
import { stage } from "../support/people.js";

// An agent merges and approves what an answer has shown it, not what somebody pushed since.

const project_id = "acme/app";

async function opened(client: Parameters<typeof stage>[1] = {}) {
  const { as, emulator, gitlab, requests } = await stage({}, client);
  const ada = await as("ada");
  const ben = await as("ben");
  await branchCreate(ben, { project_id, branch: "work", ref: "main" });
  const at = { project_id, branch: "work", file_path: "work.txt" };
  await fileCreate(ben, { ...at, content: "one\n", commit_message: "One" });
  const { data } = await mergeRequestCreate(ben, {
    ...{ project_id, source_branch: "work", target_branch: "main", title: "Work" },
  });
  const push = (content: string) => fileUpdate(ben, { ...at, content, commit_message: content.trim() });
  const call = { project_id, merge_request_iid: data.iid };
  const toolbox = (more: Partial<ToolboxOptions> = {}, client: GitLab = gitlab): Toolbox =>
    createToolbox({ gitlab: client, identifier: ada.identifier, select: { level: "extended" }, ...more });
  requests();
  return { ada, ben, emulator, gitlab, requests, call, push, toolbox, id: data.project_id };
}

const writes = (requests: readonly string[]) => requests.filter((request) => !request.startsWith("GET"));

test("an agent that was shown nothing is told to read first, before anything is sent", async () => {
  const { toolbox, call, requests } = await opened();
  const { run } = toolbox();
  for (const [name, input] of [
    ["gitlab_merge_request_merge", call],
    ["gitlab_merge_request_approve", { ...call, sha: "" }],
    ["gitlab_merge_request_review_submit", { ...call, verdict: "approve", summary: "Fine" }],
  ] as const) {
    const { isError, structured } = await run(name, input);
    expect([isError, structured]).toMatchObject([true, { code: "invalid_input" }]);
    expect(structured["hint"]).toContain("gitlab_merge_request_get");
  }
  expect(writes(requests())).toEqual([]);
});

test("what it was shown is what it merges, however the project is named", async () => {
  const { toolbox, call, emulator, id } = await opened();
  const { run } = toolbox();
  const shown = (await run("gitlab_merge_request_get", call)).structured;
  const project = `${emulator.baseUrl}/acme/app/`;
  // GitLab refuses a second approval; which version it was asked to approve is what counts here.
  for (const project_id of ["ACME/App", id, project])
    await run("gitlab_merge_request_approve", { ...call, project_id });
  expect(
    (await run("gitlab_merge_request_merge", { project_id: id, merge_request_iid: `!${call.merge_request_iid}` }))
      .isError,
  ).toBe(false);
  const sent = emulator.requests.filter(({ path }) => /\/(?:merge|approve)$/.test(path)).map(({ body }) => body);
  expect(sent).toHaveLength(4);
  for (const body of sent) expect(body).toMatchObject({ sha: shown["sha"] });
});

test("a push after the review ends it: how much came is said, not the new head, and it has to be read again", async () => {
  const { toolbox, call, push, ada } = await opened();
  const { run } = toolbox();
  const before = String((await run("gitlab_merge_request_get", call)).structured["sha"]);
  await push("two\n");
  await push("three\n");
  const head = String((await mergeRequestGet(ada, call)).data.sha);
  for (const name of ["gitlab_merge_request_approve", "gitlab_merge_request_merge"]) {
    await run("gitlab_merge_request_get", call).then(() => push(`${name}\n`));
    const { isError, text, structured } = await run(name, call);
    expect([isError, structured]).toMatchObject([true, { code: "conflict", details: { reason: "outdated" } }]);
    expect(text).toContain("1 new commit");
    const now = String((await mergeRequestGet(ada, call)).data.sha);
    expect(text).not.toContain(now);
    // Called again at once, it is not the new head that is taken.
    expect((await run(name, call)).structured).toMatchObject({ code: "invalid_input" });
  }
  // A head that was passed, and is no longer, is refused the same way.
  const { text, structured } = await run("gitlab_merge_request_approve", { ...call, sha: before });
  expect(structured).toMatchObject({ code: "conflict" });
  expect(text).not.toContain(head);
  await run("gitlab_merge_request_get", call);
  expect((await run("gitlab_merge_request_merge", call)).isError).toBe(false);
});

test("a diff of a later version does not pass for the one that was reviewed", async () => {
  const { toolbox, call, push } = await opened();
  const { run } = toolbox();
  const file = { ...call, file: "work.txt" };
  await run("gitlab_merge_request_file_diff_get", file);
  await push("two\n");
  await run("gitlab_merge_request_file_diff_get", file);
  expect((await run("gitlab_merge_request_review_submit", { ...call, verdict: "approve" })).structured).toMatchObject({
    ...{ code: "conflict", details: { reason: "outdated" } },
  });
  expect((await run("gitlab_merge_request_file_diff_get", file)).text).toContain("two");
  expect((await run("gitlab_merge_request_review_submit", { ...call, verdict: "approve" })).isError).toBe(false);
});

test("what a tool of several calls reads for itself was not shown", async () => {
  const { toolbox, call } = await opened();
  const { run } = toolbox();
  await run("gitlab_merge_request_threads_list", call);
  expect((await run("gitlab_merge_request_merge", call)).structured).toMatchObject({ code: "invalid_input" });
});

test("conversations do not meet, and one lives on in another process on the same store", async () => {
  const kept = await newStore();
  const { toolbox, call, gitlab, emulator } = await opened(kept);
  const chat = { conversation: "chat 7" };
  await toolbox(chat).run("gitlab_merge_request_get", call);
  const merge = ["gitlab_merge_request_merge", call] as const;
  const refused = { code: "invalid_input" };
  expect((await toolbox().run(...merge)).structured).toMatchObject(refused);
  expect((await toolbox({ conversation: "chat 8" }).run(...merge)).structured).toMatchObject(refused);
  const ben = { ...chat, identifier: "ben (api)" };
  expect((await toolbox(ben).run(...merge)).structured).toMatchObject(refused);
  const connections = { gitlab: { baseUrl: emulator.baseUrl } };
  const replica = createGitLab({ ...kept, connections });
  const other = toolbox(chat, replica);
  const { isError, text } = await other.run(...merge);
  await replica.close();
  expect(isError, text).toBe(false);
  expect(gitlab).not.toBe(replica);
});

test("what was shown is forgotten after a week", async () => {
  let at = Date.now();
  const { toolbox, call } = await opened({ now: () => at });
  const { run } = toolbox();
  await run("gitlab_merge_request_get", call);
  at += 8 * 86_400_000;
  expect((await run("gitlab_merge_request_merge", call)).structured).toMatchObject({ code: "invalid_input" });
});

test("typed functions stay as they are: without sha, it is the head at that time", async () => {
  const { ada, call } = await opened();
  expect((await mergeRequestMerge(ada, call)).data.state).toBe("merged");
});
