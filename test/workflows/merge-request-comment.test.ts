import {
  commitCreate,
  fileGet,
  mergeRequestComment,
  mergeRequestDiscussionsList,
  mergeRequestDraftNotesList,
} from "gitlab-agent-tools/tools";
import { expect, test } from "vitest";
import { refusal } from "../support/people.js";
import { project_id, reviewed } from "./reviewed.js";

test("a comment goes to its line, on either side, outside of hunks, in files that are new, deleted, renamed", async () => {
  const { ada, at } = await reviewed();
  const cases = [
    [{ file: "src/values.ts", line: 10 }, { old_line: null, new_line: 10 }, "const value10 = risky();"],
    [{ file: "src/values.ts", line: 10, side: "old" }, { old_line: 10, new_line: null }, "const value10 = 10;"],
    [{ file: "src/values.ts", line: 12 }, { old_line: 11, new_line: 12 }, "const value11 = 11;"],
    [{ file: "src/values.ts", line: 30 }, { old_line: 29, new_line: 30 }, "const value29 = 29;"],
    [{ file: "src/values.ts", line: 1 }, { old_line: 1, new_line: 1 }, "const value1 = 1;"],
    [{ file: "src/added.ts", line: 2 }, { old_line: null, new_line: 2 }, "two"],
    [{ file: "src/gone.ts", line: 2 }, { old_line: 2, new_line: null }, "b"],
    [{ file: "src/new-name.ts", line: 1 }, { old_line: null, new_line: 1 }, "first"],
    [{ file: "src/old-name.ts", line: 1, side: "old" }, { old_line: 1, new_line: 2 }, "const value1 = 1;"],
  ] as const;
  for (const [place, numbers, code] of cases) {
    const { data } = await mergeRequestComment(ada, { ...at, ...place, body: "Why?" });
    expect(data).toMatchObject({ file_path: place.file, line: place.line, code });
    const { data: threads } = await mergeRequestDiscussionsList(ada, at);
    const note = threads.find(({ id }) => id === data.discussion_id)?.notes?.[0];
    expect(note).toMatchObject({ id: data.note_id, body: "Why?", position: { position_type: "text", ...numbers } });
  }
});

test("several lines are a range, whose position is the last one's", async () => {
  const { ada, at } = await reviewed();
  const place = { file: "src/values.ts", line: 10, end_line: 12 };
  const { data } = await mergeRequestComment(ada, { ...at, ...place, body: "All of it" });
  expect(data).toMatchObject({ line: 10, end_line: 12, code: "const value10 = risky();\n…\nconst value11 = 11;" });
  const { data: threads } = await mergeRequestDiscussionsList(ada, at);
  expect(threads.find(({ id }) => id === data.discussion_id)?.notes?.[0]?.position).toMatchObject({
    ...{ old_line: 11, new_line: 12 },
    line_range: {
      start: { line_code: expect.stringMatching(/^[0-9a-f]{40}_11_10$/) as string, type: "new" },
      end: { line_code: expect.stringMatching(/^[0-9a-f]{40}_11_12$/) as string, type: "old" },
    },
  });
});

const quotes = [
  ["const value10 = risky();", { file_path: "src/values.ts", side: "new", line: 10 }],
  ["value10 = 10", { side: "old", line: 10 }],
  ["risky();\nconst twice", { file_path: "src/values.ts", side: "new", line: 10, end_line: 11 }],
  ["+const value10 = risky();\n+const twice = 2;", { file_path: "src/values.ts", line: 10, end_line: 11 }],
  ["two\r\nthree", { file_path: "src/added.ts", line: 2, end_line: 3 }],
] as const;

test("quoted text is found", async () => {
  const { ada, at } = await reviewed();
  for (const [quote, expected] of quotes) {
    const { data } = await mergeRequestComment(ada, { ...at, quote, body: "Here" });
    expect(data, quote).toMatchObject(expected);
  }
});

test("a comment on the whole, or on a file whatever it holds, needs no line", async () => {
  const { ada, at, requests } = await reviewed();
  const whole = await mergeRequestComment(ada, { ...at, body: "Nice work" });
  expect(whole.data).toEqual({
    discussion_id: expect.stringMatching(/^[0-9a-f]{40}$/) as string,
    note_id: expect.any(Number) as number,
  });
  expect(requests()).toHaveLength(1);
  const { data } = await mergeRequestComment(ada, { ...at, file: "logo.png", body: "Too dark" });
  const { data: threads } = await mergeRequestDiscussionsList(ada, at);
  expect(threads.find(({ id }) => id === data.discussion_id)?.notes?.[0]?.position).toMatchObject({
    ...{ position_type: "file", new_path: "logo.png", old_path: "logo.png" },
  });
});

test("a draft keeps its place and is seen by nobody else", async () => {
  const { ada, as, at } = await reviewed();
  const place = { file: "src/values.ts", line: 11 };
  const { data } = await mergeRequestComment(ada, { ...at, ...place, body: "Hm", draft: true });
  expect(data).toMatchObject({ line: 11, code: "const twice = 2;" });
  expect(data.discussion_id).toBeUndefined();
  const { data: drafts } = await mergeRequestDraftNotesList(ada, at);
  expect(drafts).toMatchObject([
    { id: data.draft_note_id, note: "Hm", line_code: expect.stringMatching(/_11_11$/) as string },
  ]);
  expect((await mergeRequestDraftNotesList(await as("ben"), at)).data).toEqual([]);
});

test("a suggestion replaces the lines that it stands at, whatever fences it holds", async () => {
  const { ada, at } = await reviewed();
  const suggestion = "const value10 = safe();\n// ```";
  const place = { file: "src/values.ts", line: 10, end_line: 11 };
  const { data } = await mergeRequestComment(ada, { ...at, ...place, body: "Safer:", suggestion });
  const { data: threads } = await mergeRequestDiscussionsList(ada, at);
  const note = threads.find(({ id }) => id === data.discussion_id)?.notes?.[0];
  expect(note?.body).toBe(`Safer:\n\n\`\`\`\`suggestion:-1+0\n${suggestion}\n\`\`\`\``);
  expect(note?.suggestions).toMatchObject([{ from_line: 10, to_line: 11, to_content: `${suggestion}\n` }]);
});

const refusals = [
  ["a line beyond the end", { file: "src/values.ts", line: 99 }, /no line 99 on its new side\. Nearest: 12: /],
  ["the old side of a new file", { file: "src/added.ts", line: 1, side: "old" }, /is new: it has no old side/],
  ["the new side of a deleted one", { file: "src/gone.ts", line: 1, side: "new" }, /deleted: it has no new side/],
  ["a line of a binary file", { file: "logo.png", line: 1 }, /no lines to comment on/],
  ["a file that is not changed", { file: "src/value.ts", line: 1 }, /not changed by.*Nearest: src\/values\.ts/],
  ["the old name on the new side", { file: "src/old-name.ts", line: 1 }, /is src\/new-name\.ts on the new side/],
  ["text that is not there", { quote: "nowhere" }, /not in the diff/],
  ["text that stands there more than once", { quote: "const value" }, /stands in the diff \d+ times: /],
  ["a range upside down", { file: "src/values.ts", line: 3, end_line: 2 }, /end_line is before line/],
  ["a line without a file", { line: 3 }, /without file/],
  ["an end without a beginning", { file: "src/values.ts", end_line: 3 }, /without line/],
  ["a suggestion for old lines", { file: "src/values.ts", line: 10, side: "old", suggestion: "x" }, /new text/],
  ["a suggestion for nothing", { suggestion: "x" }, /replaces lines/],
] as const;

test("what has no place is refused, with what is nearest to it, and nothing is written", async () => {
  const { ada, at, requests } = await reviewed();
  for (const [what, place, words] of refusals) {
    const error = await refusal(mergeRequestComment(ada, { ...at, ...place, body: "x" }));
    expect(error, what).toMatchObject({ code: "invalid_input", toolName: "gitlab_merge_request_comment" });
    expect(error.message, what).toMatch(words);
  }
  expect(requests().filter((sent) => !sent.startsWith("GET"))).toEqual([]);
});

test("a push between reading and writing is noticed: the comment goes to the line as it is now", async () => {
  let push = true;
  const { ada, at, plain } = await reviewed({
    onRequest: ({ partOf, toolName }) => {
      if (partOf === undefined || toolName !== "gitlab_merge_request_diff_get" || !push) return;
      push = false;
      pushing = insertAbove();
    },
  });
  let pushing: Promise<unknown> = Promise.resolve();
  const insertAbove = async (): Promise<void> => {
    const { data } = await fileGet(plain, { project_id, file_path: "src/values.ts", ref: "after" });
    const actions = [{ action: "update" as const, file_path: "src/values.ts", content: `// new\n${data.content}` }];
    await commitCreate(plain, { project_id, branch: "after", commit_message: "Push", actions });
  };
  const { data } = await mergeRequestComment(ada, { ...at, quote: "const twice = 2;", body: "Here" });
  await pushing;
  // Whichever of both was read, commits and lines are of the same diff.
  const { data: threads } = await mergeRequestDiscussionsList(ada, at);
  const { new_path, new_line, head_sha } =
    threads.find(({ id }) => id === data.discussion_id)?.notes?.[0]?.position ?? {};
  const { data: file } = await fileGet(plain, { project_id, file_path: new_path ?? "", ref: head_sha ?? "" });
  expect(file.content.split("\n")[(new_line ?? 0) - 1]).toBe("const twice = 2;");
});

test("a place that GitLab refuses all the same is read once more, then told of", async () => {
  const { ada, at, emulator, requests } = await reviewed();
  const body = { message: '400 Bad request - Note {line_code: ["can\'t be blank", "must be a valid line code"]}' };
  emulator.faults.add({ method: "POST", path: "/discussions", status: 400, body, times: 2 });
  const place = { file: "src/values.ts", line: 10, body: "x" };
  const error = await refusal(mergeRequestComment(ada, { ...at, ...place }));
  expect(error).toMatchObject({ code: "validation_failed", toolName: "gitlab_merge_request_comment" });
  expect(error.message).toContain("in conflict");
  expect(requests().filter((sent) => sent.startsWith("POST"))).toHaveLength(2);
  expect((await mergeRequestComment(ada, { ...at, ...place })).data.line).toBe(10);
});

test("a dry run shows the position that would be sent", async () => {
  const { ada, at, requests } = await reviewed();
  const place = { file: "src/values.ts", line: 10, body: "x" };
  const { data } = await mergeRequestComment(ada, { ...at, ...place }, { dryRun: true });
  expect(data).toMatchObject({ method: "POST", body: { body: "x", position: { new_line: 10 } } });
  expect(requests().filter((sent) => !sent.startsWith("GET"))).toEqual([]);
});

test("quick actions in a comment are held to the policy", async () => {
  const { at, ada, gitlab, requests } = await reviewed();
  const reader = gitlab.as(ada.identifier, { policy: { quickActions: "refuse" } });
  const error = await refusal(mergeRequestComment(reader, { ...at, body: "/merge" }));
  expect(error.code).toBe("invalid_input");
  expect(requests()).toEqual([]);
});
