import { GitLabToolError, type GitLab } from "gitlab-agent-tools";
import {
  branchDelete,
  fileGet,
  issueGet,
  issuesList,
  issueUpdate,
  jobsList,
  mergeRequestsList,
  projectMemberAdd,
  tools,
} from "gitlab-agent-tools/tools";
import { describe, expect, test } from "vitest";
import { connect, json, serve } from "../support/server.js";

async function account() {
  const server = await serve((_, response) => json(response, []));
  return { ...(await connect(server)), arrived: server.arrived, baseUrl: server.baseUrl };
}

/** A call as a model makes it: the compiler knows neither the tool nor its input. */
const asModel = (gitlab: GitLab, toolName: string, toolInput: unknown) =>
  gitlab.executeTool({ identifier: "user_1", toolName, toolInput });

const refusal = async (call: Promise<unknown>): Promise<GitLabToolError> => {
  const error: unknown = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof GitLabToolError)) throw new Error(`expected a refusal, got ${String(error)}`);
  return error;
};

describe("what models send for a type is understood", () => {
  test("numbers, booleans, lists and iids as strings", async () => {
    const { gitlab, arrived } = await account();
    await asModel(gitlab, "gitlab_issues_list", {
      project_id: "42",
      per_page: "50",
      confidential: "false",
      labels: "bug, p1",
      iids: "1,2",
    });
    const url = new URL(arrived[0]?.url ?? "", "http://x");
    expect(url.pathname).toBe("/api/v4/projects/42/issues");
    expect(Object.fromEntries(url.searchParams)).toEqual({
      per_page: "50",
      confidential: "false",
      labels: "bug,p1",
      iids: "1,2",
    });
    await asModel(gitlab, "gitlab_issue_get", { project_id: 1, issue_iid: "#7" });
    expect(arrived[1]?.url).toBe("/api/v4/projects/1/issues/7");
  });

  test("an array and a string with commas are the same list", async () => {
    const { account: me, arrived } = await account();
    await issuesList(me, { project_id: 1, labels: ["bug", "p1"] });
    await issuesList(me, { project_id: 1, labels: "bug,p1" });
    expect(arrived[0]?.url).toBe(arrived[1]?.url);
    await jobsList(me, { project_id: 1, scope: ["failed", "success"] });
    expect(decodeURIComponent(arrived[2]?.url ?? "")).toBe("/api/v4/projects/1/jobs?scope[]=failed&scope[]=success");
  });

  test("optional null and empty strings are left out, also where the type would refuse them", async () => {
    const { gitlab, arrived } = await account();
    const toolInput = { project_id: 1, state: "", search: null, labels: "", per_page: null, confidential: "" };
    await asModel(gitlab, "gitlab_issues_list", toolInput);
    expect(arrived[0]?.url).toBe("/api/v4/projects/1/issues");
  });

  test("names are sent without what Markdown writes before them", async () => {
    const { account: me, arrived } = await account();
    await issuesList(me, {
      project_id: 1,
      author_username: "@ada",
      labels: ["~bug", '~"needs review"'],
      milestone: "%v1.4",
    });
    const query = new URL(arrived[0]?.url ?? "", "http://gitlab.example").searchParams;
    expect(Object.fromEntries(query)).toEqual({
      author_username: "ada",
      labels: "bug,needs review",
      milestone: "v1.4",
    });
    await issueUpdate(me, { project_id: 1, issue_iid: 2, add_labels: ['~"say "hi""', "a~b", "~"] });
    expect(JSON.parse(arrived[1]?.body ?? "")).toEqual({ add_labels: 'say "hi",a~b,~' });
  });

  test("a day that no calendar has is refused", async () => {
    const { account: me, arrived } = await account();
    for (const due_date of ["2026-02-29", "2026-04-31", "2026-13-01"])
      await expect(issueUpdate(me, { project_id: 1, issue_iid: 2, due_date })).rejects.toMatchObject({
        code: "invalid_input",
        details: { fields: [{ field: "due_date", message: "expected a date YYYY-MM-DD" }] },
      });
    await expect(issuesList(me, { project_id: 1, created_after: "2026-02-30T10:00:00Z" })).rejects.toMatchObject({
      code: "invalid_input",
    });
    expect(arrived).toEqual([]);
    await issueUpdate(me, { project_id: 1, issue_iid: 2, due_date: "2028-02-29" });
    expect(JSON.parse(arrived[0]?.body ?? "")).toEqual({ due_date: "2028-02-29" });
  });

  test("an empty list clears in an update", async () => {
    const { account: me, arrived } = await account();
    await issueUpdate(me, { project_id: 1, issue_iid: 2, assignee_ids: [], labels: [] });
    expect(JSON.parse(arrived[0]?.body ?? "")).toEqual({ assignee_ids: [], labels: "" });
  });

  test("None and Any stand for a whole list", async () => {
    const { account: me, arrived } = await account();
    await mergeRequestsList(me, { project_id: 1, approved_by_ids: ["Any"] });
    await mergeRequestsList(me, { project_id: 1, approved_by_usernames: ["ada"] });
    const queries = arrived.map(({ url }) => decodeURIComponent(url.split("?")[1] ?? ""));
    expect(queries).toEqual(["approved_by_ids=Any", "approved_by_usernames[]=ada"]);
  });

  test("what GitLab requires and has one obvious value may be left out", async () => {
    const { account: me, arrived } = await account();
    await fileGet(me, { project_id: 1, file_path: "README.md" });
    expect(arrived[0]?.url).toBe("/api/v4/projects/1/repository/files/README.md?ref=HEAD");
  });

  test("id stands for what a tool is about, in every tool", async () => {
    const { gitlab } = await account();
    const owned = Object.values(tools).filter(({ definition }) =>
      Object.entries(definition.parameters).some(
        ([name, { in: at }]) => at === "path" && /^(?:project|group|user)_id$/.test(name),
      ),
    );
    expect(owned.length).toBeGreaterThan(90);
    for (const { definition } of owned) {
      const error: unknown = await asModel(gitlab, definition.name, { id: 7 }).catch((thrown: unknown) => thrown);
      const fields = error instanceof GitLabToolError ? JSON.stringify(error.details) : "";
      expect(fields, definition.name).not.toMatch(/"(?:id|project_id)"/);
      if (definition.name === "gitlab_user_projects_list") expect(fields).not.toContain("user_id");
    }
  });

  test("id stands for the parameter that names the project", async () => {
    const { gitlab, arrived } = await account();
    await asModel(gitlab, "gitlab_issues_list", { id: "g/p" });
    expect(arrived[0]?.url).toBe("/api/v4/projects/g%2Fp/issues");
  });
});

describe("a project is given by", () => {
  test.each([
    ["number", 42, "42"],
    ["path", "group/sub/project", "group%2Fsub%2Fproject"],
    ["encoded path", "group%2Fsub%2Fproject", "group%2Fsub%2Fproject"],
    ["path with slashes around", "/group/project/", "group%2Fproject"],
  ])("%s", async (_, project_id, part) => {
    const { account: me, arrived } = await account();
    await issuesList(me, { project_id });
    expect(arrived[0]?.url).toBe(`/api/v4/projects/${part}/issues`);
  });

  test.each(["", "/-/issues/42", ".git", "?tab=x#y"])("web URL on its own instance (%s)", async (suffix) => {
    const server = await serve((_, response) => json(response, []), { prefix: "/gitlab" });
    const { account: me } = await connect(server);
    await issuesList(me, { project_id: `${server.baseUrl}/group/project${suffix}` });
    expect(server.arrived[0]?.url).toBe("/gitlab/api/v4/projects/group%2Fproject/issues");
  });

  test("a web URL elsewhere is refused", async () => {
    const { account: me, arrived } = await account();
    const error = await refusal(issuesList(me, { project_id: "https://evil.example/group/project" }));
    expect(error).toMatchObject({ code: "invalid_input", toolName: "gitlab_issues_list" });
    expect(error.message).toContain("project_id");
    expect(arrived).toHaveLength(0);
  });
});

describe("what does not fit is refused before any request", () => {
  test("every bad field is named, with what it wants and the nearest name", async () => {
    const { gitlab, arrived } = await account();
    const toolInput = { project_id: 1, state: "opne", per_pgae: 5, page: "many", created_after: "yesterday" };
    const error = await refusal(asModel(gitlab, "gitlab_issues_list", toolInput));
    expect(error.code).toBe("invalid_input");
    expect(error.details?.["fields"]).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ field: "state", nearest: "opened" }),
        expect.objectContaining({ field: "per_pgae", nearest: "per_page" }),
        expect.objectContaining({ field: "page", message: "expected a number, got a string" }),
        expect.objectContaining({ field: "created_after" }),
      ]),
    );
    for (const field of ["state", "per_pgae", "page", "created_after"]) expect(error.message).toContain(field);
    expect(arrived).toHaveLength(0);
  });

  test("a missing required field, an input that is no object, a tool that does not exist", async () => {
    const { gitlab, account: me, arrived } = await account();
    // @ts-expect-error issue_iid is required
    expect((await refusal(issueGet(me, { project_id: 1 }))).message).toContain("issue_iid: is required");
    const call = (toolName: string, toolInput: unknown) =>
      refusal(gitlab.executeTool({ identifier: "user_1", toolName, toolInput }));
    expect(await call("gitlab_issue_get", "42")).toMatchObject({ code: "invalid_input" });
    expect(await call("gitlab_isue_get", {})).toMatchObject({
      code: "unknown_tool",
      details: { nearest: "gitlab_issue_get" },
    });
    expect(await call("toString", {})).toMatchObject({ code: "unknown_tool" });
    expect(arrived).toHaveLength(0);
  });

  test("filters that exclude each other, and choices of which one is needed", async () => {
    const { account: me, arrived } = await account();
    const both = await refusal(issuesList(me, { project_id: 1, author_id: 1, author_username: "ada" }));
    expect(both.message).toContain("author_username: cannot be combined with author_id");
    const none = await refusal(projectMemberAdd(me, { project_id: 1, access_level: 30 }));
    expect(none.message).toContain("one of them is required");
    expect(arrived).toHaveLength(0);
  });

  test.each([".", "..", "a/../b", "", " ", "a\u0000b", "\ud800"])("%j as part of a path", async (value) => {
    const { account: me, arrived } = await account();
    expect(await refusal(branchDelete(me, { project_id: 1, branch: value }))).toMatchObject({ code: "invalid_input" });
    expect(await refusal(issuesList(me, { project_id: value }))).toMatchObject({ code: "invalid_input" });
    expect(arrived).toHaveLength(0);
  });

  test("names that every object has, and names without end", async () => {
    const { gitlab, arrived } = await account();
    const call = (toolInput: unknown) => refusal(asModel(gitlab, "gitlab_issues_list", toolInput));
    for (const text of ['{"constructor":null}', '{"__proto__":""}', '{"toString":""}']) {
      expect(await call({ project_id: 1, ...(JSON.parse(text) as object) })).toMatchObject({ code: "invalid_input" });
    }
    expect(await call({ project_id: `a${"/".repeat(1_000_000)}a` })).toMatchObject({ code: "invalid_input" });
    expect(arrived).toHaveLength(0);
  });

  test("a value never shows in the error: it may be a secret", async () => {
    const { gitlab } = await account();
    const toolInput = {
      project_id: 1,
      key: { nested: "s3cret-value" },
      value: { deep: "s3cret-value" },
      bogus: "s3cret-value",
    };
    const error = await refusal(asModel(gitlab, "gitlab_project_variable_create", toolInput));
    expect(JSON.stringify(error) + error.message).not.toContain("s3cret-value");
  });
});

test("a path parameter is encoded exactly once, a file path taken literally", async () => {
  const { account: me, arrived } = await account();
  await fileGet(me, { project_id: "g/p", file_path: "docs/100%25 é?#.md", ref: "feature/x" }).catch(() => undefined);
  expect(arrived[0]?.url).toBe(
    "/api/v4/projects/g%2Fp/repository/files/docs%2F100%2525%20%C3%A9%3F%23.md?ref=feature%2Fx",
  );
});
