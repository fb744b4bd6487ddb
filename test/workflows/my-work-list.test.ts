import { createToolbox } from "gitlab-agent-tools/toolbox";
import { issueCreate, mergeRequestCreate, myWorkList, pipelineCreate, projectCreate } from "gitlab-agent-tools/tools";
import { countTokens } from "gpt-tokenizer";
import { expect, test } from "vitest";
import { stage } from "../support/people.js";

const project_id = "acme/shop";
const branches = Object.fromEntries(
  ["main", ...Array.from({ length: 30 }, (_, index) => `branch-${String(index)}`)].map((name) => [
    name,
    { ".gitlab-ci.yml": "unit: { script: [make] }\n", "a.txt": `${name}\n` },
  ]),
);
const seed = {
  users: [{ username: "ada" }, { username: "ben" }],
  projects: [{ path: project_id, members: { ada: 40, ben: 40 }, branches }],
};

async function scene() {
  const staged = await stage({ seed });
  const ada = await staged.as("ada");
  const ben = await staged.as("ben");
  const id = (username: string): number => staged.emulator.state.userByName(username)?.id ?? 0;
  const open = async (by: "ada" | "ben", branch: number, title: string, more: object = {}) =>
    (
      await mergeRequestCreate(by === "ada" ? ada : ben, {
        ...{ project_id, source_branch: `branch-${String(branch)}`, target_branch: "main", title },
        ...more,
      })
    ).data;
  return { ...staged, ada, ben, id, open };
}

test("one answer: what to review, own merge requests with red pipelines, issues by date, other to-dos, all with links", async () => {
  const { ada, ben, emulator, id, open, requests } = await scene();
  const review = await open("ben", 1, "Faster search", { reviewer_ids: [id("ada")] });
  const draft = await open("ben", 2, "Draft: Rework", { reviewer_ids: [id("ada")] });
  const { data: pipeline } = await pipelineCreate(ada, { project_id, ref: "branch-3" });
  emulator.runPipeline(pipeline.id, { outcomes: { unit: "failed" } });
  const fine = await open("ada", 4, "Tidy");
  const red = await open("ada", 3, "Cart totals");
  const issue = async (title: string, more: object) =>
    (await issueCreate(ben, { project_id, title, assignee_ids: [id("ada")], ...more })).data;
  const later = await issue("Later", { due_date: "2999-01-01" });
  const some = await issue("Some day", {});
  const late = await issue("Late", { due_date: "2020-01-01" });
  const { data: mention } = await issueCreate(ben, {
    project_id,
    title: "Question",
    description: "@ada, what do you think?",
  });
  requests();
  const { data } = await myWorkList(ada, {});
  expect(data.to_review).toEqual([
    { title: "Faster search", web_url: review.web_url, author: "ben" },
    { title: "Draft: Rework", web_url: draft.web_url, author: "ben", draft: true },
  ]);
  expect(data.my_merge_requests).toEqual([
    expect.objectContaining({ web_url: red.web_url, waits_for: "you", failed_pipeline_id: pipeline.id }),
    { title: "Tidy", web_url: fine.web_url, status: "mergeable", waits_for: "you" },
  ]);
  expect(data.assigned_issues).toEqual([
    { title: "Late", web_url: late.web_url, due_date: "2020-01-01" },
    { title: "Later", web_url: later.web_url, due_date: "2999-01-01" },
    { title: "Some day", web_url: some.web_url },
  ]);
  // What stands above is not told twice.
  expect(data.todos?.map(({ title }) => title)).toEqual([mention.title]);
  expect(data.summary).toMatch(
    /^2 to review, 2 own merge requests \(2 wait for you, 1 with a failed pipeline\), 3 assigned issues \(1 overdue\), \d to-dos\.$/,
  );
  expect(requests()).toHaveLength(5 + 2);
});

test("nothing to do is said", async () => {
  const { ada } = await scene();
  const { data } = await myWorkList(ada, {});
  expect(Object.keys(data)).toEqual(["summary", "next"]);
  expect(data.summary).toMatch(/^0 to review, 0 own merge requests .* 0 assigned issues/);
});

test("a full plate takes at most 2,000 tokens, marked or not", async () => {
  const { ada, ben, gitlab, id, open } = await scene();
  const long = (index: number): string =>
    `Investigate why ${"the export of invoices is slow ".repeat(7)}${String(index)}`;
  for (let index = 0; index < 12; index += 1) {
    await open("ben", index, long(index), { reviewer_ids: [id("ada")] });
    await open("ada", index + 15, long(index));
    await issueCreate(ben, { project_id, title: long(index), assignee_ids: [id("ada")], due_date: "2026-01-02" });
    await issueCreate(ben, { project_id, title: long(index), description: "@ada" });
  }
  for (const untrusted of ["plain", "wrap"] as const) {
    const toolbox = createToolbox({
      ...{ gitlab, identifier: ada.identifier, policy: { untrusted } },
      select: { level: "extended" },
    });
    const { text, isError } = await toolbox.run("gitlab_my_work_list", {});
    expect(isError).toBe(false);
    expect(countTokens(text)).toBeLessThanOrEqual(2_000);
    expect(text.match(/"web_url"/g)?.length).toBeGreaterThanOrEqual(12);
  }
});

test("under an allow-list it tells of the allowed projects alone, and says so", async () => {
  const { ada, ben, id, open, requests, emulator } = await scene();
  await open("ben", 1, "Faster search", { reviewer_ids: [id("ada")] });
  const { data: other } = await projectCreate(ben, {
    name: "Elsewhere",
    visibility: "public",
    initialize_with_readme: true,
  });
  for (const project of [project_id, other.id])
    await issueCreate(ben, {
      ...{ project_id: project, title: project === project_id ? "Here" : "Beyond", description: "@ada ?" },
      assignee_ids: [id("ada")],
    });
  requests();
  const { data, warnings } = await myWorkList(ada, {}, { policy: { projects: [project_id] } });
  expect(JSON.stringify(data)).not.toContain("Beyond");
  expect(data).toMatchObject({ to_review: [{ title: "Faster search" }], assigned_issues: [{ title: "Here" }] });
  expect(warnings).toEqual(["Only what lies in the projects and groups that this client may use."]);
  const none = await myWorkList(ada, {}, { policy: { projects: [] } });
  expect(JSON.stringify(none.data)).not.toMatch(/Here|Beyond|Faster/);
  // A project that cannot be looked up is left out.
  emulator.on("GET", "/projects/:id", () => ({ status: 500, body: {} }));
  const away = await myWorkList(ben, {}, { policy: { projects: [project_id] } });
  expect(away.data.my_merge_requests).toBeUndefined();
});
