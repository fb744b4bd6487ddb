import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import { outputSchema } from "../../src/adapters/output-schema.js";
import { selectTools } from "../../src/tools/select.js";

const byName = new Map(selectTools().map((tool) => [tool.name, tool]));
const ajv = new Ajv2020({ strict: false });

function faults(toolName: string, body: object): unknown {
  const tool = byName.get(toolName);
  if (!tool) throw new Error(`there is no ${toolName}`);
  ajv.validate({ ...outputSchema(tool, "full"), additionalProperties: true }, body);
  return ajv.errors;
}

test.each<[string, string, object]>([
  [
    "a log among a job's artifacts has no format",
    "gitlab_job_get",
    { artifacts: [{ file_type: "trace", file_format: null }] },
  ],
  [
    "a merge request whose diff is not prepared",
    "gitlab_merge_request_get",
    { diff_refs: { base_sha: null, head_sha: null } },
  ],
  [
    "both branches in one project",
    "gitlab_merge_request_get",
    { allow_collaboration: null, allow_maintainer_to_push: null },
  ],
  [
    "settings that nobody has chosen",
    "gitlab_project_get",
    {
      emails_disabled: null,
      service_desk_enabled: null,
      ci_forward_deployment_enabled: null,
      container_registry_enabled: null,
    },
  ],
  ["a group's e-mails", "gitlab_group_get", { emails_disabled: null, emails_enabled: null }],
  [
    "a pipeline that has not been touched",
    "gitlab_pipelines_list",
    { items: [{ id: 1, updated_at: null, ref: null }] },
  ],
  ["time in the queue has a fraction", "gitlab_pipeline_get", { queued_duration: 0.42 }],
  [
    "a label without a description",
    "gitlab_issue_labels_list",
    { items: [{ description: null, description_html: null }] },
  ],
  [
    "a branch's commit in older versions",
    "gitlab_branches_list",
    { items: [{ commit: { id: "a", parent_ids: null } }] },
  ],
  [
    "commits with their counts",
    "gitlab_commits_list",
    { items: [{ id: "a", stats: { additions: 1, deletions: 0, total: 1 } }] },
  ],
  [
    "approvals of a licensed instance",
    "gitlab_merge_request_approvals_get",
    {
      state: "opened",
      title: "x",
      merge_status: "can_be_merged",
      suggested_approvers: [{ id: 1, username: "ada" }],
      require_password_to_approve: null,
    },
  ],
  ["what is not always sent may be null", "gitlab_issue_get", { weight: null, epic: null, subscribed: null }],
])("%s", (_, tool, body) => {
  expect(faults(tool, body)).toBeNull();
});

test("what is always sent is not null", () => {
  expect(faults("gitlab_issue_get", { title: null })).not.toBeNull();
});
