import { expect, test } from "vitest";
import { generate } from "../../codegen/generate.js";
import { withPolicy } from "../../codegen/policy.js";
import { problems, project, sound } from "./project.js";

const parameter = (wire: string, place: "path" | "query" | "body" = "body") =>
  ({ name: wire, wire, in: place, required: false, type: { kind: "text", facts: {} } }) as const;
const request = { method: "POST", path: "/api/v4/projects/{id}/issues" };

test.each([
  "target_project_id",
  "group_ids",
  "namespace_path",
  "parent_id",
  "epic_iid",
  "import_url",
  "start_project",
  "include_ancestors",
  "forked_from_id",
  "config_path",
])("%s may lead elsewhere: it counts as leading out until the manifest says where", (wire) => {
  expect(withPolicy(request, parameter(wire))).toMatchObject({ reach: "out" });
  expect(withPolicy(request, { ...parameter(wire), reach: "project" })).toMatchObject({ reach: "project" });
});

test.each(["title", "state", "sha", "source_branch", "assignee_id"])("%s leads nowhere else", (wire) => {
  expect(withPolicy(request, parameter(wire))).not.toHaveProperty("reach");
});

test.each([
  ["/api/v4/projects/{id}/issues/{issue_iid}", "description", "markdown"],
  ["/api/v4/projects/{id}/issues/{noteable_id}/notes", "body", "markdown"],
  ["/api/v4/projects/{id}/merge_requests/{iid}/merge", "squash_commit_message", "message"],
  ["/api/v4/projects/{id}/merge_requests", "title", "message"],
  ["/api/v4/projects/{id}/labels", "description", undefined],
])("of what is written, %s %s is %s", (path, wire, text) => {
  expect(withPolicy({ method: "PUT", path }, parameter(wire)).text).toBe(text);
});

test("a tool that the manifest names for help has to exist, and to have what it is asked by", async () => {
  const lines = async (finder: string): Promise<string[]> => {
    const manifest = `area: widgets
title: Widgets
tools:
  gitlab_widgets_list:
    operation: getWidgets
    title: List widgets
    description: Lists widgets.
    access: read
    curated: [project_id, state]
    parameters:
      state: { finder: ${finder} }
`;
    const root = await project({ ...sound(), "spec/tools/widgets.yaml": manifest });
    return await problems(() => generate({ root }));
  };
  expect(await lines("gitlab_widget_list")).toContain(
    'spec/tools/widgets.yaml:11:24 unknown tool "gitlab_widget_list"; did you mean "gitlab_widgets_list"?',
  );
  expect(await lines("gitlab_widgets_list with name")).toContain(
    'spec/tools/widgets.yaml:11:24 gitlab_widgets_list has no parameter "name"',
  );
});
