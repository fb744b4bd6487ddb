import { GitLabToolError } from "gitlab-agent-tools";
import { createToolbox } from "gitlab-agent-tools/toolbox";
import {
  branchGet,
  commitCreate,
  commitGet,
  fileCreate,
  fileGet,
  type CommitCreateInput,
  type FileCreateInput,
} from "gitlab-agent-tools/tools";
import { afterAll, beforeAll, expect, test } from "vitest";
import { emulated as mine, startEmulated, type Emulated } from "../support/emulated.js";

// One commit of many files: https://docs.gitlab.com/api/commits/#create-a-commit

let emulated: Emulated & { readonly close: () => Promise<void> };

beforeAll(async () => {
  emulated = await startEmulated();
  await emulated.connect("ben");
  await emulated.connect("root");
});

afterAll(() => emulated.close());

const project_id = "acme/app";
const as = (username: string) => emulated.gitlab.as(`user_${username}`);

const commit = (input: Omit<CommitCreateInput, "project_id" | "commit_message">, username = "ben") =>
  commitCreate(as(username), { project_id, commit_message: "Tidy up", ...input });

async function refused(call: Promise<unknown>): Promise<GitLabToolError> {
  const error: unknown = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof GitLabToolError) return error;
  throw new Error("The call was not refused");
}

const read = async (file_path: string, ref: string) => (await fileGet(as("ben"), { project_id, file_path, ref })).data;

test("creates, updates, moves, deletes and marks executable in one commit on a new branch", async () => {
  const branch = "many-files";
  const first = await commit({
    branch,
    start_branch: "main",
    actions: ["keep.txt", "change.txt", "go.txt", "run.sh"].map((file_path) => ({
      action: "create" as const,
      file_path,
      content: `${file_path}\n`,
    })),
  });
  const { data } = await commit({
    branch,
    actions: [
      { action: "create", file_path: "docs/new.md", content: "# New\n" },
      { action: "update", file_path: "change.txt", content: "changed\n", last_commit_id: first.data.id },
      { action: "move", file_path: "kept.txt", previous_path: "keep.txt" },
      { action: "delete", file_path: "go.txt" },
      { action: "chmod", file_path: "run.sh", execute_filemode: true },
    ],
  });
  expect(data.parent_ids).toEqual([first.data.id]);
  expect(await read("docs/new.md", branch)).toMatchObject({ content: "# New\n", last_commit_id: data.id });
  expect(await read("change.txt", branch)).toMatchObject({ content: "changed\n" });
  expect(await read("kept.txt", branch)).toMatchObject({ content: "keep.txt\n" });
  expect(await read("run.sh", branch)).toMatchObject({ content: "run.sh\n", execute_filemode: true });
  for (const gone of ["keep.txt", "go.txt"]) expect((await refused(read(gone, branch))).code).toBe("not_found");
});

test("a commit that deletes destroys something: refused to who may not, told to who approves, asked of the person", async () => {
  const branch = "who-deletes";
  const create = { action: "create" as const, file_path: "gone.txt", content: "a\n" };
  const remove = { action: "delete" as const, file_path: "gone.txt" };
  const told: string[] = [];
  const { gitlab, connect, emulator } = await mine({
    policy: { access: "write" },
    onBeforeWrite: ({ toolName, access }) => void told.push(`${toolName} ${access}`),
  });
  await connect("ben");
  const account = gitlab.as("user_ben");
  const common = { project_id, commit_message: "Tidy up", branch };
  await commitCreate(account, { ...common, start_branch: "main", actions: [create] });
  const sent = emulator.requests.length;
  for (const actions of [
    [remove],
    [
      { ...create, file_path: "b.txt" },
      { ...remove, action: "DELETE" as "delete" },
    ],
  ])
    expect((await refused(commitCreate(account, { ...common, actions }))).details).toMatchObject({ policy: "access" });
  expect(emulator.requests.length).toBe(sent);
  expect(told).toEqual(["gitlab_commit_create write"]);

  const { needsConfirmation } = createToolbox({
    ...{ gitlab, identifier: "user_ben" },
    select: { tools: ["gitlab_commit_create"] },
  });
  const asks = (actions: unknown): boolean => needsConfirmation("gitlab_commit_create", { ...common, actions });
  expect(asks([create])).toBe(false);
  expect(asks([create, remove])).toBe(true);
  expect(asks(JSON.stringify([remove]))).toBe(true);
  expect(needsConfirmation("gitlab_commit_create", JSON.stringify({ ...common, actions: [remove] }))).toBe(true);
});

test("what its tools were selected by holds for what their input destroys; whoever is asked before, and the trail, are told", async () => {
  const trail: string[] = [];
  const seen: string[] = [];
  const { gitlab, connect, emulator } = await mine({
    audit: ({ access, outcome }) => void trail.push(`${access} ${outcome}`),
  });
  await connect("ben");
  const input = {
    project_id,
    branch: "main",
    commit_message: "Tidy up",
    actions: [{ action: "delete", file_path: "README.md" }],
  };
  const common = { gitlab, identifier: "user_ben" };
  const tools = ["gitlab_commit_create"];
  const writes = createToolbox({ ...common, select: { tools, access: "write" }, policy: { access: "destructive" } });
  const sent = emulator.requests.length;
  const answer = await writes.run("gitlab_commit_create", input);
  expect(answer).toMatchObject({ isError: true, text: expect.stringContaining("destroys nothing") as string });
  const asked = createToolbox({
    ...common,
    select: { tools },
    before: ({ access }) => (seen.push(access), { refuse: "not now" }),
  });
  await asked.run("gitlab_commit_create", input);
  expect(emulator.requests.length).toBe(sent);
  expect(seen).toEqual(["destructive"]);
  await expect.poll(() => trail).toEqual(["destructive forbidden"]);
});

test("content is text: what looks like base64 stays as it is, unless encoding says otherwise", async () => {
  const content = "aGVsbG8=";
  await commit({
    branch: "encodings",
    start_branch: "main",
    actions: [
      { action: "create", file_path: "text.txt", content },
      { action: "create", file_path: "bytes.txt", content, encoding: "base64" },
    ],
  });
  expect((await read("text.txt", "encodings")).content).toBe(content);
  expect((await read("bytes.txt", "encodings")).content).toBe("hello");
});

test("a file that has changed since it was read is not overwritten, and nothing of the commit happens", async () => {
  const branch = "witness";
  const write = (content: string, last_commit_id?: string) =>
    commit({
      branch,
      actions: [
        { action: "update", file_path: "README.md", content, ...(last_commit_id !== undefined && { last_commit_id }) },
        { action: "create", file_path: `${content}.txt`, content },
      ],
    });
  await commit({
    branch,
    start_branch: "main",
    actions: [{ action: "create", file_path: "start.txt", content: "start" }],
  });
  const { last_commit_id } = await read("README.md", branch);
  const { data } = await write("first", last_commit_id);
  const error = await refused(write("second", last_commit_id));
  expect(error).toMatchObject({ code: "conflict", retryable: false });
  expect(error.message).toContain("A file of the commit has changed");
  expect(error.hint).toContain("gitlab_file_get");
  expect((await branchGet(as("ben"), { project_id, branch })).data.commit.id).toBe(data.id);
});

test("a protected branch is refused with the branch to open in its place, and that works", async () => {
  const actions = [{ action: "create", file_path: "protected.txt", content: "x" }] as const;
  const error = await refused(commit({ branch: "main", actions }));
  expect(error).toMatchObject({ code: "forbidden", details: { reason: "protected_branch" } });
  const [, branch = "", start_branch = ""] =
    /branch: "([^"]+)" and start_branch: "([^"]+)".*gitlab_merge_request_create/.exec(error.hint ?? "") ?? [];
  expect([branch, start_branch]).toEqual([error.details?.["branch"], "main"]);
  const { data } = await commit({ branch, start_branch, actions });
  expect((await commitGet(as("ben"), { project_id, sha: branch })).data.id).toBe(data.id);
});

test("what cannot be a commit is refused before anything is sent", async () => {
  const before = emulated.emulator.requests.length;
  const action = { action: "create", file_path: "a.txt", content: "" } as const;
  const some = { branch: "b", start_branch: "main" };
  expect((await refused(commit({ ...some, actions: Array.from({ length: 101 }, () => action) }))).message).toContain(
    "actions: may have at most 100 items",
  );
  expect((await refused(commit({ ...some, actions: [] }))).message).toContain("actions: needs at least 1 item");
  const toolName: string = "gitlab_commit_create";
  const toolInput = { project_id, commit_message: "m", branch: "b", actions: [{ action: "remove", path: "a" }] };
  const call = emulated.gitlab.executeTool({ identifier: "user_ben", toolName, toolInput });
  expect((await refused(call)).details).toMatchObject({
    fields: expect.arrayContaining([
      expect.objectContaining({ field: "actions.0.action" }),
      expect.objectContaining({ field: "actions.0.file_path", message: "is required" }),
    ]) as unknown,
  });
  expect(emulated.emulator.requests).toHaveLength(before);
});

test("what is not base64 is refused where encoding says that it is: GitLab would commit what is left of it", async () => {
  const before = emulated.emulator.requests.length;
  for (const content of ["not base64!!", "aGVs_bG8-", "a"]) {
    const action = { action: "create" as const, file_path: "a.bin", content, encoding: "base64" as const };
    const error = await refused(commit({ branch: "bin", start_branch: "main", actions: [action] }));
    expect(error.details).toEqual({
      fields: [{ field: "actions.0.content", message: "is not base64; leave encoding out where it is text" }],
    });
  }
  const file = {
    project_id,
    branch: "main",
    file_path: "b.bin",
    commit_message: "b",
    content: "é",
    encoding: "base64",
  };
  expect(await refused(fileCreate(as("ben"), file as FileCreateInput))).toMatchObject({
    details: { fields: [{ field: "content", message: "is not base64; leave encoding out where it is text" }] },
  });
  expect(emulated.emulator.requests.length).toBe(before);
  const wrapped = {
    action: "create" as const,
    file_path: "a.bin",
    content: "aGVs\nbG8=\n",
    encoding: "base64" as const,
  };
  await commit({ branch: "bin", start_branch: "main", actions: [wrapped] });
  expect(await read("a.bin", "bin")).toMatchObject({ content: "hello" });
});

test("a branch that is not there is told from values that are wrong, and how one is made", async () => {
  const actions = [{ action: "create" as const, file_path: "a.txt", content: "a" }];
  expect(await refused(commit({ branch: "no-such-branch", actions }))).toMatchObject({
    code: "not_found",
    message: expect.stringContaining("no branch to commit to") as string,
    hint: "Call gitlab_branches_list to find what there is. A new branch is made from start_branch, which has to be there.",
  });
});

test("a file that is not there is looked for among the files", async () => {
  const actions = [{ action: "update" as const, file_path: "nowhere.txt", content: "a" }];
  expect(await refused(commit({ branch: "main", actions }, "root"))).toMatchObject({
    code: "not_found",
    hint: "Call gitlab_repository_tree_list to find what there is.",
  });
});

test("a hundred files are one request", async () => {
  const before = emulated.emulator.requests.length;
  const actions = Array.from({ length: 100 }, (_, index) => ({
    action: "create" as const,
    file_path: `many/${String(index)}.txt`,
    content: "x",
  }));
  await commit({ branch: "hundred", start_branch: "main", actions });
  expect(emulated.emulator.requests).toHaveLength(before + 1);
});
