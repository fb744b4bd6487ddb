import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, expectTypeOf, test } from "vitest";
import type { components } from "../../generated/openapi.js";
import {
  currentUserGet,
  fileDelete,
  fileGet,
  issueCreate,
  issueGet,
  issuesList,
  jobArtifactsDownload,
  jobLogGet,
  projectStar,
  tools,
  type FileGetData,
  type IssueCreateInput,
  type IssuesListInput,
  type IssuesListItem,
  type JobArtifactsDownloadData,
} from "../../generated/registry.js";
import { toolNames, type ToolName } from "../../generated/tool-names.js";
import { createGitLab, type CallOptions, type DryRunRequest } from "gitlab-agent-tools";
import type { GitLabAccount } from "../../src/tools/account.js";
import { lookUp } from "../../src/tools/lookup.js";

declare const account: GitLabAccount;
/** Checked by the compiler, never run. */
const compiles = (_: () => unknown): void => {};

test("inputs: names, enums, references, lists", () => {
  expectTypeOf<IssuesListInput["project_id"]>().toEqualTypeOf<string | number>();
  expectTypeOf<IssuesListInput["state"]>().toEqualTypeOf<"opened" | "closed" | "all" | undefined>();
  expectTypeOf<IssuesListInput["labels"]>().toEqualTypeOf<string | readonly string[] | undefined>();
  expectTypeOf<IssuesListInput["per_page"]>().toEqualTypeOf<number | undefined>();
  expectTypeOf<IssuesListInput["created_after"]>().toEqualTypeOf<string | undefined>();
  expectTypeOf<IssueCreateInput["assignee_ids"]>().toEqualTypeOf<readonly number[] | undefined>();
  expectTypeOf<IssueCreateInput["labels"]>().toEqualTypeOf<string | readonly string[] | undefined>();
  expectTypeOf<NonNullable<IssuesListInput["not"]>["author_id"]>().toEqualTypeOf<number | undefined>();
  expectTypeOf(issuesList).toHaveProperty("pages");
  expectTypeOf(issueCreate).not.toHaveProperty("pages");
  compiles(() => issuesList(account, { project_id: "a/b", labels: ["bug"], order_by: "updated_at" }));
  compiles(() => {
    // @ts-expect-error a wrong name
    void issuesList(account, { project_id: 1, stat: "opened" });
    // @ts-expect-error a wrong word
    void issuesList(account, { project_id: 1, state: "open" });
    // @ts-expect-error a wrong type
    void issuesList(account, { project_id: 1, per_page: "20" });
    // @ts-expect-error a name of the wire
    void issuesList(account, { id: 1 });
    // @ts-expect-error a required parameter is missing
    void issueGet(account, { project_id: 1 });
    // @ts-expect-error nothing to give
    void currentUserGet(account, { username: "ada" });
    void currentUserGet(account, {});
    // @ts-expect-error a wrong name inside an object
    void issuesList(account, { project_id: 1, not: { label: ["x"] } });
  });
});

test("data: a later release may have more words in an answer; those of a request are all", () => {
  type Schemas = components["schemas"];
  type Answered = Schemas["APIEntitiesCiJobArtifact"]["file_type"];
  expectTypeOf<string>().toExtend<Answered>();
  expectTypeOf<"archive">().toExtend<Answered>();
  expectTypeOf<number | null>().not.toExtend<Answered>();
  expectTypeOf<string>().not.toExtend<NonNullable<IssuesListInput["state"]>>();
});

test("data: what GitLab always sends is there", () => {
  expectTypeOf<IssuesListItem["iid"]>().toEqualTypeOf<number>();
  expectTypeOf<IssuesListItem["title"]>().toEqualTypeOf<string>();
  expectTypeOf<IssuesListItem["labels"]>().toEqualTypeOf<string[]>();
  expectTypeOf<IssuesListItem["web_url"]>().toEqualTypeOf<string>();
  expectTypeOf<IssuesListItem["closed_at"]>().extract<null>().toEqualTypeOf<null>();
  expectTypeOf<FileGetData>().not.toBeAny();
  expectTypeOf<FileGetData["content"]>().toEqualTypeOf<string>();
  expectTypeOf<JobArtifactsDownloadData["size"]>().toEqualTypeOf<number>();
  compiles(async () => {
    const { data } = await issuesList(account, { project_id: 1 });
    expectTypeOf(data).toEqualTypeOf<IssuesListItem[]>();
    // @ts-expect-error no such field
    void data[0]?.titel;
    for await (const issue of issuesList.pages(account, { project_id: 1 }))
      expectTypeOf(issue).toEqualTypeOf<IssuesListItem>();
    expectTypeOf((await jobLogGet(account, { project_id: 1, job_id: 2 })).data).toEqualTypeOf<string>();
    expectTypeOf(
      (await fileDelete(account, { project_id: 1, file_path: "a", branch: "b", commit_message: "c" })).data,
    ).toEqualTypeOf<null>();
    // A starred project is answered without a body.
    expectTypeOf((await projectStar(account, { project_id: 1 })).data)
      .extract<null>()
      .toEqualTypeOf<null>();
  });
});

test("data is unknown only where no body is declared", async () => {
  type Data<Name extends keyof typeof tools> = Awaited<ReturnType<(typeof tools)[Name]>>["data"];
  type Vague = { [Name in keyof typeof tools]: unknown extends Data<Name> ? Name : never }[keyof typeof tools];
  const undeclared = Object.values(tools).flatMap(({ definition: { name, answer } }) =>
    answer === "any" ? [name] : [],
  );
  expectTypeOf<"gitlab_issues_list">().not.toExtend<Vague>();
  const folder = join(import.meta.dirname, "../../generated/tools");
  const sources = (await readdir(folder)).map((file) => readFile(join(folder, file), "utf8"));
  const vague = (await Promise.all(sources)).join("").match(/^export type \w+(?= = unknown;$)/gm) ?? [];
  expect(vague).toHaveLength(undeclared.length);
});

test("registry, names and what is looked up are the same tools", async () => {
  expectTypeOf<keyof typeof tools>().toEqualTypeOf<ToolName>();
  expect(Object.keys(tools)).toEqual([...toolNames]);
  for (const name of toolNames) {
    expect(tools[name].definition.name).toBe(name);
    expect(await lookUp(name)).toBe(tools[name].definition);
  }
  expect(tools.gitlab_file_get).toBe(fileGet);
  expect(tools.gitlab_job_artifacts_download).toBe(jobArtifactsDownload);
});

test("every schema can be built, and every parameter has a place", () => {
  for (const { definition } of Object.values(tools)) {
    const names = Object.keys(definition.input().def.shape);
    expect(Object.keys(definition.parameters)).toEqual(names);
    expect(names).toEqual(expect.arrayContaining([...definition.curated]));
    for (const [, placeholder] of definition.path.matchAll(/\{(\w+)\}/g))
      expect(
        Object.entries(definition.parameters).some(
          ([name, place]) => place.in === "path" && (place.name ?? name) === placeholder,
        ),
      ).toBe(true);
  }
});

test("a result is the request where the call is a dry one, and either where only the run decides that", () => {
  const input = { project_id: 1, issue_iid: 1 };
  const gitlab = createGitLab({ store: "memory:" });
  compiles(async (dryRun = Math.random() > 0.5, options: CallOptions = {}) => {
    const dry = await issueGet(account, input, { dryRun: true });
    expectTypeOf(dry.data).toEqualTypeOf<DryRunRequest>();
    const real = await issueGet(account, input, { dryRun: false, timeoutMs: 1 });
    expectTypeOf(real.data).not.toEqualTypeOf<DryRunRequest>();
    expectTypeOf(real.data.title).toEqualTypeOf<string>();
    type Issue = typeof real.data;
    expectTypeOf<Awaited<ReturnType<typeof issueGet>>["data"]>().toEqualTypeOf<Issue>();
    expectTypeOf((await issueGet(account, input, { dryRun })).data).toEqualTypeOf<Issue | DryRunRequest>();
    expectTypeOf((await issueGet(account, input, options)).data).toEqualTypeOf<Issue | DryRunRequest>();
    const named = { identifier: "ada", toolName: "gitlab_issue_get", toolInput: input } as const;
    expectTypeOf((await gitlab.executeTool({ ...named, dryRun })).data).toEqualTypeOf<Issue | DryRunRequest>();
    expectTypeOf((await gitlab.executeTool(named)).data).toEqualTypeOf<Issue>();
  });
});
