import { createGitLab, type GitLab, type GitLabAccount, type GitLabToolError } from "gitlab-agent-tools";
import { createGitLabEmulator, type GitLabEmulator } from "gitlab-agent-tools/testing";
import {
  branchCreate,
  commitsList,
  fileUpdate,
  labelCreate,
  pipelineCreate,
  pipelinesList,
  projectMemberAdd,
  projectVariableCreate,
  projectVariablesList,
  projectWebhookCreate,
  projectWebhooksList,
  wikiPageCreate,
  wikiPagesList,
  workItemCreate,
  workItemNoteCreate,
  workItemNotesList,
  workItemsList,
  workItemThreadCreate,
} from "gitlab-agent-tools/tools";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

const project_id = "acme/app";
let emulator: GitLabEmulator;
let gitlab: GitLab;
/** Another process of the same product. */
let elsewhere: GitLab;
let root: GitLabAccount;
let ada: GitLabAccount;
let rootElsewhere: GitLabAccount;

beforeAll(async () => {
  emulator = await createGitLabEmulator();
  const settings = {
    store: "memory:",
    connections: { gitlab: { baseUrl: emulator.baseUrl } },
    // Waiting is as long as it has to be for GitLab, which this one is not.
    sleep: () => Promise.resolve(),
  };
  [gitlab, elsewhere] = [createGitLab(settings), createGitLab(settings)];
  const token = (username: string): string => emulator.tokens.create({ username, scopes: ["api"] });
  await gitlab.connectWithToken({ identifier: "root", token: token("root") });
  for (const username of ["root", "ada"])
    await elsewhere.connectWithToken({ identifier: username, token: token(username) });
  [root, ada, rootElsewhere] = [gitlab.as("root"), elsewhere.as("ada"), elsewhere.as("root")];
});
beforeEach(() => emulator.faults.clear());
afterAll(async () => {
  await gitlab.close();
  await elsewhere.close();
  await emulator.close();
});

/** The answer to the next write is lost: before GitLab acts, after it, or behind the status that says what it did. */
const loses = {
  before: { reset: "before" },
  after: { reset: "after" },
  "behind the status": { resetMidBody: true },
} as const;
const lose = (how: keyof typeof loses, path: string | RegExp, method = "POST"): void =>
  void emulator.faults.add({ method, path, ...loses[how] });

const failure = (call: Promise<unknown>): Promise<GitLabToolError> =>
  call.then(
    () => Promise.reject(new Error("it was said to be made")),
    (error: unknown) => error as GitLabToolError,
  );

const foundAgain = [expect.stringMatching(/got lost; it was carried out once, and found again/)];

async function count(items: AsyncIterable<unknown>): Promise<number> {
  let counted = 0;
  for await (const _ of items) counted += 1;
  return counted;
}

describe("what GitLab takes only once", () => {
  test("is found where GitLab has said that it made it, with what its own answer has", async () => {
    lose("behind the status", "/variables");
    const variable = await projectVariableCreate(root, { project_id, key: "ONE", value: "first" });
    expect(variable).toMatchObject({ status: 201, data: { key: "ONE", value: "first" }, warnings: foundAgain });
    lose("behind the status", "/wikis");
    const page = await wikiPageCreate(root, { project_id, title: "guides/How to begin", content: "Here." });
    expect(page).toMatchObject({ data: { slug: "guides/How-to-begin", content: "Here." }, warnings: foundAgain });
    lose("behind the status", "/labels");
    const label = await labelCreate(root, { project_id, name: "lost one", color: "#112233" });
    expect(label).toMatchObject({ data: { name: "lost one" }, warnings: foundAgain });
  });

  test("that was there before is never said to be made, although it is the same in all", async () => {
    const input = { project_id, key: "OLDER", value: "same" };
    await projectVariableCreate(rootElsewhere, input);
    lose("after", "/variables");
    const error = await failure(projectVariableCreate(root, input));
    expect(error.message).toMatch(/may have been carried out.*may be older/);
    expect(error.hint).toBe("Look with gitlab_project_variables_list before calling again.");
    await wikiPageCreate(rootElsewhere, { project_id, title: "Older page", content: "x" });
    lose("after", "/wikis");
    expect((await failure(wikiPageCreate(root, { project_id, title: "Older page", content: "x" }))).message).toMatch(
      /may be older/,
    );
  });

  test("of another environment is another variable", async () => {
    await projectVariableCreate(root, { project_id, key: "SCOPED", value: "x", environment_scope: "staging" });
    lose("before", "/variables");
    const made = await projectVariableCreate(root, { project_id, key: "SCOPED", value: "y" });
    expect(made.data).toMatchObject({ key: "SCOPED", environment_scope: "*" });
    expect(made.warnings).toBeUndefined();
    const all = projectVariablesList.pages(root, { project_id });
    let scopes = 0;
    for await (const { key } of all) if (key === "SCOPED") scopes += 1;
    expect(scopes).toBe(2);
  });

  test("is sent again where it is not there, once", async () => {
    const pages = async (): Promise<number> => count(wikiPagesList.pages(root, { project_id }));
    const before = await pages();
    lose("before", "/wikis");
    expect((await wikiPageCreate(root, { project_id, title: "Sent again", content: "x" })).warnings).toBeUndefined();
    expect(await pages()).toBe(before + 1);
  });

  test("is a member's since then where it says so", async () => {
    const { id } = emulator.users.create({ username: "newcomer" });
    const input = { project_id, user_id: id, access_level: 20 } as const;
    lose("after", "/members");
    expect(await projectMemberAdd(rootElsewhere, input)).toMatchObject({ data: { id }, warnings: foundAgain });
    emulator.clock.advance(60_000);
    // Refused, and the refusal lost: the one that is there is not of this call.
    lose("after", "/members");
    expect((await failure(projectMemberAdd(root, input))).code).toBe("conflict");
  });
});

describe("a pipeline", () => {
  const branch = async (name: string): Promise<string> => {
    await branchCreate(root, { project_id, branch: name, ref: "main" });
    emulator.clock.advance(60_000);
    return name;
  };
  const runs = (ref: string): Promise<number> => count(pipelinesList.pages(root, { project_id, ref, source: "api" }));

  test("is found by its ref, source, user and time", async () => {
    const ref = await branch("found");
    lose("after", "/pipeline");
    const made = await pipelineCreate(root, { project_id, ref });
    expect(made).toMatchObject({ data: { ref, source: "api", user: { username: "root" } }, warnings: foundAgain });
    expect(await runs(ref)).toBe(1);
  });

  test("is unknown where somebody else's run of the ref is there, and is not sent again", async () => {
    const ref = await branch("of-another");
    await pipelineCreate(ada, { project_id, ref });
    lose("before", "/pipeline");
    expect((await failure(pipelineCreate(root, { project_id, ref }))).message).toMatch(/looked for: .*somebody else/);
    expect(await runs(ref)).toBe(1);
  });

  test("is unknown among other runs of the ref", async () => {
    const ref = await branch("among-others");
    await pipelineCreate(ada, { project_id, ref });
    lose("after", "/pipeline");
    expect((await failure(pipelineCreate(root, { project_id, ref }))).message).toMatch(/looked for: 2 that equal it/);
    expect(await runs(ref)).toBe(2);
  });

  test("that is not to be seen is not started again: GitLab may be at it", async () => {
    const ref = await branch("not-yet");
    lose("before", "/pipeline");
    const error = await failure(pipelineCreate(root, { project_id, ref }));
    expect(error.message).toMatch(/may have been carried out \(it was looked for: it was not to be seen yet\)/);
    expect(error.retryable).toBe(false);
    expect(await runs(ref)).toBe(0);
  });
});

describe("a commit", () => {
  test("of a file is found by its message, and answered as GitLab answers it", async () => {
    const input = { project_id, branch: "main", file_path: "README.md", content: "# New", commit_message: "Say more" };
    lose("after", "/repository/files/", "PUT");
    const made = await fileUpdate(root, input);
    expect(made).toMatchObject({ data: { file_path: "README.md", branch: "main" }, warnings: foundAgain });
    let commits = 0;
    for await (const { message } of commitsList.pages(root, { project_id, ref_name: "main" }))
      if (message === "Say more") commits += 1;
    expect(commits).toBe(1);
  });

  test("by somebody else with the same message is not taken for it", async () => {
    const input = { project_id, branch: "main", file_path: "README.md", content: "# Ada's", commit_message: "Touch" };
    await fileUpdate(ada, input);
    lose("before", "/repository/files/", "PUT");
    expect((await failure(fileUpdate(root, { ...input, content: "# Mine" }))).message).toMatch(/not to be seen yet/);
  });
});

test("a webhook that is not there is made once, and one like it from before is not taken for it", async () => {
  const hook = { project_id, url: "https://hooks.example/lost" };
  await projectWebhookCreate(rootElsewhere, hook);
  emulator.clock.advance(60_000);
  lose("before", "/hooks");
  expect((await projectWebhookCreate(root, hook)).warnings).toBeUndefined();
  lose("after", "/hooks");
  const error = await failure(projectWebhookCreate(root, hook));
  expect(error.message).toMatch(/an equal one was being made|that equal it/);
  let hooks = 0;
  for await (const { url } of projectWebhooksList.pages(root, { project_id })) if (url === hook.url) hooks += 1;
  expect(hooks).toBe(3);
});

describe("a mutation of GraphQL", () => {
  const graphql = "/api/graphql";
  const titled = async (title: string): Promise<number> =>
    count(workItemsList.pages(root, { project_id, search: title }));
  // What is looked up by name is known from here on: the next request is the mutation.
  beforeAll(() => workItemCreate(root, { project_id, type: "Task", title: "The first one" }));

  test.each(["after", "behind the status"] as const)("that got lost %s is found, with what it answers", async (how) => {
    const title = `Vanished ${how.replaceAll(" ", "")}`;
    lose(how, graphql);
    const made = await workItemCreate(root, { project_id, type: "Task", title });
    expect(made).toMatchObject({
      data: { title, workItemType: { name: "Task" }, reference: expect.stringContaining("acme/app#") as string },
      warnings: foundAgain,
    });
    expect(await titled(title)).toBe(1);
  });

  test("that never came is sent again, once", async () => {
    lose("before", graphql);
    const made = await workItemCreate(root, { project_id, type: "Task", title: "Nevercame" });
    expect(made.warnings).toBeUndefined();
    expect(await titled("Nevercame")).toBe(1);
  });

  test("is not said to be carried out for its status: GraphQL answers 200 to what it refuses, too", async () => {
    lose("behind the status", graphql);
    const error = await failure(workItemCreate(root, { project_id, type: "Task", title: "   " }));
    expect(error.message).not.toMatch(/has carried/);
    expect(error.message).toMatch(/may have been carried out/);
  });

  test("of another type, or by somebody else, is not taken for it", async () => {
    await workItemCreate(rootElsewhere, { project_id, type: "Issue", title: "Twins of types" });
    await workItemCreate(ada, { project_id, type: "Task", title: "Twins of types" });
    lose("before", graphql);
    const made = await workItemCreate(root, { project_id, type: "Task", title: "Twins of types" });
    expect(made.warnings).toBeUndefined();
    expect(await titled("Twins of types")).toBe(3);
  });

  test.each([
    ["a note", "after"],
    ["a note", "before"],
    ["a thread", "after"],
    ["a thread", "behind the status"],
  ] as const)("with %s that got lost %s leaves one", async (what, how) => {
    const { data } = await workItemCreate(root, { project_id, type: "Task", title: `With ${what} ${how}` });
    const work_item = `#${data.iid}`;
    const create = what === "a note" ? workItemNoteCreate : workItemThreadCreate;
    await create(root, { project_id, work_item, body: "Before." });
    // The work item is looked up first.
    emulator.faults.add({ method: "POST", path: graphql, after: 1, ...loses[how] });
    const made = await create(root, { project_id, work_item, body: "Is it there?" });
    expect(made.data).toMatchObject({
      note: { body: "Is it there?", url: expect.stringContaining("#note_") as string },
    });
    expect(made.warnings).toEqual(how === "before" ? undefined : foundAgain);
    expect(await count(workItemNotesList.pages(root, { project_id, work_item }))).toBe(2);
  });

  test("of nothing but quick actions is not looked for: it leaves no note", async () => {
    emulator.faults.add({ method: "POST", path: graphql, after: 1, ...loses.after });
    const error = await failure(workItemNoteCreate(root, { project_id, work_item: "#1", body: "/close" }));
    expect(error.message).toMatch(/may have been carried out; check/);
  });
});
