import { defineTool, GitLabToolError, type GitLab, type GitLabOptions } from "gitlab-agent-tools";
import { getTools } from "gitlab-agent-tools/openai";
import {
  featureFlagUpdate,
  fileCreate,
  issueUpdate,
  mergeRequestUpdate,
  milestoneUpdate,
  projectUpdate,
  projectVariableCreate,
  projectVariableUpdate,
} from "gitlab-agent-tools/tools";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { connect, json, serve } from "../../support/server.js";

async function account(options: Partial<GitLabOptions> = {}) {
  const server = await serve((_, response) => json(response, {}));
  const sent = (): unknown[] => server.arrived.map(({ body }) => JSON.parse(body) as unknown);
  return { ...(await connect(server, options)), arrived: server.arrived, sent };
}

const asModel = (gitlab: GitLab, toolName: string, toolInput: unknown) =>
  gitlab.executeTool({ identifier: "user_1", toolName, toolInput });

const place = { project_id: 1, issue_iid: 2 };

describe("empty is a value where it is required", () => {
  test("an empty file", async () => {
    const { account: me, sent } = await account();
    const file = {
      project_id: 1,
      file_path: "logs/.gitkeep",
      branch: "main",
      commit_message: "Keep logs",
      content: "",
    };
    await fileCreate(me, file);
    expect(sent()).toEqual([{ branch: "main", commit_message: "Keep logs", content: "" }]);
  });

  test("an empty variable", async () => {
    const { account: me, sent } = await account();
    await projectVariableCreate(me, { project_id: 1, key: "FLAGS", value: "" });
    expect(sent()).toEqual([{ key: "FLAGS", value: "" }]);
  });

  test("null is none, and what has to have something says so", async () => {
    const { gitlab, arrived } = await account();
    const call = (toolInput: object) => asModel(gitlab, "gitlab_file_create", { project_id: 1, ...toolInput });
    const file = { file_path: "a", branch: "main", commit_message: "m" };
    await expect(call({ ...file, content: null })).rejects.toThrow("content: expected a string, got null");
    await expect(call({ ...file, branch: "", content: "" })).rejects.toThrow("branch: needs at least 1 characters");
    expect(arrived).toEqual([]);
  });
});

describe("an update clears", () => {
  test("texts, dates, numbers and lists, as GitLab takes it", async () => {
    const { account: me, sent } = await account();
    const cleared = {
      description: null,
      due_date: null,
      milestone_id: null,
      weight: null,
      assignee_ids: [],
      labels: [],
    };
    await issueUpdate(me, { ...place, ...cleared });
    expect(sent()).toEqual([
      { description: "", due_date: "", milestone_id: 0, weight: null, assignee_ids: [], labels: "" },
    ]);
  });

  test("for models too, by null and by an empty text", async () => {
    const { gitlab, sent } = await account();
    for (const empty of [null, ""]) {
      const toolInput = { ...place, description: empty, due_date: empty, milestone_id: empty, assignee_ids: empty };
      await asModel(gitlab, "gitlab_issue_update", toolInput);
    }
    const body = { description: "", due_date: "", milestone_id: 0, assignee_ids: [] };
    expect(sent()).toEqual([body, body]);
  });

  test("a variable's value, a milestone's dates, when a merge request may be merged", async () => {
    const { account: me, sent } = await account();
    await projectVariableUpdate(me, { project_id: 1, key: "FLAGS", value: "" });
    await milestoneUpdate(me, { project_id: 1, milestone_id: 3, start_date: "", due_date: null });
    await mergeRequestUpdate(me, { project_id: 1, merge_request_iid: 4, merge_after: null });
    expect(sent()).toEqual([{ value: "" }, { start_date: "", due_date: "" }, { merge_after: "" }]);
  });

  test("what cannot be cleared is refused, not ignored", async () => {
    const { gitlab, arrived } = await account();
    for (const empty of [null, ""]) {
      const call = asModel(gitlab, "gitlab_issue_update", { ...place, state_event: empty, confidential: empty });
      const error: unknown = await call.catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(GitLabToolError);
      expect(error).toMatchObject({
        code: "invalid_input",
        details: {
          fields: [
            { field: "state_event", message: "cannot be cleared; leave it out to keep it" },
            { field: "confidential", message: "cannot be cleared; leave it out to keep it" },
          ],
        },
      });
    }
    expect(arrived).toEqual([]);
  });
});

describe("inside the objects of an update", () => {
  const policy = { name_regex_keep: null, older_than: "", keep_n: null, enabled: true };
  const strategies = [
    { id: 7, user_list_id: null, scopes: null },
    { name: "default", parameters: null },
  ];

  test("null reaches GitLab where the specification lets it be null, and empties a list", async () => {
    const { account: me, sent } = await account();
    await projectUpdate(me, { project_id: 1, container_expiration_policy_attributes: policy });
    const flag = { project_id: 1, feature_flag_name: "dark" };
    await featureFlagUpdate(me, { ...flag, strategies: [{ id: 7, user_list_id: null }] });
    expect(sent()).toEqual([
      { container_expiration_policy_attributes: policy },
      { strategies: [{ id: 7, user_list_id: null }] },
    ]);
  });

  test("for models too, also as JSON in a text", async () => {
    const { gitlab, sent } = await account();
    for (const given of [strategies, JSON.stringify(strategies)])
      await asModel(gitlab, "gitlab_feature_flag_update", {
        project_id: 1,
        feature_flag_name: "dark",
        strategies: given,
      });
    const body = {
      strategies: [
        { id: 7, user_list_id: null, scopes: [] },
        { name: "default", parameters: null },
      ],
    };
    expect(sent()).toEqual([body, body]);
  });

  test("what cannot be cleared is refused, each by its place", async () => {
    const { gitlab, arrived } = await account();
    const call = asModel(gitlab, "gitlab_feature_flag_update", {
      project_id: 1,
      feature_flag_name: "dark",
      strategies: [{ _destroy: null, id: "x" }, { scopes: [{ id: 3, _destroy: null }] }],
    });
    await expect(call).rejects.toMatchObject({
      code: "invalid_input",
      details: {
        fields: [
          { field: "strategies.0.id", message: "expected a number, got a string" },
          { field: "strategies.0._destroy", message: "cannot be cleared; leave it out to keep it" },
          { field: "strategies.1.scopes.0._destroy", message: "cannot be cleared; leave it out to keep it" },
        ],
      },
    });
    const files = [{ action: null, content: "x" }];
    const required = asModel(gitlab, "gitlab_project_snippet_update", { project_id: 1, snippet_id: 2, files });
    await expect(required).rejects.toThrow("files.0.action: expected one of create, update, delete, move");
    expect(arrived).toEqual([]);
  });

  test("where something is made, null is not given", async () => {
    const { gitlab, sent } = await account();
    await asModel(gitlab, "gitlab_project_create", { name: "x", container_expiration_policy_attributes: policy });
    expect(sent()).toEqual([{ name: "x", container_expiration_policy_attributes: { older_than: "", enabled: true } }]);
  });

  test("in OpenAI's strict mode, which wants every field, null of what is optional clears nothing", async () => {
    const handOver = defineTool({
      name: "acme_widget_update",
      description: "Updates a widget.",
      method: "PUT",
      path: "/api/v4/widgets/{widget_id}",
      input: z.object({
        widget_id: z.int(),
        owner: z.nullable(z.string()),
        color: z.optional(z.nullable(z.string())),
      }),
    });
    const { gitlab, sent } = await account({ tools: [handOver] });
    const names = ["gitlab_project_snippet_update", "acme_widget_update"];
    const { runToolCall } = getTools({ gitlab, identifier: "user_1", strict: true, select: { tools: names } });
    const call = (name: string, input: object) =>
      runToolCall({ type: "function_call", call_id: "1", name, arguments: JSON.stringify(input) });
    const file = { action: "update", file_path: "a.md", content: "new", previous_path: null };
    await call("gitlab_project_snippet_update", { project_id: 1, snippet_id: 2, title: null, files: [file] });
    await call("acme_widget_update", { widget_id: 3, owner: null, color: null });
    expect(sent()).toEqual([
      { files: [{ action: "update", file_path: "a.md", content: "new" }] },
      // What is required and may be null was meant.
      { owner: null },
    ]);
  });
});

describe("what is empty is not given", () => {
  test("where something is made, and where an update is an action", async () => {
    const { gitlab, sent } = await account();
    await asModel(gitlab, "gitlab_issue_create", { project_id: 1, title: "x", due_date: "", milestone_id: null });
    await asModel(gitlab, "gitlab_merge_request_merge", { project_id: 1, merge_request_iid: 2, sha: "", squash: true });
    expect(sent()).toEqual([{ title: "x" }, { squash: true }]);
  });

  test("by null in OpenAI's strict mode, which wants every parameter", async () => {
    const { gitlab, sent } = await account();
    const { runToolCall } = getTools({ gitlab, identifier: "user_1", strict: true });
    const input = { ...place, title: "New", description: null, due_date: null, state_event: null, assignee_ids: null };
    await runToolCall({
      type: "function_call",
      call_id: "1",
      name: "gitlab_issue_update",
      arguments: JSON.stringify(input),
    });
    expect(sent()).toEqual([{ title: "New" }]);
  });
});
