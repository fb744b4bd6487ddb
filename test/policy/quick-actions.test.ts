import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { issueNoteUpdate } from "gitlab-agent-tools/tools";
import { applyQuickActionPolicy, escapeQuickActions, findQuickActions } from "../../src/policy/quick-actions.js";
import { runs } from "../support/runs.js";

const names = (text: string): string[] => findQuickActions(text).map(({ name }) => name);

describe("what counts as a quick action", () => {
  test.each([
    ["/close", ["/close"]],
    ["Text\n/merge\nmore", ["/merge"]],
    ["/assign @ben\n/label ~bug", ["/assign", "/label"]],
    ["/CLOSE", ["/CLOSE"]],
    ["  /close", ["/close"]],
    ["      /close", ["/close"]],
    ["text\r\n/close\r\n", ["/close"]],
    ["text\n\r/close", ["/close"]],
    ["/some_action_of_next_year now", ["/some_action_of_next_year"]],
    ["/usr/bin/env", ["/usr/bin/env"]],
    ["/lin\u212A a/b#1", ["/lin\u212A"]],
  ])("%j", (text, found) => expect(names(text)).toEqual(found));

  test.each([
    "and/or, /etc/hosts, https://x.example/close",
    "a /close in a sentence",
    "\\/close",
    "- /close",
    "> /close",
    "`/close`",
    "/ close",
  ])("not %j", (text) => expect(names(text)).toEqual([]));
});

test("wherever it stands: GitLab's versions disagree on what a code block is", () => {
  for (const text of ["```\n/close\n```", " ~~~\n/close\n~~~", " <!--\n/close\n-->", " <div>\n/close\n</div>"])
    expect(names(text), text).toEqual(["/close"]);
});

describe("an escape would show in a code block", () => {
  test.each([
    "```\n/close\n```",
    "```sh\n/close\n```\ntext",
    "a\n\n```\n/close\n```\n\n```\n/merge\n```",
    "```html\n<div>\n/close\n</div>\n```",
  ])("so %j stays as it is", (text) => expect(escapeQuickActions(text)).toBe(text));

  // What looks like a code block to one of GitLab's parsers and not to another hides nothing.
  test.each([
    ["a block that is never closed", "```\n/close"],
    ["an HTML block that swallows the fence", "<div>\n```\n</div>\n/close\n```"],
    ["the same, indented", " <div>\n```\n</div>\n/close\n```"],
    ["a comment, indented", " <!--\n```\n-->\n/close\n```"],
    ["a quote that swallows it", ">>>\n```\n>>>\n/close\n```"],
    ["tildes around it", "~~~\n```\n~~~\n/close\n```"],
    ["tildes around it, indented", " ~~~\n```\n ~~~\n/close\n```"],
    ["front matter", "---\n```\n---\n/close\n```"],
    ["a block of mathematics", "$$\n```\n$$\n/close\n```"],
    ["more backticks around it", "````\n```\n````\n/close\n```"],
    ["closed by more backticks", "```\n````\n/close\n```"],
    ["closed with a space before it", "```\n ```\n/close\n```"],
    ["code in a line", "```x```\n/close\n```"],
    ["closed with a space after it", "```\n/close\n``` "],
    ["a block with nothing in it", "```\n```\n/close\n```"],
    ["code that begins before it", "a ` b\n```\n/close\n```\n"],
    ["code in the line before", "see `x`\n```\n/close\n```"],
    ["a code block that ends in a line of text", "```\n``` not\n/close"],
  ])("but not behind %s", (_, text) => expect(escapeQuickActions(text)).toContain("\n\\/close"));
});

// A parser of older versions: it takes whatever comes first, code within a text included.
const older = (text: string): string[] => {
  const parts = [
    "^```.+?\\n```$",
    "`\\n*.+?\\n*`",
    "^<[^>]+?>\\n.+?\\n<\\/[^>]+?>$",
    "^>>>.+?\\n>>>$",
    "^/(?<name>close)(?=\\s|$)",
  ];
  const matches = text.replaceAll("\r", "").matchAll(new RegExp(parts.join("|"), "gims"));
  return [...matches].flatMap(({ groups }) => groups?.["name"] ?? []);
};

test("nothing is hidden from us that an older version would carry out", () => {
  const part = fc.constantFrom(
    "/close",
    "```",
    "```js",
    "\n",
    " ",
    "> ",
    ">>>",
    "<b>",
    "</b>",
    "`",
    "x",
    "```\n",
    "\n```\n",
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
      const text = parts.join("");
      if (older(text).length > 0) expect(escapeQuickActions(text), text).not.toBe(text);
    }),
    { numRuns: runs(5000), seed: 12 },
  );
});

test.each([
  ...["move", "clone", "PROMOTE_TO", "relate", "blocks", "blocked_by", "duplicate", "copy_metadata", "set_parent"],
  ...["unlink", "remove_child", "lin\u212A", "promo\uFB06e_to", "an_action_of_next_year"],
])("/%s leads out of the projects that a client may use", (name) => {
  const given = { body: `/${name} other/project#1` };
  const problems = (confined: boolean) =>
    applyQuickActionPolicy(issueNoteUpdate.definition, given, "allow", confined).problems;
  expect(problems(true)).toMatchObject([{ field: "body" }]);
  expect(problems(false)).toEqual([]);
});

test("an escaped text has none left, and nothing else of it changes", () => {
  const line = fc.constantFrom(
    "/close",
    " /merge now",
    "text",
    "```",
    "``` ",
    "```ruby",
    "````",
    "<p>",
    ">>>",
    "~~~",
    "",
    "\r",
    "/a/b",
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), fc.constantFrom("\n", "\r\n"), (lines, end) => {
      const text = lines.join(end);
      const escaped = escapeQuickActions(text);
      expect(older(escaped)).toEqual([]);
      expect(escaped.replaceAll("\\/", "/")).toBe(text);
      expect(escapeQuickActions(escaped)).toBe(escaped);
    }),
    { numRuns: runs(2000), seed: 11 },
  );
});

test("a long text takes no longer for being odd", () => {
  // Work that grows with the square of it would go on for hours.
  const text = "```\n".repeat(1_000_000) + "/close";
  expect(names(text)).toEqual(["/close"]);
});
