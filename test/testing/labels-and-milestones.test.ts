import { describe, expect, it } from "vitest";
import { entries, object, work } from "./work-client.js";

const { api } = work();

describe("labels", () => {
  it("are listed with counts on request", async () => {
    const labels = entries(await api("ada", "GET", "labels?with_counts=true"));
    expect(labels.length).toBeGreaterThanOrEqual(12);
    const bug = labels.find((label) => label["name"] === "bug");
    expect(bug).toMatchObject({ color: "#dc143c", text_color: "#FFFFFF", is_project_label: true, priority: null });
    expect(Number(bug?.["open_issues_count"])).toBeGreaterThan(10);
    expect(entries(await api("ada", "GET", "labels"))[0]).not.toHaveProperty("open_issues_count");
  });

  it("are created once", async () => {
    expect(await api("ben", "POST", "labels", { name: "blocked", color: "red", priority: 4 })).toMatchObject({
      status: 201,
      body: { name: "blocked", color: "#FF0000", priority: 4, description: null },
    });
    expect(await api("ben", "POST", "labels", { name: "blocked", color: "#ff0000" })).toMatchObject({
      status: 409,
      body: { message: "Label already exists" },
    });
    expect(await api("ben", "POST", "labels", { name: "pale", color: "lightish" })).toMatchObject({
      status: 400,
      body: { message: { color: ["must be a valid color code"] } },
    });
    expect(await api("guest", "POST", "labels", { name: "mine", color: "red" })).toMatchObject({ status: 403 });
  });
});

describe("milestones", () => {
  it("are listed by state, title and text", async () => {
    const titles = async (query: string) =>
      entries(await api("ada", "GET", `milestones?${query}`)).map((item) => item["title"]);
    expect(await titles("")).toEqual(["v2.0", "v1.5", "v1.4"]);
    expect(await titles("state=active")).toEqual(["v2.0", "v1.5"]);
    expect(await titles("search=webhooks")).toEqual(["v1.5"]);
    expect(await titles("iids[]=1")).toEqual(["v1.4"]);
  });

  it("are created, changed and deleted by their global id", async () => {
    const { status, body } = await api("ben", "POST", "milestones", { title: "v1.6", due_date: "2026-06-01" });
    expect(status).toBe(201);
    const { id, iid } = object(body);
    expect(iid).toBe(4);
    expect(await api("ben", "GET", "milestones/4")).toMatchObject({ status: 404, body: { message: "404 Not found" } });
    expect(
      await api("ben", "PUT", `milestones/${String(id)}`, { state_event: "close", start_date: "2026-05-01" }),
    ).toMatchObject({
      body: { state: "closed", start_date: "2026-05-01", due_date: "2026-06-01", expired: false },
    });
    await api("ben", "PUT", "issues/30", { milestone_id: id });
    expect(await api("ben", "DELETE", `milestones/${String(id)}`)).toMatchObject({ status: 204 });
    expect(await api("ben", "GET", "issues/30")).toMatchObject({ body: { milestone: null } });
  });

  it("refuse a title that is taken and dates the wrong way round", async () => {
    expect(await api("ben", "POST", "milestones", { title: "v1.5" })).toMatchObject({
      status: 400,
      body: { message: { title: ["already being used for another group or project milestone."] } },
    });
    expect(
      await api("ben", "POST", "milestones", { title: "odd", start_date: "2026-02-02", due_date: "2026-02-01" }),
    ).toMatchObject({
      status: 400,
      body: { message: { due_date: ["must be greater than start date"] } },
    });
    expect(await api("guest", "POST", "milestones", { title: "mine" })).toMatchObject({ status: 403 });
  });
});
