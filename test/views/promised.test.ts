import { expect, test } from "vitest";
import { shownTokens } from "../../bench/shown.js";
import { selectTools } from "../../src/tools/select.js";
import { curatedSchema } from "../../src/tools/json-schema.js";
import { promised } from "./promised.js";

const core = selectTools();
const byName = new Map(core.map((tool) => [tool.name, tool]));
const words = (list = ""): string[] => list.split(" ").filter((word) => word !== "");
const plain = (path: string): string => path.replaceAll("[]", "").replace(/\?.*$/, "");

test("models are shown every parameter that is promised", () => {
  const missing = Object.entries(promised).flatMap(([name, { shows }]) =>
    words(shows)
      .filter((parameter) => !byName.get(name)?.curated.includes(parameter))
      .map((parameter) => `${name}: ${parameter}`),
  );
  expect(missing).toEqual([]);
});

test("the compact view has every field that is promised", () => {
  const missing = Object.entries(promised).flatMap(([name, { answers }]) => {
    const view = byName.get(name)?.view.map(plain) ?? [];
    const has = (path: string): boolean => view.some((one) => one === path || one.startsWith(`${path}.`));
    return words(answers)
      .filter((path) => !has(plain(path)) && !view.some((one) => plain(path).startsWith(`${one}.`)))
      .map((path) => `${name}: ${path}`);
  });
  expect(missing).toEqual([]);
});

test("at least 25 parameters say what a model cannot guess", () => {
  const described = core.flatMap((tool) =>
    Object.entries(curatedSchema(tool).properties ?? {}).filter(([, { description }]) => description !== undefined),
  );
  expect(described.length).toBeGreaterThanOrEqual(25);
});

test("all core tools together leave a model 400 of 10,000 tokens free", () => {
  expect(shownTokens(core)).toBeLessThanOrEqual(9_600);
});

test("an extended tool costs a model 110 tokens or less on average", () => {
  const extended = selectTools({ level: "extended" }).filter(({ level }) => level === "extended");
  expect(extended.length).toBeGreaterThan(0);
  expect(shownTokens(extended) / extended.length).toBeLessThanOrEqual(110);
});

test.each([
  ["gitlab_project_snippet_get", "content"],
  ["gitlab_merge_request_approvals_get", "approval_rules_left"],
  ["gitlab_current_user_get", "namespace_id"],
  ["gitlab_issue_note_create", "summary"],
  ["gitlab_merge_request_note_create", "summary"],
  ["gitlab_project_search", "committed_date"],
  ["gitlab_project_search", "file_name"],
  ["gitlab_global_search", "description"],
  ["gitlab_jobs_list", "allow_failure"],
  ["gitlab_projects_list", "archived"],
])("the compact view of %s has %s", (name, field) => {
  expect(byName.get(name)?.view.map((path) => path.replace(/[[?.].*$/, ""))).toContain(field);
});

test("values of variables are not listed for models", () => {
  expect(byName.get("gitlab_project_variables_list")?.view).not.toContain("value");
});
