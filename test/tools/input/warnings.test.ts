import { issueCreate, issueUpdate, mergeRequestUpdate, projectSnippetGet } from "gitlab-agent-tools/tools";
import { createToolbox } from "gitlab-agent-tools/toolbox";
import { expect, test } from "vitest";
import { connect, json, serve } from "../../support/server.js";

const answering = async (answer: object) => {
  const server = await serve((_, response) => json(response, answer));
  return { ...(await connect(server)), arrived: server.arrived };
};

const ada = { id: 1, username: "ada" };
const issue = { project_id: 1, issue_iid: 2 };

test("a milestone's number in its address is not its id, and the result says that it was not taken", async () => {
  const { account } = await answering({ iid: 2, title: "x", milestone: null });
  const { warnings } = await issueUpdate(account, { ...issue, milestone_id: 3 });
  expect(warnings).toEqual([
    "milestone_id: GitLab did not take 3. An id is meant, not the number in the milestone's address.",
  ]);
});

test("people whom GitLab left out are named", async () => {
  const { account } = await answering({ iid: 2, assignees: [ada], reviewers: [] });
  const { warnings } = await mergeRequestUpdate(account, {
    project_id: 1,
    merge_request_iid: 2,
    assignee_ids: [1, 99],
    reviewer_ids: [98],
  });
  expect(warnings).toEqual([
    "assignee_ids: GitLab did not take 99. There is no such assignee here, or GitLab's plan allows one only.",
    "reviewer_ids: GitLab did not take 98. There is no such reviewer here.",
  ]);
});

test("what was taken, cleared, or is not shown warns of nothing", async () => {
  const taken = await answering({ iid: 2, milestone: { id: 3 }, assignees: [ada] });
  expect(await issueUpdate(taken.account, { ...issue, milestone_id: 3, assignee_ids: [1] })).not.toHaveProperty(
    "warnings",
  );
  const cleared = await answering({ iid: 2, milestone: null, assignees: [] });
  expect(await issueUpdate(cleared.account, { ...issue, milestone_id: 0, assignee_ids: [] })).not.toHaveProperty(
    "warnings",
  );
  const silent = await answering({ iid: 2 });
  expect(await issueCreate(silent.account, { project_id: 1, title: "x", milestone_id: 3 })).not.toHaveProperty(
    "warnings",
  );
});

test("a model reads the warning above the answer", async () => {
  const { gitlab } = await answering({ iid: 2, title: "x", milestone: null });
  const toolbox = createToolbox({ gitlab, identifier: "user_1" });
  const answer = await toolbox.run("gitlab_issue_update", { ...issue, milestone_id: 3 });
  expect(answer.text).toMatch(/^\[Warning: milestone_id: GitLab did not take 3\./);
  expect(answer.structured["warnings"]).toHaveLength(1);
  expect(answer.isError).toBe(false);
});

test("a snippet comes with its content, which GitLab serves elsewhere", async () => {
  const server = await serve((request, response) =>
    request.url.endsWith("/raw") ? response.end("print(1)\n") : json(response, { id: 5, title: "one" }),
  );
  const { account } = await connect(server);
  const { data, warnings } = await projectSnippetGet(account, { project_id: 1, snippet_id: 5 });
  expect(data).toMatchObject({ id: 5, content: "print(1)\n" });
  expect(warnings).toBeUndefined();
});

test("where the content cannot be read, the rest comes with a warning", async () => {
  const server = await serve((request, response) =>
    request.url.endsWith("/raw") ? json(response, { message: "404 Not Found" }, 404) : json(response, { id: 5 }),
  );
  const { account } = await connect(server);
  const { data, warnings } = await projectSnippetGet(account, { project_id: 1, snippet_id: 5 });
  expect(data).toMatchObject({ id: 5 });
  expect(warnings?.[0]).toContain("The content could not be read");
});
