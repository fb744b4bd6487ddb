import { expect, test } from "vitest";
import { javascriptPattern } from "../../codegen/pattern.js";

test.each<[string, string | undefined]>([
  ["^[a-z]+$", "^[a-z]+$"],
  ["\\A[a-z]+\\z", "^[a-z]+$"],
  ["(?<!\\.git)\\z", "(?<!\\.git)$"],
  ["(?-mix:a|b)", "(?:a|b)"],
  ["\\\\A", "\\\\A"], // a backslash and the letter
  ["\\h+", undefined],
  ["(?i)abc", undefined],
  ["[[:alpha:]]", undefined],
  ["a++", undefined],
  ["(?#comment)a", undefined],
  ["(?<!a|bc*)\\Z", undefined],
  ["[\\A]", undefined],
  ["(unclosed", undefined],
])("Ruby's %s is %s", (ruby, javascript) => {
  expect(javascriptPattern(ruby)).toBe(javascript);
  if (javascript !== undefined) expect(() => new RegExp(javascript, "u")).not.toThrow();
});
