import { describe, expect, test } from "vitest";
import { toCompact } from "../../src/views/compact.js";
import { fieldPaths, fieldsProblem, takeFields } from "../../src/views/fields.js";
import { cleanLog } from "../../src/views/job-log.js";

const compact = (view: string[], data: unknown, answer = "json"): unknown =>
  toCompact({ name: "gitlab_x", answer, view }, data);

const ada = { id: 1, username: "ada", name: "Ada", state: "active", avatar_url: "https://a", web_url: "https://u" };

describe("fields", () => {
  test.each<[string, string[], unknown, unknown]>([
    ["a person is a username", ["author.username"], { author: ada }, { author: "ada" }],
    ["people are a list of them", ["assignees[].username"], { assignees: [ada, ada] }, { assignees: ["ada", "ada"] }],
    [
      "people inside of others",
      ["approved_by[].user.username"],
      { approved_by: [{ user: ada }] },
      { approved_by: ["ada"] },
    ],
    ["a person taken whole", ["author"], { author: ada }, { author: "ada" }],
    ["a milestone by title", ["milestone.title"], { milestone: { id: 3, title: "v1" } }, { milestone: "v1" }],
    [
      "with more than one field",
      ["milestone.id", "milestone.title"],
      { milestone: { id: 3, title: "v1", iid: 9 } },
      { milestone: { id: 3, title: "v1" } },
    ],
    ["an id, as the next call names it", ["pipeline.id"], { pipeline: { id: 7, ref: "main" } }, { pipeline_id: 7 }],
    ["an iid likewise", ["epic.iid"], { epic: { iid: 7 } }, { epic_iid: 7 }],
    [
      "a release's page",
      ["_links.self"],
      { _links: { self: "https://r", edit_url: "https://e" } },
      { web_url: "https://r" },
    ],
    ["labels as text", ["labels"], { labels: ["bug", "p1"] }, { labels: ["bug", "p1"] }],
    [
      "labels with details",
      ["labels"],
      { labels: [{ id: 1, name: "bug", color: "#f00", text_color: "#fff" }] },
      { labels: ["bug"] },
    ],
    ["lists without [] in the path", ["assignees.username"], { assignees: [ada] }, { assignees: ["ada"] }],
    [
      "lists of lists",
      ["assets.links[].url"],
      { assets: { links: [{ url: "https://x", id: 1 }] } },
      { assets: { links: [{ url: "https://x" }] } },
    ],
    [
      "objects lose links and pictures",
      ["head"],
      { head: { id: 1, web_url: "https://x", avatar_url: null, user: ada } },
      { head: { id: 1, user: "ada" } },
    ],
    ["null and nothing are left out", ["a", "b", "c", "d", "e", "f.g"], { a: null, b: "", c: [], d: {}, f: null }, {}],
    ["false and zero are not", ["draft", "weight"], { draft: false, weight: 0 }, { draft: false, weight: 0 }],
    [
      "moments to the second",
      ["updated_at"],
      { updated_at: "2025-01-02T03:04:05.678+00:00" },
      { updated_at: "2025-01-02T03:04:05Z" },
    ],
    [
      "in their own zone",
      ["committed_date"],
      { committed_date: "2025-01-02T03:04:05.000+02:00" },
      { committed_date: "2025-01-02T03:04:05+02:00" },
    ],
    [
      "text that looks like one stays",
      ["value"],
      { value: "2025-01-02T03:04:05.678Z" },
      { value: "2025-01-02T03:04:05.678Z" },
    ],
    ["what is no object stays", ["id"], null, null],
  ])("%s", (_, view, data, expected) => {
    expect(compact(view, data)).toEqual(expected);
    expect(compact(view, [data, data])).toEqual([expected, expected]);
  });

  test("the order is the view's", () => {
    expect(Object.keys(compact(["title", "iid"], { iid: 1, title: "x" }) as object)).toEqual(["title", "iid"]);
  });
});

describe("fields of the caller's choice", () => {
  const view = ["iid", "title", "author.username", "sha"];

  test("a plus adds, anything else replaces; what names the thing stays", () => {
    expect(fieldPaths(view, undefined)).toBe(view);
    expect(fieldPaths(view, [])).toBe(view);
    expect(fieldPaths(view, ["+weight"])).toEqual([...view, "weight"]);
    expect(fieldPaths(view, ["weight"])).toEqual(["iid", "sha", "weight"]);
    expect(fieldPaths(view, ["weight", "+title"])).toEqual(["iid", "sha", "weight", "title"]);
    expect(fieldPaths(view, ["+title"])).toEqual(view);
  });

  test("of a tool that shows everything", () => {
    expect(fieldPaths([], ["+a"])).toEqual([]);
    expect(fieldPaths([], ["a"])).toEqual(["a"]);
  });

  test("only paths are", () => {
    expect(fieldsProblem(["title", "+a.b", "assignees[].username", "a[].b[].c", "a.b.c.d.e.f.g.h"])).toBeUndefined();
    for (const wrong of ["", "+", "a b", "$.a", "a..b", "a[0]", "-a", "a.b.c.d.e.f.g.h.i", "a".repeat(1000)])
      expect(fieldsProblem(["title", wrong])).toContain(`got ${JSON.stringify(wrong.slice(0, 40))}`);
    expect(fieldsProblem([Array(200_000).fill("a").join(".")])).toContain("at most 8 steps");
    expect(fieldsProblem(Array<string>(51).fill("a"))).toBe("expected at most 50 fields, got 51");
  });

  test("are taken out of what a model sends", () => {
    const tool = { parameters: { project_id: {} } };
    expect(takeFields(tool, { project_id: "a", fields: ["+b", " c "] })).toEqual({
      input: { project_id: "a" },
      fields: ["+b", "c"],
    });
    expect(takeFields(tool, { fields: "title, author" })).toEqual({ input: {}, fields: ["title", "author"] });
    expect(takeFields(tool, { fields: null })).toEqual({ input: {} });
    expect(takeFields(tool, { project_id: "a" })).toEqual({ input: { project_id: "a" } });
    expect(takeFields(tool, "text")).toEqual({ input: "text" });
    const search = { parameters: { fields: {} } };
    expect(takeFields(search, { fields: ["title"] })).toEqual({ input: { fields: ["title"] } });
  });
});

describe("a job's log", () => {
  test("without colours, sections, stamps and overwritten progress; line by line", () => {
    const log = [
      "\u001b[0KRunning with gitlab-runner 17.0\u001b[0;m",
      "section_start:1700000000:prepare_executor[collapsed=true]\r\u001b[0K\u001b[0K\u001b[36;1mPreparing\u001b[0;m",
      "2025-01-02T03:04:05.678901Z 00O npm ci",
      "2025-01-02T03:04:05.678901Z 01E+rest",
      "10%\r50%\r100% done",
      "windows\r",
      "",
      "",
      "",
      "section_end:1700000001:prepare_executor\r\u001b[0K\u001b[31;1mERROR: Job failed: exit code 1",
      "\u001b]0;title\u0007\u0000ok\u001b[0;m",
    ].join("\n");
    const cleaned = cleanLog(log).split("\n");
    expect(cleaned).toEqual([
      "Running with gitlab-runner 17.0",
      "Preparing",
      "npm ci",
      "rest",
      "100% done",
      "windows",
      "",
      "",
      "",
      "ERROR: Job failed: exit code 1",
      "ok",
    ]);
    expect(cleaned).toHaveLength(log.split("\n").length);
  });

  test("only of text answers: a file's text is the file's", () => {
    expect(compact([], "\u001b[31mred\u001b[0m", "text")).toBe("red");
    expect(compact(["content"], { content: "\u001b[31mred\u001b[0m" }, "file")).toEqual({
      content: "\u001b[31mred\u001b[0m",
    });
  });

  test("takes time that grows with the log, not faster", () => {
    const long = `${"x".repeat(1_000_000)}\r${"\u001b[".repeat(1_000_000)}section_start:${"1".repeat(1_000_000)}`;
    // Work that grows with the square of it would go on for hours.
    expect(cleanLog(long).length).toBeLessThanOrEqual(long.length);
  });
});
