import { beforeAll, describe, expect, test } from "vitest";
import { field, pluck, setup } from "./client.js";

const { emulator, api } = setup();
const app = "/projects/acme%2Fapp";
const post = (path: string, json: unknown, as = "ben"): ReturnType<typeof api> => api(app + path, { as, json });
const put = (path: string, json: unknown, as = "ben"): ReturnType<typeof api> =>
  api(app + path, { as, json, method: "PUT" });
const get = (path: string, as = "ben"): ReturnType<typeof api> => api(app + path, { as });

const before = Array.from({ length: 30 }, (_line, index) => `line ${String(index + 1)}`).join("\n") + "\n";
const after = before.replace("line 10\n", "line ten\nline ten and a half\n").replace("line 20\n", "");
let iid = "";
let refs: Record<string, unknown> = {};

beforeAll(async () => {
  await post("/repository/commits", {
    branch: "positions-base",
    start_branch: "main",
    commit_message: "Begin",
    actions: [{ action: "create", file_path: "lines.txt", content: before }],
  });
  await post("/repository/commits", {
    branch: "positions",
    start_branch: "positions-base",
    commit_message: "Change",
    actions: [{ action: "update", file_path: "lines.txt", content: after }],
  });
  const made = await post("/merge_requests", {
    source_branch: "positions",
    target_branch: "positions-base",
    title: "Lines",
  });
  iid = String(field(made.body, "iid"));
  refs = field((await get(`/merge_requests/${iid}`)).body, "diff_refs") as Record<string, unknown>;
});

const at = (place: Readonly<Record<string, unknown>>): unknown => ({
  body: "Look",
  position: { ...refs, position_type: "text", old_path: "lines.txt", new_path: "lines.txt", ...place },
});

describe("a comment on a line", () => {
  test.each([
    ["added", { new_line: 11 }, "_11_11"],
    ["removed", { old_line: 20 }, "_20_21"],
    ["unchanged, near a change", { old_line: 9, new_line: 9 }, "_9_9"],
    ["unchanged, outside of every hunk", { old_line: 1, new_line: 1 }, "_1_1"],
    ["unchanged, after the last hunk", { old_line: 30, new_line: 30 }, "_30_30"],
  ])("%s", async (_name, place, code) => {
    const made = await post(`/merge_requests/${iid}/discussions`, at(place));
    expect(made.status).toBe(201);
    expect(field(made.body, "notes", 0, "type")).toBe("DiffNote");
    expect(field(made.body, "notes", 0, "line_code")).toMatch(new RegExp(`^[0-9a-f]{40}${code}$`));
  });

  test.each([
    ["with only one number of an unchanged line", { new_line: 9 }],
    ["with numbers that do not belong together", { old_line: 9, new_line: 12 }],
    ["in a file that is not changed", { old_path: "README.md", new_path: "README.md", new_line: 1 }],
    ["of a commit that is not there", { head_sha: "f".repeat(40), new_line: 11 }],
  ])("is refused %s", async (_name, place) => {
    const answer = await post(`/merge_requests/${iid}/discussions`, at(place));
    expect(answer.status).toBe(400);
    expect(field(answer.body, "message")).toContain('line_code: ["can\'t be blank", "must be a valid line code"]');
  });

  test("names what its position lacks", async () => {
    expect(
      await post(`/merge_requests/${iid}/discussions`, { body: "x", position: { position_type: "text" } }),
    ).toMatchObject({
      status: 400,
    });
  });
});

describe("threads", () => {
  test("are answered, resolved, opened again by an answer, and hold up a merge request where that is wanted", async () => {
    const thread = `/merge_requests/${iid}/discussions`;
    const id = String(field((await post(thread, { body: "Why?" })).body, "id"));
    expect((await post(`${thread}/${id}/notes`, { body: "Because" })).status).toBe(201);
    expect(field((await put(`${thread}/${id}`, { resolved: true })).body, "notes", 1, "resolved")).toBe(true);
    await post(`${thread}/${id}/notes`, { body: "Still" });
    expect(field((await get(`${thread}/${id}`)).body, "notes", 0, "resolved")).toBe(false);
    expect(pluck((await get(thread)).body, "id")).toContain(id);
    expect((await put(`${thread}/${id}`, { resolved: true }, "guest")).status).toBe(404);
  });

  test("on issues", async () => {
    const made = await post("/issues/1/discussions", { body: "Hm" });
    expect(made.status).toBe(201);
    expect((await post(`/issues/1/discussions/${String(field(made.body, "id"))}/notes`, { body: "Yes" })).status).toBe(
      201,
    );
  });
});

describe("drafts", () => {
  const drafts = (): string => `/merge_requests/${iid}/draft_notes`;

  test("are their author's alone, until they are published", async () => {
    const made = await post(drafts(), { ...(at({ new_line: 10 }) as object), note: "Draft" });
    expect(made).toMatchObject({ status: 201, body: { note: "Draft" } });
    expect(field(made.body, "line_code")).toMatch(/_11_10$/);
    const one = `${drafts()}/${String(field(made.body, "id"))}`;
    expect((await get(one, "ada")).status).toBe(404);
    expect((await put(one, {})).status).toBe(400);
    expect((await api(`${app}${one}/publish`, { as: "ben", method: "PUT" })).status).toBe(204);
    expect((await get(drafts())).body).toEqual([]);
    const threads = (await get(`/merge_requests/${iid}/discussions?per_page=100`)).body;
    expect(JSON.stringify(threads)).toContain('"body":"Draft"');
  });

  test("in a place that the diff does not have are lost when they are published", async () => {
    const made = await post(drafts(), { ...(at({ new_line: 500 }) as object), note: "Nowhere" });
    expect(made).toMatchObject({ status: 201, body: { line_code: null } });
    expect((await post(`${drafts()}/bulk_publish`, {})).status).toBe(204);
    const threads = (await get(`/merge_requests/${iid}/discussions?per_page=100`)).body;
    expect(JSON.stringify(threads)).not.toContain("Nowhere");
  });
});

describe("suggestions", () => {
  test("become a commit on the source branch, once", async () => {
    const body = "Better:\n```suggestion:-0+0\nline 10\n```\n";
    const made = await post(`/merge_requests/${iid}/discussions`, { ...(at({ new_line: 10 }) as object), body });
    const id = String(field(made.body, "notes", 0, "suggestions", 0, "id"));
    expect(field(made.body, "notes", 0, "suggestions", 0)).toMatchObject({
      from_line: 10,
      to_line: 10,
      applied: false,
    });
    const apply = (): ReturnType<typeof api> => api(`/suggestions/${id}/apply`, { as: "ben", method: "PUT" });
    expect((await apply()).status).toBe(200);
    const file = await get("/repository/files/lines.txt/raw?ref=positions");
    expect(file.body).toContain("line 9\nline 10\nline ten and a half\n");
    expect((await apply()).status).toBe(400);
    expect(((await get(`/merge_requests/${iid}/versions`)).body as unknown[]).length).toBe(2);
  });
});

describe("what a push does to a merge request", () => {
  test("a note says so, and its pipeline runs", async () => {
    await post("/repository/files/more.txt", { branch: "positions", commit_message: "More", content: "x" });
    const notes = (await get(`/merge_requests/${iid}/notes`)).body;
    expect(JSON.stringify(notes)).toContain("added 1 commit");
    expect((await get(`/merge_requests/${iid}`)).body).toMatchObject({ head_pipeline: { source: "push" } });
  });

  test("automatic merging waits for the pipeline, and can be taken back", async () => {
    const merge = `/merge_requests/${iid}/merge`;
    await api(app, { as: "ada", method: "PUT", json: { only_allow_merge_if_all_discussions_are_resolved: false } });
    expect(await put(merge, { auto_merge: true })).toMatchObject({
      status: 200,
      body: { state: "opened", merge_when_pipeline_succeeds: true },
    });
    expect((await post(`/merge_requests/${iid}/cancel_auto_merge`, {})).body).toMatchObject({ status: "success" });
    expect((await post(`/merge_requests/${iid}/cancel_auto_merge`, {})).body).toMatchObject({ status: "error" });
    await put(merge, { auto_merge: true });
    const pipeline = field((await get(`/merge_requests/${iid}`)).body, "head_pipeline", "id");
    emulator().runPipeline(Number(pipeline), { play: ["deploy"] });
    expect((await get(`/merge_requests/${iid}`)).body).toMatchObject({ state: "merged" });
  });

  test("a merge request whose source branch is gone keeps what it compared", async () => {
    await post("/repository/commits", {
      branch: "going",
      start_branch: "main",
      commit_message: "Go",
      actions: [{ action: "create", file_path: "going.txt", content: "x" }],
    });
    const made = await post("/merge_requests", { source_branch: "going", target_branch: "main", title: "Going" });
    const path = `/merge_requests/${String(field(made.body, "iid"))}`;
    const { sha, diff_refs } = (await get(path)).body as Record<string, unknown>;
    await api(`${app}/repository/branches/going`, { as: "ben", method: "DELETE" });
    expect((await get(path)).body).toMatchObject({ sha, diff_refs, detailed_merge_status: "commits_status" });
    expect(((await get(`${path}/commits`)).body as unknown[]).length).toBe(1);
  });
});

describe("a new merge request", () => {
  test("is prepared and checked for as long as a test wants", async () => {
    emulator().state.mergeCheckSeconds = { preparing: 30, checking: 60 };
    await post("/repository/branches", { branch: "preparing", ref: "main" });
    const made = await post("/merge_requests", { source_branch: "preparing", target_branch: "main", title: "P" });
    const path = `/merge_requests/${String(field(made.body, "iid"))}`;
    expect((await get(path)).body).toMatchObject({ detailed_merge_status: "preparing", prepared_at: null });
    emulator().clock.advance(40);
    expect((await get(path)).body).toMatchObject({ detailed_merge_status: "checking" });
    emulator().clock.advance(40);
    expect((await get(path)).body).toMatchObject({
      detailed_merge_status: "commits_status",
      merge_status: "can_be_merged",
    });
    emulator().state.mergeCheckSeconds = { preparing: 0, checking: 0 };
  });
});
