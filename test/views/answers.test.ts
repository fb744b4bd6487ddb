import { Ajv2020 } from "ajv/dist/2020.js";
import { GitLabToolError } from "gitlab-agent-tools";
import { fileGet, issuesList, jobLogGet, jobsList } from "gitlab-agent-tools/tools";
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from "vitest";
import { measureAnswers, median } from "../../bench/answers.js";
import { createSeededGitLab, type SeededGitLab } from "../../bench/seeded-gitlab.js";
import { outputSchema } from "../../src/adapters/output-schema.js";
import { selectTools } from "../../src/tools/select.js";
import { toModelAnswer } from "../../src/views/model-text.js";

const project_id = "acme/app";
let seeded: SeededGitLab;
beforeAll(async () => {
  seeded = await createSeededGitLab();
});
afterAll(() => seeded.close());

const ada = (): ReturnType<SeededGitLab["gitlab"]["as"]> => seeded.gitlab.as(seeded.identifier);

test("lists: the median of full over compact is at least 8, as data and as text for models", async () => {
  const costs = await measureAnswers(seeded);
  expect(costs.length).toBeGreaterThan(30);
  expect(costs.filter(({ items }) => items === 0)).toEqual([]);
  expect(median(costs.map(({ full, compact }) => full / compact))).toBeGreaterThanOrEqual(8);
  expect(median(costs.map(({ full, text }) => full / text))).toBeGreaterThanOrEqual(8);
  for (const { tool, full, text } of costs) expect(text, tool).toBeLessThanOrEqual(full);
});

describe("a call's view", () => {
  const input = { project_id, per_page: 2 };

  test("full is GitLab's answer, and the default", async () => {
    const { data } = await issuesList(ada(), input);
    expectTypeOf(data[0]?.author).not.toBeUnknown();
    expect(data[0]?.author).toMatchObject({ username: expect.any(String) as string });
    expect((await issuesList(ada(), input, { view: "full", fields: ["title"] })).data).toEqual(data);
  });

  test("compact, with the page beside it", async () => {
    const { data, page } = await issuesList(ada(), input, { view: "compact" });
    expectTypeOf(data).toEqualTypeOf<Record<string, unknown>[]>();
    expect(data[0]?.["author"]).toEqual(expect.any(String));
    expect(page).toMatchObject({ page: 1, perPage: 2, nextPage: 2, hasMore: true });
  });

  test("fields add, or replace", async () => {
    const more = await issuesList(ada(), input, { fields: ["+user_notes_count"] });
    expect(more.data[0]).toMatchObject({
      iid: expect.any(Number) as number,
      user_notes_count: expect.any(Number) as number,
    });
    expect(Object.keys(more.data[0] ?? {})).toContain("author");
    const other = await issuesList(ada(), input, { fields: ["title", "time_stats.time_estimate"] });
    expect(Object.keys(other.data[0] ?? {})).toEqual(["iid", "title", "time_stats"]);
  });

  test("pages() shows the same", async () => {
    for await (const issue of issuesList.pages(ada(), input, { fields: ["title"] })) {
      expect(Object.keys(issue)).toEqual(["iid", "title"]);
      break;
    }
  });

  test("fields that are no paths are refused before anything is sent", async () => {
    const before = seeded.emulator.requests.length;
    const refused = issuesList(ada(), input, { fields: ["title", "$..author"] });
    await expect(refused).rejects.toMatchObject({ code: "invalid_input", details: { fields: [{ field: "fields" }] } });
    await expect(refused).rejects.toBeInstanceOf(GitLabToolError);
    expect(seeded.emulator.requests.length).toBe(before);
  });
});

describe("from a line on", () => {
  test("a file, with what a safe update needs", async () => {
    const whole = (await fileGet(ada(), { project_id, file_path: "README.md" })).data;
    const rest = (await fileGet(ada(), { project_id, file_path: "README.md", start_line: 3 })).data;
    expect(rest.content).toBe(whole.content.split("\n").slice(2).join("\n"));
    expect(rest.last_commit_id).toBe(whole.last_commit_id);
    expect((await fileGet(ada(), { project_id, file_path: "README.md", start_line: 9999 })).data.content).toBe("");
  });

  test("a log; compact, without colours and section marks, line by line", async () => {
    const [job] = (await jobsList(ada(), { project_id, scope: ["failed"] })).data;
    const where = { project_id, job_id: job?.id ?? 0 };
    const whole = (await jobLogGet(ada(), where)).data;
    const clean = (await jobLogGet(ada(), where, { view: "compact" })).data;
    expect(whole).toContain("\u001b[");
    expect(whole).toContain("section_start:");
    expect(clean).not.toContain("\u001b");
    expect(clean).not.toContain("section_");
    expect(clean.split("\n")).toHaveLength(whole.split("\n").length);
    const rest = (await jobLogGet(ada(), { ...where, start_line: 4 }, { view: "compact" })).data;
    expect(rest).toBe(clean.split("\n").slice(3).join("\n"));
    await expect(jobLogGet(ada(), { ...where, start_line: 4, tail_lines: 2 })).rejects.toMatchObject({
      code: "invalid_input",
    });
  });
});

test.each(["compact", "full"] as const)("structured content of the %s view is as its schema says", async (view) => {
  // Each schema is used once: to make its validator fast would take longer than it saves.
  const ajv = new Ajv2020({ strict: false, code: { optimize: false } });
  const { gitlab, identifier, inputOf } = seeded;
  for (const tool of selectTools({ access: "read", tools: ["!gitlab_job_artifacts_download"] })) {
    const schema = outputSchema(tool, view);
    expect(schema.type, tool.name).toBe("object");
    const result = await gitlab.executeTool({ identifier, toolName: tool.name, toolInput: inputOf(tool), view });
    const { structured } = toModelAnswer(tool, result, { maxResultTokens: 100_000 });
    ajv.validate(schema, structured);
    expect(ajv.errors, tool.name).toBeNull();
    if (view === "compact" && tool.view.length > 0) expect(unknown(schema, structured), tool.name).toEqual([]);
  }
});

/** Fields that a schema does not speak of. */
function unknown(schema: unknown, value: unknown): string[] {
  if (typeof schema !== "object" || schema === null || typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item) => unknown(Reflect.get(schema, "items"), item));
  const properties: unknown = Reflect.get(schema, "properties");
  if (typeof properties !== "object" || properties === null) return [];
  return Object.entries(value).flatMap(([name, part]) =>
    name in properties ? unknown(Reflect.get(properties, name), part) : [name],
  );
}

test("every tool has an output schema that is a JSON Schema of an object", () => {
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, code: { optimize: false } });
  for (const tool of selectTools()) {
    for (const view of ["compact", "full"] as const) {
      const schema = outputSchema(tool, view);
      expect(schema.type).toBe("object");
      expect(JSON.stringify(schema)).not.toContain("$ref");
      expect(() => ajv.compile(schema), tool.name).not.toThrow();
    }
  }
});
