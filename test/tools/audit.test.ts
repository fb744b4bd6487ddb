import { createGitLab, type AuditEntry } from "gitlab-agent-tools";
import { issuesList } from "gitlab-agent-tools/tools";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { MemoryStore } from "../../src/stores/memory-store.js";
import { newStore, startEmulated, type Emulated } from "../support/emulated.js";
import { startPostgres, type TestPostgres } from "../support/postgres.js";

const trail: AuditEntry[] = [];
let place: Emulated & { readonly close: () => Promise<void> };
beforeAll(async () => void (place = await startEmulated({ audit: (entry) => void trail.push(entry) })));
afterAll(() => place.close());

const project_id = "acme/app";

describe("a function", () => {
  test("is told of each call: who, which tool, which project, outcome, request id, duration; and of no content", async () => {
    const { gitlab } = place;
    await place.connect("ben");
    trail.length = 0;
    const text = "a text that nobody else shall read";
    await gitlab.executeTool({
      identifier: "user_ben",
      toolName: "gitlab_issue_create",
      toolInput: { project_id, title: text, description: text },
    });
    await issuesList(gitlab.as("user_ada"), { project_id, search: text });
    await gitlab.as("user_ada").request({ method: "GET", path: "/groups/acme/labels", query: { search: text } });
    const wrong = { identifier: "user_ada", toolName: "gitlab_issue_get", toolInput: { project_id, issue_iid: 9999 } };
    await expect(gitlab.executeTool(wrong)).rejects.toMatchObject({ code: "not_found" });
    const invalid = { identifier: "user_ada", toolName: "gitlab_issue_get", toolInput: { project_id, [text]: text } };
    await expect(gitlab.executeTool(invalid)).rejects.toMatchObject({ code: "invalid_input" });
    await expect.poll(() => trail.length).toBe(5);
    const id = expect.any(String) as string;
    const all = { at: id, callId: id, connectionName: "gitlab", durationMs: expect.any(Number) as number };
    const [ada, ben] = [
      { ...all, identifier: "user_ada" },
      { ...all, identifier: "user_ben" },
    ];
    const answered = { outcome: "ok", status: 200, requestId: id };
    expect(trail).toEqual([
      { ...ben, toolName: "gitlab_issue_create", access: "write", project: project_id, ...answered, status: 201 },
      { ...ada, toolName: "gitlab_issues_list", access: "read", project: project_id, ...answered },
      { ...ada, toolName: "gitlab_request", access: "read", group: "acme", ...answered },
      {
        ...{ ...ada, toolName: "gitlab_issue_get", access: "read", project: project_id },
        ...{ outcome: "not_found", status: 404, requestId: id },
      },
      { ...ada, toolName: "gitlab_issue_get", access: "read", outcome: "invalid_input" },
    ]);
    expect(JSON.stringify(trail)).not.toContain(text);
    for (const token of place.emulator.state.tokens.keys()) expect(JSON.stringify(trail)).not.toContain(token);
  });

  test("is not told of dry runs; of a tool made of several calls it is told with its steps, which name the whole", async () => {
    trail.length = 0;
    const call = { identifier: "user_ada", toolName: "gitlab_issues_list", toolInput: { project_id } } as const;
    await place.gitlab.executeTool({ ...call, dryRun: true });
    const at = { project_id, file_path: "README.md", ref: "main" };
    const readme = await place.gitlab.executeTool({
      identifier: "user_ada",
      toolName: "gitlab_file_get",
      toolInput: at,
    });
    const text = readme.data.content.trim();
    trail.length = 0;
    const file = { project_id, branch: "main", file_path: "README.md", commit_message: "Say it" };
    await place.gitlab.executeTool({
      identifier: "user_ada",
      toolName: "gitlab_file_edit",
      toolInput: { ...file, ...{ old_text: text, new_text: "A new line." } },
    });
    await expect.poll(() => trail.at(-1)?.toolName).toBe("gitlab_file_edit");
    const whole = trail.at(-1);
    expect(whole).toMatchObject({ access: "write", project: project_id, outcome: "ok" });
    const steps = trail.slice(0, -1);
    expect(steps.length).toBeGreaterThan(1);
    for (const step of steps) expect(step).toMatchObject({ partOf: whole?.callId, project: project_id });
  });

  test("that fails disturbs no call", async () => {
    const warned: string[] = [];
    const listen = (warning: Error): void => void warned.push(warning.message);
    process.on("warning", listen);
    onTestFinished(() => void process.off("warning", listen));
    const { baseUrl, tokens } = place.emulator;
    const audit = (): never => {
      throw new Error("the log is full");
    };
    const gitlab = createGitLab({ store: "memory:", connections: { gitlab: { baseUrl } }, audit });
    onTestFinished(() => gitlab.close());
    await gitlab.connectWithToken({ identifier: "me", token: tokens.create({ username: "ada", scopes: ["api"] }) });
    const me = await gitlab.executeTool({ identifier: "me", toolName: "gitlab_current_user_get", toolInput: {} });
    expect(me.data.username).toBe("ada");
    await expect.poll(() => warned).toContain("audit failed: the log is full");
  });
});

describe("in the store", () => {
  let postgres: TestPostgres;
  beforeAll(async () => void (postgres = await startPostgres()), 120_000);
  afterAll(() => postgres.stop());

  test.each(["memory", "sqlite", "postgres"])("%s: entries are found by who, what and when, and end", async (kind) => {
    const { store, encryptionKey } = await newStore();
    const clock = { ms: Date.parse("2026-11-01T00:00:00Z") };
    const { baseUrl, tokens } = place.emulator;
    const options = {
      store: kind === "memory" ? new MemoryStore() : kind === "sqlite" ? store : await postgres.createDatabase(),
      encryptionKey,
      connections: { gitlab: { baseUrl } },
      now: () => clock.ms,
    };
    const writer = createGitLab({ ...options, audit: { keepDays: 2 } });
    for (const username of ["ada", "ben"]) {
      const token = tokens.create({ username, scopes: ["api"] });
      await writer.connectWithToken({ identifier: username, token });
    }
    const call = (identifier: string, toolName: string) => writer.executeTool({ identifier, toolName, toolInput: {} });
    await call("ada", "gitlab_current_user_get");
    clock.ms += 86_400_000;
    await Promise.all(Array.from({ length: 40 }, () => call("ben", "gitlab_current_user_get")));
    clock.ms += 1000;
    await call("ben", "gitlab_todos_list");

    const found = async (filter = {}): Promise<string[]> => {
      const { auditEntries } = await writer.actions.listAuditEntries(filter);
      return auditEntries.map(({ identifier, toolName }) => `${identifier} ${toolName}`);
    };
    await expect.poll(async () => (await found()).length).toBe(42);
    expect(await found({ limit: 2 })).toEqual(["ben gitlab_todos_list", "ben gitlab_current_user_get"]);
    expect(await found({ identifier: "ada" })).toEqual(["ada gitlab_current_user_get"]);
    expect(await found({ toolName: "gitlab_todos_list" })).toHaveLength(1);
    expect(await found({ since: "2026-11-02T00:00:01Z" })).toEqual(["ben gitlab_todos_list"]);
    expect(await found({ connectionName: "acme" })).toEqual([]);
    clock.ms += 86_400_000;
    expect(await found()).not.toContain("ada gitlab_current_user_get");
    // Closing waits for what is still to be written.
    await call("ben", "gitlab_todos_list");
    if (kind === "memory") return await writer.close();
    await writer.close();
    const reader = createGitLab(options);
    onTestFinished(() => reader.close());
    expect((await reader.actions.listAuditEntries({ toolName: "gitlab_todos_list" })).auditEntries).toHaveLength(2);
  });

  test("only changes, where reads are not wanted", async () => {
    const { baseUrl, tokens } = place.emulator;
    const gitlab = createGitLab({ store: "memory:", connections: { gitlab: { baseUrl } }, audit: { from: "write" } });
    onTestFinished(() => gitlab.close());
    await gitlab.connectWithToken({ identifier: "me", token: tokens.create({ username: "ada", scopes: ["api"] }) });
    await gitlab.executeTool({ identifier: "me", toolName: "gitlab_current_user_get", toolInput: {} });
    const toolInput = { project_id, title: "Broken" };
    await gitlab.executeTool({ identifier: "me", toolName: "gitlab_issue_create", toolInput });
    const names = async () => (await gitlab.actions.listAuditEntries()).auditEntries.map(({ toolName }) => toolName);
    await expect.poll(names).toEqual(["gitlab_issue_create"]);
  });
});

test("a store without a place for it, and options that do not fit, are refused", async () => {
  const store = new Proxy(new MemoryStore(), {
    get: (target, name): unknown => (name === "rows" ? undefined : Reflect.get(target, name)),
  });
  const { encryptionKey } = await newStore();
  expect(() => createGitLab({ store, encryptionKey, audit: {} })).toThrow(/keeps rows/);
  for (const audit of [{ keepDays: 0 }, { from: "admin" }, { days: 3 }, "store", undefined])
    expect(() => Reflect.apply(createGitLab, undefined, [{ store: "memory:", audit }]) as unknown).toThrow(/audit/);
  const gitlab = createGitLab({ store: "memory:" });
  onTestFinished(() => gitlab.close());
  await expect(gitlab.actions.listAuditEntries({ since: "yesterday" })).rejects.toMatchObject({
    code: "invalid_input",
  });
});
