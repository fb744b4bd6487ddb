import { createGitLab, GitLabToolError, toolNames } from "gitlab-agent-tools";
import { commitsList, issueUpdate, jobsList, tools } from "gitlab-agent-tools/tools";
import { describe, expect, test } from "vitest";
import { nearestTool } from "../../../src/tools/nearest-tool.js";
import { connect, json, serve } from "../../support/server.js";

test.each([
  ["gitlab_list_issues", "gitlab_issues_list"],
  ["issues_list", "gitlab_issues_list"],
  ["listIssues", "gitlab_issues_list"],
  ["gitlab_isue_get", "gitlab_issue_get"],
  ["gitlab_get_merge_request", "gitlab_merge_request_get"],
  ["gitlab_list_mrs", "gitlab_merge_requests_list"],
  ["gitlab_create_issue", "gitlab_issue_create"],
  ["gitlab_issue_close", "gitlab_issue_update"],
  ["gitlab_reopen_merge_request", "gitlab_merge_request_update"],
  ["gitlab_remove_branch", "gitlab_branch_delete"],
  ["gitlab_rerun_pipeline", "gitlab_pipeline_retry"],
])("%s means %s", (given, name) => {
  expect(nearestTool(given, toolNames)?.name).toBe(name);
});

test("how a state is changed by an update", async () => {
  const { gitlab } = await connect(await serve((_, response) => json(response, {})));
  const call = gitlab.executeTool({ identifier: "user_1", toolName: "gitlab_issue_close", toolInput: {} });
  await expect(call).rejects.toMatchObject({
    code: "unknown_tool",
    message: expect.stringContaining('did you mean gitlab_issue_update with "state_event": "close"?') as string,
  });
});

test("spelling leads from no action to another that changes something", () => {
  const changes = new Map(
    Object.values(tools).map(({ definition }) => [definition.name, definition.access !== "read"] as const),
  );
  for (const verb of ["list", "get", "show", "find", "frobnicate", "archive", "transfer"])
    for (const thing of ["issue", "issues", "label", "release", "branch", "webhook", "snippet", "merge_request"])
      for (const given of [`gitlab_${verb}_${thing}`, `gitlab_${thing}_${verb}`]) {
        const near = nearestTool(given, toolNames);
        expect(near !== undefined && changes.get(near.name), `${given}: ${near?.name}`).toBeFalsy();
      }
  expect(nearestTool("gitlab_issue_merge", toolNames)).toBeUndefined();
  expect(nearestTool("a".repeat(101), toolNames)).toBeUndefined();
});

describe("names of parameters and options", () => {
  const fieldsOf = async (call: Promise<unknown>): Promise<unknown> => {
    const error: unknown = await call.catch((thrown: unknown) => thrown);
    return error instanceof GitLabToolError ? error.details?.["fields"] : error;
  };

  test("state is state_event in an update, status is a job's scope, a branch is the commits' ref_name", async () => {
    const { account } = await connect(await serve((_, response) => json(response, [])));
    const near = (nearest: string): unknown => [expect.objectContaining({ nearest })];
    // @ts-expect-error there is no such parameter
    expect(await fieldsOf(issueUpdate(account, { project_id: 1, issue_iid: 2, state: "closed" }))).toEqual(
      near("state_event"),
    );
    // @ts-expect-error there is no such parameter
    expect(await fieldsOf(jobsList(account, { project_id: 1, status: "failed" }))).toEqual(near("scope"));
    // @ts-expect-error there is no such parameter
    expect(await fieldsOf(commitsList(account, { project_id: 1, branch: "main" }))).toEqual(near("ref_name"));
  });

  test("the hint says what to use", () => {
    // @ts-expect-error there is no such option
    const wrong = () => createGitLab({ store: "memory:", connections: { gitlab: { url: "https://g.example" } } });
    expect(wrong).toThrow(
      expect.objectContaining({ hint: expect.stringMatching(/use \S*baseUrl instead of/i) as string }),
    );
  });
});
