import { tools } from "gitlab-agent-tools/tools";
import { expect, test } from "vitest";
import { elsewhere } from "../../src/tools/allow-list.js";

/** Names that say project, group or namespace and lead a call nowhere else. */
const harmless = new Set([
  "ci_allow_fork_pipelines_to_run_in_parent_project",
  "first_parent",
  // Refused where it lists projects; labels of groups above apply to the project.
  "include_ancestor_groups",
  "prevent_forking_outside_group",
  "search_namespaces",
  "skip_groups",
  "with_projects",
  "without_projects",
]);

test("no parameter leads a call into another project or group unnoticed by the allow-list", () => {
  const leading = /(?:^|_)(?:projects?|groups?|namespaces?|parent)(?:_ids?|_paths?)?$|_templates_id$/;
  const unnoticed = Object.values(tools).flatMap(({ definition }) =>
    Object.entries(definition.parameters)
      .filter(([, place]) => !(place.in === "path" && place.ref !== undefined) && place.in !== "local")
      .map(([name, place]) => place.name ?? name)
      .filter((name) => leading.test(name) && !(name in elsewhere) && !harmless.has(name))
      .map((name) => `${definition.name}: ${name}`),
  );
  expect(unnoticed).toEqual([]);
});

test("every tool's project and group is marked as such, so that it can be looked up", () => {
  for (const { definition } of Object.values(tools)) {
    const { path, parameters, name } = definition;
    const place = /^\/api\/v4\/(project|group)s\/\{(\w+)\}/.exec(path);
    if (!place) continue;
    const marked = Object.entries(parameters).some(
      ([own, { in: where, name: wire = own, ref }]) => where === "path" && wire === place[2] && ref === place[1],
    );
    expect([name, marked]).toEqual([name, true]);
  }
});
