import { GitLabToolError, type ErrorEvent, type PendingWrite, type RequestEvent } from "gitlab-agent-tools";
import { branchCreate, branchDelete, fileCreate, fileEdit, fileGet, fileUpdate } from "gitlab-agent-tools/tools";
import { describe, expect, test } from "vitest";
import { refusal, stage } from "../support/people.js";

const project_id = "acme/app";

const lines = (count: number, end = "\n"): string =>
  Array.from({ length: count }, (_, index) => `line ${index + 1}${end}`).join("");

/** A branch of its own with a file; `text` is what the file holds now. */
async function scene(content: string | Buffer, options: Parameters<typeof stage>[1] = {}) {
  const { as, gitlab, requests, emulator } = await stage({}, options);
  const ada = await as("ada");
  const at = { project_id, file_path: "notes/plan.txt", branch: "editing" };
  const binary = typeof content !== "string";
  const plain = gitlab.as(ada.identifier);
  await branchCreate(plain, { project_id, branch: at.branch, ref: "main" });
  await fileCreate(plain, {
    ...{ ...at, commit_message: "Plan" },
    ...(binary ? { content: content.toString("base64"), encoding: "base64" } : { content }),
  });
  const text = async (): Promise<string> =>
    (await fileGet(plain, { project_id, file_path: at.file_path, ref: at.branch })).data.content;
  requests();
  return { ada, as, at, text, requests, gitlab, emulator };
}

describe("gitlab_file_edit", () => {
  test("replaces text that stands there once, with what was read as the witness", async () => {
    const { ada, at, text, requests } = await scene("one\ntwo\nthree\n");
    const { data, status } = await fileEdit(ada, { ...at, old_text: "two\n", new_text: "2\n2½\n" });
    expect(data).toEqual({ file_path: at.file_path, branch: "editing", replaced: 1, lines: [2] });
    expect(status).toBe(200);
    expect(requests()).toHaveLength(3);
    expect(await text()).toBe("one\n2\n2½\nthree\n");
  });

  test("replaces every one where that is wanted, and says where the new text stands", async () => {
    const { ada, at, text } = await scene("a\nb a\nc\na\n");
    const { data } = await fileEdit(ada, { ...at, old_text: "a", new_text: "x\ny", replace_all: true });
    expect(data).toMatchObject({ replaced: 3, lines: [1, 3, 6] });
    expect(await text()).toBe("x\ny\nb x\ny\nc\nx\ny\n");
  });

  test.each([
    ["$& and $1 are no patterns", "price: 1\n", "1", "$& $1 $$", "price: $& $1 $$\n"],
    ["carriage returns stay", lines(3, "\r\n"), "line 1\nline 2", "a\nb", "a\r\nb\r\nline 3\r\n"],
    ["mixed line ends are taken as they are", "a\r\nb\nc\n", "b\nc", "B\nC", "a\r\nB\nC\n"],
    ["a byte order mark stays", "\ufeffkey=1\n", "key=1", "key=2", "\ufeffkey=2\n"],
    ["text may be taken away", "keep drop\n", " drop", "", "keep\n"],
    ["an end without a line feed stays one", "a\nb", "b", "c", "a\nc"],
  ])("%s", async (_, content, old_text, new_text, expected) => {
    const { ada, at, text } = await scene(content);
    await fileEdit(ada, { ...at, old_text, new_text });
    expect(await text()).toBe(expected);
  });

  test("text that is not there is refused with the nearest lines", async () => {
    const { ada, at, requests } = await scene("const port = 8080;\nconst host = 'a';\nrun();\n");
    const error = await refusal(fileEdit(ada, { ...at, old_text: "const port = 3000;", new_text: "x" }));
    expect(error).toMatchObject({ code: "invalid_input", toolName: "gitlab_file_edit" });
    expect(error.message).toContain('1: "const port = 8080;"');
    expect(error.details?.["nearest"]).toContainEqual({ line: 1, text: "const port = 8080;" });
    expect(requests().filter((sent) => !sent.startsWith("GET"))).toEqual([]);
  });

  test("text that stands there more than once is refused with its lines", async () => {
    const { ada, at, requests } = await scene(lines(12));
    const error = await refusal(fileEdit(ada, { ...at, old_text: "line 1", new_text: "x" }));
    expect(error.message).toContain("4 times, at lines 1, 10, 11, 12");
    expect(error.hint).toContain("replace_all");
    expect(requests().filter((sent) => !sent.startsWith("GET"))).toEqual([]);
  });

  test("what cannot be edited is refused: no text, the same text, a mask in it", async () => {
    const { ada, at, requests } = await scene(Buffer.from([0, 1, 2, 255]));
    expect((await refusal(fileEdit(ada, { ...at, old_text: "a", new_text: "b" }))).message).toContain("is no text");
    requests();
    expect((await refusal(fileEdit(ada, { ...at, old_text: "a", new_text: "a" }))).code).toBe("invalid_input");
    expect((await refusal(fileEdit(ada, { ...at, old_text: "", new_text: "a" }))).code).toBe("invalid_input");
    expect(requests()).toEqual([]);
  });

  test("a protected branch is refused with the branch to open, which then works", async () => {
    const { as, at, requests, emulator } = await scene("a\n");
    const developer = await as("ben");
    const member = emulator.state.projectByPath(project_id);
    expect(member).toBeDefined();
    const edit = { ...at, file_path: "README.md", branch: "main", old_text: "#", new_text: "##", replace_all: true };
    requests();
    const error = await refusal(fileEdit(developer, edit));
    expect(error).toMatchObject({ code: "forbidden", details: { instead: "change-main", start_branch: "main" } });
    expect(error.hint).toContain('"branch": "change-main", "start_branch": "main"');
    expect(requests()).toEqual(["GET /projects/acme%2Fapp/repository/branches/main"]);
    const { data } = await fileEdit(developer, { ...edit, branch: "change-main", start_branch: "main" });
    expect(data.branch).toBe("change-main");
  });

  test("a commit that came between is never overwritten", async () => {
    const { ada, at, text, gitlab } = await scene("a\nb\n", {
      onBeforeWrite: async ({ toolName, partOf }) => {
        if (toolName !== "gitlab_file_update" || partOf === undefined) return;
        await fileUpdate(gitlab.as("ada (api)"), { ...at, content: "newer\n", commit_message: "Newer" });
      },
    });
    const error = await refusal(fileEdit(ada, { ...at, old_text: "b", new_text: "c" }));
    expect(error).toMatchObject({ code: "conflict", toolName: "gitlab_file_edit" });
    expect(await text()).toBe("newer\n");
  });
});

describe("a tool made of several calls", () => {
  test("asks for approval of each write, and says whose step it is", async () => {
    const asked: PendingWrite[] = [];
    const { ada, at, text } = await scene("a\n", {
      onBeforeWrite: (write) => {
        if (write.partOf === undefined) return;
        asked.push(write);
        return false;
      },
    });
    const error = await refusal(fileEdit(ada, { ...at, old_text: "a", new_text: "b" }));
    expect(error).toMatchObject({ code: "forbidden", toolName: "gitlab_file_edit" });
    expect(error.details).toMatchObject({ policy: "onBeforeWrite", step: "gitlab_file_update" });
    expect(asked).toMatchObject([{ toolName: "gitlab_file_update", partOf: "gitlab_file_edit" }]);
    expect(await text()).toBe("a\n");
  });

  test("is held to policies as a whole, and in each step to what they take away", async () => {
    const { ada, at, requests, gitlab } = await scene("a\n");
    const edit = { ...at, old_text: "a", new_text: "b" };
    const narrowed = (policy: object) => fileEdit(gitlab.as(ada.identifier, { policy }), edit);
    for (const policy of [{ access: "read" }, { tools: ["gitlab_issue*"] }, { areas: ["issues"] }])
      expect((await refusal(narrowed(policy))).code).toBe("forbidden");
    expect(requests()).toEqual([]);
    const without = await refusal(narrowed({ tools: ["gitlab_*", "!gitlab_file_update"] }));
    expect(without.details).toMatchObject({ policy: "tools", step: "gitlab_file_update" });
    expect((await refusal(narrowed({ projects: ["acme/other"] }))).details).toMatchObject({ policy: "projects" });
    expect(requests().filter((sent) => !sent.startsWith("GET"))).toEqual([]);
    const named = await narrowed({ tools: ["gitlab_file_edit"], areas: ["files"], projects: [project_id] });
    expect(named.data).toMatchObject({ replaced: 1 });
  });

  test("shows in a dry run what it would write, and writes nothing", async () => {
    const { ada, at, text, requests } = await scene("a\nb\n");
    const { data, status } = await fileEdit(ada, { ...at, old_text: "b", new_text: "c" }, { dryRun: true });
    expect(status).toBe(0);
    expect(data).toMatchObject({ method: "PUT", body: { content: "a\nc\n", branch: "editing" } });
    expect(data.body).toHaveProperty("last_commit_id");
    expect(requests().filter((sent) => !sent.startsWith("GET"))).toEqual([]);
    expect(await text()).toBe("a\nb\n");
  });

  test("is observed step by step, each step with the call that it is part of", async () => {
    const sent: RequestEvent[] = [];
    const failed: ErrorEvent[] = [];
    const hooks = { onRequest: (event: RequestEvent) => void sent.push(event) };
    const { ada, at } = await scene("a\n", { ...hooks, onError: (event) => void failed.push(event) });
    sent.splice(0);
    await refusal(fileEdit(ada, { ...at, old_text: "b", new_text: "c" }));
    expect(sent.map(({ toolName, partOf }) => [toolName, partOf?.toolName])).toEqual([
      ["gitlab_branch_get", "gitlab_file_edit"],
      ["gitlab_file_get", "gitlab_file_edit"],
    ]);
    expect(new Set(sent.map(({ partOf }) => partOf?.callId)).size).toBe(1);
    expect(failed.map(({ toolName }) => toolName)).toEqual(["gitlab_file_edit"]);
    expect(failed[0]?.callId).toBe(sent[0]?.partOf?.callId);
  });

  test("has one budget and one signal for all of its steps", async () => {
    const { ada, at, emulator } = await scene("a\n");
    emulator.faults.add({ method: "GET", path: "/repository/files/", delayMs: 5_000 });
    const edit = { ...at, old_text: "a", new_text: "b" };
    expect(await refusal(fileEdit(ada, edit, { timeoutMs: 300 }))).toMatchObject({
      code: "timeout",
      toolName: "gitlab_file_edit",
      details: { timeoutMs: 300, step: "gitlab_file_get" },
    });
    const stop = new AbortController();
    const call = fileEdit(ada, edit, { signal: stop.signal });
    stop.abort();
    expect((await refusal(call)).code).toBe("aborted");
  });

  test("is shown in the compact view, by its name as by its function, and takes `id` for its project", async () => {
    const { ada, at, gitlab } = await scene("a\n");
    const { project_id: id, ...rest } = at;
    const toolName: string = "gitlab_file_edit";
    const result = await gitlab.actions.executeTool({
      identifier: ada.identifier,
      toolName,
      toolInput: { id, ...rest, old_text: "a", new_text: "b", replace_all: "false" },
      view: "compact",
    });
    expect(result.data).toEqual({ file_path: at.file_path, branch: "editing", replaced: 1, lines: [1] });
  });

  test("refuses a bad input before its first step", async () => {
    const { ada, at, requests } = await scene("a\n");
    // @ts-expect-error Callers without types.
    const error = await refusal(fileEdit(ada, { ...at, old_texts: "a", new_text: "b" }));
    expect(error).toBeInstanceOf(GitLabToolError);
    expect(error.message).toContain("did you mean old_text");
    expect(requests()).toEqual([]);
  });

  test("names the step that failed, as GitLab says why", async () => {
    const { ada, at } = await scene("a\n");
    await branchDelete(ada, { project_id, branch: at.branch });
    const error = await refusal(fileEdit(ada, { ...at, old_text: "a", new_text: "b" }));
    expect(error).toMatchObject({ code: "not_found", details: { step: "gitlab_branch_get" } });
  });
});
