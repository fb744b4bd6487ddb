import { tools } from "gitlab-agent-tools/tools";
import { expect, test } from "vitest";

test("no parameter leads a call into another project or group unnoticed by the allow-list", () => {
  const leading = /(?:^|_)(?:projects?|groups?|namespaces?|parent|epic)(?:_i?ids?|_paths?)?$|_templates_id$/;
  // They say how a list is searched, or are settings; labels of groups above apply to the project, and what lies in groups
  // below lies within. The number of a group's epic in a path is counted in that group.
  const harmless =
    /^(?:ci_allow_fork_pipelines_to_run_in_parent_project|first_parent|skip_groups|without_projects|search_namespaces|prevent_forking_outside_group|include_(?:ancestor|descendant)_groups)$/;
  const unnoticed = Object.values(tools).flatMap(({ definition }) =>
    Object.entries(definition.parameters)
      .filter(([, place]) => !(place.in === "path" && place.ref !== undefined) && place.in !== "local")
      .filter(([, place]) => place.reach === undefined)
      .filter(([name, place]) => !(place.in === "path" && (place.name ?? name) === "epic_iid"))
      .map(([name, place]) => place.name ?? name)
      .filter((name) => leading.test(name) && !harmless.test(name))
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
