import { expect, test } from "vitest";
import { commitDiffGet, compareRefs, mergeRequestDiffGet, mergeRequestFileDiffGet } from "gitlab-agent-tools/tools";
import { estimateTokens } from "../../src/views/estimate.js";
import { toModelAnswer, toModelText } from "../../src/views/model-text.js";

const entry = {
  ...{ old_path: "src/a.ts", new_path: "src/a.ts", new_file: false, renamed_file: false, deleted_file: false },
  diff: '@@ -1,2 +1,2 @@\n first\n-const a = "x\\ty";\n+const a = "z";\n',
};
const long = (lines: number): string =>
  `@@ -1,${lines} +1,${lines} @@\n${Array.from({ length: lines }, (_, line) => `+const value${line} = ${line};\n`).join("")}`;
const page = { page: 1, perPage: 20, hasMore: false, total: 3 };

test("diffs are shown as unified text, without JSON's escapes, in every tool that has them", () => {
  const added = { ...entry, old_path: "n.txt", new_path: "n.txt", new_file: true, diff: "@@ -0,0 +1 @@\n+n\n" };
  const moved = { ...entry, new_path: "src/b.ts", renamed_file: true, diff: "" };
  const plain = [
    '--- a/src/a.ts\n+++ b/src/a.ts\n@@ -1,2 +1,2 @@\n first\n-const a = "x\\ty";\n+const a = "z";',
    "--- /dev/null\n+++ b/n.txt\n@@ -0,0 +1 @@\n+n",
    "--- a/src/a.ts\n+++ b/src/b.ts\nrenamed, the text is the same",
  ].join("\n\n");
  const data = [entry, added, moved];
  for (const { definition } of [mergeRequestDiffGet, commitDiffGet]) {
    const { text, structured } = toModelAnswer(definition, { data, page, status: 200 });
    expect(text).toBe(`3 items.\n${plain}`);
    expect(structured).toEqual({ items: data, page });
  }
  const compared = { commits: [{ id: "1a2b" }], diffs: data, web_url: "https://gitlab.example/x" };
  const { text, structured } = toModelAnswer(compareRefs.definition, { data: compared, status: 200 });
  expect(text).toBe(`{"commits":[{"id":"1a2b"}],"web_url":"https://gitlab.example/x"}\n${plain}`);
  expect(structured).toEqual(compared);
});

test("a long file is cut at the end of a line, and the hint leads to the rest of it", () => {
  const data = [{ ...entry, new_path: "lock.json", old_path: "lock.json", diff: long(3000) }, entry];
  const shown = { data, page: { ...page, total: 2 }, status: 200 };
  const { text } = toModelAnswer(mergeRequestDiffGet.definition, shown, { maxResultTokens: 2000 });
  expect(estimateTokens(text)).toBeLessThan(2000);
  expect(text).toContain("+++ b/src/a.ts");
  const [, lines, of, next] =
    /^\[(\d+) of (\d+) lines of this file's diff; more: gitlab_merge_request_file_diff_get with "file": "lock\.json", "start_line": (\d+)\]$/m.exec(
      text,
    ) ?? [];
  expect(Number(of)).toBe(3003);
  expect(Number(next)).toBe(Number(lines) + 1);
  expect(text).toContain(`+const value${Number(lines) - 4} = `);
  expect(text).not.toContain(`+const value${Number(lines) - 3} = `);
  // A page of one item is that item alone: there is no hint that leads back to it.
  const one = { data: data.slice(0, 1), page: { page: 1, perPage: 1, hasMore: true, nextPage: 2 }, status: 200 };
  expect(toModelText(mergeRequestDiffGet.definition, one, { maxResultTokens: 1000 })).not.toContain('"per_page"');
  expect(toModelText(commitDiffGet.definition, one, { maxResultTokens: 1000 })).toMatch(
    /\[\d+ of 3003 lines of this file's diff\]$/,
  );
});

test("files that do not fit are counted, with the call that has them; a comparison names them", () => {
  const data = Array.from({ length: 12 }, (_, index) => ({ ...entry, new_path: `f${index}`, diff: long(40) }));
  const shown = toModelText(mergeRequestDiffGet.definition, { data, page, status: 200 }, { maxResultTokens: 2000 });
  expect(shown).toMatch(/\n\[\d+ more of this page left out: "per_page": \d+, "page": \d+\]$/);
  const compared = { data: { commits: [], diffs: data }, status: 200 };
  expect(toModelText(compareRefs.definition, compared, { maxResultTokens: 2000 })).toMatch(
    /\n\[\d+ more files left out: f\d+, .*f11\]$/,
  );
});

test("the diff of one file begins at its beginning, and reads on by lines", () => {
  const text = `--- a/x\n+++ b/x\n${long(2000)}`;
  const first = toModelText(mergeRequestFileDiffGet.definition, { data: text, status: 200 }, { maxResultTokens: 1000 });
  expect(first).toMatch(/^--- a\/x\n/);
  const [, next] = /"start_line": (\d+)\]$/.exec(first) ?? [];
  const rest = text
    .split("\n")
    .slice(Number(next) - 1)
    .join("\n");
  const options = { maxResultTokens: 1000, input: { start_line: Number(next) } };
  const second = toModelText(mergeRequestFileDiffGet.definition, { data: rest, status: 200 }, options);
  expect(second).toMatch(new RegExp(`^\\+const value${Number(next) - 4} = `));
  expect(Number(/"start_line": (\d+)\]$/.exec(second)?.[1])).toBeGreaterThan(Number(next));
});
