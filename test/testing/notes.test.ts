import { describe, expect, it } from "vitest";
import { entries, object, work } from "./work-client.js";

const { api } = work();

describe("notes", () => {
  it("are listed newest first and filtered by kind", async () => {
    const all = entries(await api("ada", "GET", "issues/4/notes"));
    const comments = entries(await api("ada", "GET", "issues/4/notes?activity_filter=only_comments&sort=asc"));
    expect(comments.map((note) => object(note["author"])["username"])).toEqual(["ada", "guest", "ben"]);
    expect(all.some((note) => note["system"] === true)).toBe(true);
    expect(comments[0]).toMatchObject({
      noteable_type: "Issue",
      noteable_iid: 4,
      system: false,
      internal: false,
      commands_changes: {},
    });
  });

  it("are written, changed by their author or a maintainer, and deleted", async () => {
    const { status, body } = await api("ben", "POST", "issues/5/notes", { body: "I can see it, too." });
    expect(status).toBe(201);
    const path = `issues/5/notes/${String(object(body)["id"])}`;
    expect(await api("guest", "PUT", path, { body: "No." })).toMatchObject({ status: 403 });
    expect(await api("ben", "PUT", path, { body: "I could see it." })).toMatchObject({
      status: 200,
      body: { body: "I could see it." },
    });
    expect(await api("ada", "DELETE", path)).toMatchObject({ status: 204 });
    expect(await api("ada", "DELETE", path)).toMatchObject({ status: 404, body: { message: "404 Not found" } });
  });

  it("keep internal ones from guests", async () => {
    await api("ada", "POST", "issues/6/notes", { body: "Between us.", internal: true });
    const bodies = async (username: string) =>
      entries(await api(username, "GET", "issues/6/notes")).map((note) => note["body"]);
    expect(await bodies("ben")).toContain("Between us.");
    expect(await bodies("guest")).not.toContain("Between us.");
  });

  it("record changes as system notes", async () => {
    await api("ada", "PUT", "issues/35", { title: "A shortcut for a new entry", due_date: "2026-03-20" });
    const said = entries(await api("ada", "GET", "issues/35/notes?activity_filter=only_activity")).map(
      (note) => note["body"],
    );
    expect(said).toEqual(
      expect.arrayContaining([
        "changed due date to March 20, 2026",
        "changed title from **{-Keyboard shortcut for a new entry-}** to **{+A shortcut for a new entry+}**",
      ]),
    );
  });

  it("that only hold quick actions answer with what they did", async () => {
    const answer = await api("ada", "POST", "issues/17/notes", {
      body: '/close\n/label ~p1 ~"good first issue"\n/assign @ada',
    });
    expect(answer.status).toBe(202);
    expect(object(answer.body)).toMatchObject({
      commands_changes: { state_event: "close" },
      summary: ['Closed this issue. Added ~p1 ~"good first issue" labels. Assigned @ada.'],
    });
    expect(await api("ada", "GET", "issues/17")).toMatchObject({
      body: { state: "closed", labels: ["bug", "good first issue", "p1", "p2"], assignee: { username: "ada" } },
    });
  });

  it("keep the text around quick actions", async () => {
    const { status, body } = await api("ada", "POST", "issues/17/notes", {
      body: "Too early.\n/reopen\n/unassign\n/unlabel ~p1",
    });
    expect(status).toBe(201);
    expect(object(body)).toMatchObject({ body: "Too early.", commands_changes: { state_event: "reopen" } });
    expect(await api("ada", "GET", "issues/17")).toMatchObject({ body: { state: "opened", assignees: [] } });
  });

  it("say when no quick action could be carried out", async () => {
    expect(await api("guest", "POST", "issues/25/notes", { body: "/label ~p1" })).toMatchObject({
      status: 400,
      body: { message: "400 Bad request - Failed to apply commands." },
    });
  });

  it("approve, retarget and merge a merge request", async () => {
    const head = String(object((await api("ada", "GET", "merge_requests/12")).body)["sha"]);
    expect(
      await api("ada", "POST", "merge_requests/12/notes", { body: "/approve\n/assign_reviewer @ben" }),
    ).toMatchObject({
      status: 202,
      body: { summary: ["Approved the current merge request. Assigned @ben as reviewer."] },
    });
    expect(await api("ada", "POST", "merge_requests/12/notes", { body: "/merge" })).toMatchObject({
      status: 202,
      body: { summary: ["The `/merge` quick action requires the SHA of the head of the branch."] },
    });
    await api("ada", "POST", "merge_requests/12/notes", { body: "/merge", merge_request_diff_head_sha: head });
    expect(await api("ada", "GET", "merge_requests/12")).toMatchObject({
      body: { state: "merged", merge_user: { username: "ada" } },
    });
  });

  it("turn drafts on and off", async () => {
    await api("ben", "POST", "merge_requests/11/notes", { body: "/draft" });
    expect(await api("ben", "GET", "merge_requests/11")).toMatchObject({
      body: { title: "Draft: Keep filters in the address", draft: true, detailed_merge_status: "draft_status" },
    });
    await api("ben", "POST", "merge_requests/11/notes", { body: "/ready" });
    expect(await api("ben", "GET", "merge_requests/11")).toMatchObject({
      body: { title: "Keep filters in the address", draft: false },
    });
  });
});
