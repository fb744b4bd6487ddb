import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import {
  diffLines,
  filePosition,
  lineAt,
  nearestOn,
  textPosition,
  unfolded,
  type DiffFile,
  type Side,
} from "../../src/workflows/diff-position.js";

// What GitLab takes as the place of a comment on each kind of line, worked out by hand from its documentation and its
// source: https://docs.gitlab.com/api/discussions/#create-a-new-thread-in-the-merge-request-diff

const refs = { base_sha: "b".repeat(40), start_sha: "5".repeat(40), head_sha: "e".repeat(40) };

const file = (diff: string, more: Partial<DiffFile> = {}): DiffFile => ({
  ...{ old_path: "src/app.ts", new_path: "src/app.ts", new_file: false, deleted_file: false },
  ...{ diff, ...more },
});

/** Old lines 1 to 10, of which 4 becomes two others; then old 21 to 27, of which 24 goes. */
const edited = file(
  [
    "@@ -1,7 +1,8 @@ function first() {",
    ...[" one", " two", " three", "-four", "+4", "+4½", " five", " six", " seven"],
    "@@ -21,7 +22,6 @@",
    ...[" 21", " 22", " 23", "-24", " 25", " 26", " 27", ""],
  ].join("\n"),
);
const added = file("@@ -0,0 +1,3 @@\n+a\n+b\n+c\n", { new_file: true });
const deleted = file("@@ -1,2 +0,0 @@\n-a\n-b\n", { deleted_file: true });
const renamed = file("@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n", { old_path: "src/old.ts" });
const endless = file("@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+c\n\\ No newline at end of file\n");
const carriage = file("@@ -1,2 +1,2 @@\n a\r\n-b\r\n+c\r\n");
const dashes = file("@@ -1,2 +1,2 @@\n---- a rule\n+++ b\n @@ -9 +9 @@ no head\n");
const once = file("@@ -5 +5 @@\n-x\n+y\n");
const withNames = file("--- a/src/app.ts\n+++ b/src/app.ts\n@@ -1 +1 @@\n-x\n+y\n");
const empty = file("@@ -0,0 +1,2 @@\n+a\n+b\n");

type Lines = { readonly old_line?: number; readonly new_line?: number };

/** The position's lines, from the diff or outside of it. */
function place(of: DiffFile, side: Side, number: number): Lines | undefined {
  const line = lineAt(diffLines(of.diff), side, number) ?? unfolded(of, side, number);
  if (!line) return undefined;
  const { old_line, new_line } = textPosition(refs, of, line);
  return { ...(old_line !== undefined && { old_line }), ...(new_line !== undefined && { new_line }) };
}

describe("a line's position", () => {
  test.each<[string, DiffFile, Side, number, Lines | undefined]>([
    ["an added line has a new number only", edited, "new", 4, { new_line: 4 }],
    ["so has the second of two", edited, "new", 5, { new_line: 5 }],
    ["a removed line has an old number only", edited, "old", 4, { old_line: 4 }],
    ["an unchanged line before a change has both, equal", edited, "new", 2, { old_line: 2, new_line: 2 }],
    ["an unchanged line after it has both, apart", edited, "new", 6, { old_line: 5, new_line: 6 }],
    ["found from the old side it is the same", edited, "old", 5, { old_line: 5, new_line: 6 }],
    ["the head of the next hunk sets both counters", edited, "old", 21, { old_line: 21, new_line: 22 }],
    ["a removed line of a later hunk", edited, "old", 24, { old_line: 24 }],
    ["what follows it is closer again", edited, "new", 25, { old_line: 25, new_line: 25 }],
    ["the last line of the last hunk", edited, "new", 27, { old_line: 27, new_line: 27 }],
    ["between hunks, by the old side", edited, "old", 10, { old_line: 10, new_line: 11 }],
    ["between hunks, by the new side", edited, "new", 20, { old_line: 19, new_line: 20 }],
    ["right before the next hunk", edited, "new", 21, { old_line: 20, new_line: 21 }],
    ["after the last hunk", edited, "new", 90, { old_line: 90, new_line: 90 }],
    ["before the first hunk nothing is apart", once, "new", 1, { old_line: 1, new_line: 1 }],
    ["a head without counts", once, "new", 5, { new_line: 5 }],
    ["after it", once, "old", 6, { old_line: 6, new_line: 6 }],
    ["a new file's line", added, "new", 3, { new_line: 3 }],
    ["a new file has no old side", added, "old", 1, undefined],
    ["nor lines beyond its end", added, "new", 4, undefined],
    ["a deleted file's line", deleted, "old", 2, { old_line: 2 }],
    ["a deleted file has no new side", deleted, "new", 1, undefined],
    ["a renamed file's unchanged line", renamed, "new", 3, { old_line: 3, new_line: 3 }],
    ["no newline at the end is no line: removed", endless, "old", 2, { old_line: 2 }],
    ["no newline at the end is no line: added", endless, "new", 2, { new_line: 2 }],
    ["carriage returns are part of the line", carriage, "new", 2, { new_line: 2 }],
    ["a removed line of dashes is no head", dashes, "old", 1, { old_line: 1 }],
    ["an added line of pluses is no head", dashes, "new", 1, { new_line: 1 }],
    ["an unchanged line that looks like a hunk's head", dashes, "new", 2, { old_line: 2, new_line: 2 }],
    ["names of files before the first hunk are no lines", withNames, "old", 1, { old_line: 1 }],
    ["a file that was empty", empty, "new", 2, { new_line: 2 }],
    ["nothing of the text has changed: no line at all", file(""), "new", 1, undefined],
    ["a binary file has none", file("Binary files a/logo.png and b/logo.png differ\n"), "new", 1, undefined],
  ])("%s", (_, of, side, number, expected) => {
    expect(place(of, side, number)).toEqual(expected);
  });

  test("carries the commits and both paths, as the diff has them", () => {
    const line = lineAt(diffLines(renamed.diff), "old", 2);
    expect(line && textPosition(refs, renamed, line)).toEqual({
      ...refs,
      ...{ position_type: "text", old_path: "src/old.ts", new_path: "src/app.ts", old_line: 2 },
    });
    expect(filePosition(refs, renamed)).toEqual({
      ...refs,
      ...{ position_type: "file", old_path: "src/old.ts", new_path: "src/app.ts" },
    });
  });

  test("of several lines is that of the last one, with the codes of the first and the last", () => {
    const lines = diffLines(edited.diff);
    const [first, last] = [lineAt(lines, "old", 4), lineAt(lines, "new", 6)];
    if (!first || !last) throw new Error("unreachable");
    const path = createHash("sha1").update("src/app.ts").digest("hex");
    expect(textPosition(refs, edited, last, first)).toEqual({
      ...refs,
      ...{ position_type: "text", old_path: "src/app.ts", new_path: "src/app.ts", old_line: 5, new_line: 6 },
      // Both counters are in a code: a removed line's is the new side's.
      line_range: {
        start: { line_code: `${path}_4_4`, type: "old" },
        end: { line_code: `${path}_5_6`, type: "old" },
      },
    });
    const one = lineAt(lines, "new", 5);
    const two = lineAt(lines, "new", 4);
    if (!one || !two) throw new Error("unreachable");
    expect(textPosition(refs, edited, one, two).line_range).toEqual({
      start: { line_code: `${path}_5_4`, type: "new" },
      end: { line_code: `${path}_5_5`, type: "new" },
    });
  });

  test("that does not exist has neighbours that do", () => {
    expect(nearestOn(diffLines(edited.diff), "new", 15).map((line) => line.new)).toEqual([7, 8, 22]);
  });
});
