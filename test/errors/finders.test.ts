import { mergeRequestCreate, milestoneUpdate, tools } from "gitlab-agent-tools/tools";
import { expect, test } from "vitest";
import { refusal, stage } from "../support/people.js";

const placeOf = (path: string): string => path.replaceAll(/\{\w+\}/g, "{}");

test("what lies in a list at a tool's own path is looked for there", () => {
  const definitions = Object.values(tools).map(({ definition }) => definition);
  const lists = new Set(
    definitions.filter(({ list, method, run }) => list && method === "GET" && !run).map(({ path }) => placeOf(path)),
  );
  const byName = new Map(definitions.map((definition) => [definition.name, definition]));
  const wrong = definitions.flatMap(({ name, path, parameters }) =>
    Object.entries(parameters).flatMap(([own, { in: where, name: wire = own, finder }]) => {
      const [before = ""] = path.split(`/{${wire}}`);
      if (finder === undefined || where !== "path" || !lists.has(placeOf(before))) return [];
      const found = byName.get(finder.split(" ")[0] ?? "");
      // A tool of several calls may show more of what the list has.
      const shown = [found?.path, ...(found?.steps ?? []).map((step) => byName.get(step)?.path)];
      return shown.some((one) => placeOf(one ?? "") === placeOf(before)) ? [] : [`${name}: ${own} -> ${finder}`];
    }),
  );
  expect(wrong).toEqual([]);
});

test("every finder is a tool that reads", () => {
  const byName = new Map(Object.values(tools).map(({ definition }) => [definition.name, definition]));
  const finders = new Set(
    [...byName.values()].flatMap(({ parameters }) => Object.values(parameters).flatMap(({ finder }) => finder ?? [])),
  );
  for (const finder of finders) {
    const [name = "", parameter] = finder.split(" with ");
    expect([finder, byName.get(name)?.access]).toEqual([finder, "read"]);
    if (parameter !== undefined) expect(byName.get(name)?.parameters).toHaveProperty(parameter);
  }
});

test("a field that GitLab names is the one that the hint is about", async () => {
  const { as } = await stage();
  const ada = await as("ada");
  const project_id = "acme/app";
  for (const [source_branch, target_branch] of [
    ["nope", "main"],
    ["main", "nope"],
  ] as const) {
    const error = await refusal(mergeRequestCreate(ada, { project_id, source_branch, target_branch, title: "x" }));
    expect(error.hint).toContain("gitlab_branches_list");
  }
  expect((await refusal(milestoneUpdate(ada, { project_id, milestone_id: 999, title: "x" }))).hint).toContain(
    "gitlab_milestones_list",
  );
});
