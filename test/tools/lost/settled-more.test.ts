import { createGitLab, type GitLab, type GitLabAccount, type GitLabToolError } from "gitlab-agent-tools";
import { createGitLabEmulator, type GitLabEmulator } from "gitlab-agent-tools/testing";
import {
  commitCreate,
  commitRevert,
  commitsList,
  groupCreate,
  issueAwardEmojiCreate,
  issueDiscussionCreate,
  issueDiscussionsList,
  issueLinkCreate,
  mergeRequestApprove,
  mergeRequestCreate,
  mergeRequestDiscussionCreate,
  mergeRequestDiscussionsList,
  mergeRequestDraftNoteCreate,
  mergeRequestDraftNotesList,
  mergeRequestVersionsList,
  projectAccessTokenCreate,
  projectAccessTokensList,
  projectCreate,
  projectFork,
  projectForksList,
  projectsList,
  type ProjectAccessTokenCreateInput,
} from "gitlab-agent-tools/tools";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

const project_id = "acme/app";
let emulator: GitLabEmulator;
let gitlab: GitLab;
let elsewhere: GitLab;
let root: GitLabAccount;
let rootElsewhere: GitLabAccount;
let ada: GitLabAccount;

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
  [root, rootElsewhere, ada] = [gitlab.as("root"), elsewhere.as("root"), elsewhere.as("ada")];
});
beforeEach(() => emulator.faults.clear());
afterAll(async () => {
  await gitlab.close();
  await elsewhere.close();
  await emulator.close();
});

const loses = {
  before: { reset: "before" },
  after: { reset: "after" },
  "behind the status": { resetMidBody: true },
} as const;
const lose = (how: keyof typeof loses, path: string | RegExp): void =>
  void emulator.faults.add({ method: "POST", path, ...loses[how] });

const failure = (call: Promise<unknown>): Promise<GitLabToolError> =>
  call.then(
    () => Promise.reject(new Error("it was said to be made")),
    (error: unknown) => error as GitLabToolError,
  );

const foundAgain = [expect.stringMatching(/got lost; it was carried out once, and found again/)];

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}

describe("a thread", () => {
  const issue_iid = 14;
  const threads = (): Promise<unknown[]> => all(issueDiscussionsList.pages(root, { project_id, issue_iid }));

  test("is found by its first comment, and is answered as a thread", async () => {
    lose("after", "/discussions");
    const made = await issueDiscussionCreate(root, { project_id, issue_iid, body: "Who *owns* this?" });
    expect(made).toMatchObject({
      data: { id: expect.any(String) as string, notes: [{ body: "Who *owns* this?" }] },
      warnings: foundAgain,
    });
  });

  test("that is not there is begun once", async () => {
    const before = (await threads()).length;
    lose("before", "/discussions");
    expect((await issueDiscussionCreate(root, { project_id, issue_iid, body: "Begun once" })).warnings).toBeUndefined();
    expect(await threads()).toHaveLength(before + 1);
  });

  test("by somebody else, or with another answer first, is not taken for it", async () => {
    await issueDiscussionCreate(ada, { project_id, issue_iid, body: "Me too" });
    const before = (await threads()).length;
    lose("before", "/discussions");
    expect((await issueDiscussionCreate(root, { project_id, issue_iid, body: "Me too" })).warnings).toBeUndefined();
    expect(await threads()).toHaveLength(before + 1);
  });

  test("on a line is told from the same words on another line", async () => {
    const merge_request_iid = await reviewed();
    const { data: versions } = await mergeRequestVersionsList(root, { project_id, merge_request_iid });
    const [version] = versions;
    const { data: changed } = await mergeRequestDiscussionsList(root, { project_id, merge_request_iid });
    const shas = {
      base_sha: version?.base_commit_sha ?? "",
      start_sha: version?.start_commit_sha ?? "",
      head_sha: version?.head_commit_sha ?? "",
    };
    const places = await addedLines(merge_request_iid);
    const [here, there] = places;
    const at = (place: Place | undefined): object => ({ ...shas, position_type: "text", ...place });
    const comment = { project_id, merge_request_iid, body: "nit: name it" };
    await mergeRequestDiscussionCreate(rootElsewhere, { ...comment, position: at(here) as never });
    lose("after", "/discussions");
    const made = await mergeRequestDiscussionCreate(root, { ...comment, position: at(there) as never });
    expect(made.warnings).toEqual(foundAgain);
    expect(made.data).toMatchObject({ notes: [{ position: { new_line: there?.new_line } }] });
    // One that is on another line may be this one, moved by a push: then it is said to be open.
    lose("before", "/discussions");
    const error = await failure(mergeRequestDiscussionCreate(root, { ...comment, position: at(places[2]) as never }));
    expect(error.message).toMatch(/looked for: one that resembles it was made since/);
    expect((await mergeRequestDiscussionsList(root, { project_id, merge_request_iid })).data).toHaveLength(
      changed.length + 2,
    );
  });

  interface Place {
    readonly new_path: string;
    readonly old_path: string;
    readonly new_line: number;
  }
  /** A merge request that adds three lines. */
  async function reviewed(): Promise<number> {
    const branch = { project_id, branch: "three-lines", start_branch: "main", commit_message: "Three lines" };
    await commitCreate(root, {
      ...branch,
      actions: [{ action: "create", file_path: "three.txt", content: "a\nb\nc\n" }],
    });
    const request = { project_id, title: "Three lines", source_branch: "three-lines", target_branch: "main" };
    return (await mergeRequestCreate(root, request)).data.iid ?? 0;
  }
  /** Lines that the merge request adds. */
  async function addedLines(merge_request_iid: number): Promise<Place[]> {
    const response = await root.request({
      method: "GET",
      path: `/projects/acme%2Fapp/merge_requests/${merge_request_iid}/diffs`,
    });
    const [{ new_path, old_path, diff }] = response.data as [{ new_path: string; old_path: string; diff: string }];
    let line = 0;
    return diff.split("\n").flatMap((text): Place[] => {
      const start = /^@@ -\d+(?:,\d+)? \+(\d+)/.exec(text)?.[1];
      if (start !== undefined) line = Number(start) - 1;
      else if (!text.startsWith("-")) line += 1;
      return text.startsWith("+") ? [{ new_path, old_path, new_line: line }] : [];
    });
  }
});

describe("a draft, of which GitLab tells no time", () => {
  const merge_request_iid = 8;
  const drafts = async (): Promise<number> =>
    (await mergeRequestDraftNotesList(root, { project_id, merge_request_iid })).data.length;

  test("is found where GitLab has said that it made it", async () => {
    lose("behind the status", "/draft_notes");
    const made = await mergeRequestDraftNoteCreate(root, { project_id, merge_request_iid, note: "Found" });
    expect(made).toMatchObject({ data: { note: "Found" }, warnings: foundAgain });
  });

  test("is written once where it is not there", async () => {
    const before = await drafts();
    lose("before", "/draft_notes");
    await mergeRequestDraftNoteCreate(root, { project_id, merge_request_iid, note: "Not there" });
    expect(await drafts()).toBe(before + 1);
  });

  test("is unknown where it may be older, and names the tool to look with", async () => {
    const before = await drafts();
    lose("after", "/draft_notes");
    const error = await failure(mergeRequestDraftNoteCreate(root, { project_id, merge_request_iid, note: "Older?" }));
    expect(error.message).toMatch(/may be older/);
    expect(error.hint).toBe("Look with gitlab_merge_request_draft_notes_list before calling again.");
    expect(await drafts()).toBe(before + 1);
  });
});

describe("an access token", () => {
  const named = async (name: string): Promise<{ readonly id?: number | null }[]> =>
    (await all(projectAccessTokensList.pages(root, { project_id }))).filter((token) => token.name === name);
  const token = (name: string): ProjectAccessTokenCreateInput => ({
    project_id,
    name,
    scopes: ["read_api"],
    expires_at: "2999-01-01",
  });

  test.each(["after", "behind the status"] as const)(
    "that got lost %s is there, but its value is not: the end says so, and what to do",
    async (how) => {
      lose(how, "/access_tokens");
      const error = await failure(projectAccessTokenCreate(root, token(`lost ${how}`)));
      const [made, ...others] = await named(`lost ${how}`);
      expect(others).toEqual([]);
      expect(error.message).toContain(
        `it is there (id ${made?.id ?? "?"}), but its value, which only the answer showed`,
      );
      expect(error.hint).toBe(
        `Take it away with gitlab_project_access_token_delete (id ${made?.id ?? "?"}), then make another.`,
      );
      expect(error.retryable).toBe(false);
      expect(JSON.stringify(error) + String(error.cause)).not.toMatch(/glpat-/);
    },
  );

  test("of somebody else's that differs is not said to be it: who follows the hint would take theirs away", async () => {
    await projectAccessTokenCreate(rootElsewhere, { ...token("shared name"), scopes: ["api"] });
    lose("before", "/access_tokens");
    const error = await failure(projectAccessTokenCreate(root, token("shared name")));
    expect(error.message).toMatch(/looked for: one that resembles it was made since/);
    expect(error.hint).toBe("Look with gitlab_project_access_tokens_list before calling again.");
    expect(await named("shared name")).toHaveLength(1);
  });

  test("is made once where a proxy answered 502 before GitLab acted", async () => {
    emulator.faults.add({ method: "POST", path: "/access_tokens", status: 502 });
    const answer = await projectAccessTokenCreate(root, token("behind a proxy"));
    expect(answer).toMatchObject({ data: { token: expect.stringMatching(/^glpat-/) as string } });
    expect(await named("behind a proxy")).toHaveLength(1);
  });

  test("that is not there is made once, and shows its value", async () => {
    lose("before", "/access_tokens");
    const made = await projectAccessTokenCreate(root, token("made once"));
    expect(made.data).toMatchObject({ token: expect.stringMatching(/^glpat-/) as string });
    expect(await named("made once")).toHaveLength(1);
  });
});

describe("a place of its own", () => {
  test("a project is found by its name, namespace and creator", async () => {
    const { data: group } = await groupCreate(root, { name: "Places", path: "places" });
    await projectCreate(rootElsewhere, { name: "Handbook" });
    lose("after", "/projects");
    const made = await projectCreate(root, { name: "Handbook", namespace_id: group.id });
    expect(made).toMatchObject({ data: { path_with_namespace: "places/handbook" }, warnings: foundAgain });
    lose("before", "/projects");
    const inGroup = await projectCreate(root, { path: "only-path", namespace_id: group.id });
    expect(inGroup).toMatchObject({ data: { path_with_namespace: "places/only-path" } });
    expect(inGroup.warnings).toBeUndefined();
  });

  test("a project of the same name that was there before is not taken for it", async () => {
    await projectCreate(rootElsewhere, { name: "Taken" });
    emulator.clock.advance(60_000);
    lose("before", "/projects");
    const error = await failure(projectCreate(root, { name: "Taken" }));
    expect(error.message).toMatch(/already been taken/);
    expect((await all(projectsList.pages(root, { search: "taken" }))).map(({ name }) => name)).toEqual(["Taken"]);
  });

  test("a subgroup is told from a group of the same name", async () => {
    const { data: parent } = await groupCreate(root, { name: "Upper", path: "upper" });
    await groupCreate(rootElsewhere, { name: "Twins", path: "twins", parent_id: parent.id });
    lose("after", "/groups");
    const made = await groupCreate(root, { name: "Twins", path: "twins" });
    expect(made).toMatchObject({ data: { full_path: "twins", parent_id: null }, warnings: foundAgain });
  });

  test("a fork is found by where it went", async () => {
    await groupCreate(root, { name: "Forks", path: "forks" });
    await projectFork(rootElsewhere, { project_id, namespace_path: "forks" });
    lose("after", "/fork");
    const made = await projectFork(root, { project_id, namespace_path: "root" });
    expect(made).toMatchObject({ data: { path_with_namespace: "root/app" }, warnings: foundAgain });
    expect(await all(projectForksList.pages(root, { project_id }))).toHaveLength(2);
  });

  test("a fork to one's own namespace is not told from one that went elsewhere at the same time", async () => {
    await groupCreate(root, { name: "More", path: "more-forks" });
    await projectFork(rootElsewhere, { project_id, namespace_path: "more-forks", path: "aside" });
    lose("before", "/fork");
    const error = await failure(projectFork(root, { project_id, namespace_path: "root", path: "again" }));
    expect(error.message).toMatch(/one that resembles it was made since/);
  });
});

test("a link is answered as GitLab answers it", async () => {
  lose("after", "/links");
  const made = await issueLinkCreate(root, {
    project_id,
    issue_iid: 14,
    target_project_id: project_id,
    target_issue_iid: 15,
  });
  expect(made).toMatchObject({
    data: { link_type: "relates_to", source_issue: { iid: 14 }, target_issue: { iid: 15 } },
    warnings: foundAgain,
  });
});

test("a reaction that GitLab calls by another name of the emoji is not given twice", async () => {
  await issueAwardEmojiCreate(rootElsewhere, { project_id, issue_iid: 14, name: "thumbsup" });
  lose("after", "/award_emoji");
  const error = await failure(issueAwardEmojiCreate(root, { project_id, issue_iid: 14, name: "+1" }));
  expect(error.message).toMatch(/got lost|may have been carried out/);
});

test("a revert is found by what its message says", async () => {
  const { data: commit } = await commitCreate(root, {
    project_id,
    branch: "main",
    commit_message: "To be reverted",
    actions: [{ action: "create", file_path: "reverted.txt", content: "x" }],
  });
  lose("after", "/revert");
  const made = await commitRevert(root, { project_id, sha: commit.id ?? "", branch: "main" });
  expect(made).toMatchObject({ data: { title: 'Revert "To be reverted"' }, warnings: foundAgain });
  const titles = (await all(commitsList.pages(root, { project_id, ref_name: "main" }))).map(({ title }) => title);
  expect(titles.filter((title) => title === 'Revert "To be reverted"')).toHaveLength(1);
});

test("what nobody looks for says with which tool to look", async () => {
  lose("after", "/approve");
  const error = await failure(mergeRequestApprove(ada, { project_id, merge_request_iid: 8 }));
  expect(error.hint).toBe("Look with gitlab_merge_request_approvals_get before calling again.");
});
