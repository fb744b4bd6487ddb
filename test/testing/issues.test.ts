import { describe, expect, it } from "vitest";
import { entries, object, work } from "./work-client.js";

const { api } = work();

const titles = async (query: string, username = "ada"): Promise<string[]> =>
  entries(await api(username, "GET", `issues?per_page=100&${query}`)).map((issue) => String(issue["title"]));

const iids = async (query: string, username = "ada"): Promise<unknown[]> =>
  entries(await api(username, "GET", `issues?per_page=100&${query}`)).map((issue) => issue["iid"]);

describe("issues of the seeded project", () => {
  it("are forty, newest first, with pages counted in headers", async () => {
    const answer = await api("ada", "GET", "issues");
    expect(entries(answer)).toHaveLength(20);
    expect(answer.headers.get("x-total")).toBe("40");
    expect(entries(answer)[0]).toMatchObject({ iid: 40, title: "Deployment to staging fails since yesterday" });
  });

  it("have global ids that are nothing like their iids", async () => {
    const [issue] = entries(await api("ada", "GET", "issues?per_page=1"));
    expect(Number(issue?.["id"])).toBeGreaterThan(81_000_000);
  });

  it("include open p1 bugs that nobody has touched for months", async () => {
    const stale = entries(
      await api(
        "ada",
        "GET",
        "issues?state=opened&labels=bug,p1&updated_before=2025-12-04T00:00:00Z&order_by=updated_at&sort=asc",
      ),
    );
    expect(stale.length).toBeGreaterThanOrEqual(3);
    for (const issue of stale) expect(issue["labels"]).toEqual(expect.arrayContaining(["bug", "p1"]));
    const dates = stale.map((issue) => String(issue["updated_at"]));
    expect(dates).toEqual([...dates].sort());
  });

  it.each([
    ["state=closed", (issue: Record<string, unknown>) => issue["state"] === "closed"],
    ["labels=None", (issue: Record<string, unknown>) => (issue["labels"] as unknown[]).length === 0],
    [
      "not[labels]=bug,feature",
      (issue: Record<string, unknown>) =>
        !(issue["labels"] as string[]).some((name) => ["bug", "feature"].includes(name)),
    ],
    ["milestone=v1.5", (issue: Record<string, unknown>) => object(issue["milestone"])["title"] === "v1.5"],
    ["milestone=None", (issue: Record<string, unknown>) => issue["milestone"] === null],
    ["milestone_id=Upcoming", (issue: Record<string, unknown>) => object(issue["milestone"])["title"] === "v1.5"],
    ["milestone_id=Started", (issue: Record<string, unknown>) => object(issue["milestone"])["title"] === "v1.5"],
    ["assignee_id=None", (issue: Record<string, unknown>) => issue["assignee"] === null],
    [
      "assignee_username[]=ben",
      (issue: Record<string, unknown>) =>
        (issue["assignees"] as { username: string }[]).some(({ username }) => username === "ben"),
    ],
    ["author_username=guest", (issue: Record<string, unknown>) => object(issue["author"])["username"] === "guest"],
    ["not[author_username]=guest", (issue: Record<string, unknown>) => object(issue["author"])["username"] !== "guest"],
    ["scope=created_by_me", (issue: Record<string, unknown>) => object(issue["author"])["username"] === "ada"],
    ["due_date=overdue", (issue: Record<string, unknown>) => String(issue["due_date"]) < "2026-03-04"],
    ["confidential=true", (issue: Record<string, unknown>) => issue["confidential"] === true],
    ["issue_type=incident", (issue: Record<string, unknown>) => issue["issue_type"] === "incident"],
    ["weight=Any", (issue: Record<string, unknown>) => issue["weight"] !== null],
  ])("are filtered by %s", async (query, test) => {
    const all = entries(await api("ada", "GET", "issues?per_page=100"));
    const found = entries(await api("ada", "GET", `issues?per_page=100&${query}`));
    const wanted = all.filter((issue) => {
      try {
        return test(issue);
      } catch {
        return false;
      }
    });
    expect(found.map((issue) => issue["iid"])).toEqual(wanted.map((issue) => issue["iid"]));
    if (query !== "labels=None") expect(found.length).toBeGreaterThan(0);
  });

  it("are searched in titles and descriptions, or in one of them", async () => {
    expect(await titles("search=CURSOR")).toEqual([]);
    expect(await titles("search=umlaut name")).toEqual(["Uploading a file with an umlaut in its name fails"]);
    expect(await titles("search=cost centre&in=description")).toEqual(["Allow several billing addresses"]);
    expect(await titles("search=cost centre&in=title")).toEqual([]);
  });

  it("are ordered with what has no value last", async () => {
    const due = entries(await api("ada", "GET", "issues?per_page=100&order_by=due_date&sort=asc")).map(
      (issue) => issue["due_date"],
    );
    const dated = due.filter((date) => date !== null);
    expect(due.slice(0, dated.length)).toEqual([...dated].sort());
    expect((await iids("order_by=label_priority&sort=asc&labels=p1"))[0]).toBe(
      (await iids("order_by=label_priority&sort=asc"))[0],
    );
  });

  it("refuse parameters that exclude each other or have no such value", async () => {
    const both = await api("ada", "GET", "issues?author_id=1&author_username=ada");
    expect(both).toMatchObject({ status: 400, body: { error: "author_id, author_username are mutually exclusive" } });
    const state = await api("ada", "GET", "issues?state=open");
    expect(state).toMatchObject({ status: 400, body: { error: "state does not have a valid value" } });
  });

  it("keep confidential ones from guests who have nothing to do with them", async () => {
    expect(await iids("confidential=true")).toEqual([20]);
    expect(await iids("confidential=true", "guest")).toEqual([]);
    expect(await api("guest", "GET", "issues/20")).toMatchObject({ status: 404, body: { message: "404 Not found" } });
  });
});

describe("one issue", () => {
  it("has all documented fields", async () => {
    const { body } = await api("ada", "GET", "issues/23");
    expect(object(body)).toMatchObject({
      iid: 23,
      state: "opened",
      type: "ISSUE",
      weight: 13,
      task_completion_status: { count: 4, completed_count: 2 },
      references: { short: "#23", relative: "#23", full: "acme/app#23" },
      time_stats: { time_estimate: 0, total_time_spent: 0, human_time_estimate: null, human_total_time_spent: null },
      subscribed: true,
      moved_to_id: null,
    });
    expect(Object.keys(object(body)).length).toBeGreaterThanOrEqual(44);
  });

  it("tells a wrong iid from a wrong project", async () => {
    const [issue] = entries(await api("ada", "GET", "issues?per_page=1"));
    expect(await api("ada", "GET", `issues/${String(issue?.["id"])}`)).toMatchObject({
      status: 404,
      body: { message: "404 Not found" },
    });
    expect(await api("ada", "GET", "/acme%2Fnope/issues/1")).toMatchObject({
      status: 404,
      body: { message: "404 Project Not Found" },
    });
  });
});

describe("writing issues", () => {
  it("creates one with labels that are made as needed", async () => {
    const milestone = entries(await api("ada", "GET", "milestones?title=v1.5"))[0];
    const ben = object(object((await api("ben", "GET", "issues/25")).body)["author"])["id"];
    const { status, body } = await api("ada", "POST", "issues", {
      title: "Totals are wrong",
      description: "See #26",
      labels: "bug,brand new",
      assignee_ids: [ben],
      milestone_id: milestone?.["id"],
      due_date: "2026-04-01",
    });
    expect(status).toBe(201);
    expect(object(body)).toMatchObject({
      title: "Totals are wrong",
      labels: ["brand new", "bug"],
      assignee: { username: "ben" },
      milestone: { title: "v1.5" },
      due_date: "2026-04-01",
      author: { username: "ada" },
    });
    expect(entries(await api("ada", "GET", "labels?search=brand new"))).toMatchObject([
      { name: "brand new", is_project_label: true },
    ]);
    const activity = entries(await api("ada", "GET", "issues/26/notes?activity_filter=only_activity"));
    expect(activity.map((note) => note["body"])).toContain(`mentioned in issue #${String(object(body)["iid"])}`);
  });

  it("lets guests report, but not plan", async () => {
    const { status, body } = await api("guest", "POST", "issues", {
      title: "Hello",
      labels: ["p1"],
      assignee_ids: [1],
    });
    expect(status).toBe(201);
    expect(object(body)).toMatchObject({ labels: [], assignees: [] });
    const iid = String(object(body)["iid"]);
    expect(await api("guest", "PUT", `issues/${iid}`, { title: "Hello again", add_labels: "bug" })).toMatchObject({
      status: 200,
      body: { title: "Hello again", labels: [] },
    });
    expect(await api("guest", "PUT", "issues/25", { title: "Mine" })).toMatchObject({
      status: 403,
      body: { message: "403 Forbidden" },
    });
  });

  it("refuses an empty title and an update without changes", async () => {
    expect(await api("ada", "POST", "issues", {})).toMatchObject({ status: 400, body: { error: "title is missing" } });
    expect(await api("ada", "POST", "issues", { title: " " })).toMatchObject({
      status: 400,
      body: { message: { title: ["can't be blank"] } },
    });
    const nothing = await api("ada", "PUT", "issues/1", {});
    expect(nothing.status).toBe(400);
    expect(String(object(nothing.body)["error"])).toMatch(
      /^assignee_id, .* are missing, at least one parameter must be provided$/,
    );
  });

  it("adds and removes labels, clears people, closes and reopens", async () => {
    expect(await api("ben", "PUT", "issues/24", { add_labels: "p2,customer", remove_labels: ["p3"] })).toMatchObject({
      body: { labels: ["bug", "customer", "frontend", "p2"] },
    });
    expect(await api("ben", "PUT", "issues/23", { assignee_ids: [] })).toMatchObject({
      body: { assignees: [], assignee: null },
    });
    expect(await api("ben", "PUT", "issues/25", { assignee_ids: 0, milestone_id: null })).toMatchObject({
      body: { assignees: [], milestone: null },
    });
    expect(await api("ben", "PUT", "issues/24", { state_event: "close" })).toMatchObject({
      body: { state: "closed", closed_by: { username: "ben" } },
    });
    expect(await api("ben", "PUT", "issues/24", { state_event: "reopen" })).toMatchObject({
      body: { state: "opened", closed_at: null },
    });
  });

  it("deletes for owners only, and never gives the iid out again", async () => {
    const iid = String(object((await api("ada", "POST", "issues", { title: "By mistake" })).body)["iid"]);
    expect(await api("ben", "DELETE", `issues/${iid}`)).toMatchObject({ status: 403 });
    expect(await api("ada", "DELETE", `issues/${iid}`)).toMatchObject({ status: 204, body: "" });
    expect(await api("ada", "GET", `issues/${iid}`)).toMatchObject({ status: 404 });
    expect(object((await api("ada", "POST", "issues", { title: "Next" })).body)["iid"]).not.toBe(Number(iid));
  });

  it("are found by one's own reactions", async () => {
    const made = object((await api("ada", "POST", "issues", { title: "Liked" })).body);
    expect((await api("ben", "POST", `issues/${String(made["iid"])}/award_emoji`, { name: "rocket" })).status).toBe(
      201,
    );
    expect(await titles("my_reaction_emoji=rocket", "ben")).toEqual(["Liked"]);
    expect(await titles("my_reaction_emoji=rocket", "ada")).toEqual([]);
    expect(await titles("my_reaction_emoji=None", "ben")).not.toContain("Liked");
    expect(await titles("my_reaction_emoji=Any", "ben")).toEqual(["Liked"]);
  });

  it("carries out quick actions of a description and takes them out", async () => {
    const { body } = await api("ada", "POST", "issues", {
      title: "Write it down",
      description:
        'Everything below is an order.\n\n/label ~documentation ~"good first issue"\n/assign @ben\n/milestone %v2.0\n/due 2026-05-01\n/estimate 1d 2h\n/weight 3\n\n```\n/close\n```',
    });
    expect(object(body)).toMatchObject({
      description: "Everything below is an order.\n\n\n```\n/close\n```",
      state: "opened",
      labels: ["documentation", "good first issue"],
      assignee: { username: "ben" },
      milestone: { title: "v2.0" },
      due_date: "2026-05-01",
      weight: 3,
      time_stats: { time_estimate: 36_000, human_time_estimate: "1d 2h" },
    });
  });
});
