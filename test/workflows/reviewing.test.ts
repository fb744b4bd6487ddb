import {
  fileGet,
  fileUpdate,
  mergeRequestApprovalsGet,
  mergeRequestChangedFilesList,
  mergeRequestComment,
  mergeRequestDraftNoteCreate,
  mergeRequestDraftNotesList,
  mergeRequestFileDiffGet,
  mergeRequestNoteCreate,
  mergeRequestReviewSubmit,
  mergeRequestSuggestionApply,
  mergeRequestThreadReply,
  mergeRequestThreadResolve,
  mergeRequestThreadsList,
} from "gitlab-agent-tools/tools";
import { expect, test } from "vitest";
import { refusal } from "../support/people.js";
import { reviewed } from "./reviewed.js";

test("threads: unresolved first, each with its place, what the line says, who said what, and suggestions", async () => {
  const { ada, as, at, requests } = await reviewed();
  const ben = await as("ben");
  const line = { file: "src/values.ts", line: 10 };
  const done = (await mergeRequestComment(ada, { ...at, file: "src/gone.ts", line: 2, body: "Sure?" })).data;
  await mergeRequestNoteCreate(ada, { ...at, body: "Thanks for this" });
  const open = (await mergeRequestComment(ada, { ...at, ...line, body: "Risky", suggestion: "safe();" })).data;
  const ids = { discussion_id: open.discussion_id ?? "" };
  expect((await mergeRequestThreadReply(ben, { ...at, ...ids, body: "Why?" })).data).toMatchObject(ids);
  const resolving = { ...at, discussion_ids: [done.discussion_id ?? ""] };
  expect((await mergeRequestThreadResolve(ada, resolving)).data).toMatchObject({ resolved: true });
  requests();

  const { data } = await mergeRequestThreadsList(ada, at);
  expect(data).toMatchObject([
    {
      ...{ id: open.discussion_id, resolvable: true, resolved: false },
      ...{ file_path: "src/values.ts", side: "new", line: 10, code: "const value10 = risky();" },
      notes: [
        { author: "ada", suggestions: [{ state: "applicable", from_line: 10, to_line: 10, to_content: "safe();\n" }] },
        { author: "ben", body: "Why?" },
      ],
    },
    { resolvable: false, resolved: false, notes: [{ body: "Thanks for this" }] },
    {
      ...{ id: done.discussion_id, resolvable: true, resolved: true, resolved_by: "ada" },
      ...{ file_path: "src/gone.ts", side: "old", line: 2, code: "b" },
    },
  ]);
  // Threads, the version before and after, and the diff up to the last file that is wanted.
  expect(requests()).toHaveLength(4);
  expect((await mergeRequestThreadsList(ada, { ...at, resolved: true })).data).toHaveLength(1);
  expect((await mergeRequestThreadsList(ada, { ...at, resolved: false })).data.map(({ id }) => id)).toEqual([
    open.discussion_id,
  ]);

  // A reply can resolve, and reopen.
  const reply = { ...at, ...ids, body: "Done" };
  expect((await mergeRequestThreadReply(ben, { ...reply, resolve: true })).data).toMatchObject({ resolved: true });
  expect((await mergeRequestThreadsList(ada, { ...at, resolved: false })).data).toEqual([]);
  await mergeRequestThreadReply(ben, { ...reply, body: "No", resolve: false });
  expect((await mergeRequestThreadsList(ada, { ...at, resolved: false })).data).toHaveLength(1);
});

test("lines that end as Windows ends them are quoted without their end", async () => {
  const { ada, at, plain } = await reviewed();
  const place = { file: "src/added.ts", line: 2 };
  const file = { project_id: at.project_id, file_path: place.file, branch: "after" };
  await fileUpdate(plain, { ...file, content: "one\r\ntwo\r\nthree\r\n", commit_message: "Line ends" });
  expect((await mergeRequestComment(ada, { ...at, ...place, body: "Why?" })).data).toMatchObject({ code: "two" });
  expect((await mergeRequestThreadsList(ada, at)).data).toMatchObject([{ line: 2, code: "two" }]);
  const beyond = await refusal(mergeRequestComment(ada, { ...at, ...place, line: 9, body: "Why?" }));
  expect(beyond.message).toContain('1: "one"; 2: "two"; 3: "three"');
});

test("what is nothing but quick actions says that it has left no comment", async () => {
  const { ada, at } = await reviewed();
  const { data } = await mergeRequestComment(ada, { ...at, file: "src/values.ts", line: 10, body: "Risky" });
  const done = [
    await mergeRequestComment(ada, { ...at, body: "/label ~bug" }),
    await mergeRequestThreadReply(ada, { ...at, discussion_id: data.discussion_id ?? "", body: "/unlabel ~bug" }),
  ];
  for (const { warnings } of done)
    expect(warnings).toEqual([expect.stringMatching(/^The text was quick actions alone: GitLab left no comment/)]);
  const whole = await mergeRequestComment(ada, { ...at, body: "Thanks\n/label ~bug" });
  expect(whole.warnings).toBeUndefined();
});

test("a thread that is not there is looked for in the list of threads", async () => {
  const { ada, at } = await reviewed();
  const none = { ...at, discussion_id: "0".repeat(40), body: "x" };
  for (const refused of [
    await refusal(mergeRequestThreadReply(ada, none)),
    await refusal(mergeRequestThreadResolve(ada, { ...at, discussion_ids: [none.discussion_id] })),
  ])
    expect(refused).toMatchObject({
      code: "not_found",
      hint: "Call gitlab_merge_request_threads_list to find what there is.",
    });
});

test("a thread whose lines have changed since says so, and quotes nothing", async () => {
  const { ada, at, plain } = await reviewed();
  await mergeRequestComment(ada, { ...at, file: "src/values.ts", line: 10, body: "Risky" });
  const file = { project_id: at.project_id, file_path: "src/values.ts", branch: "after" };
  await fileUpdate(plain, { ...file, content: "all new\n", commit_message: "Rewrite" });
  const [thread] = (await mergeRequestThreadsList(ada, at)).data;
  expect(thread).toMatchObject({ file_path: "src/values.ts", line: 10, outdated: true });
  expect(thread).not.toHaveProperty("code");
});

test("suggestions become one commit; what cannot be applied is refused before anything is", async () => {
  const { ada, at, plain, gitlab, requests } = await reviewed();
  const file = "src/values.ts";
  await mergeRequestComment(ada, { ...at, file, line: 10, body: "a", suggestion: "const value10 = 10;" });
  await mergeRequestComment(ada, { ...at, file, line: 11, body: "b", suggestion: "const three = 3;" });
  const threads = (await mergeRequestThreadsList(ada, at)).data;
  const ids = threads.flatMap(({ notes }) => notes.flatMap(({ suggestions = [] }) => suggestions.map(({ id }) => id)));
  requests();
  const unknown = await refusal(mergeRequestSuggestionApply(ada, { ...at, suggestion_ids: [...ids, 987_654] }));
  expect(unknown).toMatchObject({ code: "not_found", details: { applicable: ids } });
  expect(requests().filter((sent) => !sent.startsWith("GET"))).toEqual([]);

  // The route names no project; that the suggestions are the merge request's own was read before.
  const confined = gitlab.as(ada.identifier, { policy: { projects: [at.project_id] } });
  const { data } = await mergeRequestSuggestionApply(confined, { ...at, suggestion_ids: ids, commit_message: "Apply" });
  expect(data).toMatchObject({ source_branch: "after", applied: ids.map((id) => ({ id, file_path: file })) });
  const { content } = (await fileGet(plain, { project_id: at.project_id, file_path: file, ref: "after" })).data;
  expect(content.split("\n").slice(8, 11)).toEqual(["const value9 = 9;", "const value10 = 10;", "const three = 3;"]);
  const again = await refusal(mergeRequestSuggestionApply(ada, { ...at, suggestion_ids: ids.slice(0, 1) }));
  expect(again).toMatchObject({ code: "conflict" });
  const elsewhere = gitlab.as(ada.identifier, { policy: { projects: ["acme/other"] } });
  const kept = await refusal(mergeRequestSuggestionApply(elsewhere, { ...at, suggestion_ids: ids }));
  expect(kept.details).toMatchObject({ policy: "projects" });
});

test("a review publishes drafts and replies with a summary, decides, and says what others see", async () => {
  const { as, at, ada, gitlab, requests } = await reviewed();
  const carla = await as("ben");
  const nothing = await refusal(mergeRequestReviewSubmit(carla, at));
  expect(nothing.message).toContain("nothing to submit");
  const asked = (await mergeRequestComment(ada, { ...at, file: "src/added.ts", line: 1, body: "Right?" })).data;
  await mergeRequestComment(carla, { ...at, file: "src/values.ts", line: 10, body: "Risky", draft: true });
  const reply = { ...at, discussion_id: asked.discussion_id ?? "", body: "Right.", draft: true };
  await mergeRequestThreadReply(carla, { ...reply, resolve: true });
  expect((await mergeRequestThreadsList(ada, at)).data).toHaveLength(1);

  requests();
  const kept = gitlab.as(carla.identifier, { policy: { tools: ["*", "!gitlab_merge_request_approve"] } });
  expect((await refusal(mergeRequestReviewSubmit(kept, { ...at, verdict: "approve" }))).details).toMatchObject({
    policy: "tools",
  });
  expect(requests().filter((sent) => !sent.startsWith("GET"))).toEqual([]);

  const { data, warnings } = await mergeRequestReviewSubmit(carla, { ...at, summary: "Fine", verdict: "approve" });
  expect(data).toEqual({
    ...{ verdict: "approve", summary: "Fine", approved: true },
    published: [{ file_path: "src/values.ts", line: 10, body: "Risky" }, { body: "Right." }],
  });
  expect(warnings).toBeUndefined();
  expect((await mergeRequestDraftNotesList(carla, at)).data).toEqual([]);
  const threads = (await mergeRequestThreadsList(ada, at)).data;
  expect(threads.map(({ resolved, notes }) => [resolved, notes.map(({ body }) => body)])).toEqual([
    [false, ["Risky"]],
    [false, ["Fine"]],
    [true, ["Right?", "Right."]],
  ]);
  expect((await mergeRequestApprovalsGet(ada, at)).data.approved_by).toMatchObject([{ user: { username: "ben" } }]);
});

test("a draft that GitLab would lose keeps the review from being submitted", async () => {
  const { ada, at, requests } = await reviewed();
  const sha = "0".repeat(40);
  const { data } = await mergeRequestDraftNoteCreate(ada, {
    ...{ ...at, note: "Long work" },
    position: { base_sha: sha, start_sha: sha, head_sha: sha, position_type: "text", new_path: "x", new_line: 1 },
  });
  requests();
  const error = await refusal(mergeRequestReviewSubmit(ada, { ...at, summary: "Fine" }));
  expect(error).toMatchObject({ code: "conflict", details: { drafts: [data.id] } });
  expect(requests().filter((sent) => !sent.startsWith("GET"))).toEqual([]);
});

test("where a later step is refused, the error says what was done before it", async () => {
  const { ada, at } = await reviewed();
  await mergeRequestComment(ada, { ...at, body: "Hm", draft: true });
  const wrong = { ...at, verdict: "approve", sha: "0".repeat(40) } as const;
  const error = await refusal(mergeRequestReviewSubmit(ada, wrong));
  expect(error.details).toMatchObject({
    step: "gitlab_merge_request_approve",
    done: ["gitlab_merge_request_draft_notes_bulk_publish"],
  });
  expect(error).toMatchObject({ retryable: false, toolName: "gitlab_merge_request_review_submit" });
});

test("changed files are listed without diffs, and one is shown in plain text", async () => {
  const { ada, at, gitlab } = await reviewed();
  const { data } = await mergeRequestChangedFilesList(ada, at);
  expect(data).toMatchObject([
    { new_path: "logo.png", kind: "modified", binary: true },
    { new_path: "src/added.ts", kind: "added", additions: 3, deletions: 0 },
    { new_path: "src/gone.ts", kind: "deleted", additions: 0, deletions: 2 },
    { new_path: "src/new-name.ts", old_path: "src/old-name.ts", kind: "renamed", additions: 1, deletions: 0 },
    { new_path: "src/values.ts", kind: "modified", additions: 2, deletions: 1 },
  ]);
  const file = { ...at, file: "src/values.ts" };
  const { data: diff } = await mergeRequestFileDiffGet(ada, file);
  expect(diff.split("\n").slice(0, 8)).toEqual([
    "--- a/src/values.ts",
    "+++ b/src/values.ts",
    "@@ -7,7 +7,8 @@",
    " const value7 = 7;",
    " const value8 = 8;",
    " const value9 = 9;",
    "-const value10 = 10;",
    "+const value10 = risky();",
  ]);
  expect((await mergeRequestFileDiffGet(ada, { ...file, start_line: 8 })).data).toMatch(/^\+const value10 = risky/);
  const unknown = await refusal(mergeRequestFileDiffGet(ada, { ...at, file: "src/valuees.ts" }));
  expect(unknown.message).toContain("Nearest: src/values.ts");
  expect(unknown.hint).toContain("Call gitlab_merge_request_changed_files_list for its changed files.");
  const beyond = await refusal(mergeRequestFileDiffGet(ada, { ...file, start_line: 500 }));
  expect(beyond.message).toMatch(/^The diff of src\/values\.ts has \d+ lines\.$/);
  const dry = await mergeRequestFileDiffGet(ada, file, { dryRun: true });
  expect(dry).toMatchObject({ status: 0, data: { method: "GET" } });
  expect((await mergeRequestFileDiffGet(gitlab.as(ada.identifier, { policy: { access: "read" } }), file)).status).toBe(
    200,
  );
});
