import { expect, test } from "vitest";
import { nearest } from "../../src/options/nearest.js";

test("the nearest name, where one is near", () => {
  expect(nearest("gitlab_isue_get", ["gitlab_issue_get", "gitlab_issues_list"])).toBe("gitlab_issue_get");
  expect(nearest("something_else_entirely", ["gitlab_issue_get"])).toBeUndefined();
});

test("a name without end is compared with none", () => {
  expect(nearest("a".repeat(101), ["a".repeat(101)])).toBeUndefined();
});
